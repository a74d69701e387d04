# SPDX-License-Identifier: Apache-2.0
"""Sendmail 8.17 keeps what Postfix keeps: documents are refused at once to consumers, sealed to ministries, in clear to
colleagues; nothing leaves by what Sendmail readdresses; while khatmd is away mail waits and none is lost."""

import email
import email.policy
import os
import re
import signal
import subprocess

import pytest
from gateway import without_transport
from letters import AGENT, FINANCES, GMAIL, mail, plain, raw_mail
from messages import pdf
from pgp import open_sealed
from reports import is_without_content, report_about, wait_report, words_of
from sendmail_lab import SendmailLab
from test_authentication_results import FOREIGN, FORGED, fields_of

ADJOINT = "adjoint@interieur.gov.example"
PEER_BCC = "cabinet@finances.gov.example"
OUTSIDER = "citoyen@gmail.com"
# The address that is typed, where its mail would end, and which role refuses it.
FORWARDS = {
    "alias": ("chef@interieur.gov.example", "gmail.com", "egress"),
    "virtusertable": ("secretariat@interieur.gov.example", "gmail.com", "egress"),
    ".forward": ("renvoi@interieur.gov.example", "hotmail.com", "egress"),
    "Sieve redirect": ("filtre@interieur.gov.example", "yahoo.fr", "local"),
    "list": ("liste@interieur.gov.example", "gmail.com", "egress"),
}


@pytest.fixture(scope="module")
def lab(labs):
    held = labs.fresh_of(SendmailLab)
    yield held
    labs.stop_one(held)


def letter(to, seed, **how):
    """No document twice: a known one is refused for another reason."""
    return mail(to=to, documents=[("acte.pdf", pdf(seed=f"sendmail {seed}", size=3000))], **how)


def document_of(raw):
    return email.message_from_bytes(raw).get_payload()[1].get_payload(decode=True)


# --- submission


def test_document_to_a_consumer(lab):
    with lab.nothing_leaves():
        answer = lab.send(letter(GMAIL, "consumer"), GMAIL)
    lines = answer.text.splitlines()
    assert answer.code == 550 and answer.stage == "data" and answer.reason == "CONSUMER"
    assert GMAIL in lines[0] and len(lines) == 3 and all(line.removeprefix("550-").startswith("5.7.1 ") for line in lines)


def test_talk_to_a_consumer(lab):
    sent = plain(to=GMAIL)
    assert lab.send(sent, GMAIL).code == 250
    assert without_transport(lab.arrived("gmail.com", sent)) == sent.raw.replace(b"\r\n", b"\n")


def test_local_in_clear_and_remote_sealed(lab):
    """To a colleague, to a ministry and, blind, to another address there."""
    sent = letter((ADJOINT, FINANCES), "three")
    assert lab.send(sent, ADJOINT, FINANCES, PEER_BCC).code == 250
    at_home = lab.wait_mailbox("adjoint", lambda raw: sent.message_id.encode() in raw)[0]
    left = lab.arrived("finances.gov.example", sent)
    opened = open_sealed(left, lab.env["GNUPGHOME_PEER"])
    assert opened.attachments() == {"acte.pdf": document_of(at_home)} == {"acte.pdf": pdf(seed="sendmail three", size=3000)}
    assert b"cabinet@" not in at_home and b"cabinet@" not in re.sub(rb"X-Envelope-To:.*\r\n", b"", left)
    assert "ENC_TO 0000000000000000" in opened.status
    assert b"X-Khatm-" not in left and b"X-Khatm-" not in opened.payload


