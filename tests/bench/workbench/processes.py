# SPDX-License-Identifier: Apache-2.0
"""Programs that stay in the foreground, stopped by the pid that we were given and by no name."""

import contextlib
import os
import signal
import socket
import subprocess
import time

from .errors import CannotMeasure


class Processes:
    def __init__(self, logs):
        self.logs, self.children = logs, []

    def start(self, name, argv, **options):
        log = self.logs / f"{name}.log"
        with open(log, "ab") as output:
            child = subprocess.Popen([str(word) for word in argv], stdin=subprocess.DEVNULL, stdout=output,
                                     stderr=output, start_new_session=True, **options)
        self.children.append((name, child))
        return child

    def wait_for(self, name, child, answers, seconds=20):
        """Until `answers()`; a child that ends before is what to report."""
        end = time.monotonic() + seconds
        while not answers():
            if child.poll() is not None:
                raise CannotMeasure(f"{name} ended with status {child.returncode}", self.logs / f"{name}.log")
            if time.monotonic() > end:
                raise CannotMeasure(f"{name} does not answer after {seconds} s", self.logs / f"{name}.log")
            time.sleep(0.02)

    def check(self):
        """Nobody died while we measured."""
        for name, child in self.children:
            if child.poll() is not None:
                raise CannotMeasure(f"{name} ended with status {child.returncode}", self.logs / f"{name}.log")

    def stop(self):
        for _name, child in reversed(self.children):
            for number in (signal.SIGTERM, signal.SIGKILL):
                if child.poll() is None:
                    child.send_signal(number)
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        child.wait(10)
        self.children = []


def free_ports(count):
    """Loopback ports, asked of the kernel together so that they differ."""
    with contextlib.ExitStack() as open_sockets:
        held = [open_sockets.enter_context(socket.socket()) for _ in range(count)]
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in held]


def answers_tcp(port):
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def answers_unix(path):
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1)
        return os.path.exists(path) and probe.connect_ex(str(path)) == 0
