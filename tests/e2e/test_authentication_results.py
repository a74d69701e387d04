# SPDX-License-Identifier: Apache-2.0
"""What mail from outside may not bring along is gone when it is delivered: every Authentication-Results field that some
reader could take for this gateway's, and Khatm's own fields. Everybody else's stay, ours is on top when something was
checked, and no byte of what the sender signed is touched."""

import pathlib
import re
import sys

import dkim
import pytest
from gateway import Reply, without_transport
from letters import AGENT, FINANCES, GMAIL, mail, plain
from messages import pdf

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "dkim"))
from signer import RsaKey, sign  # noqa: E402

NODE = "mx.interieur.gov.example"
MINISTRY, CITIZEN = "192.0.2.17", "203.0.113.5"  # may send for finances.gov.example, for gmail.com
CLAIM = "spf=pass smtp.mailfrom=finances.gov.example; dkim=pass header.d=finances.gov.example"

FORGED = [
    f"Authentication-Results: {NODE}; {CLAIM}",
    f"Authentication-Results:{NODE};{CLAIM}",
    f"AUTHENTICATION-RESULTS: {NODE.upper()}.; {CLAIM}",
    f"Authentication-Results : {NODE}; {CLAIM}",
    f"Authentication-Results\t: {NODE}; {CLAIM}",
    f"Authentication-Results: {NODE} 1; {CLAIM}",
    f"Authentication-Results: (a (nested; one) \\) comment) {NODE} (2); {CLAIM}",
    f"Authentication-Results: \"{NODE}\"; {CLAIM}",
    f"Authentication-Results: \"mx.interieur\\.gov.example\"; {CLAIM}",
    f"Authentication-Results:\r\n\t{NODE};\r\n\t{CLAIM}",
    f"Authentication-Results: mx.interieur.\r\n gov.example; {CLAIM}",
    f"Authentication-Results: {NODE} {CLAIM}",
    f"Authentication-Results: {NODE}; none",
    f"Authentication-Results: {NODE}",
    f"Authentication-Results: mx.int\u200berieur.gov.example; {CLAIM}",
    f"Authentication-Results: =?us-ascii?q?mx=2Einterieur=2Egov=2Eexample?=; {CLAIM}",
    "X-Khatm-Reference: KH-0000-0000",
    "x-khatm-sender: government",
    "Khatm-Ticket: v=1; forged",
]
FOREIGN = [
    f"Authentication-Results: mx.autre.example; {CLAIM}",
    f"Authentication-Results: x{NODE}; {CLAIM}",
    f"Authentication-Results: {NODE}.attaquant.example; {CLAIM}",
    f"Authentication-Results: autre.{NODE}; {CLAIM}",
    "Authentication-Results: spf=pass (sender IP is 192.0.2.1)\r\n smtp.mailfrom=gmail.com; dkim=none",
    f"ARC-Authentication-Results: i=1; {NODE}; {CLAIM}",
    f"X-Authentication-Results: {NODE}; {CLAIM}",
    "Received-SPF: pass (autre.example: domain of x designates 192.0.2.1)",
    "X-Khatmium: no field of Khatm's",
]


def fields_of(raw):
    """As they stand, folds taken out: name and value of each."""
    head = re.sub(r"\r?\n[ \t]+", " ", raw.replace(b"\r\n", b"\n").partition(b"\n\n")[0].decode("utf-8", "replace"))
    return [tuple(part.strip() for part in line.split(":", 1)) for line in head.split("\n")]


def results(raw):
    return [value for name, value in fields_of(raw) if name.lower() == "authentication-results"]


def with_fields(sent, lines):
    sent.raw = "".join(f"{line}\r\n" for line in lines).encode() + sent.raw
    return sent


def alternated():
    return [line for at, line in enumerate(FORGED) for line in (line, FOREIGN[at % len(FOREIGN)])]


class Gateway:
    """A lab where finances.gov.example signs."""

    def __init__(self, lab, key):
        self.lab, self.key = lab, key

    def deliver(self, sent, sender=FINANCES, client=MINISTRY):
        answer = self.lab.deliver(sent.raw, [AGENT], sender=sender, xclient={"ADDR": client, "NAME": "[UNAVAILABLE]"})
        assert answer.code == 250, answer
        self.lab.wait_drained()
        [raw] = self.lab.at_mailbox("agent", sent.message_id)
        return raw

    def refuse(self, sent, **how):
        answer = self.lab.deliver(sent.raw, [AGENT], sender=FINANCES, xclient={"ADDR": CITIZEN, "NAME": "[UNAVAILABLE]"}, **how)
        return Reply(answer.code, answer.text)

    def sign(self, sent, names=None):
        names = names or ["from", "to", "subject", "date", "message-id", "content-type", "mime-version"]
        sent.raw = sign(sent.raw, self.key, "s1", "finances.gov.example", names=names)
        return sent

    def verifies(self, raw):
        """By another implementation, as the recipient's client might."""
        record = f"v=DKIM1; k=rsa; p={self.key.public}".encode()
        wire = raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        return dkim.verify(wire, dnsfunc=lambda name, timeout=5: record)


