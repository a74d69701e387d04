# SPDX-License-Identifier: Apache-2.0
"""What a test does with a running lab: send, look at what arrived, open it with the peer's key.

    with running("--sink-peer") as lab:
        answer = lab.submit(raw, ["directeur@finances.gov.example"])
        assert answer.code == 250, answer
        message = lab.wait_sink("finances.gov.example")[0]

Bytes go out exactly as given (but for dot stuffing) and come back exactly as the sink received them.
"""

import contextlib
import os
import re
import shlex
import shutil
import smtplib
import socket
import ssl
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

LAB = Path(__file__).with_name("lab")
WAIT_S = 90.0


@dataclass
class Answer:
    """What the server said, stage by stage: (stage, code, text), the text of several lines joined by newlines."""

    stages: list = field(default_factory=list)

    @property
    def code(self):
        """Of the last stage reached: the end of data when everything before was accepted."""
        return self.stages[-1][1]

    @property
    def text(self):
        return self.stages[-1][2]

    @property
    def stage(self):
        return self.stages[-1][0]

    def said(self, stage):
        """(code, text) of each reply at a stage: connect, ehlo, xclient, starttls, auth, mail, rcpt, data, dot."""
        return [(code, text) for name, code, text in self.stages if name == stage]

    @property
    def reference(self):
        """KH-XXXX-XXXX of the refusal, or None."""
        found = re.search(r"\bKH-[0-9A-Z]{4}-[0-9A-Z]{4}\b", self.text)
        return found and found.group()

    @property
    def queue_id(self):
        """Of the message Postfix accepted, or None."""
        found = re.search(r"queued as (\S+)", self.text)
        return found and found.group(1)

    def __str__(self):
        rows = [(name, code, line) for name, code, text in self.stages for line in text.splitlines() or [""]]
        return "\n".join(f"{name}: {code} {line}" for name, code, line in rows)


@dataclass
class Received:
    """A message in a sink: the envelope, and the bytes after the lab's own lines."""

    path: Path
    sender: str
    recipients: list
    raw: bytes

    @property
    def head(self):
        return self.raw.partition(b"\r\n\r\n")[0]

    @property
    def body(self):
        return self.raw.partition(b"\r\n\r\n")[2]


