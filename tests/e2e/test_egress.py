# SPDX-License-Identifier: Apache-2.0
"""No way around: a document does not reach a consumer address by any way that no sender typed; talk does; who may know
of a refusal learns of it, without the document; colleagues get theirs in clear while it leaves sealed."""

import email
import email.policy
import json
import re
import subprocess

import pytest
from gateway import without_transport
from letters import AGENT, FINANCES, GMAIL, mail, plain
from messages import pdf
from pgp import open_sealed

ADJOINT = "adjoint@interieur.gov.example"
PEER_BCC = "cabinet@finances.gov.example"

# The address that is typed, where its mail would end.
FORWARDS = {
    "alias": ("chef@interieur.gov.example", "gmail.com"),
    "alias of an address with an extension": ("chef+dossier@interieur.gov.example", "gmail.com"),
    "virtual alias": ("secretariat@interieur.gov.example", "gmail.com"),
    ".forward": ("renvoi@interieur.gov.example", "hotmail.com"),
    "Sieve redirect": ("filtre@interieur.gov.example", "yahoo.fr"),
    "Sieve redirect, by LMTP": ("tri@interieur.gov.example", "yahoo.fr"),
    "list": ("liste@interieur.gov.example", "gmail.com"),
}
# A map that copies mail, and what is typed.
COPIES = {
    "recipient_bcc_maps": ("recipient_bcc_maps=inline:{adjoint@interieur.gov.example=copie@gmail.com}", ADJOINT),
    "sender_bcc_maps": ("sender_bcc_maps=inline:{agent@interieur.gov.example=copie@gmail.com}", ADJOINT),
    "always_bcc": ("always_bcc=copie@gmail.com", ADJOINT),
}
# Addresses that nobody has, and where their mail goes.
NOBODY = "ancien.agent@interieur.gov.example"
CATCH_ALLS = {
    # It would swallow the sender's own address, too.
    "virtual catch-all": ["virtual_alias_maps=inline:{{agent@interieur.gov.example=agent@interieur.gov.example},"
                          "{@interieur.gov.example=tout@gmail.com}}"],
    "luser_relay": ["luser_relay=tout@gmail.com", "local_recipient_maps="],
}
OUTSIDER = "citoyen@gmail.com"


@pytest.fixture
def lab(labs):
    return labs.get("--egress")


def letter(to, seed, **how):
    """No document twice: a known one is refused for another reason."""
    return mail(to=to, documents=[("acte.pdf", pdf(seed=seed, size=3000))], **how)


def bounces(lab, user, message_id):
    """Delivery reports about a message in a mailbox."""
    found = [email.message_from_bytes(raw, policy=email.policy.default) for raw in lab.mailbox(user)]
    return [one for one in found if one.get_content_type() == "multipart/report" and message_id in one.as_string()]


def wait_bounce(lab, user, sent):
    lab.wait_mailbox(user, lambda raw: b"multipart/report" in raw and sent.message_id.encode() in raw)
    return bounces(lab, user, sent.message_id)[0]


def words_of(report):
    """What a report says, without its folds."""
    return " ".join("".join(part.get_content() for part in report.walk() if part.get_content_type() == "text/plain").split())


def is_without_content(report):
    """Nothing of the original but its header section."""
    kinds = [part.get_content_type() for part in report.walk()]
    return not {"message/rfc822", "application/pdf"}.intersection(kinds) and "JVBERi0" not in report.as_string()


# A filter and a list write a message of their own, whose recipient is the one they chose.
KEEPS_TYPED = {f"{user}@interieur.gov.example" for user in ("chef", "chef+dossier", "secretariat", "renvoi")}