@pytest.fixture(scope="module")
def gateway(labs, tmp_path_factory):
    zone, key = tmp_path_factory.mktemp("zone") / "zone", RsaKey(2048)
    text = f"v=DKIM1; k=rsa; p={key.public}"
    pieces = " ".join(f'"{text[at:at + 200]}"' for at in range(0, len(text), 200))
    zone.write_text(f"s1._domainkey.finances.gov.example. TXT {pieces}\n")
    lab = labs.fresh("--zone", f".={zone}")
    yield Gateway(lab, key)
    labs.stop_one(lab)


def document(**more):
    return mail(to=AGENT, sender=FINANCES, documents=[("acte.pdf", pdf())], **more)


def test_what_was_checked_is_on_top(gateway):
    raw = gateway.deliver(gateway.sign(document()))
    fields = fields_of(raw)
    names = [name.lower() for name, _ in fields]
    assert names.index("authentication-results") < names.index("received")
    assert results(raw) == [f"{NODE}; spf=pass smtp.mailfrom=finances.gov.example policy.khatm-sender=government; "
                            "dkim=pass header.d=finances.gov.example header.s=s1 header.a=rsa-sha256"]
    assert all(len(line) <= 78 for line in raw.decode("latin-1").splitlines() if "dkim=" in line or "spf=" in line)


def test_a_signature_still_verifies_behind_us(gateway):
    signed = gateway.sign(document())
    assert gateway.verifies(signed.raw)
    sent = with_fields(signed, alternated())
    raw = gateway.deliver(sent)
    assert gateway.verifies(raw)
    assert not gateway.verifies(raw.replace(b"acte.pdf", b"acta.pdf"))
    assert len([value for value in results(raw) if value.startswith(NODE + ";")]) == 1
    assert results(raw)[0].startswith(f"{NODE}; spf=pass ")


@pytest.mark.parametrize("line", FORGED)
def test_each_forgery_is_gone(gateway, line):
    sent = with_fields(plain(to=AGENT, sender=GMAIL), [line])
    raw = gateway.deliver(sent, sender=GMAIL, client=CITIZEN)
    assert not results(raw) and b"hatm" not in without_transport(raw).lower(), raw


def test_forgeries_among_others_go_and_the_others_stay(gateway):
    """Deleting from the top down would skip every other one (CVE-2022-48521)."""
    sent = with_fields(plain(to=AGENT, sender=GMAIL), [*FORGED, *alternated(), *FORGED])
    raw = gateway.deliver(sent, sender=GMAIL, client=CITIZEN)
    kept = [field for field in fields_of(raw) if field[0].lower() != "received"]
    wanted = fields_of("\r\n".join(FOREIGN[at % len(FOREIGN)] for at in range(len(FORGED))).encode())
    assert kept[-len(wanted) - 6:-6] == wanted, kept


def test_a_hundred_forgeries(gateway):
    sent = with_fields(plain(to=AGENT, sender=GMAIL), [FORGED[0], FOREIGN[0]] * 100)
    raw = gateway.deliver(sent, sender=GMAIL, client=CITIZEN)
    assert results(raw) == [FOREIGN[0].partition(": ")[2]] * 100


def test_citizens_mail_stays_as_it_came(gateway):
    """Neither ours nor anything else is added: nothing was checked."""
    for sent in (plain(to=AGENT, sender=GMAIL), with_fields(plain(to=AGENT, sender=GMAIL), FOREIGN),
                 mail(to=AGENT, sender=GMAIL, documents=[("plainte.pdf", pdf())])):
        raw = gateway.deliver(sent, sender=GMAIL, client=CITIZEN)
        assert without_transport(raw) == sent.raw.replace(b"\r\n", b"\n")


def test_what_was_found_wanting_is_said_of_mail_that_passes(gateway):
    """Conversation that claims a ministry passes without proof, and says so."""
    raw = gateway.deliver(plain(to=AGENT, sender=FINANCES), client=CITIZEN)
    [shown] = results(raw)
    assert shown.startswith(f"{NODE}; spf=fail ") and "policy.khatm-sender=claimed" in shown, shown


def test_a_forged_field_proves_nothing(gateway):
    reply = gateway.refuse(with_fields(document(), FORGED))
    assert reply.code == 550 and "5.7.2" in reply.text, reply


def test_the_log_counts_them(gateway):
    before = len(gateway.lab.khatmd_log())
    gateway.deliver(with_fields(plain(to=AGENT, sender=GMAIL), FORGED), sender=GMAIL, client=CITIZEN)
    assert f" forged={len(FORGED)}" in gateway.lab.khatmd_log()[before:]


def test_what_staff_write_is_not_looked_at(gateway):
    """Mail that goes out is not from outside."""
    sent = with_fields(plain(), [FORGED[0]])
    assert gateway.lab.send(sent, GMAIL).code == 250
    assert without_transport(gateway.lab.arrived("gmail.com", sent)) == sent.raw.replace(b"\r\n", b"\n")


def test_observing_changes_nothing(gateway):
    lab = gateway.lab
    with lab.edited(lab["CONF"], lambda text: text.replace("mode = enforce", "mode = observe")):
        # But for the blank before a colon, which Postfix itself takes out.
        sent = with_fields(gateway.sign(document()), [line for line in alternated() if not re.match(r"\S+\s+:", line)])
        raw = gateway.deliver(sent)
    assert without_transport(raw) == sent.raw.replace(b"\r\n", b"\n")
