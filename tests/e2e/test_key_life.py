# SPDX-License-Identifier: Apache-2.0
"""The end of a key is announced 60, 30 and 7 days ahead, in the log and by `khatm keys check`; on the day the refusal
names the key and the day; the prolonged key, once imported, mends it while khatmd runs."""

import datetime
import os
import pathlib
import re
import shlex
import subprocess
import time

import pytest
from gateway import wait_until
from letters import FINANCES, mail
from messages import pdf
from pgp import gpg, make_key, stop_agent

DAY = 86_400
LIFE = 100  # days
DOMAIN = "finances.gov.example"


class Clocked:
    """A lab whose first gateway lives on another day than everybody else."""

    def __init__(self, lab, home):
        self.lab, self.home, self.fingerprint = lab, home, make_key(home, f"{DOMAIN} <sceau@{DOMAIN}>", expire=f"{LIFE}d")
        subkeys = gpg(home, "--with-colons", "--list-keys", self.fingerprint).stdout.decode()
        self.end = min(int(line.split(":")[6]) for line in subkeys.splitlines() if re.match("pub|sub", line))

    def day(self, days_before_end):
        """Moves the gateway's clock to half a day before so many days are left."""
        offset = int(self.end - days_before_end * DAY - DAY / 2 - time.time())
        self.lab.path("CLOCK").write_text(f"{offset:+d}s\n")

    def khatm(self, *words, stdin=None):
        """At the gateway's own hour."""
        variables = shlex.split(re.search(r"exec env (.*?) /usr/bin/gpg", self.lab.path("GPG").read_text()).group(1))
        preload = dict(word.split("=", 1) for word in variables)
        process = pathlib.Path(f"/proc/{self.lab.pid()}/environ").read_bytes().split(b"\0")
        preload["LD_PRELOAD"] = next(word for word in process if word.startswith(b"LD_PRELOAD=")).decode().partition("=")[2]
        command = [self.lab.path("BIN") / "khatm", words[0], "--config", self.lab.env["CONF"], *words[1:]]
        return subprocess.run(command, input=stdin, capture_output=True, timeout=120, env={**os.environ, **preload})

    def import_key(self):
        return self.khatm("keys", "import", "-", stdin=gpg(self.home, "--armor", "--export", self.fingerprint).stdout)

    def send(self):
        return self.lab.send(mail(to=FINANCES, documents=[("acte.pdf", pdf())]), FINANCES)

    def date(self):
        return datetime.datetime.fromtimestamp(self.end, datetime.timezone.utc).strftime("%Y-%m-%d")


@pytest.fixture(scope="module")
def clocked(labs, tmp_path_factory):
    """A lab of its own; its registry pins a key that is not there yet."""
    lab, home = labs.fresh("--clock"), tmp_path_factory.mktemp("finances")
    home.chmod(0o700)
    world = Clocked(lab, home)
    registry = lab.registry.read_text()
    lab._write(lab.registry, registry.replace(lab.env["PEER_FINGERPRINT"], world.fingerprint))
    lab.reload()
    yield world
    stop_agent(home)
    labs.stop_one(lab)
    # What libfaketime could not take back: it belonged to root before the process became somebody else.
    for left in pathlib.Path("/dev/shm").glob("*faketime_*"):
        if not pathlib.Path("/proc", left.name.rpartition("_")[2]).exists():
            left.unlink(missing_ok=True)


def test_life_of_a_key(clocked):
    lab = clocked.lab
    # It is not there.
    assert clocked.send().reason == "NO-KEY"
    check = clocked.khatm("keys", "check")
    assert check.returncode == 20 and f"of {DOMAIN} is missing".encode() in check.stdout, check
    # Imported, it is used at once, and there is nothing to say.
    before = len(lab.khatmd_log())
    taken = clocked.import_key()
    assert taken.returncode == 0 and b"taken in: the key" in taken.stdout, taken
    lab.wait_for_log("a new ring is in use", before)
    assert clocked.send().code == 250
    silent = clocked.khatm("keys", "check")
    assert (silent.returncode, silent.stdout, silent.stderr) == (0, b"", b""), silent
    # Time passes.
    pid = lab.pid()
    for days, word in ((61, None), (59, "60-days"), (29, "30-days"), (6, "7-days")):
        before = len(lab.khatmd_log())
        clocked.day(days)
        said = f"alert: keys: the key {clocked.fingerprint} of {DOMAIN} expires on {clocked.date()}, in {days} days"
        check = clocked.khatm("keys", "check")
        if word:
            lab.wait_for_log(said, before)
            assert check.returncode == 10, check
            assert re.match(rf"{word}\s+the key {clocked.fingerprint} of {DOMAIN} expires on {clocked.date()}, in {days} days",
                            check.stdout.decode()), check
        else:
            assert (check.returncode, check.stdout) == (0, b""), check
        assert clocked.send().code == 250, days
    # The day comes.
    before = len(lab.khatmd_log())
    clocked.day(-1)
    lab.wait_for_log(f"alert: keys: the key {clocked.fingerprint} of {DOMAIN} expired on {clocked.date()}", before)
    with lab.nothing_leaves():
        refused = clocked.send()
    assert (refused.code, refused.reason) == (550, "NO-KEY"), refused
    assert f"since {clocked.date()}" in refused.text and clocked.fingerprint[-16:] in refused.text.replace(" ", ""), refused
    check = clocked.khatm("keys", "check")
    assert check.returncode == 20 and f"expired on {clocked.date()}".encode() in check.stdout, check
    # Imported as it was, it mends nothing, and import says so.
    again = clocked.import_key()
    assert again.returncode == 20 and f"expired on {clocked.date()}".encode() in again.stdout, again
    # Prolonged by its owner, it does.
    for subkeys in ((), ("*",)):
        gpg(clocked.home, "--pinentry-mode", "loopback", "--passphrase", "", "--quick-set-expire", clocked.fingerprint,
            f"{2 * LIFE}d", *subkeys)
    before = len(lab.khatmd_log())
    taken = clocked.import_key()
    assert taken.returncode == 0, taken
    lab.wait_for_log("is good again", before)
    mended = mail(to=FINANCES, documents=[("acte.pdf", pdf())])
    assert lab.send(mended, FINANCES).code == 250
    assert b"multipart/encrypted" in lab.arrived(DOMAIN, mended)
    assert lab.pid() == pid
    wait_until(lambda: clocked.khatm("keys", "check").returncode == 0, "nothing to say any more")