def check_lineage(lab, sent, refused, typed, domain):
    """The journal says who sent it, by which address it was to leave, and where that led."""
    said = json.loads(lab.khatm("explain", "--json", "--reference", refused["reference"]).stdout)
    [rcpt] = said["recipients"]
    assert rcpt["address"].endswith("@" + domain) and rcpt["typed"] == (typed if typed in KEEPS_TYPED else None)
    shown = lab.khatm("trace", refused["reference"]).stdout.decode()
    short = shown.partition("In short:\n\n")[2].splitlines()
    first, last = (next(line for line in short if line.strip().startswith(one["reference"])) for one in (sent, refused))
    assert f"sent by agent@interieur.gov.example to {typed}: passed" in first, shown
    by = f" (by {typed})" if typed in KEEPS_TYPED else ""
    assert f"to {rcpt['address']}{by}: refused FORWARD" in last, shown
    assert short.index(first) < short.index(last)


@pytest.mark.parametrize("way", FORWARDS)
def test_no_document_by_a_forward(lab, way):
    typed, domain = FORWARDS[way]
    sent, after = letter(typed, f"forward {way}"), len(lab.khatmd_log())
    with lab.new_records() as records:
        assert lab.send(sent, typed).code == 250
        if way == "list":  # reports go to the list's own address
            lab.wait_mailbox("adjoint", lambda raw: sent.message_id.encode() in raw)
            lab.wait_for_log("role=egress verdict=reject", after)
        else:
            report = wait_bounce(lab, "agent", sent)
            assert re.search(r"KH-....-.... \(FORWARD\)", words_of(report)), words_of(report)
            assert "لم تُسلَّم" in words_of(report) and "n'a pas été remis" in words_of(report)
            if typed in KEEPS_TYPED:
                assert f"Mail for {typed} is sent on to " in words_of(report), words_of(report)
            assert is_without_content(report)
        lab.wait_drained()
    assert not lab.messages_at(domain, sent.message_id)
    [refused] = [one for one in records if one["verdict"] == "reject"]
    assert (refused["role"], refused["reason"]) == ("local" if way.startswith("Sieve") else "egress", "FORWARD")
    check_lineage(lab, records[0], refused, typed, domain)


@pytest.mark.parametrize("way", FORWARDS)
def test_talk_goes_by_a_forward(lab, way):
    typed, domain = FORWARDS[way]
    sent = plain(to=typed)
    assert lab.send(sent, typed).code == 250
    lab.arrived(domain, sent)


@pytest.mark.parametrize("way", COPIES)
def test_no_copy_of_a_document(labs, way):
    setting, typed = COPIES[way]
    copying = labs.get("--egress", "--postconf", setting)
    sent, talk = letter(typed, f"copy {way}"), plain(to=typed)
    with copying.new_records() as records:
        for one in (sent, talk):
            assert copying.send(one, typed).code == 250
            copying.wait_mailbox("adjoint", lambda raw, one=one: one.message_id.encode() in raw)
        copying.arrived("gmail.com", talk)
        copying.wait_drained()
    assert not copying.messages_at("gmail.com", sent.message_id)
    # Postfix makes no report of a copy that nobody asked for (bcc maps: NOTIFY=NEVER); the journal has it.
    assert [(one["role"], one["reason"]) for one in records if one["verdict"] == "reject"] == [("egress", "FORWARD")]


@pytest.mark.parametrize("way", CATCH_ALLS)
def test_no_document_by_a_catch_all(labs, way):
    catching = labs.fresh("--egress", *(word for setting in CATCH_ALLS[way] for word in ("--postconf", setting)))
    sent, talk = letter(NOBODY, f"catch {way}"), plain(to=NOBODY)
    assert catching.send(sent, NOBODY).code == 250 and catching.send(talk, NOBODY).code == 250
    assert is_without_content(wait_bounce(catching, "agent", sent))
    catching.arrived("gmail.com", talk)
    catching.wait_drained()
    assert not catching.messages_at("gmail.com", sent.message_id)
    labs.stop_one(catching)


@pytest.mark.parametrize("sent", (plain(to="tuyau@interieur.gov.example"), letter("tuyau@interieur.gov.example", "pipe")),
                         ids=("talk", "document"))
