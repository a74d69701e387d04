# SPDX-License-Identifier: Apache-2.0
"""Unless `resident-gpg` says no, one gpg seals all that nobody signs, one message after the other. What leaves is what leaves
without it, each with a session key of its own, and when that gpg dies the next message has one all the same."""

import os
import pathlib
import re
import signal

import pytest

from gateway import Lab, alive, children_of, wait_until
from letters import FINANCES, GMAIL, mail
from messages import pdf
from pgp import gpg, open_sealed

CABINET = "cabinet@finances.gov.example"


@pytest.fixture(scope="module")
def lab(labs):
    lab = labs.fresh_of(Lab, "--single-hop", "--unsigned", "--set", "sealing.slots=1")
    yield lab
    labs.stop_one(lab)


def residents(lab):
    """Every gpg in its server mode that khatmd's helpers have."""
    return [pid for helper in children_of(lab.pid()) for pid in children_of(helper)
            if b"--server" in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")]


def sent_and_opened(lab, seed, *hidden):
    document = pdf(seed=seed)
    sent = mail(to=FINANCES, subject=f"Note {seed}", documents=[("note.pdf", document)])
    reply = lab.send(sent, FINANCES, *hidden)
    assert reply.code == 250, (reply, lab.khatmd_log()[-800:])
    opened = open_sealed(lab.arrived("finances.gov.example", sent), lab.env["GNUPGHOME_PEER"])
    assert opened.attachments() == {"note.pdf": document}
    assert opened.inner["Subject"] == f"Note {seed}"
    return opened


def session_key(lab, opened):
    ciphertext = opened.outer.get_payload()[1].get_payload(decode=True)
    status = gpg(lab.env["GNUPGHOME_PEER"], "--status-fd", "2", "--show-session-key", "--decrypt", stdin=ciphertext).stderr
    return re.search(rb"SESSION_KEY (\S+)", status)[1]


def test_one_gpg_seals_one_message_after_the_other(lab):
    keys = [session_key(lab, sent_and_opened(lab, 1))]
    [first] = residents(lab)
    keys += [session_key(lab, sent_and_opened(lab, seed)) for seed in range(2, 6)]
    assert residents(lab) == [first]
    assert len(set(keys)) == 5, keys


def test_a_blind_copy_is_not_named(lab):
    opened = sent_and_opened(lab, 10, CABINET)
    assert "ENC_TO 0000000000000000" in opened.status, opened.status
    opened = sent_and_opened(lab, 11)
    assert not re.search("ENC_TO 0{16}", opened.status), opened.status


def test_its_death_costs_nothing(lab):
    sent_and_opened(lab, 20)
    [before] = residents(lab)
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: not alive(before), "its end")
    sent_and_opened(lab, 21)
    sent_and_opened(lab, 22)
    [after] = residents(lab)
    assert after != before


def test_a_consumer_is_refused_as_ever(lab):
    with lab.nothing_leaves():
        reply = lab.send(mail(to=GMAIL, documents=[("note.pdf", pdf(seed=30))]), GMAIL)
    assert reply.code == 550, reply


def test_none_stays_where_the_admin_says_so(labs):
    lab = labs.fresh_of(Lab, "--single-hop", "--unsigned", "--set", "sealing.resident-gpg=no")
    sent_and_opened(lab, 40)
    assert residents(lab) == []
    labs.stop_one(lab)
