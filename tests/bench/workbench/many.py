# SPDX-License-Identifier: Apache-2.0
"""Rings of many keys, kept between runs."""

import pathlib
import shutil
import subprocess
import sys

from .errors import CannotMeasure

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
import many_keys  # noqa: E402

AT_ONCE = 250  # gpg copies its whole ring for each key that it takes in


def ring(folder, count):
    """A homedir with `count` keys, and their fingerprints in the order in which they lie there."""
    homedir, names = folder / f"keys-{count}", folder / f"keys-{count}.txt"
    if not names.exists():
        shutil.rmtree(homedir, ignore_errors=True)
        homedir.mkdir(mode=0o700, parents=True)
        fingerprints = _fill(homedir, count)
        names.write_text("".join(f"{fingerprint}\n" for fingerprint in fingerprints))
    return homedir, names


def _fill(homedir, count):
    made = [many_keys.key(number) for number in range(count)]
    pieces = []
    for start in range(0, count, AT_ONCE):
        part = homedir / "part"
        part.mkdir(mode=0o700)
        keys = b"".join(packets for _fingerprint, packets in made[start:start + AT_ONCE])
        run = subprocess.run(["gpg", "--homedir", part, "--batch", "--no-autostart", "--quiet", "--import"], input=keys,
                             capture_output=True, timeout=600)
        if run.returncode != 0:
            raise CannotMeasure(f"gpg --import: {run.stderr.decode(errors='replace').strip()[-300:]}")
        pieces.append((part / "pubring.kbx").read_bytes())
        shutil.rmtree(part)
    # A keybox is one blob after the other; the first says that it is one.
    first = int.from_bytes(pieces[0][:4], "big")
    (homedir / "pubring.kbx").write_bytes(pieces[0] + b"".join(piece[first:] for piece in pieces[1:]))
    # Bare gpg at its best: without this its processes wait for each other on one file.
    (homedir / "gpg.conf").write_text("no-random-seed-file\nlock-never\nno-autostart\n")
    return [fingerprint for fingerprint, _packets in made]
