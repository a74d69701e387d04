# SPDX-License-Identifier: Apache-2.0
"""Behind Sendmail, too, what a ministry sealed for us is delivered open: Sendmail takes the new header section and body as
they are, and what it takes only in part is not let through."""

import email
import email.policy
import glob
import os
import pathlib
import re
import signal
import time

import pytest
from gateway import PATIENCE, wait_until
from letters import AGENT, FINANCES, raw_mail
from messages import pdf
from openpgp_forge import HEAD, Forger, armour, body
from pgp import open_sealed
from rig import keys
from sendmail_lab import SendmailLab
from shapes import PDF, TEXT, attached, message, multi, text

# Comes by a relay of ours, which says whose server handed it in.
ON_THE_WAY = b"Received: from mx.finances.gov.example (mx.finances.gov.example [192.0.2.17])\r\n\tby relais.interieur.gov.example; " \
             b"Sat, 21 Nov 2026 10:00:00 +0000\r\n"
INSIDE = {
    "8-bit text and a PDF": multi(TEXT, PDF),
    "lines of every kind": multi(text(b"x" * 3000 + b"\r\n.\r\n..\r\nFrom moi\r\nblancs  \t\r\n\r\n\r\n"), PDF),
    "preamble and epilogue": multi(TEXT, PDF, before=b"Ceci est un message MIME.\r\n", after=b"fin\r\n"),
    "no multipart": b"MIME-Version: 1.0\r\n" + PDF,
}


@pytest.fixture(scope="module")
def lab(labs):
    """The gateway holds the secret half of the key that the lab's seals are for."""
    held = labs.fresh_of(SendmailLab)
    home = pathlib.Path(held["LAB_ROOT"], "khatm", "unsealing")
    keys.copy_secret(held["GNUPGHOME_PEER"], home, int(held["KHATM_UID"]))
    held.forger = Forger(held["GNUPGHOME_PEER"], held["PEER_FINGERPRINT"])
    opening = f'unsealing {{\n\thomedir = "{home}"\n\tunsigned = open\n}}\n'
    relays = 'attach "khatm-inbound" {\n\trelays = { "127.0.0.0/8" }\n'
    with held.edited(held["CONF"], lambda conf: conf.replace('attach "khatm-inbound" {\n', relays) + opening):
        yield held
    labs.stop_one(held)


def sealed(lab, content):
    """From the ministry of finance, subject and all inside."""
    inside = b"From: directeur@finances.gov.example\r\nTo: agent@interieur.gov.example\r\nSubject: =?utf-8?q?R=C3=A9union?=\r\n" + \
        re.sub(rb"(Content-Type: .*)\r\n", rb'\1; hp="cipher"\r\n', content, count=1)
    sent = raw_mail(HEAD, body(armour(lab.forger.encrypt(inside))), to=AGENT, sender=FINANCES, subject="...")
    sent.raw = ON_THE_WAY + sent.raw
    return sent


@pytest.mark.parametrize("name", INSIDE)
def test_delivered_open(lab, name):
    content = INSIDE[name]
    sent = sealed(lab, content)
    answer = lab.deliver(sent.raw, [AGENT], sender=FINANCES)
    assert answer.code == 250, answer
    raw = lab.wait_mailbox("agent", lambda one: sent.message_id.encode() in one)[0].replace(b"\r\n", b"\n")
    got = email.message_from_bytes(raw, policy=email.policy.default)
    assert got["Subject"] == "Réunion" and got["To"] == AGENT
    for field in ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "Authentication-Results"):
        assert len(got.get_all(field)) == 1, field
    assert raw.partition(b"\n\n")[2] == content.partition(b"\r\n\r\n")[2].replace(b"\r\n", b"\n")


def test_khatmd_killed_while_it_hands_the_body_over(lab):
    """The hop has some of the sealed body and none of the header fields: it puts the message off."""
    for seed in range(77, 82):  # on a busy machine the kill may come too late, and prove nothing
        sent = message("Subject: Note\r\n", multi(TEXT, attached("filename=\"grand.pdf\"", pdf(size=6_000_000, seed=seed))))
        said = len(lab.transcript("sendmail-egress"))
        assert lab.send(sent, FINANCES).code == 250
        kill_while_replaced(lab)
        try:
            put_off, there = wait_until(lambda: came_of(lab, sent, said), "what came of it")
        finally:
            assert lab.restart()
        opened = open_sealed(lab.arrived("finances.gov.example", sent), lab["GNUPGHOME_PEER"])
        assert opened.attachments() == {"grand.pdf": pdf(size=6_000_000, seed=seed)}
        if put_off:
            assert not there
            return
    raise AssertionError("no kill was in time")


def came_of(lab, sent, said):
    """(put off, arrived) once either is so."""
    there = bool(lab.messages_at("finances.gov.example", sent.message_id))
    put_off = "451 4.3.2" in lab.transcript("sendmail-egress")[said:]
    return (put_off, there) if put_off or there else None


def kill_while_replaced(lab):
    """Once the body in the hop's queue is there and becomes shorter: its place is taken by the sealed one."""
    seen, end = 0, time.monotonic() + PATIENCE
    while time.monotonic() < end:
        size = 0
        for file in glob.glob(f"{lab['SENDMAIL']}/mqueue-khatm/df*"):
            try:
                size = max(size, os.path.getsize(file))
            except FileNotFoundError:
                pass
        if seen > 6_000_000 and size < seen:
            os.kill(lab.pid(), signal.SIGKILL)
            return
        seen = max(seen, size)
    raise AssertionError("the hop never replaced a body")
