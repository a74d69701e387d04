# SPDX-License-Identifier: Apache-2.0
"""What the makers of this corpus share: rows of a document and what its reader says, written side by side."""
import pathlib
import zlib

ROWS = {}


def row(name, raw, *expected):
    """Lines as tests/unit/test_readers.c writes them."""
    assert name not in ROWS, name
    ROWS[name] = (raw, expected)


def write(folder):
    folder = pathlib.Path(folder)
    for old in folder.glob("*.expected"):
        old.with_suffix("").unlink(missing_ok=True)
        old.unlink()
    for name, (raw, expected) in ROWS.items():
        (folder / name).write_bytes(raw)
        (folder / f"{name}.expected").write_text("".join(f"{line}\n" for line in expected), encoding="utf-8",
                                                 errors="surrogateescape")


def noise(size):
    """Bytes that look random and are the same on every run."""
    out = b""
    while len(out) < size:
        out += zlib.crc32(out[-64:] + len(out).to_bytes(4, "big")).to_bytes(4, "big")
    return out[:size]
