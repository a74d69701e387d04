# SPDX-License-Identifier: Apache-2.0
"""Mail through a relay of ours is judged by the client that spoke to the relay, and through nobody else's: what a stranger
writes below the relay's own Received field changes nothing. Both a real second Postfix and the fields of other relays."""

import subprocess

import pytest
from gateway import Reply, wait_until
from letters import AGENT, FINANCES, mail, plain
from messages import pdf

RELAY, OTHER_RELAY, STRANGER = "198.51.100.1", "198.51.101.7", "203.0.113.99"
MINISTRY = "192.0.2.17"  # may send for finances.gov.example
PORT = 2525


def received(text):
    return ("Received", f"{text}; Sat, 21 Nov 2026 10:00:00 +0000")


def postfix(address, helo="mx.finances.gov.example"):
    return received(f"from {helo} (unknown [{address}]) by relais.interieur.gov.example (Postfix) with ESMTP id 4Xy9z")


def document(*headers):
    """Received fields first, from the top down, as they travel."""
    sent = mail(to=AGENT, sender=FINANCES, documents=[("acte.pdf", pdf())])
    sent.raw = b"".join(f"{name}: {value}\r\n".encode() for name, value in headers) + sent.raw
    return sent


def hand_in(lab, sent, client, place="INBOUND", **more):
    answer = lab.deliver(sent.raw, [AGENT], sender=FINANCES, place=place,
                         xclient={"ADDR": client, "NAME": "[UNAVAILABLE]", **more})
    return Reply(answer.code, answer.text)


@pytest.fixture(scope="module")
def relayed(labs):
    """A lab with relays, and with a Postfix of its own in front of itself: it takes mail at another port and hands it to
    the inbound one, as a relay at the border does."""
    lab = labs.fresh("--set", f'attach.khatm-inbound.relays={{ "{RELAY}", "198.51.101.0/24", "127.0.0.0/8" }}')
    host = lab["INBOUND"].rpartition(":")[0]
    service = f"{host}:{PORT}/inet"
    name = " -o myhostname=relais.interieur.gov.example"  # its own name and address would be a loop
    for line in (f"{service}={host}:{PORT} inet n - n - 20 smtpd{name} -o content_filter=onward:[{host}]:25 -o smtpd_milters= "
                 "-o smtpd_authorized_xclient_hosts=127.0.0.0/8 -o smtpd_sasl_auth_enable=no",
                 f"onward/unix=onward unix - - n - - smtp{name} -o proxy_interfaces="):
        subprocess.run(["postconf", "-c", lab["POSTFIX_ETC"], "-M", line], check=True)
    subprocess.run(["postfix", "-c", lab["POSTFIX_ETC"], "reload"], check=True, capture_output=True)
    lab.env["RELAY"] = f"{host}:{PORT}"

    def answers():
        try:
            return hand_in(lab, plain(to=AGENT, sender=FINANCES), MINISTRY, "RELAY").code == 250
        except OSError:
            return False

    wait_until(answers, "the relay")
    yield lab
    labs.stop_one(lab)


# Fields, the topmost first; whether the client they show may send for the ministry.
FIELDS = {
    "postfix": ([postfix(MINISTRY)], True),
    "postfix, a stranger": ([postfix(STRANGER)], False),
    "a stranger with a forged field": ([postfix(STRANGER), postfix(MINISTRY)], False),
    "a stranger who says so in HELO": ([postfix(STRANGER, f"[{MINISTRY}]")], False),
    "no field": ([], False),
    "not understood": ([received(f"from mx.finances.gov.example [{MINISTRY}] by relais with ESMTP id 1")], False),
    "not understood, above an honest one": ([received("by relais (Postfix, from userid 0) id 1"), postfix(MINISTRY)], False),
    "two relays": ([postfix(OTHER_RELAY), postfix(MINISTRY)], True),
    "two relays, the second's client a stranger": ([postfix(OTHER_RELAY), postfix(STRANGER), postfix(MINISTRY)], False),
    "a content filter": ([postfix("127.0.0.1"), received("from relais ([127.0.0.1]) by localhost (relais [127.0.0.1]) "
                          "(amavisd-new, port 10024) with ESMTP id x"), postfix(MINISTRY)], True),
    "exim": ([received(f"from mx ([{MINISTRY}] helo=mx.finances.gov.example)\r\n\tby relais with esmtp (Exim 4.96) id 1")], True),
    "exchange": ([received(f"from mx.finances.gov.example ({MINISTRY}) by\r\n EX1 (10.0.0.5) with Microsoft SMTP Server id 15")],
                 True),
    "sendmail": ([received(f"from mx.finances.gov.example (mx [{MINISTRY}] (may be forged))\r\n\tby relais (8.17.1) id 1")], True),
    "qmail": ([received("(qmail 123 invoked from network)"),
               received(f"from unknown (HELO mx.finances.gov.example) ({MINISTRY}) by relais with SMTP")], True),
    "IPv6": ([received("from mx (mx [IPv6:2001:db8:2::7]) by relais (Postfix) id 1")], True),
    "the relay's private network": ([postfix("10.0.0.9")], False),
}


@pytest.mark.parametrize("fields, honest", FIELDS.values(), ids=FIELDS)
def test_relays_of_all_kinds(relayed, fields, honest):
    reply = hand_in(relayed, document(*fields), RELAY)
    assert reply.code == (250 if honest else 550), reply
    assert relayed.records()[-1]["sender"] == ("government" if honest else "claimed")


def test_who_is_no_relay_is_the_client(relayed):
    assert hand_in(relayed, document(postfix(MINISTRY)), STRANGER).code == 550
    assert hand_in(relayed, document(postfix(STRANGER)), MINISTRY).code == 250


def test_without_relays_no_field_is_believed(lab):
    assert hand_in(lab, document(postfix(MINISTRY)), RELAY).code == 550


def test_a_real_relay(relayed):
    honest = document()
    assert hand_in(relayed, honest, MINISTRY, "RELAY").code == 250
    wait_until(lambda: relayed.at_mailbox("agent", honest.message_id), "the document, through the relay")
    assert relayed.records()[-1]["sender"] == "government"
    forged = document(postfix(MINISTRY))
    before = len(relayed.records())
    assert hand_in(relayed, forged, STRANGER, "RELAY").code == 250  # the relay takes it; khatmd does not
    wait_until(lambda: len(relayed.records()) > before, "khatmd's word on what the relay brings")
    record = relayed.records()[before]
    assert (record["verdict"], record["sender"]) == ("reject", "claimed"), record
    relayed.wait_drained()
    assert not relayed.at_mailbox("agent", forged.message_id)
