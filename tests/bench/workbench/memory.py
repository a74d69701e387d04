# SPDX-License-Identifier: Apache-2.0
"""B9: what all processes of a gateway hold together, idle and while fifty messages of 25 MB are in it at once.

PSS, so that pages which several of them share count once. What lies in the spool (a file system in memory, in the shipped unit)
is not a process's and comes on top."""

import contextlib
import pathlib
import subprocess
import threading
import time

from .errors import CannotMeasure
from .plan import WAITING

SAMPLE_S = 0.05
SETTLE_S = 1.0


class Peak(threading.Thread):
    """Samples a process and its descendants until stopped."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.peak_mb, self.ended = pid, 0.0, threading.Event()

    def run(self):
        while not self.ended.wait(SAMPLE_S):
            self.peak_mb = max(self.peak_mb, held_mb(self.pid))

    def stop(self):
        self.ended.set()
        self.join()
        return self.peak_mb


def held_mb(pid):
    return sum(_pss_kb(one) for one in _family(pid)) / 1000


def idle(pid):
    """Between mails; what earlier ones warmed up stays."""
    time.sleep(SETTLE_S)
    return held_mb(pid)


def waiting(yard, side, pid):
    """The highest sum while all messages come in at once, each over a connection of its own."""
    letter = yard.messages["B9", WAITING.name]
    command = ["smtp-source", "-m", "1", "-F", letter.file, "-f", letter.sender, "-t", letter.rcpt, f"127.0.0.1:{yard.postfix.ports[side]}"]
    watch = Peak(pid)
    watch.start()
    senders = [subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
               for _ in range(WAITING.messages)]
    troubles = [sender.communicate(timeout=600)[1].strip() for sender in senders]
    peak_mb = watch.stop()
    if any(sender.returncode for sender in senders):
        raise CannotMeasure(f"25 MB through {side}: refused: {next(filter(None, troubles), '')}", yard.postfix.maillog)
    yard.postfix.drain(side, letter.file, WAITING.messages)
    return peak_mb


def _family(pid):
    found = [pid]
    for one in found:
        for task in pathlib.Path(f"/proc/{one}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                found += [int(child) for child in task.read_text().split()]
    return found


def _pss_kb(pid):
    with contextlib.suppress(OSError):
        for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0
