# SPDX-License-Identifier: Apache-2.0
"""Did the far end receive what it should? A fast gateway that loses or changes mail was not measured."""

import email
import re

from .errors import EX_SOFTWARE, CannotMeasure


def unchanged(raw, original):
    """Byte for byte, but for the Received lines on top (and the line end that smtp-source adds to a file)."""
    head, found, rest = raw.partition(original)
    if not found or rest.strip(b"\n") or not _only_received(head):
        raise CannotMeasure(f"a message that should pass was changed: {_first_difference(raw, original)}", status=EX_SOFTWARE)


def authenticated(raw, original):
    """As `unchanged`, and among what was added is what was proved."""
    field = re.search(rb"^Authentication-Results:.*\n(?:[ \t].*\n)*", raw, re.M)
    shown = re.sub(r"\s+", " ", field.group().decode("latin-1")) if field else "nothing"
    if "spf=pass" not in shown or "dkim=pass" not in shown or "khatm-sender=government" not in shown:
        raise CannotMeasure(f"a ministry's mail was not found to be one: {shown}", status=EX_SOFTWARE)
    unchanged(raw.replace(field.group(), b""), original)


def sealed(raw, original, keys, signed):
    """RFC 3156, opens to the original body, and none of that body is in clear; signed by the gateway, or by nobody."""
    outer = email.message_from_bytes(raw)
    body = original.partition(b"\n\n")[2]
    parts = outer.get_payload() if outer.get_content_type() == "multipart/encrypted" else []
    if len(parts) != 2:
        raise CannotMeasure(f"a message that should be sealed arrived as {outer.get_content_type()}", status=EX_SOFTWARE)
    if any(line in raw for line in _samples(body)):
        raise CannotMeasure("a sealed message shows a line of its plaintext", status=EX_SOFTWARE)
    plain = keys.open(parts[1].get_payload(decode=True), signed)
    if plain is None:
        raise CannotMeasure("a sealed message does not open with the peer's key", status=EX_SOFTWARE)
    if not plain.replace(b"\r\n", b"\n").rstrip(b"\n").endswith(body.rstrip(b"\n")):
        raise CannotMeasure("a sealed message opens to something else than what was sent", status=EX_SOFTWARE)


def _samples(body):
    """Some long lines from all over: looking for each of 200,000 would take minutes."""
    lines = [line for line in body.splitlines() if len(line) >= 60]
    return lines[::max(1, len(lines) // 40)]


def _only_received(head):
    fields = head.decode("latin-1").replace("\n ", " ").replace("\n\t", " ").splitlines()
    return all(field.startswith("Received:") for field in fields)


def _first_difference(raw, original):
    start = max(raw.find(original[:40]), 0)
    for at, (have, want) in enumerate(zip(raw[start:], original)):
        if have != want:
            return f"at byte {at}: {raw[start + at:start + at + 30]!r} instead of {original[at:at + 30]!r}"
    return f"{len(raw) - start} bytes instead of {len(original)}"
