# SPDX-License-Identifier: Apache-2.0
"""One lab (tests/lab/lab) as the tests hold it: send a message and see the reply, look at what came out at the far
end, ask the command line, and do harm to the daemon and undo it."""

import contextlib
import dataclasses
import json
import os
import pathlib
import re
import signal
import smtplib
import sqlite3
import ssl
import subprocess
import sys
import time

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(TOP / "tests" / "lab"))
import client  # noqa: E402
import letters  # noqa: E402

BUILD = pathlib.Path(os.environ.setdefault("KHATM_BUILD", str(TOP / "build"))).resolve()
SANITIZED = "address" in BUILD.name or "thread" in BUILD.name
REPORT = re.compile(r"(ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|runtime error:|LeakSanitizer).*")
PATIENCE = 90  # seconds; generous, since a sanitized build on a busy machine is slow


@dataclasses.dataclass
class Reply:
    code: int
    text: str
    stage: str = "data"  # where it came: mail, rcpt, data (end of message)

    @property
    def reference(self):
        found = re.search(r"KH-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", self.text)
        return found.group(0) if found else None

    @property
    def reason(self):
        found = re.search(r"\(([A-Z][A-Z-]*)\)$", self.text)
        return found.group(1) if found else None

    @property
    def queue_id(self):
        found = re.search(r"queued as (\S+)", self.text)
        return found.group(1) if found else None

    @property
    def temporary(self):
        return 400 <= self.code < 500


def wait_until(probe, what, patience=PATIENCE):
    """The first true answer of probe; fails with `what` when there is none in time."""
    end = time.monotonic() + patience
    while True:
        answer = probe()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"not within {patience} s: {what}")
        time.sleep(0.05)


def without_transport(raw):
    """The message without what MTAs put on top: the sink's notes, Received and its folded lines."""
    top, _, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    fields = re.split(rb"\n(?![ \t])", top)
    added = (b"x-envelope-from:", b"x-envelope-to:", b"received:", b"return-path:", b"delivered-to:", b"x-original-to:")
    return b"\n".join(field for field in fields if not field.lower().startswith(added)) + b"\n\n" + body