def test_pipe_in_a_forward_is_not_run(lab, sent):
    """A program would be a way out that no milter sees."""
    assert lab.send(sent, "tuyau@interieur.gov.example").code == 250
    report = wait_bounce(lab, "agent", sent)
    assert "mail to command is restricted" in words_of(report) and is_without_content(report)


def test_sendmail_command(lab):
    sent, talk = letter(GMAIL, "sendmail"), plain(to=GMAIL)
    assert lab.pickup(sent.raw, [GMAIL]) == 0 and lab.pickup(talk.raw, [GMAIL]) == 0
    lab.arrived("gmail.com", talk)
    report = wait_bounce(lab, "agent", sent)
    assert "KH-" in words_of(report) and is_without_content(report)
    lab.wait_drained()
    assert not lab.messages_at("gmail.com", sent.message_id)


def test_sendmail_command_to_a_ministry(lab):
    """Nobody logged in: nothing shows that it may leave, and nothing may leave in clear."""
    sent = letter(FINANCES, "sendmail to finances")
    assert lab.pickup(sent.raw, [FINANCES]) == 0
    wait_bounce(lab, "agent", sent)
    assert not lab.messages_at("finances.gov.example", sent.message_id)


def test_bounce_to_an_outsider_has_no_content(lab):
    """A citizen's mail that an alias would carry on: refused, and the report goes to the citizen without the document."""
    typed, domain = FORWARDS["alias"]
    sent = letter(typed, "outsider", sender=OUTSIDER)
    assert lab.deliver(sent.raw, [typed], sender=OUTSIDER).code == 250
    raw = lab.wait_sink(domain, lambda message: sent.message_id.encode() in message.raw)[0]
    assert raw.recipients == [OUTSIDER] and raw.sender == ""
    assert is_without_content(email.message_from_bytes(raw.raw, policy=email.policy.default))


def test_bounce_that_would_carry_a_document(lab):
    """Were bounce_size_limit not set: egress refuses it, and the postmaster is told."""
    typed = "tuyau@interieur.gov.example"
    lab.postconf("bounce_size_limit=50000")
    try:
        sent = letter(typed, "bounce", sender=OUTSIDER)
        assert lab.deliver(sent.raw, [typed], sender=OUTSIDER).code == 250
        lab.wait_mailbox("postmaster", lambda raw: sent.message_id.encode() in raw)
        lab.wait_drained()
        assert not lab.messages_at("gmail.com", sent.message_id)
    finally:
        lab.postconf("bounce_size_limit=1")


def test_local_in_clear_and_remote_sealed(lab):
    """To a colleague, to a ministry and, blind, to another address there."""
    sent = letter((ADJOINT, FINANCES), "three")
    assert lab.send(sent, ADJOINT, FINANCES, PEER_BCC).code == 250
    at_home = lab.wait_mailbox("adjoint", lambda raw: sent.message_id.encode() in raw)[0]
    document = email.message_from_bytes(at_home).get_payload()[1].get_payload(decode=True)
    assert document == pdf(seed="three", size=3000)
    left = lab.arrived("finances.gov.example", sent)
    opened = open_sealed(left, lab.env["GNUPGHOME_PEER"])
    assert opened.attachments() == {"acte.pdf": document}
    assert b"cabinet@" not in at_home and b"cabinet@" not in re.sub(rb"X-Envelope-To:.*\r\n", b"", left)
    assert "cabinet@" not in opened.payload.decode("latin-1")
    # With a blind copy no key is named (RFC 4880, 5.1: a key id of zero).
    assert "ENC_TO 0000000000000000" in opened.status
    assert b"X-Khatm-" not in left and b"X-Khatm-" not in opened.payload


def test_nothing_but_trace_fields_is_added_to_talk(lab):
    sent = plain(to=FINANCES)
    assert lab.send(sent, FINANCES).code == 250
    assert without_transport(lab.arrived("finances.gov.example", sent)) == sent.raw.replace(b"\r\n", b"\n")


