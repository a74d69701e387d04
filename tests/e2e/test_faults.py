# SPDX-License-Identifier: Apache-2.0
"""When something of ours breaks, the client hears "try later", nothing leaves, and the same message goes through
once it is mended. Every 250 or 5xx that was decided has one journal record, a 4xx at most one."""

import contextlib
import os
import pathlib
import signal
import sqlite3
import subprocess
import threading

import pytest
from fake_gpg import FakeGpg
from gateway import alive, children_of, wait_until
from letters import AGENT, FINANCES, GMAIL, mail, plain
from messages import pdf
from milter_client import hang_up
from pgp import copy_public, gpg, make_key, open_sealed, stop_agent


@pytest.fixture(scope="module")
def faulty(labs):
    """A lab with short deadlines and a gpg that fails on demand."""
    deadlines = ("sealing.deadline=4s", "sealing.wait=2s", "inspector.deadline=4s", "journal.wait=2s")
    lab = labs.get(*(word for setting in deadlines for word in ("--set", setting)))
    return lab, FakeGpg(lab)


def document(size=300_000, to=FINANCES, kind="application/pdf"):
    return mail(to=to, subject="Dossier", documents=[("dossier.pdf", pdf(size=size), kind)])


def fails_then_succeeds(lab, sent, harm, heal, rcpt=FINANCES):
    """The core of every row: 4xx while harmed, nothing anywhere, then the same message goes through, once."""
    before = lab.sink_count()
    with lab.new_records() as fresh:
        harm()
        try:
            reply = lab.send(sent, rcpt)
        finally:
            heal()
    assert reply.temporary, reply
    assert len(fresh) <= 1 and all(record["verdict"] == "try-later" for record in fresh), fresh
    assert lab.sink_count() == before
    with lab.new_records() as fresh:
        reply = wait_until(lambda: accepted(lab.send(sent, rcpt)), "a retry that is accepted")
    assert [record["verdict"] for record in fresh if record["queue_id"] == reply.queue_id] == ["seal"]
    left = lab.arrived("finances.gov.example", sent)
    assert open_sealed(left, lab.env["GNUPGHOME_PEER"]).attachments().keys() == {"dossier.pdf"}
    assert lab.sink_count() == before + 1


def accepted(reply):
    return reply if reply.code == 250 else None


@pytest.fixture(scope="module")
def two_ministries(faulty):
    """A second ministry, whose key gpg has, too."""
    lab, fake = faulty
    home = fake.folder / "second"
    home.mkdir(mode=0o700)
    key = make_key(home, "second")
    for target in (lab.env["SEALING_HOME"], fake.folder / "home"):
        copy_public(home, target, key)
        subprocess.run(["chown", "-R", lab.env["KHATM_UID"], target], check=True)
    entry = f'\ndomain "second.gov.example" {{\n\tproof = either\n\tkey = "{key}"\n}}\n'
    with lab.edited(lab.registry, lambda text: text + entry):
        yield [FINANCES, "greffe@second.gov.example"]
    stop_agent(home)


@pytest.mark.parametrize("shown", [True, False], ids=["shown", "hidden"])
@pytest.mark.parametrize("mode", ["dropped", "swapped", "extra"])
def test_session_key_dropped_exchanged_or_added(faulty, two_ministries, mode, shown):
    """Of two recipients one could not read it, or a third could: it does not leave, and later it does, for both."""
    lab, fake = faulty
    sent = mail(to=two_ministries if shown else FINANCES, documents=[("dossier.pdf", pdf(size=9000))])
    fake.mode(mode)
    try:
        with lab.nothing_leaves(), lab.new_records() as fresh:
            reply = lab.send(sent, *two_ministries)
    finally:
        fake.mode("ok")
    assert reply.temporary, reply
    assert [record["verdict"] for record in fresh] == ["try-later"]
    assert "other keys than those wanted" in fresh[0]["detail"], fresh
    assert lab.send(sent, *two_ministries).code == 250
    sealed = lab.arrived("finances.gov.example", sent)
    assert open_sealed(sealed, lab.env["GNUPGHOME_PEER"]).attachments().keys() == {"dossier.pdf"}


GPG = ["killed", "stopped", "empty", "empty-success", "truncated", "trailing", "failing", "wrong", "extra"]


