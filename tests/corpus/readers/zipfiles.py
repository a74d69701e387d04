# SPDX-License-Identifier: Apache-2.0
"""ZIP files byte by byte, so that every record can be wrong on purpose."""
import struct
import zlib


class Entry:
    """One file; `local` and `central` replace fields of one of its two records only."""

    def __init__(self, name, data=b"", method=8, flags=0, local=None, central=None, extra=b"", mode=0o100644,
                 packed=None, descriptor=None):
        self.name = name if isinstance(name, bytes) else name.encode()
        self.data, self.method, self.extra, self.mode = data, method, extra, mode
        self.flags = flags | (0x800 if any(c > 127 for c in self.name) else 0) | (8 if descriptor else 0)
        self.packed = packed if packed is not None else deflate(data) if method == 8 else data
        self.local, self.central, self.descriptor = local or {}, central or {}, descriptor

    def values(self, change):
        values = {"name": self.name, "flags": self.flags, "method": self.method, "crc": zlib.crc32(self.data),
                  "packed": len(self.packed), "size": len(self.data), "extra": self.extra}
        values.update(change)
        return values

    def head(self):
        zeros = {"crc": 0, "packed": 0, "size": 0} if self.descriptor else {}
        v = self.values({**zeros, **self.local})
        return struct.pack("<IHHHHHIIIHH", 0x04034b50, 20, v["flags"], v["method"], 0, 0x5821, v["crc"], v["packed"],
                           v["size"], len(v["name"]), len(v["extra"])) + v["name"] + v["extra"]

    def tail(self):
        if not self.descriptor:
            return b""
        signature = struct.pack("<I", 0x08074b50) if self.descriptor == "signed" else b""
        return signature + struct.pack("<III", zlib.crc32(self.data), len(self.packed), len(self.data))

    def record(self, at):
        v = self.values({"at": at, **self.central})
        return struct.pack("<IHHHHHHIIIHHHHHII", 0x02014b50, 0x031e, 20, v["flags"], v["method"], 0, 0x5821, v["crc"],
                           v["packed"], v["size"], len(v["name"]), len(v["extra"]), 0, 0, 0, self.mode << 16,
                           v["at"]) + v["name"] + v["extra"]


def deflate(data):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def end(entries, size, at, comment=b""):
    return struct.pack("<IHHHHIIH", 0x06054b50, 0, 0, entries, entries, size, at, len(comment)) + comment


def zipped(*entries, before=b"", between=b"", gap=b"", after=b"", comment=b"", count=None, shift=0):
    """before: in front, offsets unaware of it unless `shift` adds to them; gap: before the directory."""
    out, places = b"", []
    for i, entry in enumerate(entries):
        places.append(len(out) + shift)
        out += entry.head() + entry.packed + entry.tail() + (between if i + 1 < len(entries) else b"")
    out += gap
    directory = b"".join(entry.record(at) for entry, at in zip(entries, places))
    out += directory + end(len(entries) if count is None else count, len(directory), len(out) + shift, comment)
    return before + out + after


def zipped64(*entries, at_shift=0, narrow=True):
    """With a directory of 64 bits; `narrow`: the old record says "look there"."""
    plain = zipped(*entries)
    body, old = plain[:-22], plain[-22:]
    _, _, _, _, n, size, at, _ = struct.unpack("<IHHHHIIH", old)
    end64 = struct.pack("<IQHHIIQQQQ", 0x06064b50, 44, 45, 45, 0, 0, n, n, size, at + at_shift)
    locator = struct.pack("<IIQI", 0x07064b50, 0, len(body), 1)
    if narrow:
        old = struct.pack("<IHHHHIIH", 0x06054b50, 0, 0, 0xffff, 0xffff, 0xffffffff, 0xffffffff, 0)
    return body + end64 + locator + old