class Lab:
    """A lab that is up, by the variables in its env."""

    def __init__(self, directory):
        self.directory = Path(directory).resolve()
        words = shlex.split((self.directory / "env").read_text())
        self.env = dict(word.split("=", 1) for word in words)

    def __getitem__(self, name):
        return self.env[name]

    # --- sending

    def submit(self, raw, recipients, sender=None, login=True, tls=True, tls_version=None, place="SUBMISSION",
               options=()):
        """As staff do: STARTTLS, AUTH, one transaction. `login` may be False or another (user, password)."""
        user, password = login if isinstance(login, tuple) else (self["LOGIN"], self["PASSWORD"])
        talk = Conversation(self[place])
        talk.ehlo()
        if tls:
            talk.starttls(self["CA"], tls_version)
        if login and not talk.failed:
            talk.auth(user, password)
        return talk.transaction(self["LOGIN"] if sender is None else sender, recipients, raw, options)

    def deliver(self, raw, recipients, sender="citoyen@gmail.com", xclient=None, place="INBOUND", options=()):
        """As the Internet does: to port 25, as the client that `xclient` claims, e.g. {"ADDR": "192.0.2.1"}."""
        talk = Conversation(self[place])
        talk.ehlo()
        if xclient:
            talk.xclient(xclient)
        return talk.transaction(sender, recipients, raw, options)

    def pickup(self, raw, recipients, sender=None):
        """As a program on the machine does, through sendmail(1). Returns its exit status."""
        command = ["/usr/sbin/sendmail", "-C", self["POSTFIX_ETC"], "-i", "-f", sender or self["LOGIN"], *recipients]
        return subprocess.run(command, input=raw, check=False, timeout=60).returncode

    # --- what arrived

    def sink(self, domain):
        """All messages that the remote end of a domain has received, oldest first."""
        return [_received(path) for path in _maildir(Path(self["SINK"], domain))]

    def wait_sink(self, domain, wanted=lambda message: True, count=1, timeout=WAIT_S):
        """At least `count` messages that `wanted` accepts; AssertionError after the timeout."""
        return _wait(lambda: [one for one in self.sink(domain) if wanted(one)], count, timeout, f"{domain}'s sink")

    def mailbox(self, user, place="MAILBOX"):
        return [path.read_bytes() for path in _maildir(Path(self[place], user))]

    def wait_mailbox(self, user, wanted=lambda raw: True, count=1, timeout=WAIT_S, place="MAILBOX"):
        found = lambda: [one for one in self.mailbox(user, place) if wanted(one)]  # noqa: E731
        return _wait(found, count, timeout, f"{user}'s mailbox")

    def forget(self):
        """Empty all sinks and mailboxes, so that the next look sees only what came after."""
        for place in ("SINK", "MAILBOX", "PEER_MAILBOX"):
            for path in Path(self[place]).glob("*/new/*"):
                path.unlink()

    def queue(self):
        """Ids of what Postfix still holds."""
        command = ["/usr/sbin/postqueue", "-c", self["POSTFIX_ETC"], "-j"]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
        return [line for line in done.stdout.decode().splitlines() if line]

    def flush(self):
        subprocess.run(["/usr/sbin/postqueue", "-c", self["POSTFIX_ETC"], "-f"], check=True)

    def wait_drained(self, timeout=WAIT_S):
        """Until Postfix holds nothing: what has not arrived by then will not."""
        end = time.monotonic() + timeout
        while (left := self.queue()) and time.monotonic() < end:
            time.sleep(0.05)
        assert not left, f"still in the queue after {timeout:g} s: {left}"

    def decrypt(self, blob):
        """Open OpenPGP data with the peer's private key. Returns (plaintext, gpg's status lines)."""
        command = ["/usr/bin/gpg", "--homedir", self["GNUPGHOME_PEER"], "--batch", "--quiet", "--no-tty",
                   "--status-fd", "2", "--decrypt"]
        done = subprocess.run(command, input=blob, check=False, capture_output=True)
        assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
        return done.stdout, done.stderr.decode("utf-8", "replace")

    # --- khatmd

    def khatm(self, *words, stdin=None, check=False):
        """The command line against this lab's configuration; a CompletedProcess with bytes."""
        command = [Path(self["BIN"], "khatm"), words[0], "--config", self["CONF"], *words[1:]]
        return subprocess.run(command, input=stdin, capture_output=True, check=check, timeout=120)

    def pid(self):
        return int(Path(self["PIDFILE"]).read_text())

    def restart_khatmd(self):
        subprocess.run([LAB, "restart-khatmd", self.directory], check=True, stdout=subprocess.DEVNULL)

    def khatmd_log(self):
        return Path(self["KHATMD_LOG"]).read_text("utf-8", "replace")

    def sign_registry(self, greater=True, home=None, key=None, options=()):
        """Signs the registry as it stands now. Unless told otherwise its serial is first made greater than that of any
        issue signed before, since an older one is refused. `home` and `key`: of another signer."""
        registry, counter = Path(self["REGISTRY"]), Path(self["AUTHORITY_HOME"], "serial")
        text = registry.read_text()
        written = re.search(r"(?m)^serial\s*=\s*(\d+)", text)
        last = int(counter.read_text()) if counter.exists() else 0
        if greater:
            serial = max(last, int(written[1])) + 1
            registry.write_text(f"{text[:written.start(1)]}{serial}{text[written.end(1):]}")
            counter.write_text(str(serial))
        command = ["/usr/bin/gpg", "--homedir", home or self["AUTHORITY_HOME"], "--batch", "--yes", "--quiet", "--no-tty",
                   *options, "--armor", "--local-user", key or self["AUTHORITY"], "--output", f"{registry}.asc",
                   "--detach-sign", registry]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)

    def postconf(self, *settings, etc="POSTFIX_ETC"):
        """Change main.cf and wait until no smtpd with the old settings takes a connection."""
        subprocess.run(["/usr/sbin/postconf", "-c", self[etc], "-e", *settings], check=True)
        subprocess.run(["/usr/sbin/postfix", "-c", self[etc], "reload"], check=True, stderr=subprocess.DEVNULL)
        time.sleep(1.2)

    def down(self, purge=False):
        subprocess.run([LAB, "down", *(["--purge"] if purge else []), self.directory], check=True)