@pytest.mark.parametrize("mode", GPG)
def test_gpg_that_fails(faulty, mode):
    lab, fake = faulty
    fails_then_succeeds(lab, document(), lambda: fake.mode(mode), lambda: fake.mode("ok"))


def test_gpg_that_is_not_there(faulty):
    lab, fake = faulty
    away = fake.program.with_suffix(".away")
    fails_then_succeeds(lab, document(), lambda: fake.program.rename(away), lambda: away.rename(fake.program))


def test_gpg_that_hung_is_gone_afterwards(faulty):
    lab, fake = faulty
    fake.mode("stopped")
    try:
        assert lab.send(document(), FINANCES).temporary
        started = fake.started()
        assert started
        wait_until(lambda: not any(map(alive, started)), "no gpg left behind")
    finally:
        fake.mode("ok")


def test_gpg_trouble_leaves_conversation_and_refusals_alone(faulty):
    lab, fake = faulty
    fake.mode("failing")
    try:
        sent = plain()
        assert lab.send(sent, GMAIL).code == 250
        lab.arrived("gmail.com", sent)
        assert lab.send(document(to=GMAIL), GMAIL).code == 550
    finally:
        fake.mode("ok")


def resize(lab, size):
    subprocess.run(["mount", "-o", f"remount,size={size}", lab.env["SPOOL"]], check=True)


def test_spool_that_is_full(faulty):
    lab, _ = faulty
    before, sent = lab.sink_count(), document(1_000_000)
    resize(lab, "256k")
    try:
        reply = lab.send(sent, FINANCES)
        assert reply.temporary, reply
        small = mail(documents=[("dossier.pdf", pdf(size=1000))])
        assert lab.send(small, FINANCES).code == 250, "the daemon goes on with what fits"
        lab.arrived("finances.gov.example", small)
        assert lab.sink_count() == before + 1
    finally:
        resize(lab, "1G")
    assert lab.send(sent, FINANCES).code == 250
    lab.arrived("finances.gov.example", sent)


def test_spool_that_is_full_has_no_way_round(faulty):
    """Also what would have been refused or passed is only put off, since nobody could look at it."""
    lab, _ = faulty
    before = lab.sink_count()
    resize(lab, "256k")
    try:
        with lab.new_records() as fresh:
            assert lab.send(document(1_000_000, to=GMAIL), GMAIL).temporary
            assert lab.send(plain(text="mot " * 200_000 + "\r\n"), GMAIL).temporary
    finally:
        resize(lab, "1G")
    assert lab.sink_count() == before
    assert [(one["verdict"], [rcpt["class"] for rcpt in one["rcpts"]]) for one in fresh] == [("try-later", ["consumer"])] * 2


def test_sealed_body_that_the_spool_has_no_room_for(faulty):
    lab, _ = faulty
    sent = document(110_000)
    resize(lab, "256k")
    try:
        with lab.nothing_leaves(), lab.new_records() as fresh:
            reply = lab.send(sent, FINANCES)
    finally:
        resize(lab, "1G")
    assert reply.temporary and [one["verdict"] for one in fresh] == ["try-later"], (reply, fresh)
    assert "the sealed message cannot be written" in fresh[0]["detail"], fresh
    assert lab.send(sent, FINANCES).code == 250
    lab.arrived("finances.gov.example", sent)


def test_journal_locked_by_another(faulty):
    lab, _ = faulty
    other = sqlite3.connect(lab.env["JOURNAL"], isolation_level=None)

    def lock():
        other.execute("BEGIN IMMEDIATE")

    fails_then_succeeds(lab, document(), lock, lambda: other.execute("ROLLBACK"))
    other.close()


@pytest.mark.parametrize("verdict, message", [("pass", plain()), ("reject", document(3000, to=GMAIL)), ("seal", document(3001))],
                         ids=["pass", "reject", "seal"])