class Lab(client.Lab):
    """tests/lab/client.py with what these tests need on top. Replies are in English, so that they can be read here; files
    are read anew when a test says so, and not before."""

    FAR_END = ("--sink-peer",)

    def __init__(self, folder, *options):
        self.folder, self.options = pathlib.Path(folder), options

    # --- life ---------------------------------------------------------------------------------------------------
    def up(self):
        client.up(self.folder, *self.FAR_END, "--set", 'languages={ "en" }', "--set", "reload=signal", *self.options)
        super().__init__(self.folder)
        return self

    def sanitizer_reports(self):
        """What a sanitizer said in any of the lab's logs; programs write it to standard error, which goes there."""
        return [f"{log.name}: {found.group(0)}" for log in sorted(self.path("LOGS").iterdir())
                for found in REPORT.finditer(log.read_text(errors="replace"))]

    def khatm(self, *words, **how):
        run = super().khatm(*words, **how)
        assert not REPORT.search(run.stderr.decode(errors="replace")), run.stderr.decode(errors="replace")
        return run

    def restart(self):
        """khatmd stopped, if it still runs, and started again. False when it did not come up."""
        return subprocess.run([client.LAB, "restart-khatmd", self.folder], capture_output=True, timeout=120).returncode == 0

    def path(self, name):
        return pathlib.Path(self.env[name])

    # --- mail ---------------------------------------------------------------------------------------------------
    def connect(self, login=True):
        """A session for several messages; smtplib's own object."""
        host, _, port = self.env["SUBMISSION"].rpartition(":")
        session = smtplib.SMTP(host, int(port), local_hostname="poste.interieur.gov.example", timeout=200)
        session.starttls(context=ssl.create_default_context(cafile=self.env["CA"]))
        if login:
            session.login(self.env["LOGIN"], self.env["PASSWORD"])
        session.ehlo_or_helo_if_needed()
        return session

    def send(self, mail, *rcpts, session=None, **how):
        """One transaction, the reply that settled it. `how`: see client.Lab.submit."""
        if session is not None:
            return transaction(session, mail.raw, rcpts)
        try:
            answer = self.submit(mail.raw, rcpts, **how)
        except smtplib.SMTPResponseException as early:  # no khatmd: Postfix puts off even EHLO and STARTTLS
            return Reply(early.smtp_code, early.smtp_error.decode(), "connect")
        return Reply(answer.code, answer.text, "data" if answer.stage == "dot" else answer.stage)

    # --- what came out ------------------------------------------------------------------------------------------
    def messages_at(self, domain, message_id=None):
        found = [file.read_bytes() for file in sorted(pathlib.Path(self.env["SINK"], domain, "new").glob("*"))]
        return [raw for raw in found if message_id is None or message_id.encode() in raw]

    def at_mailbox(self, user, message_id):
        return [raw for raw in self.mailbox(user) if message_id.encode() in raw]

    def arrived(self, domain, mail):
        """The one copy at the far end."""
        copies = wait_until(lambda: self.messages_at(domain, mail.message_id), f"a message for {domain}")
        assert len(copies) == 1
        return copies[0]

    def sink_count(self):
        """Messages at all far ends, once everything that Postfix holds has got there."""
        self.wait_drained()
        return sum(1 for file in pathlib.Path(self.env["SINK"]).glob("*/new/*") if file.is_file())

    @contextlib.contextmanager
    def nothing_leaves(self):
        """Within it no message reaches any far end."""
        before = self.sink_count()
        yield
        assert self.sink_count() == before, "something left"

    # --- the journal --------------------------------------------------------------------------------------------
    def records(self):
        """Every record of the journal, in order: the leaf, and in "reply" what became of the answer."""
        journal = sqlite3.connect(f"file:{self.env['JOURNAL']}?mode=ro", uri=True)
        try:
            rows = journal.execute("SELECT leaf, state FROM record JOIN reply USING (sequence) ORDER BY sequence").fetchall()
        finally:
            journal.close()
        return [{**json.loads(leaf), "reply": ("unknown", "sent", "never")[state]} for leaf, state in rows]

    @contextlib.contextmanager
    def new_records(self):
        """Yields a list that holds, after the block, the records made within it."""
        before, fresh = len(self.records()), []
        yield fresh
        fresh += self.records()[before:]

    # --- the daemon ---------------------------------------------------------------------------------------------
    def memory_kb(self):
        return self._status("VmRSS")

    def peak_memory_kb(self):
        return self._status("VmHWM")

    def _status(self, name):
        text = pathlib.Path(f"/proc/{self.pid()}/status").read_text()
        return int(re.search(rf"^{name}:\s+(\d+) kB", text, re.M).group(1))

    def wait_for_log(self, text, after=0):
        wait_until(lambda: text in self.khatmd_log()[after:], f"{text!r} in the log")

    def signal_reload(self):
        os.kill(self.pid(), signal.SIGUSR1)

    def reload(self):
        before = len(self.khatmd_log())
        self.signal_reload()
        wait_until(lambda: re.search("reloaded|reload refused", self.khatmd_log()[before:]), "a reload")
        assert "reload refused" not in self.khatmd_log()[before:], self.khatmd_log()[before:]

    def kill_daemon(self):
        pid = self.pid()
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not alive(pid), "the daemon's end")

    # --- settings -----------------------------------------------------------------------------------------------
    @property
    def registry(self):
        return self.path("REGISTRY")

    @property
    def rules(self):
        found = re.search(r'(?m)^\s*rules\s*=\s*"([^"]*)"', self.path("CONF").read_text())
        return self.path("CONF").parent / found.group(1)

    @contextlib.contextmanager
    def edited(self, path, edit, reload=True):
        """A settings file changed and (unless told otherwise) taken in; afterwards as it was. A registry is signed anew,
        and keeps its greater serial."""
        path = pathlib.Path(path)
        original = path.read_text()
        changed = edit(original)
        assert changed != original, f"the edit of {path} changed nothing"
        self._write(path, changed)
        try:
            if reload:
                self.reload()
            yield
        finally:
            self._write(path, original)
            self.reload()

    def _write(self, path, text):
        path.write_text(text)
        if path == self.registry:
            self.sign_registry()


def alive(pid):
    """Runs, and is not just waiting to be collected."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def children_of(pid):
    """Direct children; empty when the process is gone."""
    children = []
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            children += [int(child) for child in task.read_text().split()]
    return children


def transaction(session, raw, rcpts, sender=letters.AGENT):
    code, text = session.mail(sender)
    if code != 250:
        session.rset()
        return Reply(code, text.decode(), "mail")
    for rcpt in rcpts:
        code, text = session.rcpt(rcpt)
        if code not in (250, 251):
            session.rset()
            return Reply(code, text.decode(), "rcpt")
    try:
        code, text = session.data(raw)
    except smtplib.SMTPDataError as refused:
        code, text = refused.smtp_code, refused.smtp_error
    return Reply(code, text.decode(), "data")
