# SPDX-License-Identifier: Apache-2.0
"""One lab (tests/lab/lab) as the tests hold it: send a message and see the reply, look at what came out at the far
end, ask the command line, and do harm to the daemon and undo it."""

import contextlib
import dataclasses
import json
import os
import pathlib
import re
import shlex
import signal
import smtplib
import ssl
import subprocess
import time

import messages

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
LAB = TOP / "tests" / "lab" / "lab"
BUILD = pathlib.Path(os.environ.get("KHATM_BUILD", TOP / "build")).resolve()
SANITIZED = "address" in BUILD.name or "thread" in BUILD.name
PATIENCE = 30  # seconds; generous, since a sanitized build on a busy machine is slow


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


def host_and_port(text):
    host, _, port = text.rpartition(":")
    return host.strip("[]"), int(port)


class Lab:
    def __init__(self, folder, *options):
        self.folder, self.options, self.env = pathlib.Path(folder), options, {}

    # --- life ---------------------------------------------------------------------------------------------------
    def up(self):
        run = subprocess.run([LAB, "up", "--single-hop", "--sink-peer", *self.options, self.folder],
                             capture_output=True, text=True, timeout=180, env={**os.environ, "KHATM_BUILD": str(BUILD)})
        assert run.returncode == 0, f"lab up: {run.stdout}{run.stderr}"
        for line in (self.folder / "env").read_text().splitlines():
            name, _, value = line.partition("=")
            self.env[name.strip()] = "".join(shlex.split(value))
        return self

    def down(self):
        subprocess.run([LAB, "down", self.folder], check=True, capture_output=True, timeout=120)

    def restart(self):
        """khatmd stopped, if it still runs, and started again. False when it did not come up."""
        return subprocess.run([LAB, "restart-khatmd", self.folder], capture_output=True, timeout=120,
                              env={**os.environ, "KHATM_BUILD": str(BUILD)}).returncode == 0

    def path(self, name):
        return pathlib.Path(self.env[name])

    # --- mail ---------------------------------------------------------------------------------------------------
    def connect(self, login=True, where="SUBMISSION", timeout=120):
        client = smtplib.SMTP(*host_and_port(self.env[where]), local_hostname="poste.interieur.gov.example",
                              timeout=timeout)
        if where == "SUBMISSION":
            client.starttls(context=ssl.create_default_context(cafile=self.env["CA"]))
        if login:
            client.login(self.env["LOGIN"], self.env["PASSWORD"])
        return client

    def send(self, mail, *rcpts, sender=messages.AGENT, login=True, where="SUBMISSION", client=None, options=()):
        """One transaction; the reply that settled it."""
        own = client is None
        client = client or self.connect(login and where == "SUBMISSION", where)
        try:
            return transaction(client, mail.raw, rcpts, sender, options)
        except (smtplib.SMTPServerDisconnected, ConnectionError) as error:
            return Reply(421, f"connection lost: {error}")
        finally:
            if own:
                with contextlib.suppress(smtplib.SMTPException, OSError):
                    client.quit()

    # --- what came out ------------------------------------------------------------------------------------------
    def messages_at(self, domain, message_id=None):
        found = []
        for folder in ("new", "cur"):
            path = pathlib.Path(self.env["SINK"], domain, folder)
            found += [file.read_bytes() for file in sorted(path.glob("*")) if path.is_dir()]
        wanted = message_id and message_id.encode()
        return [raw for raw in found if wanted is None or wanted in raw]

    def at_mailbox(self, user, message_id):
        found = []
        for folder in ("new", "cur"):
            path = pathlib.Path(self.env["MAILBOX"], user, folder)
            found += [file.read_bytes() for file in sorted(path.glob("*")) if path.is_dir()]
        return [raw for raw in found if message_id.encode() in raw]

    def arrived(self, domain, mail):
        """The one copy at the far end."""
        copies = wait_until(lambda: self.messages_at(domain, mail.message_id), f"a message for {domain}")
        assert len(copies) == 1
        return copies[0]

    def sink_count(self):
        return sum(1 for file in pathlib.Path(self.env["SINK"]).glob("*/[nc][eu][wr]/*") if file.is_file())

    def fence(self, domain="gmail.com"):
        """Sends a plain message and waits for it: whatever was sent before has arrived too."""
        mail = messages.plain(to=f"cloture@{domain}")
        reply = self.send(mail, f"cloture@{domain}")
        assert reply.code == 250, reply
        self.arrived(domain, mail)

    @contextlib.contextmanager
    def nothing_leaves(self):
        """Within it no message reaches any far end (but the fence of this very check)."""
        before = self.sink_count()
        yield
        self.fence()
        assert self.sink_count() == before + 1, "something left"

    # --- the command line and the journal -----------------------------------------------------------------------
    def khatm(self, *arguments, stdin=None, config=True):
        where = ["--config", self.env["CONF"]] if config else []
        return subprocess.run([BUILD / "khatm", arguments[0], *where, *arguments[1:]], input=stdin,
                              capture_output=True, timeout=60)

    def report(self):
        run = self.khatm("report", "--format", "json")
        assert run.returncode == 0, run.stderr.decode()
        return json.loads(run.stdout)

    def records(self):
        """Every record of the journal, in order."""
        return self.report()["records"]

    @contextlib.contextmanager
    def new_records(self):
        """Yields a list that holds, after the block, the records made within it."""
        before, fresh = len(self.records()), []
        yield fresh
        fresh += self.records()[before:]

    # --- the daemon ---------------------------------------------------------------------------------------------
    @property
    def pid(self):
        return int(pathlib.Path(self.env["PIDFILE"]).read_text())

    def memory_kb(self):
        return self._status("VmRSS")

    def peak_memory_kb(self):
        return self._status("VmHWM")

    def _status(self, name):
        text = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(rf"^{name}:\s+(\d+) kB", text, re.M).group(1))

    def log(self):
        return self.path("KHATMD_LOG").read_text(errors="replace")

    def wait_for_log(self, text, after=0):
        wait_until(lambda: text in self.log()[after:], f"{text!r} in the log")

    def signal_reload(self):
        os.kill(self.pid, signal.SIGUSR1)

    def reload(self):
        before = len(self.log())
        self.signal_reload()
        self.wait_for_log("configuration", before)

    def kill_daemon(self):
        pid = self.pid
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
        """A settings file changed and (unless told otherwise) taken in; afterwards as it was."""
        path = pathlib.Path(path)
        original = path.read_text()
        changed = edit(original)
        assert changed != original, f"the edit of {path} changed nothing"
        path.write_text(changed)
        try:
            if reload:
                self.reload()
            yield
        finally:
            path.write_text(original)
            self.reload()


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


def transaction(client, raw, rcpts, sender=messages.AGENT, options=()):
    client.ehlo_or_helo_if_needed()
    code, text = client.mail(sender, list(options))
    if code != 250:
        client.rset()
        return Reply(code, text.decode(), "mail")
    for rcpt in rcpts:
        code, text = client.rcpt(rcpt)
        if code not in (250, 251):
            client.rset()
            return Reply(code, text.decode(), "rcpt")
    try:
        code, text = client.data(raw)
    except smtplib.SMTPDataError as refused:
        code, text = refused.smtp_code, refused.smtp_error
    return Reply(code, text.decode(), "data")