def test_mta_that_has_gone_when_the_answer_is_there(faulty, verdict, message):
    """What was decided never happened, and the record says so."""
    lab, _ = faulty
    rcpt = FINANCES if verdict == "seal" else GMAIL
    other = sqlite3.connect(lab.env["JOURNAL"], isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    before = len(lab.records())
    try:
        hang_up(lab.env["MILTER"].removeprefix("unix:"), (message.raw, AGENT, [rcpt], "127.0.0.1", "khatm-submission", lab.env["LOGIN"]))
    finally:
        other.execute("ROLLBACK")
        other.close()
    [record] = wait_until(lambda: [one for one in lab.records()[before:] if one["reply"] != "unknown"], "a record that is settled")
    assert (record["verdict"], record["reply"]) == (verdict, "never")


def test_journal_locked_refuses_to_refuse_and_to_pass(faulty):
    """Also the refusal and the plain pass wait for their record: no decision goes out without one."""
    lab, _ = faulty
    other = sqlite3.connect(lab.env["JOURNAL"], isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    before = lab.sink_count()
    try:
        assert lab.send(document(to=GMAIL), GMAIL).temporary
        assert lab.send(plain(), GMAIL).temporary
    finally:
        other.execute("ROLLBACK")
        other.close()
    assert lab.sink_count() == before
    assert lab.send(document(to=GMAIL), GMAIL).code == 550


@contextlib.contextmanager
def journal_on(labs, options):
    """A lab of its own whose journal lies on a small file system."""
    lab = labs.fresh("--set", "journal.wait=2s")
    folder = lab.path("LAB_ROOT") / "journal"  # the name by which khatmd knows it
    lab.env["JOURNAL"] = str(folder / "journal.db")
    lab.kill_daemon()
    uid = lab.env["KHATM_UID"]
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"uid={uid},mode=0700,{options}", "khatm-test", folder], check=True)
    try:
        assert lab.restart()
        yield lab, folder
    finally:
        labs.stop_one(lab)  # and with it the mount


def test_journal_on_a_full_disk(labs):
    with journal_on(labs, "size=2m") as (lab, room):
        assert lab.send(document(), FINANCES).code == 250
        before, ballast = lab.sink_count(), room / "ballast"
        with open(ballast, "wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(4096))
        replies, session = [], lab.connect()
        while len(replies) < 3000 and not any(reply.temporary for reply in replies[-1:]):
            replies.append(lab.send(plain(), GMAIL, session=session))
        assert replies[-1].temporary, "the disk was not full"
        assert all(reply.temporary or reply.code == 250 for reply in replies)
        ballast.unlink()
        assert wait_until(lambda: accepted(lab.send(document(), FINANCES)), "a daemon that goes on")
        accepted_ones = [reply.queue_id for reply in replies if reply.code == 250]
        assert lab.sink_count() == before + len(accepted_ones) + 1
        recorded = [record["queue_id"] for record in lab.records()]
        assert all(recorded.count(queue_id) == 1 for queue_id in accepted_ones)


def test_journal_read_only(labs):
    """A daemon that starts with a journal it may not write answers nothing but "try later"."""
    with journal_on(labs, "size=8m") as (lab, room):
        sent, before = document(), lab.sink_count()
        lab.kill_daemon()
        wait_until(lambda: subprocess.run(["mount", "-o", "remount,ro", room]).returncode == 0, "nobody writing there")
        lab.restart()
        assert lab.send(sent, FINANCES).temporary
        assert lab.send(plain(), GMAIL).temporary
        assert lab.sink_count() == before
        subprocess.run(["mount", "-o", "remount,rw", room], check=True)
        assert lab.restart()
        assert lab.send(sent, FINANCES).code == 250
        lab.arrived("finances.gov.example", sent)


def test_journal_directory_gone(faulty):
    lab, _ = faulty
    folder = lab.path("LAB_ROOT") / "journal"
    away = folder.with_name(folder.name + ".away")
    before, sent = lab.sink_count(), document()
    folder.rename(away)
    try:
        reply = lab.send(sent, FINANCES)
        assert reply.temporary, reply
    finally:
        away.rename(folder)
    assert lab.sink_count() == before
    assert wait_until(lambda: accepted(lab.send(sent, FINANCES)), "a retry that is accepted")


def test_daemon_killed_in_end_of_message(faulty):
    lab, fake = faulty
    sent, replies, before, known = document(), [], lab.sink_count(), len(lab.records())
    fake.mode("slow")
    client = threading.Thread(target=lambda: replies.append(lab.send(sent, FINANCES)))
    client.start()
    wait_until(fake.started, "gpg at work")
    started, helpers = fake.started(), children_of(lab.pid())
    lab.kill_daemon()
    client.join(60)
    fake.mode("ok")
    assert replies and replies[0].temporary, replies
    wait_until(lambda: not any(map(alive, [*started, *helpers])),
               "nothing outlives the daemon")
    assert lab.restart()
    assert lab.sink_count() == before
    assert len(lab.records()) - known <= 1
    assert all(record["reply"] != "sent" for record in lab.records()[known:])
    assert lab.send(sent, FINANCES).code == 250
    lab.arrived("finances.gov.example", sent)
    assert lab.sink_count() == before + 1


# Who is harmed, and what a document says that it is: what says "application" goes to khatm-reader at once.
READING = pytest.mark.parametrize("program, kind", [("khatm-inspector", "image/png"), ("khatm-reader", "application/pdf"),
                                                    ("khatm-reader", "image/png")])


def template_of(lab, program):
    """It runs from the first message on that is for it."""
    assert accepted(lab.send(plain(), GMAIL))
    assert lab.send(document(to=GMAIL), GMAIL).code == 550
    return next(pid for pid in children_of(lab.pid()) if program in program_of(pid))


def program_of(pid):
    return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0].decode()