def test_header_section_of_what_is_sealed(lab):
    """Each field once, nothing of the old ones: Sendmail counts and places fields in its own way."""
    sent = letter(FINANCES, "header", headers=[("Reply-To", ADJOINT), ("Keywords", "tres-secret-mot")])
    assert lab.send(sent, FINANCES).code == 250
    outer = open_sealed(lab.arrived("finances.gov.example", sent), lab.env["GNUPGHOME_PEER"]).outer
    for name in ("From", "To", "Date", "Message-ID", "Subject", "MIME-Version", "Content-Type"):
        assert len(outer.get_all(name)) == 1, name
    assert "KH-" in outer["Subject"] and not outer["Keywords"] and not outer["Content-Transfer-Encoding"]


def test_body_between_the_instances(lab):
    """Lines of any length, eight bits, folds and dots reach the hop as they were approved: else the ticket were worthless."""
    body = (b'--x\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n'
            + "é".encode() * 3000 + b"\r\n.\r\n..point\r\nblancs  \t\r\nFrom ici\r\n" + b"y" * 990 + b"\r\n\r\n\r\n"
            + b"--x\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            + email.message_from_bytes(letter(FINANCES, "long").raw).get_payload()[1].get_payload().encode()
            + b"\r\n--x--\r\n\r\n")
    sent = raw_mail(b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed;\r\n\tboundary="x";\r\n  x-mot=a\r\n', body)
    assert lab.send(sent, FINANCES, options=["BODY=8BITMIME"]).code == 250
    opened = open_sealed(lab.arrived("finances.gov.example", sent), lab.env["GNUPGHOME_PEER"])
    assert opened.payload.endswith(body.rstrip(b"\r\n") + b"\r\n\r\n") or opened.payload.endswith(body)


def test_without_login(lab):
    sent = letter(FINANCES, "no login")
    with lab.nothing_leaves():
        assert lab.send(sent, FINANCES, login=False).code == 530
        assert lab.send(sent, FINANCES, login=False, tls=False).code == 530
        assert lab.send(sent, FINANCES, login=False, place="INBOUND", sender=AGENT).code == 550


def test_login_with_a_plus(lab):
    """Sendmail writes such a login in xtext (RFC 3461, 4); it may write in its own name, and in no other."""
    login = "greffe+actes@interieur.gov.example"
    subprocess.run(["saslpasswd2", "-p", "-c", "-f", f"{lab['SENDMAIL']}/etc/sasldb2", "-u", login.partition("@")[2],
                    login.partition("@")[0]], input=b"secret", check=True)
    for author, code in ((login, 250), ("greffe+2Bactes@interieur.gov.example", 550)):
        sent = letter(FINANCES, f"plus {author}", sender=author)
        assert lab.send(sent, FINANCES, login=(login, "secret"), sender=author).code == code
    lab.wait_drained()


# --- inbound


def test_claimed_ministry(lab):
    """A document in a ministry's name, from nobody in particular, and beside it talk in that name and a citizen's document."""
    sent = letter(AGENT, "claimed", sender=FINANCES)
    answer = lab.deliver(sent.raw, [AGENT], sender=FINANCES)
    assert answer.code == 550 and "(AUTH)" in answer.text
    honest = letter(AGENT, "citizen", sender=OUTSIDER)
    for one, sender in ((honest, OUTSIDER), (plain(to=AGENT, sender=FINANCES), FINANCES)):
        assert lab.deliver(one.raw, [AGENT], sender=sender).code == 250
        lab.wait_mailbox("agent", lambda raw, one=one: one.message_id.encode() in raw)
    assert not lab.at_mailbox("agent", sent.message_id)


def test_fields_that_only_khatm_may_write(lab):
    """Several of one name, written in every way, theirs among others': each is taken out where it stands."""
    sent = plain(to=AGENT, sender=FINANCES)
    mixed = [line for at, line in enumerate(FORGED) for line in (line, FOREIGN[at % len(FOREIGN)])]
    top = "".join(f"{line}\r\n" for line in [*FORGED, *mixed, *FORGED, "X-Khatm-Ticket: v=1"]).encode()
    assert lab.deliver(top + sent.raw, [AGENT], sender=FINANCES).code == 250
    fields = fields_of(lab.wait_mailbox("agent", lambda raw: sent.message_id.encode() in raw)[0])
    names = [name.lower() for name, _value in fields]
    assert names.index("authentication-results") < names.index("received")
    ours, *theirs = [value for name, value in fields if name.lower() == "authentication-results"]
    assert ours.startswith("mx.interieur.gov.example;") and "spf=pass" not in ours
    wanted = fields_of("\r\n".join(FOREIGN[at % len(FOREIGN)] for at in range(len(FORGED))).encode())
    start = names.index("authentication-results", names.index("received"))
    assert fields[start:start + len(wanted)] == wanted


# --- what no sender typed


@pytest.mark.parametrize("way", FORWARDS)
def test_no_document_by_a_forward(lab, way):
    typed, domain, role = FORWARDS[way]
    sent = letter(typed, f"forward {way}")
    with lab.new_records() as records:
        assert lab.send(sent, typed).code == 250
        report = wait_report(lab, "postmaster" if way == "list" else "agent", sent)
        assert re.search(r"KH-....-.... \(FORWARD\)", words_of(report)), words_of(report)
        assert is_without_content(report)
        lab.wait_drained()
    assert not lab.messages_at(domain, sent.message_id)
    assert [(one["role"], one["reason"]) for one in records if one["verdict"] == "reject"] == [(role, "FORWARD")]
    if way == "list":
        assert lab.at_mailbox("adjoint", sent.message_id)


@pytest.mark.parametrize("way", FORWARDS)
def test_talk_goes_by_a_forward(lab, way):
    typed, domain, _role = FORWARDS[way]
    sent = plain(to=typed)
    assert lab.send(sent, typed).code == 250
    lab.arrived(domain, sent)


def test_route_in_an_address(lab):
    """Sendmail follows what stands before the percent sign."""
    typed = "perso%gmail.com@interieur.gov.example"
    with lab.nothing_leaves():
        reply = lab.send(letter(typed, "percent"), typed)
    assert reply.reason == "RECIPIENT" and f"address {typed} is written" in reply.text, reply


def test_pipe_in_a_forward_is_not_run(lab):
    typed = "tuyau@interieur.gov.example"
    sent = plain(to=typed)
    assert lab.send(sent, typed).code == 250
    assert "valid shell for mailing to programs" in words_of(wait_report(lab, "agent", sent))


def test_sendmail_command(lab):
    """Nobody logged in; the caller learns of a refusal by a report without the document, and nothing waits for ever."""
    for rcpt in (GMAIL, FINANCES):
        sent = letter(rcpt, f"command {rcpt}")
        assert lab.pickup(sent.raw, [rcpt]) == 0
        assert is_without_content(wait_report(lab, "agent", sent))
        lab.wait_drained()
        assert not lab.messages_at(rcpt.partition("@")[2], sent.message_id)
    talk = plain(to=GMAIL)
    assert lab.pickup(talk.raw, [GMAIL]) == 0
    lab.arrived("gmail.com", talk)


def test_bounce_to_an_outsider_has_no_content(lab):
    """A citizen's mail that an alias would carry on, though the citizen asks for all of it back (RFC 3461, RET)."""
    typed, domain, _role = FORWARDS["alias"]
    sent = letter(typed, "outsider", sender=OUTSIDER)
    assert lab.deliver(sent.raw, [typed], sender=OUTSIDER, options=["RET=FULL"]).code == 250
    found = lab.wait_sink(domain, lambda one: report_about(one.raw, sent.message_id))[0]
    assert found.recipients == [OUTSIDER] and found.sender == ""
    assert is_without_content(report_about(found.raw, sent.message_id))


def test_report_of_the_hop_itself(lab):
    """The hop has taken the message when it turns out that there is no such place: its report comes home."""
    nowhere = "quelquun@nulle-part.example"
    sent = plain(to=nowhere)
    assert lab.send(sent, nowhere).code == 250
    assert is_without_content(wait_report(lab, "agent", sent))
    lab.wait_drained()


# --- tickets

TICKET = re.compile(rb"^X-Khatm-Ticket:.*(?:\r?\n[ \t].*)*\r?\n", re.M)
ABUSES = {
    "another recipient": lambda ticket, raw: (raw, PEER_BCC),
    "a consumer": lambda ticket, raw: (raw, GMAIL),
    "another body": lambda ticket, raw: (raw.replace(b"voir plus bas", b"voir plus haut"), FINANCES),
    "no ticket": lambda ticket, raw: (raw.replace(ticket, b""), FINANCES),
    "an altered expiry": lambda ticket, raw: (raw.replace(ticket, re.sub(rb"x=1", b"x=9", ticket)), FINANCES),
    "one made up": lambda ticket, raw: (raw.replace(ticket, b"X-Khatm-Ticket: v=1; k=1; m=AAAA\r\n"), FINANCES),
}


@pytest.mark.parametrize("abuse", ABUSES)
def test_a_ticket_is_for_this_message_and_these_recipients(lab, abuse):
    sent = letter((ADJOINT, FINANCES), f"ticket {abuse}")
    assert lab.send(sent, ADJOINT, FINANCES).code == 250
    stored = lab.wait_mailbox("adjoint", lambda raw: sent.message_id.encode() in raw)[0].replace(b"\r\n", b"\n")
    ticket = TICKET.search(stored).group(0).replace(b"\n", b"\r\n")
    lab.arrived("finances.gov.example", sent)
    forged, rcpt = ABUSES[abuse](ticket, ticket + sent.raw)
    with lab.nothing_leaves():
        answer = lab.deliver(forged, [rcpt], sender=AGENT, place="EGRESS")
        assert answer.code == 550 and "(FORWARD)" in answer.text, answer
    honest = lab.deliver(ticket + sent.raw, [FINANCES], sender=AGENT, place="EGRESS")  # a retry
    assert honest.code == 250, honest


# --- khatmd away


def test_khatmd_away(lab):
    """Put off at every entry, whoever sends what."""
    sent, talk = letter(FINANCES, "away"), plain(to=GMAIL)
    lab.kill_daemon()
    try:
        with lab.nothing_leaves():
            for one, rcpt in ((talk, GMAIL), (sent, FINANCES)):
                assert lab.send(one, rcpt).temporary  # Sendmail puts off even STARTTLS
                for place in ("INBOUND", "EGRESS"):
                    answer = lab.deliver(one.raw, [rcpt], sender=AGENT, place=place)
                    assert (answer.stage, answer.code) == ("mail", 451), answer
    finally:
        assert lab.restart()
    assert lab.send(sent, FINANCES).code == 250
    open_sealed(lab.arrived("finances.gov.example", sent), lab.env["GNUPGHOME_PEER"])


def test_khatmd_away_after_it_approved(lab):
    """What was accepted waits for the hop, and then leaves sealed; mail from the command waits, too."""
    sent, talk = letter(FINANCES, "away later"), plain(to=GMAIL)
    hop = int(lab["SENDMAIL_EGRESS_PID"])
    os.kill(hop, signal.SIGSTOP)
    try:
        assert lab.send(sent, FINANCES).code == 250
        lab.kill_daemon()
    finally:
        os.kill(hop, signal.SIGCONT)
    try:
        assert lab.pickup(talk.raw, [GMAIL]) == 0
        lab.wait_for_transcript("sendmail-egress", "451 4.3.2")
        assert len(lab.queue()) >= 2
        assert not lab.messages_at("finances.gov.example", sent.message_id)
    finally:
        assert lab.restart()
    open_sealed(lab.arrived("finances.gov.example", sent), lab.env["GNUPGHOME_PEER"])
    lab.arrived("gmail.com", talk)
    lab.wait_drained()
