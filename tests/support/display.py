# SPDX-License-Identifier: Apache-2.0
"""A screen under Xvfb, and what a person does at it: look, click, type, copy."""

import os
import subprocess
import time

PATIENCE = 120  # seconds
SIZE = "1280x960x24"


class Display:
    def __init__(self, pictures):
        self.pictures = pictures
        told, tell = os.pipe()
        self.server = subprocess.Popen(["Xvfb", "-displayfd", str(tell), "-screen", "0", SIZE, "-nolisten", "tcp"], pass_fds=[tell],
                                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(tell)
        with os.fdopen(told) as answer:
            self.name = ":" + answer.readline().strip()
        assert self.name != ":", "Xvfb does not start"

    def close(self):
        self.server.terminate()
        self.server.wait(20)

    def _run(self, *command, **how):
        return subprocess.run(command, env={**os.environ, "DISPLAY": self.name}, timeout=30, check=False, capture_output=True, **how)

    def picture(self, name):
        """The screen as a PNG; its path."""
        path = self.pictures / f"{name}.png"
        done = self._run("import", "-window", "root", path)
        assert done.returncode == 0, done.stderr
        return path

    def click(self, x, y):
        self._run("xdotool", "mousemove", str(x), str(y), "click", "1")

    def press(self, *keys):
        for key in keys:
            self._run("xdotool", "key", key)

    def type(self, words):
        self._run("xdotool", "type", "--delay", "20", words)

    def has_window(self, name):
        return self._run("xdotool", "search", "--onlyvisible", "--name", name).returncode == 0

    def copied(self):
        return self._run("xclip", "-o", "-selection", "clipboard").stdout.decode(errors="replace")

    def until(self, probe, what):
        """The first true answer of probe, which may do something and look; fails with a picture."""
        end = time.monotonic() + PATIENCE
        while not (answer := probe()):
            assert time.monotonic() < end, f"not in {PATIENCE} s: {what}; see {self.picture('failure')}"
            time.sleep(0.5)
        return answer