@pytest.mark.parametrize("sent", (letter(FINANCES, "hops"), plain(to=FINANCES)), ids=("document", "talk"))
def test_five_hops_change_nothing_after_the_first(lab, sent):
    """What left goes by the egress hop again and again, as it would through a chain of relays."""
    assert lab.send(sent, FINANCES).code == 250
    left = lab.arrived("finances.gov.example", sent)
    for hop in range(4):
        before = len(lab.messages_at("finances.gov.example", sent.message_id))
        again = lab.deliver(re.sub(rb"\AX-Envelope-From:.*\r\n(X-Envelope-To:.*\r\n)+", b"", left), [FINANCES], sender=AGENT,
                            place="EGRESS")
        assert again.code == 250, (hop, again)
        copies = lab.wait_sink("finances.gov.example", lambda one: sent.message_id.encode() in one.raw, before + 1)
        assert without_transport(copies[-1].raw) == without_transport(left)
        left = copies[-1].raw


ROUND = "ronde@interieur.gov.example"
ROUNDS_MAX = 12


def unwrapped(raw):
    """What the sink wrote on top taken off again."""
    return re.sub(rb"\AX-Envelope-From:.*\n(X-Envelope-To:.*\n)+", b"", raw)


def rounds(lab, sent, sender, client):
    """The ministry that an alias leads to sends what it gets back to that alias, again and again: the last answer, how many times it
    went round, and its last form."""
    seen, left = 0, sent.raw
    while seen < ROUNDS_MAX:
        answer = lab.deliver(left, [ROUND], sender=sender, xclient={"ADDR": client, "NAME": "[UNAVAILABLE]"})
        lab.wait_drained()
        copies = lab.messages_at("finances.gov.example", sent.message_id)
        if len(copies) == seen:
            break
        seen = len(copies)
        left = unwrapped(copies[-1])
    return answer, seen, left


def test_nothing_goes_round_for_ever(labs):
    """A ministry and we send on to each other. Documents do not go round once, sealed or not; talk until the count of its hops."""
    lab = labs.fresh("--egress", "--postconf", "hopcount_limit=10", "--postconf",
                     "virtual_alias_maps=inline:{{%s=%s},{%s=%s}}" % (AGENT, AGENT, ROUND, FINANCES))
    talk, document = plain(to=ROUND, sender=OUTSIDER), letter(ROUND, "round")
    answer, turns, left = rounds(lab, talk, OUTSIDER, "203.0.113.5")
    assert 1 < turns < ROUNDS_MAX and "too many hops" in lab.path("MAILLOG").read_text(), (turns, answer)
    assert without_transport(left) == talk.raw.replace(b"\r\n", b"\n")
    assert lab.send(document, ROUND).code == 250
    assert is_without_content(wait_bounce(lab, "agent", document))
    assert not lab.messages_at("finances.gov.example", document.message_id)
    sealed = letter(FINANCES, "round, sealed")
    assert lab.send(sealed, FINANCES).code == 250
    sealed.raw = unwrapped(lab.arrived("finances.gov.example", sealed))
    answer, turns, _ = rounds(lab, sealed, AGENT, "192.0.2.17")
    assert (answer.code, turns) == (550, 1), (answer, turns)  # the one that was sent
    lab.wait_drained()
    labs.stop_one(lab)


def test_nothing_waits_for_ever(lab):
    """What can never pass is refused for good: a 4xx would keep it in the queue for days."""
    for typed, _domain in FORWARDS.values():
        assert lab.send(letter(typed, f"queue {typed}"), typed).code == 250
    lab.wait_drained()
    log = lab.path("MAILLOG").read_text()
    assert not re.search(r"status=deferred.*(FORWARD|CONSUMER)", log)


TICKET = re.compile(rb"^X-Khatm-Ticket:.*(?:\r?\n[ \t].*)*\r?\n", re.M)


