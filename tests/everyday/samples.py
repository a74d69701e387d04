# SPDX-License-Identifier: Apache-2.0
"""Sample messages that a Debian package ships for its own tests, sent anew by an agent: 115 bounces and automatic answers of
as many mail systems. samples.cases tells which of them carry something, and what."""

import importlib.util
import pathlib
import re

HERE = pathlib.Path(__file__).resolve().parent
# Of who wrote and who got it: replaced. What else there is stays.
REPLACED = {b"from", b"to", b"cc", b"bcc", b"sender", b"reply-to", b"return-path", b"received", b"resent-from", b"resent-to", b"errors-to",
            b"return-receipt-to", b"disposition-notification-to"}


def folder():
    """None when python3-flufl.bounce is not installed."""
    try:
        found = importlib.util.find_spec("flufl.bounce")
    except ModuleNotFoundError:
        found = None
    return found and pathlib.Path(found.origin).parent / "tests" / "data"


def anew(raw, sender, rcpt):
    raw = raw.replace(b"\r\n", b"\n")
    if raw.startswith(b"From "):
        raw = raw.partition(b"\n")[2]
    head, _, body = raw.partition(b"\n\n")
    fields = [field for field in re.split(rb"\n(?![ \t])", head) if b":" in field and field.partition(b":")[0].strip().lower() not in REPLACED]
    lines = [f"From: {sender}".encode(), f"To: {rcpt}".encode(), *fields]
    return b"".join(line.replace(b"\n", b"\r\n") + b"\r\n" for line in lines) + b"\r\n" + body.replace(b"\n", b"\r\n")


def carry():
    """{file: what it carries}."""
    rows = [line.partition("==>") for line in (HERE / "samples.cases").read_text().splitlines() if "==>" in line]
    return {name.strip(): what.strip() for name, _, what in rows}
