# SPDX-License-Identifier: Apache-2.0
"""A program that draws on a terminal, and what a person in front of it sees: keys in, screen out."""

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time

import pyte

ROWS, COLUMNS = 60, 120
PATIENCE = 60  # seconds


class Terminal:
    def __init__(self, command, **environment):
        self.screen = pyte.Screen(COLUMNS, ROWS)
        self.stream = pyte.ByteStream(self.screen)
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        environment = {**os.environ, "TERM": "linux", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", **environment}
        self.process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=environment, start_new_session=True)
        os.close(slave)

    def text(self):
        return "\n".join(line.rstrip() for line in self.screen.display).rstrip()

    def press(self, keys):
        os.write(self.master, keys.encode())

    def _take(self, seconds):
        if not select.select([self.master], [], [], seconds)[0]:
            return False
        with contextlib.suppress(OSError):  # EIO: the program has gone
            self.stream.feed(os.read(self.master, 65536))
            return True
        time.sleep(seconds)
        return False

    def until(self, *wanted):
        """The screen, once all of it is there."""
        end = time.monotonic() + PATIENCE
        while not all(one in self.text() for one in wanted):
            assert time.monotonic() < end, f"not on the screen: {wanted}\n{self.text()}"
            self._take(0.2)
        while self._take(0.2):
            pass
        return self.text()

    def until_gone(self):
        """The program ends of itself."""
        end = time.monotonic() + PATIENCE
        while self.process.poll() is None:
            assert time.monotonic() < end, f"still there:\n{self.text()}"
            self._take(0.2)

    def close(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(10)
        os.close(self.master)
