# SPDX-License-Identifier: Apache-2.0
"""B9: what all processes of a gateway hold together, idle and while fifty messages of 25 MB are in it at once.

PSS, so that pages which several of them share count once. What lies in the spool (a file system in memory, in the shipped unit)
is not a process's and comes on top. A figure comes with what each program has of it."""

import contextlib
import pathlib
import subprocess
import threading
import time

from .errors import CannotMeasure
from .plan import WAITING

SAMPLE_S = 0.05
REST_S = 65.0  # what a burst of mail started is ended after a minute without any


class Peak(threading.Thread):
    """Samples a process and its descendants until stopped."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.peak, self.ended = pid, Held(), threading.Event()

    def run(self):
        while not self.ended.wait(SAMPLE_S):
            self.peak = max(self.peak, Held(self.pid), key=lambda held: held.mb)

    def stop(self):
        self.ended.set()
        self.join()
        return self.peak


class Held:
    """Of a process and all below it."""

    def __init__(self, pid=None):
        self.parts, self.counts = {}, {}
        for one in _family(pid) if pid else ():
            name = _name(one)
            self.parts[name] = self.parts.get(name, 0) + _pss_kb(one) / 1000
            self.counts[name] = self.counts.get(name, 0) + 1
        self.mb = sum(self.parts.values())

    def __str__(self):
        parts = sorted(self.parts.items(), key=lambda part: -part[1])
        return ", ".join(f"{self.counts[name]} {name} {mb:.1f}" for name, mb in parts)


def idle(pid):
    """After a minute without mail; what earlier ones warmed up and that minute did not end stays."""
    time.sleep(REST_S)
    return Held(pid)


def waiting(yard, side, pid):
    """The highest sum while all messages come in at once, each over a connection of its own."""
    letter = yard.messages["B9", WAITING.name]
    command = ["smtp-source", "-m", "1", "-F", letter.file, "-f", letter.sender, "-t", letter.rcpt, f"127.0.0.1:{yard.postfix.ports[side]}"]
    watch = Peak(pid)
    watch.start()
    senders = [subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
               for _ in range(WAITING.messages)]
    troubles = [sender.communicate(timeout=600)[1].strip() for sender in senders]
    peak = watch.stop()
    if any(sender.returncode for sender in senders):
        raise CannotMeasure(f"25 MB through {side}: refused: {next(filter(None, troubles), '')}", yard.postfix.maillog)
    yard.postfix.drain(side, letter.file, WAITING.messages)
    return peak


def _family(pid):
    found = [pid]
    for one in found:
        with contextlib.suppress(OSError):  # it may end while we look
            for task in pathlib.Path(f"/proc/{one}/task").glob("*/children"):
                found += [int(child) for child in task.read_text().split()]
    return found


def _name(pid):
    with contextlib.suppress(OSError):
        return pathlib.Path(f"/proc/{pid}/comm").read_text().strip()
    return "gone"


def _pss_kb(pid):
    with contextlib.suppress(OSError):
        for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0
