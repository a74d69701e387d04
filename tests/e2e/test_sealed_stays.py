# SPDX-License-Identifier: Apache-2.0
"""What is sealed, by us or by another ministry, goes to no address outside of the government in any wrapping, typed or not; in its
own form it may go to the ministry again, and talk about it goes anywhere."""

import base64
import email
import email.policy
import gzip
import io
import re
import subprocess
import zipfile

import pytest
from letters import AGENT, FINANCES, GMAIL, mail, plain
from messages import pdf
from test_egress import is_without_content, unwrapped, wait_bounce

ADJOINT = "adjoint@interieur.gov.example"


@pytest.fixture(scope="module")
def lab(labs):
    return labs.get("--egress")


@pytest.fixture(scope="module")
def ours(lab):
    """A message as it left us."""
    sent = mail(to=FINANCES, documents=[("acte.pdf", pdf(seed="stays", size=3000))])
    assert lab.send(sent, FINANCES).code == 250
    return unwrapped(lab.arrived("finances.gov.example", sent)).replace(b"\r\n", b"\n")


@pytest.fixture(scope="module")
def theirs(lab, ours):
    """One of another ministry, from whose server it comes, as it lies in a mailbox: nothing is unsealed here."""
    mine = re.sub(rb"(?m)^From: .*$", b"From: " + FINANCES.encode(), ours, count=1)
    raw = re.sub(rb"(?m)^Message-ID: .*$", b"Message-ID: <theirs@finances.gov.example>", mine, count=1)
    answer = lab.deliver(raw.replace(b"\n", b"\r\n"), [AGENT], sender=FINANCES, xclient={"ADDR": "192.0.2.17", "NAME": "[UNAVAILABLE]"})
    assert answer.code == 250, answer
    return lab.wait_mailbox("agent", lambda one: b"<theirs@finances.gov.example>" in one)[0].replace(b"\r\n", b"\n")


def armour(raw):
    return re.search(rb"-----BEGIN PGP MESSAGE-----.*?-----END PGP MESSAGE-----\n", raw, re.S).group(0)


def packets(raw):
    return subprocess.run(["gpg", "--dearmor"], input=armour(raw), capture_output=True, check=True).stdout


def zipped(name, content):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, content)
    return out.getvalue()


def attached(name, content):
    return mail(to=GMAIL, text="Voici.\r\n", documents=[(name, content, "application/octet-stream")])


def said(text):
    return mail(to=GMAIL, text="Voici.\r\n\r\n" + text)


def again(raw):
    """The same message from staff, to a consumer."""
    message = email.message_from_bytes(raw, policy=email.policy.SMTP)
    sent = plain(to=GMAIL)
    head = sent.raw.partition(b"\r\n\r\n")[0]
    head = re.sub(rb"(?im)^(Content-|MIME-Version)[^\r]*\r\n", b"", head + b"\r\n")
    body = raw.partition(b"\n\n")[2].replace(b"\n", b"\r\n")
    sent.raw = head + b"MIME-Version: 1.0\r\nContent-Type: " + str(message["Content-Type"]).encode() + b"\r\n\r\n" + body
    return sent


def nested(raw):
    sent = attached("x.txt", b"")
    message = email.message_from_bytes(said("").raw, policy=email.policy.SMTP)
    message.make_mixed()
    message.add_attachment(email.message_from_bytes(raw, policy=email.policy.SMTP))
    sent.raw = message.as_bytes()
    return sent


WAYS = {
    "as it is": again,
    "an attached message": nested,
    "a file of mail": lambda raw: attached("pli.eml", raw),
    "a file of mail in a zip": lambda raw: attached("photos.zip", zipped("pli.eml", raw)),
    "its armour": lambda raw: attached("encrypted.asc", armour(raw)),
    "its armour under another name": lambda raw: attached("vacances.txt", armour(raw)),
    "its packets": lambda raw: attached("pli.gpg", packets(raw)),
    "its packets under another name": lambda raw: attached("vacances.jpg", packets(raw)),
    "its packets packed": lambda raw: attached("pli.gz", gzip.compress(packets(raw))),
    "in a zip in a zip": lambda raw: attached("a.zip", zipped("b.zip", zipped("c.gpg", packets(raw)))),
    "armour in the text": lambda raw: said(armour(raw).decode().replace("\n", "\r\n")),
    "armour in the text, quoted": lambda raw: said("".join(f"> {line}\r\n" for line in armour(raw).decode().splitlines())),
    "base64 in the text": lambda raw: said(base64.encodebytes(packets(raw)).decode().replace("\n", "\r\n")),
    "armour without its first line": lambda raw: said("\r\n".join(armour(raw).decode().splitlines()[1:]) + "\r\n"),
}


@pytest.mark.parametrize("whose", ["ours", "theirs"])
@pytest.mark.parametrize("way", WAYS)
def test_nothing_sealed_goes_out(lab, request, way, whose):
    sent = WAYS[way](request.getfixturevalue(whose))
    with lab.nothing_leaves():
        answer = lab.send(sent, GMAIL)
        assert answer.code == 550 and answer.reason in ("FORWARD", "UNREADABLE", "CONSUMER"), answer
        past = lab.deliver(sent.raw, [GMAIL], sender=AGENT, place="EGRESS")
        assert past.code == 550, past


@pytest.mark.parametrize("way", ["as it is", "its armour", "armour in the text"])
def test_nor_by_an_alias(lab, ours, way):
    sent = WAYS[way](ours)
    assert lab.send(sent, "secretariat@interieur.gov.example").code == 250
    assert is_without_content(wait_bounce(lab, "agent", sent))
    assert not lab.messages_at("gmail.com", sent.message_id)


def test_what_is_sealed_as_it_is_names_the_reason(lab, ours):
    assert lab.send(again(ours), GMAIL).reason == "FORWARD"


def test_it_may_come_to_the_ministry_again(lab, ours):
    before = len(lab.messages_at("finances.gov.example"))
    assert lab.deliver(ours.replace(b"\n", b"\r\n"), [FINANCES], sender=AGENT, place="EGRESS").code == 250
    lab.wait_sink("finances.gov.example", lambda one: armour(ours) in one.raw.replace(b"\r\n", b"\n"), 2)
    assert len(lab.messages_at("finances.gov.example")) == before + 1


def test_talk_about_it_goes(lab):
    sent = said("Le pli scelle [KH-0000-0000] est arrive : ouvrez-le au bureau. Il commence par BEGIN PGP MESSAGE.\r\n")
    assert lab.send(sent, GMAIL).code == 250
    lab.arrived("gmail.com", sent)
