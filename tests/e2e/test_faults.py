# SPDX-License-Identifier: Apache-2.0
"""When something of ours breaks, the client hears "try later", nothing leaves, and the same message goes through
once it is mended. Every 250 or 5xx that was decided has one journal record, a 4xx at most one."""

import contextlib
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import threading
import time

import pytest
from gateway import children_of, wait_until
from messages import FINANCES, GMAIL, mail, pdf, plain
from pgp import gpg, make_key, open_sealed

SUPPORT = pathlib.Path(__file__).resolve().parent.parent / "support"


class FakeGpg:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.program = self.folder / "gpg-for-khatm"
        home = self.folder / "home"
        home.mkdir(mode=0o700)
        shutil.copy(SUPPORT / "fake-gpg", self.program)
        (self.folder / "stranger").write_text(make_key(home, "stranger") + "\n")
        self.mode("ok")
        subprocess.run(["chmod", "-R", "a+rwX", self.folder], check=True)

    def mode(self, name):
        (self.folder / "mode").write_text(name + "\n")
        (self.folder / "pids").write_text("")
        (self.folder / "pids").chmod(0o666)

    def started(self):
        return [int(line) for line in (self.folder / "pids").read_text().split()]


@pytest.fixture(scope="module")
def faulty(labs, tmp_path_factory):
    """A lab with short deadlines and a gpg that fails on demand."""
    lab = labs.get("--mode", "enforce")
    folder = tmp_path_factory.mktemp("gpg")
    for parent in (folder, *folder.parents[:3]):
        parent.chmod(0o755)
    fake = FakeGpg(folder)
    public = gpg(lab.env["GNUPGHOME_PEER"], "--export").stdout
    gpg(fake.folder / "home", "--import", stdin=public)
    subprocess.run(["chmod", "-R", "a+rwX", folder], check=True)
    with lab.configured(sealing={"gpg": f'"{fake.program}"', "deadline": "4s", "wait": "2s"},
                        inspector={"deadline": "4s"}, journal={"wait": "2s"}):
        yield lab, fake


def document(size=300_000, to=FINANCES):
    return mail(to=to, subject="Dossier", documents=[("dossier.pdf", pdf(size=size))])


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
        wait_until(lambda: not any(pathlib.Path(f"/proc/{pid}").exists() for pid in started), "no gpg left behind")
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


def test_spool_that_is_full(faulty, tmp_path):
    lab, _ = faulty
    spool = tmp_path / "spool"
    spool.mkdir()
    with tmpfs(spool, "size=256k,mode=1777"), lab.configured(spool={"directory": f'"{spool}"'}):
        before = lab.sink_count()
        sent = document(1_000_000)
        reply = lab.send(sent, FINANCES)
        assert reply.temporary, reply
        small = mail(documents=[("dossier.pdf", pdf(size=1000))])
        assert lab.send(small, FINANCES).code == 250, "the daemon goes on with what fits"
        lab.arrived("finances.gov.example", small)
        assert lab.sink_count() == before + 1
    assert lab.send(sent, FINANCES).code == 250
    lab.arrived("finances.gov.example", sent)


@contextlib.contextmanager
def tmpfs(folder, options):
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "khatm-test", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def test_journal_locked_by_another(faulty):
    lab, _ = faulty
    other = sqlite3.connect(lab.env["JOURNAL"], isolation_level=None)

    def lock():
        other.execute("BEGIN IMMEDIATE")

    fails_then_succeeds(lab, document(), lock, lambda: other.execute("ROLLBACK"))
    other.close()


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


def test_journal_on_a_full_disk(faulty, tmp_path):
    lab, _ = faulty
    room = tmp_path / "journal"
    room.mkdir()
    with tmpfs(room, "size=2m,mode=1777"), lab.configured(journal={"store": f'"sqlite:{room}/journal.db"'}):
        ballast = room / "ballast"
        reply = lab.send(document(), FINANCES)
        assert reply.code == 250, reply
        before = lab.sink_count()
        with open(ballast, "wb") as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(4096))
                file.flush()
        replies = [lab.send(document(1000), FINANCES) for _ in range(20)]
        assert any(reply.temporary for reply in replies), "the disk was not full"
        accepted_ones = sum(reply.code == 250 for reply in replies)
        ballast.unlink()
        assert lab.send(document(), FINANCES).code == 250
        lab.fence("finances.gov.example")
        assert lab.sink_count() == before + accepted_ones + 2


