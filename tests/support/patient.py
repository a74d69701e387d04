# SPDX-License-Identifier: Apache-2.0
"""A system that `khatm doctor` looks at: the lab's Postfix configuration and khatm.conf in copies that a test may harm."""

import contextlib
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import tempfile

import jsonschema
from gateway import BUILD, TOP

SCHEMA = json.loads((TOP / "docs" / "doctor.schema.json").read_text())
RIGHT, FOUND, USAGE, CONFIG = 0, 20, 64, 78


def spread():
    """In a chroot whose root is no mount point the kernel refuses to change how mounts spread; then leave it."""
    plain = subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode == 0
    return [] if plain else ["--propagation", "unchanged"]


class Patient:
    """A copy of the lab's main.cf and master.cf, and of its khatm.conf beside the real one."""

    def __init__(self, lab, folder):
        self.lab, self.folder = lab, folder
        self.etc, self.conf = folder / "etc", pathlib.Path(lab["CONF"]).with_name(f"{folder.name}.conf")
        shutil.copytree(pathlib.Path(lab.folder) / "postfix" / "etc", self.etc)
        # The daemon's spool lies in memory that only its own namespace sees.
        self.configure(lambda text: re.sub(r'(spool \{\s*directory *= *)"[^"]*"', rf'\1"{folder / "spool"}"', text), pathlib.Path(lab["CONF"]))
        (folder / "spool").mkdir()

    def configure(self, edit, source=None):
        before = (source or self.conf).read_text()
        after = edit(before)
        assert after != before
        self.conf.write_text(after)

    def settle(self):
        """Postfix reads a file again and again, for a second or two, whose last change was just now."""
        for name in ("main.cf", "master.cf"):
            os.utime(self.etc / name, (0, 0))

    def postconf(self, *words):
        self.settle()
        subprocess.run(["postconf", "-c", self.etc, *words], check=True, capture_output=True)

    def ask(self, *words, before=()):
        self.settle()
        return subprocess.run([*before, BUILD / "khatm", "doctor", "--config", self.conf, "--postfix", self.etc, *words],
                              capture_output=True, text=True, timeout=120)

    def findings(self, *words):
        done = self.ask("--json", *words)
        assert not done.stderr, done
        answer = json.loads(done.stdout)
        jsonschema.Draft7Validator(SCHEMA).validate(answer)
        assert done.returncode == (FOUND if answer["findings"] else RIGHT)
        return answer["findings"]

    def mend(self, findings):
        for one in findings:
            words = shlex.split(one["mend"])
            assert words[:3] == ["postconf", "-c", str(self.etc)] or words[0] == "sed", one
            subprocess.run(one["mend"], check=True, capture_output=True, shell=True)


@contextlib.contextmanager
def mended(lab):
    """The lab's system once everything that the doctor says is done."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="khatm-doctor-", dir="/dev/shm"))
    patient = Patient(lab, folder)
    patient.postconf("-e", "milter_content_timeout=300s")
    first = patient.findings()
    patient.mend(first)
    patient.first = {one["check"] for one in first}
    yield patient
    shutil.rmtree(folder, ignore_errors=True)
    patient.conf.unlink()


@contextlib.contextmanager
def for_one_test(healthy):
    """The same, and as it was afterwards."""
    kept, conf = healthy.folder / "kept", healthy.conf.read_text()
    shutil.copytree(healthy.etc, kept)
    yield healthy
    shutil.rmtree(healthy.etc)
    kept.rename(healthy.etc)
    healthy.conf.write_text(conf)
