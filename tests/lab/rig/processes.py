# SPDX-License-Identifier: Apache-2.0
"""The processes a lab started, in a file, so that another run can stop exactly these and no others.

A pid alone is not an identity: the number may have been given to someone else since. With the start time it is.
"""

import os
import signal
import subprocess
import time

from .errors import LabError


class Processes:
    def __init__(self, path):
        self.path = path

    def start(self, name, argv, log, **options):
        """Run a program that stays in the foreground; its output goes to the log. Returns the Popen."""
        with open(log, "ab") as output:
            try:
                child = subprocess.Popen(
                    [str(word) for word in argv], stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                    start_new_session=True, **options)
            except OSError as error:
                raise LabError(f"{name}: {argv[0]}: {error.strerror}") from error
        self.record(name, child.pid)
        return child

    def record(self, name, pid):
        """Who ended at once is not collected here: its status is for whoever started it."""
        with open(self.path, "a") as book:
            book.write(f"{name} {pid} {_start_time(pid) or 0}\n")

    def pid(self, name):
        """The newest living process of that name, or None."""
        return next((pid for known, pid in reversed(self._living()) if known == name), None)

    def alive(self):
        return bool(self._living())

    def stop(self, name=None, wait_s=10.0):
        """Stop one or all, the youngest first: TERM, then KILL for what does not listen."""
        for known, pid in reversed(self._living()):
            if name is None or known == name:
                _end(pid, wait_s)

    def _living(self):
        try:
            lines = self.path.read_text().splitlines()
        except OSError:
            return []
        rows = [(name, int(pid), int(started)) for name, pid, started in (line.split() for line in lines)]
        return [(name, pid) for name, pid, started in rows if started and _started(pid) == started]


def wait_gone(pid, wait_s):
    """True when the process ended in time."""
    end = time.monotonic() + wait_s
    while _started(pid) is not None:
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def _end(pid, wait_s):
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.kill(pid, signal.SIGCONT)
            os.kill(pid, number)
        except ProcessLookupError:
            return
        if wait_gone(pid, wait_s):
            return


def _started(pid):
    """The start time in clock ticks; None when the process is gone or only waits to be collected."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        pass
    return _start_time(pid)


def _start_time(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            fields = stat.read().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else int(fields[19])