def up(directory, *options):
    """Start a lab, with a single hop unless `options` say --egress; its one line of complaint becomes the assertion."""
    hop = [] if "--egress" in options else ["--single-hop"]
    done = subprocess.run([LAB, "up", *hop, *options, directory], capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stderr
    return Lab(directory)


@contextlib.contextmanager
def running(*options):
    """A lab in a folder of its own that is gone afterwards; kept when KHATM_LAB_KEEP is set."""
    directory = Path(tempfile.mkdtemp(prefix="khatm-lab-"))
    try:
        yield up(directory, *options)
    finally:
        # Also when `up` was killed in the middle of its work.
        if (directory / "run" / "state.json").exists():
            subprocess.run([LAB, "down", directory], check=True)
        if not os.environ.get("KHATM_LAB_KEEP"):
            shutil.rmtree(directory, ignore_errors=True)  # an agent of gpg may still be taking its sockets away


class Conversation:
    """One SMTP session that notes every reply and goes on only while the server agrees."""

    def __init__(self, place, timeout=200):
        host, _, port = place.rpartition(":")
        self.answer = Answer()
        self.smtp = smtplib.SMTP(timeout=timeout, local_hostname="poste-12")
        self.smtp._host = host.strip("[]")
        self._note("connect", self.smtp.connect(host.strip("[]"), int(port)))

    @property
    def failed(self):
        return self.answer.code >= 400

    def ehlo(self):
        self._note("ehlo", self.smtp.ehlo())

    def xclient(self, attributes):
        words = " ".join(f"{name}={value}" for name, value in attributes.items())
        self._note("xclient", self.smtp.docmd("XCLIENT", words))
        self.ehlo()

    def starttls(self, authority, version=None):
        context = ssl.create_default_context(cafile=authority)
        if version is not None:
            context.set_ciphers("DEFAULT:@SECLEVEL=0")
            context.minimum_version = context.maximum_version = version
        self._note("starttls", self.smtp.starttls(context=context))
        self.ehlo()

    def auth(self, user, password):
        try:
            reply = self.smtp.login(user, password)
        except smtplib.SMTPAuthenticationError as error:
            reply = error.smtp_code, error.smtp_error
        self._note("auth", reply)

    def transaction(self, sender, recipients, raw, options=()):
        """MAIL, RCPT for each, DATA when at least one was accepted, QUIT. Returns the Answer."""
        if not self.failed:
            if "SMTPUTF8" in options:
                self.smtp.command_encoding = "utf-8"
            self._note("mail", self.smtp.docmd("MAIL", " ".join([f"FROM:<{sender}>", *options])))
        if not self.failed:
            accepted = [self._note("rcpt", self.smtp.docmd("RCPT", f"TO:<{one}>")) < 400 for one in recipients]
            if any(accepted) and self._note("data", self.smtp.docmd("DATA")) == 354:
                self._body(raw)
        with contextlib.suppress(smtplib.SMTPException, OSError):
            self.smtp.quit()
        self.smtp.close()
        return self.answer

    def _body(self, raw):
        lines = raw if raw.endswith(b"\r\n") else raw + b"\r\n"
        stuffed = (b"\r\n" + lines).replace(b"\r\n.", b"\r\n..")[2:]
        try:
            self.smtp.send(stuffed + b".\r\n")
            self._note("dot", self.smtp.getreply())
        except (smtplib.SMTPServerDisconnected, socket.timeout, OSError) as error:
            self._note("dot", (421, str(error).encode()))

    def _note(self, stage, reply):
        code, text = reply
        self.answer.stages.append((stage, code, text.decode("utf-8", "replace") if isinstance(text, bytes) else text))
        return code


def _maildir(folder):
    return sorted(Path(folder, "new").glob("*"), key=lambda path: (path.stat().st_mtime_ns, path.name))


def _received(path):
    raw = path.read_bytes()
    sender, recipients = "", []
    while raw.startswith(b"X-Envelope-"):
        line, _, rest = raw.partition(b"\r\n")
        name, _, value = line.decode("utf-8", "replace").partition(": ")
        if name == "X-Envelope-From":
            sender = value.strip("<>")
        elif name == "X-Envelope-To":
            recipients.append(value.strip("<>"))
        raw = rest
    return Received(path, sender, recipients, raw)


def _wait(look, count, timeout, where):
    end = time.monotonic() + timeout
    while len(found := look()) < count:
        if time.monotonic() > end:
            raise AssertionError(f"{where}: {len(found)} of {count} expected messages after {timeout:g} s")
        time.sleep(0.05)
    return found
