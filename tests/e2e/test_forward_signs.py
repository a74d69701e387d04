# SPDX-License-Identifier: Apache-2.0
"""What persons, filters and servers write into mail that they send on: with a document it is refused as a forward, and the
reply names what showed it; talk passes, and so does a document that a ministry may have."""

import json
import re

import pytest
from letters import FINANCES, GMAIL, mail, plain
from messages import pdf

SIGNS = {
    "Resent-From": ("agent@interieur.gov.example", "resent"),
    "Resent-To": ("adjoint@interieur.gov.example", "resent"),
    "Resent-Date": ("Sat, 21 Nov 2026 11:00:00 +0000", "resent"),
    "X-Forwarded-For": (f"agent@interieur.gov.example {GMAIL}", "automatic"),
    "X-Forwarded-To": (GMAIL, "automatic"),
    "X-Sieve-Redirected-From": ("agent@interieur.gov.example", "automatic"),
    "X-MS-Exchange-Inbox-Rules-Loop": ("agent@interieur.gov.example", "automatic"),
    "X-MS-Exchange-ForwardingLoop": ("agent@interieur.gov.example;1", "automatic"),
    "X-MS-Exchange-Organization-AutoForwarded": ("true", "automatic"),
    "Autoforwarded": ("TRUE", "automatic"),
    "Auto-Submitted": ("auto-forwarded", "automatic"),
    "Delivered-To": ("agent@interieur.gov.example", "delivered"),
    "X-Original-To": ("agent@interieur.gov.example", "delivered"),
}
NEIGHBOURS = {
    "Auto-Submitted": "auto-replied",
    "X-MS-Exchange-Organization-AutoForwarded": "false",
    "X-Forwarded": "no",
    "X-Resent-From": "agent@interieur.gov.example",
    "Subject-Line": "Resent-From: agent@interieur.gov.example",
}


@pytest.fixture
def lab(labs):
    return labs.get("--egress")


def with_field(sent, name, value):
    sent.raw = f"{name}: {value}\r\n".encode() + sent.raw
    return sent


def document(to, what):
    return mail(to=to, documents=[("acte.pdf", pdf(seed=f"sent on {what}", size=3000))])


@pytest.mark.parametrize("name", SIGNS)
def test_a_document_that_is_sent_on(lab, name):
    value, sign = SIGNS[name]
    sent = with_field(document(GMAIL, name), name, value)
    with lab.nothing_leaves(), lab.new_records() as records:
        reply = lab.send(sent, GMAIL)
    assert (reply.code, reply.reason) == (550, "FORWARD") and f"({name})" in reply.text, reply
    assert [(one["rule"], one["forward"]) for one in records] == [("R08-sent-on", [sign])]
    said = lab.khatm("explain", "--json", "--reference", reply.reference)
    assert json.loads(said.stdout)["forward"] == [sign]
    assert re.search(rf"forward +{sign}", lab.khatm("trace", reply.reference).stdout.decode())


@pytest.mark.parametrize("name", NEIGHBOURS)
def test_what_only_looks_like_it(lab, name):
    reply = lab.send(with_field(document(GMAIL, f"neighbour {name}"), name, NEIGHBOURS[name]), GMAIL)
    assert (reply.code, reply.reason) == (550, "CONSUMER"), reply


@pytest.mark.parametrize("name", ("Resent-From", "X-Forwarded-To", "Delivered-To"))
def test_talk_and_what_a_ministry_gets(lab, name):
    value = SIGNS[name][0]
    talk, sent = with_field(plain(), name, value), with_field(document(FINANCES, f"ministry {name}"), name, value)
    assert lab.send(talk, GMAIL).code == 250 and lab.send(sent, FINANCES).code == 250
    lab.arrived("gmail.com", talk)
    assert b"multipart/encrypted" in lab.arrived("finances.gov.example", sent)


def test_a_message_within_the_message(lab):
    inner = plain(to="agent@interieur.gov.example", sender="citoyen@gmail.com")
    sent = mail(to=GMAIL, documents=[("TR.eml", inner.raw, "application/octet-stream")])
    reply = lab.send(sent, GMAIL)
    assert (reply.code, reply.reason) == (550, "FORWARD") and "(message/rfc822)" in reply.text, reply
