# SPDX-License-Identifier: Apache-2.0
"""Unless `resident-gpg` says no, one gpg seals all that nobody signs, one message after the other. What leaves is what leaves
without it, each with a session key of its own, and when that gpg dies the next message has one all the same."""

import contextlib
import itertools
import os
import pathlib
import re
import signal
import time

import pytest

from gateway import Lab, alive, children_of, wait_until
from letters import FINANCES, GMAIL, mail
from messages import pdf
from pgp import gpg, open_sealed

CABINET = "cabinet@finances.gov.example"
SEEDS = itertools.count(100)
IDLE = 20  # seconds after which it ends
TRIES = 5  # for what proves nothing when the test itself was held up


@pytest.fixture(scope="module")
def lab(labs):
    lab = labs.fresh_of(Lab, "--single-hop", "--unsigned", "--set", "sealing.slots=1")
    yield lab
    labs.stop_one(lab)


def serves(pid):
    """A gpg in its server mode; a helper's child may end while one looks at it."""
    with contextlib.suppress(OSError):
        return b"--server" in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    return False


def residents(lab):
    """Those that khatmd's helpers have."""
    return [pid for helper in children_of(lab.pid()) for pid in children_of(helper) if serves(pid)]


def sent(lab, seed, *hidden):
    letter = mail(to=FINANCES, subject=f"Note {seed}", documents=[("note.pdf", pdf(seed=seed))])
    reply = lab.send(letter, FINANCES, *hidden)
    assert reply.code == 250, (reply, lab.khatmd_log()[-800:])
    return letter


def opened(lab, seed, letter):
    found = open_sealed(lab.arrived("finances.gov.example", letter), lab.env["GNUPGHOME_PEER"])
    assert found.attachments() == {"note.pdf": pdf(seed=seed)}
    assert found.inner["Subject"] == f"Note {seed}"
    return found


def sent_and_opened(lab, seed, *hidden):
    return opened(lab, seed, sent(lab, seed, *hidden))


def sent_in_a_row(lab, count):
    """Letters by their seeds, and the gpg that stay after each. Again where the test was held up for so long that one may have ended
    for want of work."""
    for _ in range(TRIES):
        letters, staying, times = {}, [], [time.monotonic()]
        for seed in itertools.islice(SEEDS, count):
            letters[seed] = sent(lab, seed)
            staying.append(residents(lab))
            times.append(time.monotonic())
        if max(after - before for before, after in zip(times, times[min(2, count):])) < IDLE:
            break
    return letters, staying


def session_key(lab, found):
    ciphertext = found.outer.get_payload()[1].get_payload(decode=True)
    status = gpg(lab.env["GNUPGHOME_PEER"], "--status-fd", "2", "--show-session-key", "--decrypt", stdin=ciphertext).stderr
    return re.search(rb"SESSION_KEY (\S+)", status)[1]


def test_one_gpg_seals_one_message_after_the_other(lab):
    letters, staying = sent_in_a_row(lab, 5)
    [first] = staying[0]
    assert staying == [[first]] * 5
    keys = [session_key(lab, opened(lab, seed, letter)) for seed, letter in letters.items()]
    assert len(set(keys)) == 5, keys


def test_a_blind_copy_is_not_named(lab):
    hidden = sent_and_opened(lab, 10, CABINET)
    assert "ENC_TO 0000000000000000" in hidden.status, hidden.status
    named = sent_and_opened(lab, 11)
    assert not re.search("ENC_TO 0{16}", named.status), named.status


def test_its_death_costs_nothing(lab):
    _, [[before]] = sent_in_a_row(lab, 1)
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: not alive(before), "its end")
    letters, [_, [after]] = sent_in_a_row(lab, 2)
    assert after != before
    for seed, letter in letters.items():
        opened(lab, seed, letter)


def test_a_consumer_is_refused_as_ever(lab):
    with lab.nothing_leaves():
        reply = lab.send(mail(to=GMAIL, documents=[("note.pdf", pdf(seed=30))]), GMAIL)
    assert reply.code == 550, reply


def test_none_stays_where_the_admin_says_so(labs):
    lab = labs.fresh_of(Lab, "--single-hop", "--unsigned", "--set", "sealing.resident-gpg=no")
    sent_and_opened(lab, 40)
    assert residents(lab) == []
    labs.stop_one(lab)
