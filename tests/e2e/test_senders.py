# SPDX-License-Identifier: Apache-2.0
"""Who may send a document out: each thing that is lacking has words of its own, a record that names it, and the same
person's right way beside it. Conversation passes whoever sends it."""

import ssl
import subprocess

import pytest
from gateway import wait_until, without_transport
from letters import AGENT, FINANCES, GMAIL, mail, plain
from messages import pdf

DOCUMENT = [("acte.pdf", pdf())]
ADJOINT = "adjoint@interieur.gov.example"


@pytest.fixture(scope="module")
def trusting(labs):
    """A lab whose Postfix relays for its own network without a login and still speaks TLS 1.0, as some do."""
    lab = labs.fresh()
    service = f"{lab.env['SUBMISSION']}/inet"
    for setting in ("smtpd_relay_restrictions=permit_mynetworks,permit_sasl_authenticated,reject",
                    "mynetworks=127.0.0.0/8", "smtpd_tls_protocols=>=TLSv1", "smtpd_tls_ciphers=export",
                    "tls_export_cipherlist=ALL:@SECLEVEL=0"):
        subprocess.run(["postconf", "-c", lab.env["POSTFIX_ETC"], "-P", f"{service}/{setting}"], check=True)
    subprocess.run(["postfix", "-c", lab.env["POSTFIX_ETC"], "reload"], check=True, capture_output=True)
    wait_until(lambda: lab.send(plain(), GMAIL, login=False).code == 250, "a Postfix that relays for its network")
    yield lab
    labs.stop_one(lab)


# What lacks; how it is sent; what staff read; what makes it right.
LACKS = [
    ("login", {"login": False}, {}, "without a login", {}),
    ("login", {"tls": False, "login": False}, {}, "without a login", {}),
    ("tls", {"tls_version": ssl.TLSVersion.TLSv1}, {}, "TLSv1, below TLS 1.2", {}),
    ("tls", {"tls_version": ssl.TLSVersion.TLSv1_1}, {}, "TLSv1.1, below TLS 1.2", {"tls_version": ssl.TLSVersion.TLSv1_2}),
    ("author", {}, {"sender": ADJOINT}, f"does not write in the name of {ADJOINT}", {}),
    ("author", {}, {"sender": FINANCES}, f"does not write in the name of {FINANCES}", {}),
    ("author", {}, {"sender": GMAIL}, f"does not write in the name of {GMAIL}", {}),
    ("envelope", {"sender": ADJOINT}, {}, f"the envelope address <{ADJOINT}>", {"sender": AGENT}),
    ("envelope", {"sender": GMAIL}, {}, f"the envelope address <{GMAIL}>", {"sender": AGENT}),
    ("envelope", {"sender": ""}, {}, "the envelope address <>", {"sender": AGENT}),
    ("from", {}, {"sender": f"{AGENT}, {ADJOINT}"}, "(From), several", {}),
]

# What compliance reads of it.
TOLD = {"login": "nobody was logged in", "tls": "the connection was not protected enough", "author": "From is not an address of this login",
        "envelope": "the envelope sender is not an address of this login", "from": "From is missing, several"}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # TLS 1.0 is the point
@pytest.mark.parametrize("lacks, how, message, words, right", LACKS,
                         ids=[f"{row[0]} {row[3]}" for row in LACKS])
def test_what_lacks_is_told(trusting, lacks, how, message, words, right):
    with trusting.nothing_leaves():
        reply = trusting.send(mail(documents=DOCUMENT, **message), FINANCES, **how)
    assert (reply.code, reply.reason) == (550, "SENDER"), reply
    assert "5.7.1 " in reply.text and words in reply.text.replace("\n", " "), reply
    record = trusting.records()[-1]
    assert (record["reason"], record["lacks"], record["verdict"]) == ("SENDER", lacks, "reject")
    explained = trusting.khatm("explain", "--reference", reply.reference).stdout.decode()
    assert f"\n    lacks       {lacks}: {TOLD[lacks]}" in explained, explained
    assert trusting.send(plain(), GMAIL, **how).code == 250
    honest = mail(documents=DOCUMENT)
    assert trusting.send(honest, FINANCES, **right).code == 250
    trusting.arrived("finances.gov.example", honest)
    assert trusting.records()[-1]["lacks"] == "nothing"


def test_plain_text_without_login_passes_untouched(trusting):
    sent = plain()
    assert trusting.send(sent, GMAIL, login=False).code == 250
    assert without_transport(trusting.arrived("gmail.com", sent)) == sent.raw.replace(b"\r\n", b"\n")


def test_no_login_no_document_for_a_colleague_either(trusting):
    with trusting.nothing_leaves():
        assert trusting.send(mail(to=ADJOINT, documents=DOCUMENT), ADJOINT, login=False).reason == "SENDER"
    assert trusting.send(mail(to=ADJOINT, documents=DOCUMENT), ADJOINT).code == 250


def test_display_name_and_case_do_not_matter(lab):
    sent = mail(sender="Agent du Bureau <Agent@Interieur.GOV.example>", documents=DOCUMENT)
    assert lab.send(sent, FINANCES).code == 250
