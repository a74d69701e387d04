# SPDX-License-Identifier: Apache-2.0
"""tests/support/fake-gpg in the place of a lab's gpg."""

import pathlib
import shutil
import subprocess

from pgp import gpg, make_key, stop_agent

SUPPORT = pathlib.Path(__file__).resolve().parent


class FakeGpg:
    """Takes the place of the gpg that the lab's khatmd runs."""

    def __init__(self, lab):
        self.program, self.folder = lab.path("GPG"), lab.path("BIN") / "fake"
        home = self.folder / "home"
        home.mkdir(parents=True)
        shutil.copy(SUPPORT / "fake-gpg", self.folder / "gpg")
        (self.folder / "stranger").write_text(make_key(home, "stranger") + "\n")
        stop_agent(home)
        gpg(home, "--import", stdin=gpg(lab.env["GNUPGHOME_PEER"], "--export").stdout)
        self.mode("ok")
        subprocess.run(["chmod", "-R", "a+rwX", self.folder], check=True)
        subprocess.run(["chown", "-R", lab.env["KHATM_UID"], self.folder], check=True)
        fresh = self.program.with_suffix(".new")
        fresh.symlink_to(self.folder / "gpg")
        fresh.rename(self.program)

    def mode(self, name):
        (self.folder / "mode").write_text(name + "\n")
        (self.folder / "pids").write_text("")

    def started(self):
        return [int(line) for line in (self.folder / "pids").read_text().split()]
