# SPDX-License-Identifier: Apache-2.0
"""A citizen gets back what he sent in: the same bytes, unmarked, to the address that was proven when they came; and nobody
else gets them, nor he anything else."""

import base64
import email
import email.policy
import json
import zipfile
import io

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from letters import AGENT, FINANCES, GMAIL, mail, plain
from messages import pdf

ADJOINT, OTHER = "adjoint@interieur.gov.example", "quelquun.dautre@gmail.com"
CITIZEN, STRANGER, MINISTRY = "203.0.113.5", "198.51.100.7", "192.0.2.17"  # of gmail.com, of nobody, of finances.gov.example
OWN, SECOND, UNPROVEN, MINISTERIAL = (pdf(seed=f"returned {what}", size=3000) for what in ("own", "second", "unproven", "of a ministry"))
MARKED = "DIFFUSION RESTREINTE\r\n\r\nNote sur les affectations de l'année.\r\n".encode()


@pytest.fixture(scope="module")
def key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def lab(labs, key, tmp_path_factory):
    zone = tmp_path_factory.mktemp("zone") / "root"
    public = base64.b64encode(key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo))
    halves = " ".join(f'"{half}"' for half in (f"v=DKIM1; k=rsa; p={public.decode()[:200]}", public.decode()[200:]))
    zone.write_text(f"s1._domainkey.gmail.com. TXT {halves}\n")
    held = labs.fresh("--egress", "--zone", f".={zone}")
    yield held
    labs.stop_one(held)


def arrives(lab, sent, sender=GMAIL, client=CITIZEN):
    """It came in; its record."""
    with lab.new_records() as records:
        answer = lab.deliver(sent.raw, [AGENT], sender=sender, xclient={"ADDR": client, "NAME": "[UNAVAILABLE]"})
    assert answer.code == 250, answer
    assert [(one["role"], one["verdict"]) for one in records] == [("inbound", "pass")]
    return records[0]


@pytest.fixture(scope="module")
def received(lab):
    """What the citizen sent in, and what others did."""
    first = arrives(lab, mail(to=AGENT, sender=GMAIL, documents=[("demande.pdf", OWN), ("annexe.pdf", SECOND)]))
    assert (first["sender"], first["proven"]) == ("outsider", True)
    assert arrives(lab, mail(to=AGENT, sender=GMAIL, documents=[("note.txt", MARKED, "text/plain")]))["proven"]
    unproven = arrives(lab, mail(to=AGENT, sender=GMAIL, documents=[("u.pdf", UNPROVEN)]), client=STRANGER)
    assert not unproven["proven"]
    assert arrives(lab, mail(to=AGENT, sender=FINANCES, documents=[("m.pdf", MINISTERIAL)]), FINANCES, MINISTRY)["proven"]
    return first


def answer_with(*documents, to=GMAIL, **how):
    return mail(to=to, subject="Re: Demande", text="Monsieur,\r\n\r\nnous vous rendons votre demande.\r\n",
                documents=[(f"piece {number}.pdf", document) for number, document in enumerate(documents)], **how)


def attachments(raw):
    message = email.message_from_bytes(raw, policy=email.policy.default)
    return [part.get_payload(decode=True) for part in message.iter_attachments()]


def gets_back(lab, sent, *rcpts, to="gmail.com"):
    with lab.new_records() as records:
        reply = lab.send(sent, *rcpts)
        assert reply.code == 250, reply
        left = lab.arrived(to, sent)
    assert [(one["role"], one["verdict"], one["reason"], one["rule"]) for one in records] == [
        ("submission", "pass", "RETURN", "R07-return"), ("egress", "pass", "RETURN", "R07-return-leaves")]
    assert b"X-Khatm-" not in left
    return attachments(left)


def zipped(content):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("demande.pdf", content)
    return out.getvalue()


def attached_message(inner):
    message = email.message_from_bytes(answer_with().raw, policy=email.policy.SMTP)
    message.add_attachment(email.message_from_bytes(inner.raw, policy=email.policy.SMTP))
    sent = answer_with()
    sent.raw = message.as_bytes()
    return sent


