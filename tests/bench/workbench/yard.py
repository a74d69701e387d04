# SPDX-License-Identifier: Apache-2.0
"""Everything that a run needs, up for as long as a `with` lasts: folders, keys, messages, Postfix, both milters."""

import pathlib
import shutil
import tempfile

from . import mail, plan
from .gateway import DAEMON_NAME, INBOUND_NAME, Gateway
from .keys import Keys
from .mta import Postfix
from .names import Names
from .processes import Processes, answers_unix
from .sealing import Modules

NOOP, OURS = "noopmilter", "khatmd"
OURS_INBOUND, OURS_SIGNING, OURS_ONE_EACH = "khatmd, inbound", "khatmd, signing", "khatmd, a gpg a message"


def entry(side, bench):
    """Where Postfix takes the mail of a bench. The no-op milter does not care what its service is called."""
    return {"B2": OURS_INBOUND, "B3S": OURS_SIGNING, "B3G": OURS_ONE_EACH}.get(bench, OURS) if side == OURS else side


class Yard:
    def __init__(self, options, benches):
        self.options, self.benches = options, benches
        self.work = self.memory = self.processes = self.keys = self.names = self.postfix = self.gateway = self.noop = None
        self.modules = Modules(self)
        self.messages = {}  # (bench id, workload name) -> Letter

    def __enter__(self):
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="khatm-bench-", dir="/tmp"))
        self.work.chmod(0o755)
        # What the shipped unit keeps in memory, we do too.
        self.memory = pathlib.Path(tempfile.mkdtemp(prefix="khatm-bench-", dir="/dev/shm"))
        self.memory.chmod(0o755)
        try:
            self._up()
        except BaseException:
            self._down()
            raise
        return self

    def __exit__(self, *_exception):
        self._down()

    def sealing_folder(self):
        """For the sealing module alone: work files and output."""
        return self.memory / "work"

    def _up(self):
        for folder in (self.work / "mail", self.work / "log", self.work / "run", self.memory / "work"):
            folder.mkdir(mode=0o700 if folder.parent == self.memory else 0o755)
        self.processes = Processes(self.work / "log")
        self.keys = Keys(self.work)
        self.keys.make()
        self.names = Names(self.work / "dns", self.processes)
        for bench in self.benches:
            for workload in bench.workloads:
                self.messages[bench.id, workload.name] = mail.write(self.work / "mail", workload, bench.id, self.names.sign)
        if any(bench.mail for bench in self.benches):
            self._start_servers()

    def _start_servers(self):
        noop = self._start_noop("noop")
        if self.options.noise:
            ours = self._start_noop("noop-again")
        else:
            self.names.start()
            self.gateway = self._new_gateway("khatmd")
            ours = self.gateway.start(self.processes)
        entries = {NOOP: (noop, DAEMON_NAME), OURS: (ours, DAEMON_NAME), OURS_INBOUND: (ours, INBOUND_NAME)}
        if any(bench.id == "B3S" for bench in self.benches):
            entries[OURS_SIGNING] = (self._new_gateway("khatmd-signing", signs=True).start(self.processes), DAEMON_NAME)
        if any(bench.id == "B3G" for bench in self.benches):
            entries[OURS_ONE_EACH] = (self._new_gateway("khatmd-one-each", resident=False).start(self.processes), DAEMON_NAME)
        self.postfix = Postfix(self.work, self.processes)
        domains = [rcpt.partition("@")[2] for rcpt in (mail.CITIZEN, mail.COLLEAGUE, mail.MINISTRY)]
        self.postfix.start(entries, domains)

    def _new_gateway(self, name, **kind):
        gateway = Gateway(self.work / name, self.options.build, self.keys, self.memory / f"spool-{name}", self.names.server, **kind)
        gateway.prepare()
        return gateway

    def pid(self, side):
        return (self.noop if side == NOOP else self.gateway.child).pid

    def _start_noop(self, name):
        socket = self.work / "run" / f"{name}.sock"
        self.noop = self.processes.start(name, [self.options.build / "bench" / "noopmilter", f"unix:{socket}"])
        self.processes.wait_for(name, self.noop, lambda: answers_unix(socket))
        return socket

    def _down(self):
        if self.postfix:
            self.postfix.stop()
        if self.processes:
            self.processes.stop()
        self.modules.stop()
        if self.keys:
            self.keys.stop_agents()
        shutil.rmtree(self.memory, ignore_errors=True)
        if self.options.keep:
            print(f"bench: kept {self.work}")
        else:
            shutil.rmtree(self.work, ignore_errors=True)
