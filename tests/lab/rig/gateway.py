# SPDX-License-Identifier: Apache-2.0
"""khatmd of either ministry: its folder, its configuration and its life.

Everything it reads or runs is copied below the lab's folder: it runs as an unprivileged user who need not be able to
enter the checkout, and a test may change its copy. Started again, it takes what the build holds then.
"""

import json
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

from . import clock, names
from .errors import LabError
from .layout import memory_folder, own_folder

CHECKOUT = Path(__file__).resolve().parents[3]
PROGRAMS = ("khatmd", "khatm", "khatm-inspector", "khatm-reader", "khatm-ocr", "khatm-sealer", "khatm-authenticator",
            "khatm-dkim-signer", "khatm-fetcher")
START_S = 90.0  # seconds; a sanitized build among others on a small machine takes long


class Gateway:
    def __init__(self, layout, name, folder, node, uid):
        self.layout, self.name, self.node, self.uid = layout, name, node, uid
        self.folder = layout.path(folder)
        self.etc = layout.path("etc") if name == "khatmd" else layout.path("peer", "etc")
        self.config = self.etc / "khatm.conf"
        self.pidfile = self.folder / "khatmd.pid"
        self.log = layout.log(f"{name}.log")
        self.bin = layout.path("bin")

    def prepare(self, spool_size):
        own_folder(self.folder, self.uid, mode=0o711)
        for part in ("gnupg", "work", "state"):
            own_folder(self.folder / part, self.uid)
        memory_folder(self.folder / "spool", self.uid, spool_size)
        own_folder(self.journal().parent, self.uid)
        self.etc.mkdir(parents=True, exist_ok=True)
        for source in ("rules/khatm.rules", "lists", "markings", "notices"):
            origin, target = CHECKOUT / "policy" / source, self.etc / Path(source).name
            if origin.is_dir():
                shutil.copytree(origin, target)
            elif origin.exists():
                shutil.copy(origin, target)

    def ticket_keys(self):
        return self.folder / "ticket.keys"

    def make_ticket_keys(self, build, given):
        """As an administrator does it; `given`: a copy of another node's instead."""
        if given:
            shutil.copy(given, self.ticket_keys())
        else:
            subprocess.run([build / "khatm", "tickets", "make", self.ticket_keys()], check=True)
        os.chown(self.ticket_keys(), self.uid, self.uid)
        self.ticket_keys().chmod(0o600)

    def journal(self):
        place = ("journal",) if self.name == "khatmd" else ("peer", "journal")
        return self.layout.path(*place, "journal.db")

    def start(self, build):
        """Copy the programs of the build and run the daemon; see wait()."""
        for program in PROGRAMS:
            if (build / program).exists():
                _replace(build / program, self.bin / program)
        user = ["setpriv", f"--reuid={self.uid}", f"--regid={self.uid}", "--clear-groups", "--no-new-privs", *clock.before(self)]
        daemon = [self.bin / "khatmd", "--config", self.config, "--pidfile", self.pidfile]
        self.pidfile.unlink(missing_ok=True)
        self.said = self.log.stat().st_size if self.log.exists() else 0
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "LANG": "C.UTF-8"}
        environment.update({key: value for key, value in os.environ.items() if key.endswith("SAN_OPTIONS")})
        return self.layout.processes.start(self.name, user + daemon, self.log, env=environment, cwd=self.folder)

    def wait(self, child, spec):
        """Returns once it serves: a socket that answers may belong to one who has not written its pid yet."""
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            if child.poll() is not None:
                raise LabError(f"{self.name} ended with status {child.returncode}", self.log)
            if self._says_ready() and answers(spec):
                return
            time.sleep(0.02)
        raise LabError(f"{self.name} does not answer on {spec} after {START_S:g} s", self.log)

    def _says_ready(self):
        with open(self.log, "rb") as log:
            log.seek(self.said)
            return b"ready: version" in log.read()


def answers(spec):
    """True when something listens on a socket named as in khatm.conf."""
    kind, _, place = spec.partition(":")
    port, _, host = place.partition("@")
    family, target = {
        "unix": (socket.AF_UNIX, place),
        "inet": (socket.AF_INET, (host, int(port) if host else 0)),
        "inet6": (socket.AF_INET6, (host, int(port) if host else 0)),
    }[kind]
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.settimeout(0.5)
        try:
            probe.connect(target)
            return True
        except OSError:
            return False


def _replace(source, target):
    """A new file under the name: the running program keeps the old one."""
    draft = target.with_suffix(".new")
    shutil.copy(source, draft)
    draft.chmod(0o755)
    os.rename(draft, target)
