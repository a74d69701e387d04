# SPDX-License-Identifier: Apache-2.0
"""Scanners and programs, which cannot log in: known by their address and their one From, for what is not marked, to the
house and to ministries. Whatever else comes from there has no sender."""

import pytest
from gateway import Reply
from letters import AGENT, FINANCES, GMAIL, mail, plain
from messages import pdf

SCANNER, PROGRAM, NEIGHBOUR = "192.0.2.9", "127.0.0.1", "192.0.2.10"
FROM, PAYROLL = "scanner@interieur.gov.example", "paie@interieur.gov.example"
MARKED = "DIFFUSION RESTREINTE\r\n\r\nÉtat des présences.\r\n".encode()


@pytest.fixture(scope="module")
def lab(labs):
    held = labs.fresh("--egress", "--set", f'machine.scanner.client={{ "{SCANNER}" }}', "--set", f'machine.scanner.from="{FROM}"',
                      "--set", f'machine.paie.client={{ "{PROGRAM}" }}', "--set", f'machine.paie.from="{PAYROLL}"',
                      "--postconf", "smtpd_authorized_xclient_hosts=127.0.0.0/8",
                      "--postconf", "smtpd_relay_restrictions=permit_sasl_authenticated,permit_mynetworks,reject_unauth_destination",
                      "--postconf", f"mynetworks={SCANNER}, {NEIGHBOUR}")
    # The submission service of the lab has restrictions of its own.
    host = held["SUBMISSION"]
    held.postconf("-P", f"{host}/inet/smtpd_relay_restrictions=permit_sasl_authenticated,permit_mynetworks,reject_unauth_destination")
    yield held
    labs.stop_one(held)


def scan(what, to=FINANCES, sender=FROM):
    return mail(to=to, sender=sender, documents=[("scan.pdf", pdf(seed=f"scan {what}", size=3000))])


def hand_in(lab, sent, rcpt, sender=FROM, client=SCANNER):
    answer = lab.deliver(sent.raw, [rcpt], sender=sender, place="SUBMISSION", xclient={"ADDR": client, "NAME": "[UNAVAILABLE]"})
    return Reply(answer.code, answer.text)


def test_a_scan_goes_to_a_ministry_sealed_and_to_the_house_in_clear(lab):
    away, here = scan("away"), scan("here", to=AGENT)
    with lab.new_records() as records:
        assert hand_in(lab, away, FINANCES).code == 250 and hand_in(lab, here, AGENT).code == 250
        assert b"multipart/encrypted" in lab.arrived("finances.gov.example", away)
        lab.wait_mailbox("agent", lambda raw: here.message_id.encode() in raw and b"application/pdf" in raw)
    assert {one["sender"] for one in records} == {"service"}
    assert {(one["role"], one["verdict"]) for one in records} == {("submission", "pass"), ("egress", "seal")}


def test_a_program_of_this_machine(lab):
    away = scan("program", sender=PAYROLL)
    with lab.new_records() as records:
        assert lab.pickup(away.raw, [FINANCES], sender=PAYROLL) == 0
        assert b"multipart/encrypted" in lab.arrived("finances.gov.example", away)
    assert [(one["role"], one["sender"], one["verdict"]) for one in records] == [("local", "service", "pass"), ("egress", "service", "seal")]


REFUSED = {
    "to a consumer": (lambda: scan("consumer", GMAIL), GMAIL, FROM, SCANNER, "CONSUMER"),
    "marked": (lambda: mail(to=FINANCES, sender=FROM, documents=[("e.txt", MARKED, "text/plain")]), FINANCES, FROM, SCANNER, "LEVEL"),
    "another From": (lambda: scan("From", sender=AGENT), FINANCES, FROM, SCANNER, "SENDER"),
    "another envelope": (lambda: scan("envelope"), FINANCES, AGENT, SCANNER, "SENDER"),
    "another client": (lambda: scan("client"), FINANCES, FROM, NEIGHBOUR, "SENDER"),
    "the program's name": (lambda: scan("name", sender=PAYROLL), FINANCES, PAYROLL, SCANNER, "SENDER"),
}


@pytest.mark.parametrize("row", REFUSED)
def test_what_a_service_may_not(lab, row):
    make, rcpt, sender, client, reason = REFUSED[row]
    with lab.nothing_leaves():
        reply = hand_in(lab, make(), rcpt, sender, client)
    assert (reply.code, reply.reason) == (550, reason), reply


def test_what_a_service_may_not_is_said_to_somebody(lab):
    reply = hand_in(lab, mail(to=FINANCES, sender=FROM, documents=[("e.txt", MARKED, "text/plain")]), FINANCES)
    assert "is not sent by a device or an application" in reply.text, reply


def test_its_talk_goes_anywhere(lab):
    sent = plain(sender=FROM)
    assert hand_in(lab, sent, GMAIL).code == 250
    lab.arrived("gmail.com", sent)