def ticketed(lab, sent, *rcpts):
    """The message with its ticket, as the egress hop will see it: colleagues' copies have it, too."""
    assert lab.send(sent, ADJOINT, *rcpts).code == 250
    lab.arrived("finances.gov.example", sent)
    stored = lab.wait_mailbox("adjoint", lambda raw: sent.message_id.encode() in raw)[0].replace(b"\r\n", b"\n")
    ticket = TICKET.search(stored).group(0).replace(b"\n", b"\r\n")
    return ticket, ticket + sent.raw


def at_egress(lab, raw, rcpt):
    return lab.deliver(raw, [rcpt], sender=AGENT, place="EGRESS")


def flip(ticket, at):
    swapped = b"1" if ticket[at:at + 1] == b"0" else b"0"
    return ticket[:at] + swapped + ticket[at + 1:]


ABUSES = {
    "another recipient": lambda ticket, raw: (raw, PEER_BCC),
    "a consumer": lambda ticket, raw: (raw, GMAIL),
    "another body": lambda ticket, raw: (raw.replace(b"voir plus bas", b"voir plus haut"), FINANCES),
    "another reading of the body": lambda ticket, raw: (raw.replace(b"multipart/mixed", b"multipart/mixeD"), FINANCES),
    "no ticket": lambda ticket, raw: (raw.replace(ticket, b""), FINANCES),
    "an altered seal": lambda ticket, raw: (raw.replace(ticket, flip(ticket, len(ticket.rstrip()) - 3)), FINANCES),
    "an altered expiry": lambda ticket, raw: (raw.replace(ticket, re.sub(rb"x=1", b"x=9", ticket)), FINANCES),
    "one made up": lambda ticket, raw: (raw.replace(ticket, b"X-Khatm-Ticket: v=1; k=1; m=AAAA\r\n"), FINANCES),
}


@pytest.mark.parametrize("abuse", ABUSES)
def test_a_ticket_is_for_this_message_and_these_recipients(lab, abuse):
    sent = letter((ADJOINT, FINANCES), f"ticket {abuse}")
    ticket, raw = ticketed(lab, sent, FINANCES)
    forged, rcpt = ABUSES[abuse](ticket, raw)
    before = lab.sink_count()
    answer = at_egress(lab, forged, rcpt)
    assert answer.code == 550 and "(FORWARD)" in answer.text, answer
    assert lab.sink_count() == before
    honest = at_egress(lab, raw, FINANCES)  # a retry of the MTA's
    assert honest.code == 250, honest


def test_two_nodes_with_one_key(labs, lab):
    """What one node approved the other one seals; a third one with a key of its own knows nothing of it."""
    sent = letter((ADJOINT, FINANCES), "nodes")
    _ticket, raw = ticketed(lab, sent, FINANCES)
    other = labs.fresh("--egress", "--ticket-keys", lab.env["TICKET_KEYS"])
    assert at_egress(other, raw, FINANCES).code == 250
    assert b"multipart/encrypted" in other.arrived("finances.gov.example", sent)
    stranger = labs.fresh("--egress")
    answer = at_egress(stranger, raw, FINANCES)
    assert answer.code == 550 and "(FORWARD)" in answer.text, answer


def test_tickets_of_the_last_key_are_good_and_of_older_ones_are_not(labs):
    lab = labs.fresh("--egress")
    sent = letter((ADJOINT, FINANCES), "rotation")
    _ticket, raw = ticketed(lab, sent, FINANCES)
    for code in (250, 550):
        subprocess.run([lab.env["BIN"] + "/khatm", "tickets", "rotate", lab.env["TICKET_KEYS"]], check=True)
        lab.reload()
        assert at_egress(lab, raw, FINANCES).code == code


def test_a_ticket_from_outside_is_taken_out(lab):
    sent = letter((ADJOINT, FINANCES), "from outside")
    ticket, _raw = ticketed(lab, sent, FINANCES)
    hello = plain(to=AGENT, sender=OUTSIDER)
    assert lab.deliver(ticket + ticket + hello.raw, [AGENT], sender=OUTSIDER).code == 250
    assert b"X-Khatm-" not in lab.wait_mailbox("agent", lambda raw: hello.message_id.encode() in raw)[0]