HONEST = {
    "one of two": ((OWN,), [GMAIL]),
    "both": ((SECOND, OWN), [GMAIL]),
    "with a copy for a colleague": ((OWN,), [GMAIL, ADJOINT]),
    "to the same address in capitals": ((OWN,), ["Personne@Gmail.com"]),
}


@pytest.mark.parametrize("row", HONEST)
def test_a_citizen_gets_his_own_back(lab, received, row):
    documents, rcpts = HONEST[row]
    assert gets_back(lab, answer_with(*documents, to=rcpts), *rcpts) == list(documents)


def test_what_a_colleague_filed_is_still_his(lab, received):
    """Sent on within the house it is known as a document of the administration, and he has it all the same."""
    assert lab.send(answer_with(OWN, to=ADJOINT), ADJOINT).code == 250
    assert gets_back(lab, answer_with(OWN), GMAIL) == [OWN]


def signed(key, sender, document):
    """By gmail.com, whoever the author is."""
    sent = mail(to=AGENT, sender=sender, documents=[("d.pdf", document)])
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())
    fields = [b"from", b"to", b"subject", b"date", b"content-type", b"mime-version", b"message-id"]
    sent.raw = dkim.sign(sent.raw, b"s1", b"gmail.com", pem, include_headers=fields) + sent.raw
    return sent


@pytest.mark.parametrize("sender", ("quelquun@mail.gmail.com", "quelquun@partner.example"))
def test_a_signature_of_another_domain(lab, key, sender):
    """Of the one above, even: what stands below one name may be two people's."""
    document = pdf(seed=f"signed by another {sender}", size=3000)
    assert not arrives(lab, signed(key, sender, document), "liste-bounces@yahoo.fr", "203.0.113.21")["proven"]
    assert lab.send(answer_with(document, to=sender), sender).code == 550


def test_an_address_that_is_proven_by_a_signature(lab, key):
    """His mail came by a list: another envelope, and the signature of his provider."""
    sent = signed(key, "membre@gmail.com", pdf(seed="by a list", size=3000))
    assert arrives(lab, sent, "liste-bounces@partner.example", "203.0.113.49")["proven"]
    assert gets_back(lab, answer_with(pdf(seed="by a list", size=3000), to="membre@gmail.com"), "membre@gmail.com")


ALTERED = OWN.replace(b"%PDF-1.4", b"%PDF-1.5") if b"%PDF-1.4" in OWN else OWN + b"\n"
TRICKS = {
    "somebody else": (lambda: answer_with(OWN, to=OTHER), [OTHER], {"CONSUMER", "FORWARD"}),
    "a subaddress of his": (lambda: answer_with(OWN, to="personne+x@gmail.com"), ["personne+x@gmail.com"], {"CONSUMER", "FORWARD"}),
    "somebody else in Cc": (lambda: answer_with(OWN, to=[GMAIL, OTHER]), [GMAIL, OTHER], {"CONSUMER", "FORWARD"}),
    "somebody else in Bcc": (lambda: answer_with(OWN), [GMAIL, OTHER], {"CONSUMER", "FORWARD"}),
    "altered": (lambda: answer_with(ALTERED), [GMAIL], {"CONSUMER", "FORWARD"}),
    "zipped": (lambda: answer_with(zipped(OWN)), [GMAIL], {"CONSUMER", "FORWARD"}),
    "one more document": (lambda: answer_with(OWN, pdf(seed="one more", size=3000)), [GMAIL], {"CONSUMER", "FORWARD"}),
    "a ministry's": (lambda: answer_with(MINISTERIAL), [GMAIL], {"FORWARD"}),
    "a ministry's beside his": (lambda: answer_with(OWN, MINISTERIAL), [GMAIL], {"FORWARD"}),
    "marked": (lambda: mail(to=GMAIL, documents=[("note.txt", MARKED, "text/plain")]), [GMAIL], {"CONSUMER", "FORWARD"}),
    "marked by the subject": (lambda: mail(to=GMAIL, subject="[CONFIDENTIEL] Demande", documents=[("d.pdf", OWN)]), [GMAIL],
                              {"CONSUMER", "FORWARD"}),
    "from an address not proven then": (lambda: answer_with(UNPROVEN), [GMAIL], {"CONSUMER", "FORWARD"}),
    "within a message": (lambda: attached_message(answer_with(OWN)), [GMAIL], {"FORWARD"}),
    "answers to somebody else": (lambda: answer_with(OWN, headers=[("Reply-To", OTHER)]), [GMAIL], {"REPLY-TO"}),
}


