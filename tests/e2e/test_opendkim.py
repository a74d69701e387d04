# SPDX-License-Identifier: Apache-2.0
"""OpenDKIM behind Khatm: what was sealed is signed after that, and verifies at the other end; what a stranger sent under our
name and an alias sends on is not signed."""

import re

import pytest

import opendkim
from gateway import Lab
from letters import AGENT, FINANCES, mail, plain
from messages import pdf
from peer import Peer
from pgp import open_sealed


@pytest.fixture(scope="module", params=["egress", "submission"])
def signing(request, labs, tmp_path_factory):
    """A lab in which OpenDKIM comes last on the service that seals, and the text of its DNS record."""
    folder = tmp_path_factory.mktemp("dkim")
    options, record = opendkim.make_key(folder)
    hop = ("--egress",) if request.param == "egress" else ()
    lab = labs.fresh_of(Lab, *hop, *options)
    service = lab.env["EGRESS" if request.param == "egress" else "SUBMISSION"]
    daemon = opendkim.OpenDkim(lab, folder, service, by_login=request.param == "egress")
    yield lab, record
    daemon.stop()
    labs.stop_one(lab)


def as_it_came(raw):
    """Without the sink's own lines on top."""
    return re.sub(rb"\A(X-Envelope-[^\n]*\n)+", b"", raw.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")


def test_sealed_mail_is_signed_over_what_leaves(signing):
    lab, record = signing
    sent = mail(to=FINANCES, subject="Mouvement", documents=[("arrete.pdf", pdf(size=200_000))])
    assert lab.send(sent, FINANCES).code == 250
    raw = as_it_came(lab.arrived("finances.gov.example", sent))
    assert opendkim.is_signed(raw) and opendkim.verifies(raw, record)
    assert not opendkim.verifies(raw.replace(b"Version: 1", b"Version: 2"), record)
    opened = open_sealed(raw, lab.env["GNUPGHOME_PEER"])
    assert "GOODSIG" in opened.status and opened.inner["Subject"] == "Mouvement"


def test_conversation_of_staff_is_signed(signing):
    lab, record = signing
    sent = plain()
    assert lab.send(sent, "personne@gmail.com").code == 250
    raw = as_it_came(lab.arrived("gmail.com", sent))
    assert opendkim.is_signed(raw) and opendkim.verifies(raw, record)


def test_forged_sender_that_an_alias_sends_on_is_not_signed(signing):
    """From is one of ours, and nobody logged in: as a stranger's mail to an alias that leads out."""
    lab, _record = signing
    forged = plain(to="chef@interieur.gov.example")
    answer = lab.deliver(forged.raw, ["chef@interieur.gov.example"], sender=AGENT)
    assert answer.code == 250, answer
    raw = as_it_came(lab.arrived("gmail.com", forged))
    assert b"From: agent@interieur.gov.example" in raw and not opendkim.is_signed(raw)


def test_the_peer_proves_the_sender_by_dkim(labs, tmp_path_factory):
    """Its registry demands DKIM; SPF, which the lab's addresses would pass, does not help."""
    folder = tmp_path_factory.mktemp("dkim")
    options, _record = opendkim.make_key(folder)
    lab = labs.fresh_of(Peer, "--egress", "--peer-unseal", "refuse", *options)
    daemon = None
    try:
        lab.demand_dkim()
        daemon = opendkim.OpenDkim(lab, folder, lab.env["EGRESS"], by_login=True)
        sent = lab.through(mail(to=FINANCES, documents=[("arrete.pdf", pdf())]))
        raw, record = lab.delivered(sent)
        assert re.search(rb"dkim=pass[^;]*header\.d=interieur\.gov\.example", raw), raw[:1500]
        assert b"policy.khatm-seal=verified" in raw and record["verdict"] == "unseal"
    finally:
        if daemon:
            daemon.stop()
        labs.stop_one(lab)