@READING
def test_inspector_template_killed(faulty, program, kind):
    lab, _ = faulty
    template = template_of(lab, program)
    before = lab.sink_count()
    os.kill(template, signal.SIGKILL)
    sent = document(kind=kind)
    first = lab.send(sent, FINANCES)
    assert first.temporary or first.code == 250, first
    if first.temporary:
        wait_until(lambda: accepted(lab.send(sent, FINANCES)), "a retry that is accepted")
    lab.arrived("finances.gov.example", sent)
    assert lab.sink_count() == before + 1


@READING
def test_inspector_stopped(faulty, program, kind):
    lab, _ = faulty
    template = template_of(lab, program)

    def heal():
        with contextlib.suppress(ProcessLookupError):
            os.kill(template, signal.SIGCONT)

    fails_then_succeeds(lab, document(kind=kind), lambda: os.kill(template, signal.SIGSTOP), heal)


@READING
def test_inspector_stopped_lets_no_document_pass_as_conversation(faulty, program, kind):
    lab, _ = faulty
    template = template_of(lab, program)
    before = lab.sink_count()
    os.kill(template, signal.SIGSTOP)
    reply = lab.send(document(to=GMAIL, kind=kind), GMAIL)
    assert reply.code >= 400, reply
    assert wait_until(lambda: accepted(lab.send(plain(), GMAIL)), "conversation goes on")
    assert lab.sink_count() == before + 1


@READING
@pytest.mark.parametrize("harm", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "stopped"])
def test_inspector_child_harmed_midway(faulty, harm, program, kind):
    """The child that reads this very message dies or hangs: unread is never the same as clean."""
    lab, _ = faulty
    template, harmed = template_of(lab, program), []
    before = lab.sink_count()
    for _ in range(10):  # on a busy machine a child may be too quick to be harmed
        replies, sent = [], document(20_000_000, GMAIL, kind)
        client = threading.Thread(target=lambda: replies.append(lab.send(sent, GMAIL)))
        client.start()
        while client.is_alive() and not harmed:
            for child in children_of(template):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, harm)
                    harmed.append(child)
        client.join(180)
        assert replies[0].code >= 400, replies
        if harmed:
            break
    assert harmed, "no child was ever there to be harmed"
    assert lab.sink_count() == before
    wait_until(lambda: not any(map(alive, harmed)), "the child is gone")


def test_every_decision_has_its_record(faulty):
    """Twelve messages, some good, some refused, some in trouble: counted one by one."""
    lab, fake = faulty
    rows = [("seal", document(1000), FINANCES, "ok"), ("refuse", document(1000, GMAIL), GMAIL, "ok"),
            ("pass", plain(), GMAIL, "ok"), ("later", document(1000), FINANCES, "failing")] * 3
    with lab.new_records() as fresh:
        replies = []
        for _, sent, rcpt, mode in rows:
            fake.mode(mode)
            replies.append(lab.send(sent, rcpt))
        fake.mode("ok")
    by_queue_id = [record["queue_id"] for record in fresh]
    by_reference = [record["reference"] for record in fresh]
    for (name, *_), reply in zip(rows, replies):
        if reply.code == 250:
            assert by_queue_id.count(reply.queue_id) == 1, name
        elif reply.code == 550:
            assert by_reference.count(reply.reference) == 1, name
        else:
            assert reply.temporary, reply
    decided = sum(not reply.temporary for reply in replies)
    assert sum(record["verdict"] != "try-later" for record in fresh) == decided
    assert len(fresh) <= len(replies)
    assert len(set(by_reference)) == len(by_reference)