@pytest.mark.parametrize("rcpts", [[GMAIL, FINANCES], [FINANCES, GMAIL]], ids=["citizen first", "ministry first"])
def test_beside_a_ministry_it_is_to_be_sent_twice(lab, received, rcpts):
    """He would get it in clear, the ministry sealed: told at once, in the sender's own session, and nothing leaves."""
    with lab.nothing_leaves(), lab.new_records() as records:
        reply = lab.send(answer_with(OWN, to=rcpts), *rcpts)
    assert (reply.code, reply.reason) == (550, "MIXED") and "once to this person" in reply.text and GMAIL in reply.text, reply
    assert [(one["role"], one["verdict"]) for one in records] == [("submission", "reject")]
    assert gets_back(lab, answer_with(OWN), GMAIL) == [OWN]
    alone = answer_with(OWN, to=FINANCES)
    assert lab.send(alone, FINANCES).code == 250
    assert b"BEGIN PGP MESSAGE" in lab.arrived("finances.gov.example", alone)


@pytest.mark.parametrize("trick", TRICKS)
def test_nobody_else_and_nothing_else(lab, received, trick):
    make, rcpts, reasons = TRICKS[trick]
    with lab.nothing_leaves():
        reply = lab.send(make(), *rcpts)
    assert reply.code == 550 and reply.reason in reasons, reply


def test_an_envelope_proves_no_other_address(lab):
    """He sends, from his own account, in the name of somebody else there: what he sent is not that one's."""
    document = pdf(seed="in another's name", size=3000)
    assert not arrives(lab, mail(to=AGENT, sender=OTHER, documents=[("d.pdf", document)]))["proven"]
    assert lab.send(answer_with(document, to=OTHER), OTHER).code == 550
    assert lab.send(answer_with(document), GMAIL).code == 550


def test_without_a_login_or_a_ticket(lab, received):
    sent = answer_with(OWN)
    with lab.nothing_leaves():
        assert lab.pickup(sent.raw, [GMAIL]) == 0
        lab.wait_mailbox("agent", lambda raw: b"multipart/report" in raw and sent.message_id.encode() in raw)
        refused = lab.deliver(answer_with(OWN).raw, [GMAIL], sender=AGENT, place="EGRESS")
    assert refused.code == 550 and "(FORWARD)" in refused.text


def test_explain_and_trace_say_why(lab, received, tmp_path):
    sent = answer_with(OWN)
    file = tmp_path / "answer.eml"
    file.write_bytes(sent.raw)
    ask = ["explain", "--role", "submission", "--login", lab.env["LOGIN"], "--tls-version", "TLSv1.3", "--from", AGENT, "--rcpt", GMAIL]
    said = lab.khatm(*ask, "--json", str(file))
    assert said.returncode == 0
    said = json.loads(said.stdout)
    assert (said["verdict"], said["reason"], said["recipients"][0]["returns"]) == ("pass", "RETURN", True)
    text = lab.khatm(*ask, str(file)).stdout.decode()
    assert "pass RETURN;" in text or "pass RETURN\n" in text, text
    assert "all of it once came from this address" in text
    assert "all of it once came from this recipient: no" in lab.khatm(*ask[:-1], OTHER, str(file)).stdout.decode()
    gets_back(lab, answer_with(OWN), GMAIL)
    short = lab.khatm("trace", received["reference"]).stdout.decode().partition("In short:")[2]
    assert f"arrived from {GMAIL} to {AGENT}: passed" in short and f"given back by {AGENT} to {GMAIL}: passed RETURN" in short, short


def test_talk_needs_none_of_it(lab, received):
    sent = plain(to=OTHER)
    assert lab.send(sent, OTHER).code == 250
    lab.arrived("gmail.com", sent)
