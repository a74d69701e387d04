# SPDX-License-Identifier: Apache-2.0
"""Ordinary mail of staff to people outside leaves, all of it: what tests/everyday makes, and the sample messages of a Debian
package. What truly carries something is refused; why, stands beside it."""

import concurrent.futures
import pathlib
import sys

import pytest
from gateway import SANITIZED, wait_until
from letters import AGENT, GMAIL, raw_mail

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "everyday"))
import mails  # noqa: E402
import oddities  # noqa: E402
import samples  # noqa: E402

COUNT = 2000
SESSIONS = 6
# Every message runs on the plain build; a process of a sanitized build takes some ten times as long to start.
STEP = 8 if SANITIZED else 1


def send_some(lab, some):
    """[(what, reply)] of those that were not taken."""
    session, refused = lab.connect(), []
    for what, raw in some:
        reply = lab.send(Raw(raw), GMAIL, session=session)
        if reply.code != 250:
            refused.append((what, reply.text))
    session.quit()
    return refused


class Raw:
    def __init__(self, raw):
        self.raw = raw


def send_all(lab, wanted):
    with concurrent.futures.ThreadPoolExecutor(SESSIONS) as threads:
        runs = [threads.submit(send_some, lab, wanted[at::SESSIONS]) for at in range(SESSIONS)]
        return [row for run in runs for row in run.result()]


def odd_mail(made):
    header, body = made
    subject = b"" if b"Subject:" in header else b"Subject: Nouvelles\r\n"
    mime = b"MIME-Version: 1.0\r\n" if b"Content-Type:" in header else b""
    return f"From: {AGENT}\r\nTo: {GMAIL}\r\n".encode() + subject + mime + header + b"\r\n" + body


def test_two_thousand_ordinary_mails_leave(labs):
    lab = labs.fresh()
    wanted = list(mails.make(COUNT))[::STEP] + [(name, odd_mail(made)) for name, made in oddities.PASS.items()]
    before = lab.sink_count()
    refused = send_all(lab, wanted)
    print(f"{len(wanted)} ordinary mails, {len(refused)} refused")
    assert not refused, "\n".join(f"{what}: {text}" for what, text in refused)
    wait_until(lambda: lab.sink_count() == before + len(wanted), "all of them at the far end")
    labs.stop_one(lab)


def test_sample_messages_leave_unless_they_carry_one(labs):
    if not samples.folder():
        pytest.skip("python3-flufl.bounce is not installed")
    lab, carry = labs.fresh(), samples.carry()
    wanted = [(file.name, samples.anew(file.read_bytes(), AGENT, GMAIL)) for file in sorted(samples.folder().glob("*.txt"))]
    refused = {what for what, _ in send_all(lab, wanted)}
    print(f"{len(wanted)} samples, {len(refused)} refused, {len(carry)} of which carry something")
    assert len(wanted) > 100 and refused == set(carry), f"{sorted(refused - set(carry))} refused, {sorted(set(carry) - refused)} not"
    labs.stop_one(lab)


@pytest.mark.parametrize("why, made", oddities.CARRIES.values(), ids=oddities.CARRIES.keys())
def test_what_carries_something_is_refused(lab, why, made):
    assert why
    sent = raw_mail(b"MIME-Version: 1.0\r\n" + made[0], made[1], to=GMAIL)
    with lab.nothing_leaves():
        reply = lab.send(sent, GMAIL)
    assert reply.code == 550, reply
