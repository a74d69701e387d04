# SPDX-License-Identifier: Apache-2.0
"""winmail.dat attribute by attribute ([MS-OXTNEF]), so that each can be wrong on purpose."""
import struct
import zlib

MESSAGE, ATTACHMENT = 1, 2
SUBJECT, BODY, CODEPAGE, PROPERTIES = 0x18004, 0x2800c, 0x69007, 0x69003
RENDERING, TITLE, DATA, ATTACHMENT_PROPERTIES = 0x69002, 0x18010, 0x6800f, 0x69005
RTF_PREFIX = (b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbol"
              b"ArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx")


def attribute(level, number, data, checksum=None):
    return struct.pack("<BII", level, number, len(data)) + data + struct.pack("<H", sum(data) & 0xffff if checksum is None else checksum)


def tnef(*attributes):
    return struct.pack("<IH", 0x223e9f78, 1) + attribute(MESSAGE, 0x89006, b"\0\0\1\0") + b"".join(attributes)


def padded(data):
    return data + b"\0" * (-len(data) % 4)


def prop(tag, kind, *values):
    """One property; bytes, a number for type 3, text for types 0x1e and 0x1f."""
    if kind == 3:
        return struct.pack("<HHI", kind, tag, values[0])
    raw = [(v + "\0").encode("utf-16-le" if kind == 0x1f else "cp1252") if isinstance(v, str) else v for v in values]
    return struct.pack("<HHI", kind, tag, len(raw)) + b"".join(struct.pack("<I", len(r)) + padded(r) for r in raw)


def named(name, kind, value):
    wide = (name + "\0").encode("utf-16-le")
    return struct.pack("<HH", kind, 0x8001) + b"\x29" * 16 + struct.pack("<II", 1, len(wide)) + padded(wide) + prop(0, kind, value)[4:]


def props(*all):
    return struct.pack("<I", len(all)) + b"".join(all)


def attachment(data, title=None, *properties, rendering=True):
    parts = [attribute(ATTACHMENT, RENDERING, b"\1\0" + b"\xff" * 4 + b"\0" * 8)] if rendering else []
    if title:
        parts.append(attribute(ATTACHMENT, TITLE, title.encode("cp1252") + b"\0"))
    if data is not None:
        parts.append(attribute(ATTACHMENT, DATA, data))
    if properties:
        parts.append(attribute(ATTACHMENT, ATTACHMENT_PROPERTIES, props(*properties)))
    return b"".join(parts)


def lzfu(raw, stored=False):
    """As Outlook packs RTF, with references to the prefix and to itself where they are short to find."""
    if stored:
        return struct.pack("<IIII", len(raw) + 12, len(raw), 0x414c454d, 0) + raw
    window, out, items, at = RTF_PREFIX, bytearray(), [], 0
    while at < len(raw):
        size = 17
        while size > 1 and (size > len(raw) - at or window.rfind(raw[at:at + size], -4000) < 0):
            size -= 1
        if size > 1:
            place = window.rfind(raw[at:at + size], -4000)
            items.append((1, struct.pack(">H", place % 4096 << 4 | size - 2)))
        else:
            size = 1
            items.append((0, raw[at:at + 1]))
        window, at = window + raw[at:at + size], at + size
    items.append((1, struct.pack(">H", len(window) % 4096 << 4)))
    for start in range(0, len(items), 8):
        group = items[start:start + 8]
        out.append(sum(flag << bit for bit, (flag, _) in enumerate(group)))
        out += b"".join(data for _, data in group)
    crc = ~zlib.crc32(out, 0xffffffff) & 0xffffffff
    return struct.pack("<IIII", len(out) + 12, len(raw), 0x75465a4c, crc) + bytes(out)