def test_journal_read_only(faulty):
    """A daemon that starts with a journal it may not write answers nothing but "try later"."""
    lab, _ = faulty
    folder = pathlib.Path(lab.env["JOURNAL"]).parent
    before = lab.sink_count()
    lab.stop_daemon()
    subprocess.run(["mount", "--bind", folder, folder], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)
    try:
        lab.start_daemon(must_live=False)
        sent = document()
        assert lab.send(sent, FINANCES).temporary
        assert lab.send(plain(), GMAIL).temporary
    finally:
        subprocess.run(["umount", "-l", folder], check=True)
        with contextlib.suppress(FileNotFoundError, ProcessLookupError, ValueError):
            os.kill(lab.pid, signal.SIGTERM)
        lab.start_daemon()
    assert lab.sink_count() == before
    assert lab.send(sent, FINANCES).code == 250
    lab.arrived("finances.gov.example", sent)


def test_journal_directory_gone(faulty):
    lab, _ = faulty
    folder = pathlib.Path(lab.env["JOURNAL"]).parent
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
    sent, replies, before = document(), [], lab.sink_count()
    fake.mode("slow")
    client = threading.Thread(target=lambda: replies.append(lab.send(sent, FINANCES)))
    client.start()
    wait_until(fake.started, "gpg at work")
    started, helpers = fake.started(), children_of(lab.pid)
    lab.stop_daemon(signal.SIGKILL)
    client.join(60)
    fake.mode("ok")
    assert replies and replies[0].temporary, replies
    wait_until(lambda: not any(pathlib.Path(f"/proc/{pid}").exists() for pid in [*started, *helpers]),
               "nothing outlives the daemon")
    lab.start_daemon()
    before += 1
    assert lab.sink_count() == before
    assert not [record for record in lab.records() if record.get("message_id") == sent.message_id
                and record["verdict"] == "seal" and record["reply"] == "sent"]
    assert lab.send(sent, FINANCES).code == 250
    lab.arrived("finances.gov.example", sent)
    assert lab.sink_count() == before + 1


def template_of(lab):
    return next(pid for pid in children_of(lab.pid) if "khatm-inspector" in program_of(pid))


def program_of(pid):
    return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0].decode()


def test_inspector_template_killed(faulty):
    lab, _ = faulty
    before = lab.sink_count()
    os.kill(template_of(lab), signal.SIGKILL)
    sent = document()
    first = lab.send(sent, FINANCES)
    assert first.temporary or first.code == 250, first
    if first.temporary:
        wait_until(lambda: accepted(lab.send(sent, FINANCES)), "a retry that is accepted")
    lab.arrived("finances.gov.example", sent)
    assert lab.sink_count() == before + 1


def test_inspector_stopped(faulty):
    lab, _ = faulty
    template = template_of(lab)

    def heal():
        with contextlib.suppress(ProcessLookupError):
            os.kill(template, signal.SIGCONT)

    fails_then_succeeds(lab, document(), lambda: os.kill(template, signal.SIGSTOP), heal)


def test_inspector_stopped_lets_no_document_pass_as_conversation(faulty):
    lab, _ = faulty
    before = lab.sink_count()
    os.kill(template_of(lab), signal.SIGSTOP)
    reply = lab.send(document(to=GMAIL), GMAIL)
    assert reply.code >= 400, reply
    assert wait_until(lambda: accepted(lab.send(plain(), GMAIL)), "conversation goes on")
    lab.fence()
    assert lab.sink_count() == before + 2


@pytest.mark.parametrize("harm", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "stopped"])
def test_inspector_child_harmed_midway(faulty, harm):
    """The child that reads this very message dies or hangs: unread is never the same as clean."""
    lab, _ = faulty
    before, replies = lab.sink_count(), []
    sent = mail(to=GMAIL, documents=[("dossier.pdf", pdf(size=20_000_000))])
    template, harmed = template_of(lab), []
    client = threading.Thread(target=lambda: replies.append(lab.send(sent, GMAIL)))
    client.start()
    while client.is_alive() and not harmed:
        for child in children_of(template):
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, harm)
                harmed.append(child)
    client.join(120)
    assert harmed, "the child was too quick to be harmed"
    assert replies[0].code >= 400, replies
    lab.fence()
    assert lab.sink_count() == before + 1
    wait_until(lambda: not any(pathlib.Path(f"/proc/{pid}").exists() for pid in harmed), "the child is gone")


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
