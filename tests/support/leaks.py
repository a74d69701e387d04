# SPDX-License-Identifier: Apache-2.0
"""Does anything of a secret stand in what left the house? Eight octets in a row are enough to say yes, whatever the
encoding: every encoding that mail knows is undone on the whole message, at every alignment, and the results are
compared with the secret octet by octet (tests/support/leakscan.c)."""

import binascii
import os
import pathlib
import quopri
import re
import subprocess
import tempfile
import unicodedata
import urllib.parse

HERE = pathlib.Path(__file__).parent
TOP = HERE.parent.parent


def _scanner():
    """Built on first use; kept beside the programs."""
    built = TOP / "build" / "tests" / "leakscan"
    if not built.exists() or built.stat().st_mtime < (HERE / "leakscan.c").stat().st_mtime:
        built.parent.mkdir(parents=True, exist_ok=True)
        fresh = built.with_suffix(f".{os.getpid()}")
        subprocess.run(["cc", "-O2", "-o", fresh, HERE / "leakscan.c"], check=True)
        fresh.rename(built)
    return built


def _base64_readings(raw):
    """What a reader of base64 (either alphabet) gets when it starts at any of the four places of a quantum."""
    runs = re.findall(rb"[A-Za-z0-9+/_-]{11,}", re.sub(rb"[\r\n\t ]+", b"", raw))
    usual = bytes.maketrans(b"-_", b"+/")
    for phase in range(4):
        pieces = (run[phase:] for run in runs)
        yield b"\0".join(binascii.a2b_base64(piece[: len(piece) // 4 * 4].translate(usual)) for piece in pieces)


def _hex_readings(raw):
    runs = re.findall(rb"[0-9A-Fa-f]{16,}", re.sub(rb"[\r\n\t ]+", b"", raw))
    for phase in range(2):
        pieces = (run[phase:] for run in runs)
        yield b"\0".join(binascii.a2b_hex(piece[: len(piece) // 2 * 2]) for piece in pieces)


def _readings(raw):
    yield raw
    yield re.sub(rb"\r?\n[\t ]*", b"", raw)
    yield quopri.decodestring(raw)
    yield quopri.decodestring(raw, header=True)
    yield urllib.parse.unquote_to_bytes(raw)
    yield from _base64_readings(raw)
    yield from _hex_readings(raw)


def find_leak(left, secrets):
    """left: the message as it left. secrets: bytes or str. None, or a line that says what leaked."""
    with tempfile.TemporaryDirectory(prefix="khatm-leaks-") as folder:
        forms = [form for secret in secrets for form in _forms(secret)]
        readings = []
        for reading in _readings(left):
            readings += [form for form in (reading, reading.replace(b"\0", b"")) if form not in readings]
        hidden = [_put(folder, f"secret-{number}", form) for number, form in enumerate(forms)]
        shown = [_put(folder, f"reading-{number}", form) for number, form in enumerate(readings)]
        run = subprocess.run([_scanner(), *hidden, "--", *shown], capture_output=True)
        if run.returncode not in (0, 1):
            raise RuntimeError(run.stderr.decode())
        return repr(run.stdout) if run.returncode == 1 else None


def _put(folder, name, content):
    path = pathlib.Path(folder, name)
    path.write_bytes(content)
    return path


def _forms(secret):
    """Text may be written in several character sets; what is shorter than a window proves nothing."""
    if isinstance(secret, bytes):
        return [secret]
    forms = set()
    for text in (unicodedata.normalize("NFC", secret), unicodedata.normalize("NFD", secret), secret.lower(),
                 secret.upper()):
        for charset in ("utf-8", "latin-1", "cp1256", "iso8859-6"):
            try:
                forms.add(text.encode(charset))
            except UnicodeEncodeError:
                continue
    return sorted(form for form in forms if len(form) >= 8)
