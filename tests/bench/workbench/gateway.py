# SPDX-License-Identifier: Apache-2.0
"""khatmd with the rules and lists that are shipped, sealing at submission for one peer; its defaults but for paths.

Mail that goes out comes from a `machine` of the configuration, since smtp-source cannot log in; mail that comes
in, from a relay. It runs as an unprivileged user who
need not be able to enter the checkout, so that what it reads and runs is copied. The spool lies in memory and the
journal on disk, as in the shipped unit."""

import datetime
import os
import pathlib
import shutil

from . import mail
from .errors import CannotMeasure
from .processes import answers_unix
from .sealing import cpus

UID = 61120  # no Debian package hands it out
POLICY = pathlib.Path(__file__).resolve().parents[3] / "policy"
PROGRAMS = ("khatmd", "khatm-inspector", "khatm-reader", "khatm-sealer", "khatm-authenticator")
DAEMON_NAME, INBOUND_NAME = "khatm-submission", "khatm-inbound"

CONFIG = """\
node = "mx.{own}"
socket = "unix:{run}/milter.sock"
socket-mode = 0666
mode = enforce
seal-at = submission
local-domains = {{ "{own}" }}
attach "{daemon_name}" {{ role = submission  tls-min = none }}
attach "{inbound_name}" {{ role = inbound  relays = {{ "127.0.0.1" }} }}
resolver {{ servers = {{ "{server}" }}  dnssec = off }}
machine "scanner" {{ client = {{ "127.0.0.1" }}  from = "{sender}" }}
spool {{ directory = "{spool}" }}
sealing {{ homedir = "{home}/gnupg"  work-directory = "{home}/work"  slots = {slots}  resident-gpg = {resident} {signing} }}
inspector {{ workers = {slots} }}
journal {{ store = "sqlite:{home}/journal/journal.db" }}
"""

REGISTRY = """\
serial = 1
issued = "{today}"
expires = "{expiry}"
domain "{own}" {{ name-fr = "Interieur"  contact = "rssi@{own}" }}
domain "{peer}" {{ name-fr = "Finances"  proof = both  must-seal = no  key = "{fingerprint}"  max-level = 3  contact = "rssi@{peer}" }}
"""


class Gateway:
    def __init__(self, work, build, keys, spool, server, *, signs=False, resident=True):
        """`work` is its own; `server`: ADDRESS@PORT of the DNS it asks."""
        self.build, self.keys, self.spool, self.server, self.signs = build, keys, spool, server, signs
        self.resident = resident
        self.work = work
        self.etc, self.bin, self.home, self.run = (work / name for name in ("etc", "bin", "khatm", "khatm-run"))
        self.child = None

    def prepare(self):
        absent = [name for name in PROGRAMS if not (self.build / name).exists()]
        if absent:
            raise CannotMeasure(f"{self.build}: no {', '.join(absent)}: run make first")
        self.work.mkdir()
        self.spool.mkdir(mode=0o700)
        self.bin.mkdir()
        for name in PROGRAMS:
            shutil.copy(self.build / name, self.bin / name)
        os.chown(self.spool, UID, UID)
        for folder in (self.home, self.home / "work", self.home / "journal", self.run):
            folder.mkdir(mode=0o700)
            os.chown(folder, UID, UID)
        self.run.chmod(0o755)
        self.keys.hand_out(self.home / "gnupg", UID)
        if self.signs:
            self.keys.hand_out_signing(self.home / "signing", UID)
        self._write_settings()

    def start(self, processes):
        """Returns the socket, once something answers there."""
        socket, name = self.run / "milter.sock", self.work.name
        user = ["setpriv", f"--reuid={UID}", f"--regid={UID}", "--clear-groups", "--no-new-privs"]
        self.child = processes.start(name, [*user, self.bin / "khatmd", "--config", self.etc / "khatm.conf"],
                                     cwd="/", env={"PATH": "/usr/bin:/bin", "HOME": str(self.home), "LANG": "C.UTF-8"})
        processes.wait_for(name, self.child, lambda: answers_unix(socket))
        return socket

    def _write_settings(self):
        self.etc.mkdir()
        shutil.copy(POLICY / "rules" / "khatm.rules", self.etc)
        for folder in ("lists", "markings", "notices"):
            shutil.copytree(POLICY / folder, self.etc / folder)
        today = datetime.date.today()
        words = {"own": mail.OWN, "peer": mail.PEER, "sender": mail.SENDER, "daemon_name": DAEMON_NAME,
                 "inbound_name": INBOUND_NAME, "server": self.server, "run": self.run,
                 "signing": f'sign-homedir = "{self.home}/signing"  signing-key = "{self.keys.signer}"' if self.signs else "",
                 "resident": "yes" if self.resident else "no", "home": self.home, "spool": self.spool, "slots": cpus(), "today": today,
                 "expiry": today + datetime.timedelta(days=300), "fingerprint": self.keys.fingerprint}
        (self.etc / "khatm.conf").write_text(CONFIG.format_map(words))
        (self.etc / "government.domains").write_text(REGISTRY.format_map(words))
