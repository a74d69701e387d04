# SPDX-License-Identifier: Apache-2.0
"""Sendmail as Debian packages it, unpacked beside the build: it cannot be installed beside Postfix."""

import subprocess
from pathlib import Path

from .errors import LabError

CHECKOUT = Path(__file__).resolve().parents[3]
FOLDER = CHECKOUT / "build" / "sendmail"
PROGRAM = FOLDER / "usr" / "libexec" / "sendmail" / "sendmail"
MAKEMAP = PROGRAM.with_name("makemap")
SMRSH = PROGRAM.with_name("smrsh")
CF = FOLDER / "usr" / "share" / "sendmail" / "cf"


def unpack():
    """Once for the checkout; `make deps` has usually done it."""
    done = subprocess.run([CHECKOUT / "contrib" / "debian" / "unpack-packages", FOLDER], check=False, capture_output=True,
                          text=True)
    if done.returncode:
        raise LabError(done.stderr.strip(), status=69)
    missing = [line.split()[0] for line in _libraries() if "not found" in line]
    if missing:
        raise LabError(f"{PROGRAM}: missing libraries: {' '.join(missing)}; run make deps", status=69)


def _libraries():
    return subprocess.run(["ldd", PROGRAM], check=True, capture_output=True, text=True).stdout.splitlines()
