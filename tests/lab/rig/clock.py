# SPDX-License-Identifier: Apache-2.0
"""A clock that a test moves while the ministry's khatmd runs: CLOCK in DIR/env is a file that libfaketime reads once a
second, "+0" at first, "+59d" for a day to come. khatmd and its gpg follow it; Postfix, DNS and who sends mail do not."""

import os
import subprocess

from . import keys

LIBRARY = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"
NAME = "clock"


def make(gateway):
    """Before the daemon starts."""
    path = gateway.folder / NAME
    path.write_text("+0\n")
    path.chmod(0o644)
    # Helpers get an environment of khatmd's own making.
    gpg = gateway.bin / "gpg"
    gpg.unlink(missing_ok=True)
    words = " ".join(f"{name}='{value}'" for name, value in _variables(gateway, [LIBRARY]).items())
    gpg.write_text(f'#!/bin/sh\nexec env {words} {keys.GPG} "$@"\n')
    gpg.chmod(0o755)


def before(gateway):
    """What stands before khatmd on its command line; nothing where the clock is everybody's. Not before setpriv: what the
    library shares among processes belongs to the first user."""
    if not (gateway.folder / NAME).exists():
        return []
    preload = [LIBRARY]
    if b"libasan" in subprocess.run(["ldd", gateway.bin / "khatmd"], check=True, capture_output=True).stdout:
        # A sanitizer wants to be the first library of all.
        asan = subprocess.run(["gcc", "-print-file-name=libasan.so"], check=True, capture_output=True, text=True)
        preload.insert(0, os.path.realpath(asan.stdout.strip()))
    return ["env", *(f"{name}={value}" for name, value in _variables(gateway, preload).items())]


def _variables(gateway, preload):
    return {"LD_PRELOAD": ":".join(preload), "FAKETIME_TIMESTAMP_FILE": str(gateway.folder / NAME),
            "FAKETIME_CACHE_DURATION": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_FORCE_MONOTONIC_FIX": "0",
            "NO_FAKE_STAT": "1"}
