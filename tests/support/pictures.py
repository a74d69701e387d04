# SPDX-License-Identifier: Apache-2.0
"""Whole pictures of any size, that every program shows: PNG, JPEG and GIF, made without a library so that the same call
gives the same bytes everywhere."""

import struct
import zlib


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width, height, *extra, after=b""):
    """extra: (type, bytes) of chunks before the pixels."""
    rows = b"".join(b"\0" + bytes((x * 7 + y * 13) & 255 for x in range(width)) for y in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    aside = b"".join(chunk(kind, body) for kind, body in extra)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + aside + chunk(b"IDAT", zlib.compress(rows, 1))
            + chunk(b"IEND", b"") + after)


def segment(marker, body):
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def jpeg(width, height, *extra, after=b""):
    """Grey all over: each block is two bits, no difference and no detail. extra: (marker, bytes)."""
    one_code = bytes([1] + [0] * 15) + b"\0"
    blocks = -(-width // 8) * -(-height // 8)
    return (b"\xff\xd8" + segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0") + b"".join(segment(m, b) for m, b in extra)
            + segment(0xDB, b"\0" + b"\1" * 64) + segment(0xC0, struct.pack(">BHHB", 8, height, width, 1) + b"\1\x11\0")
            + segment(0xC4, b"\0" + one_code) + segment(0xC4, b"\x10" + one_code) + segment(0xDA, b"\1\1\0\0\x3f\0")
            + b"\0" * -(-blocks // 4) + b"\xff\xd9" + after)


def gif(width, height, *extra, after=b""):
    """Codes of eight bits, the table cleared before it would grow. extra: (label, bytes) of extensions."""
    codes = []
    for pixel in range(width * height):
        if pixel % 126 == 0:
            codes.append(128)
        codes.append(pixel % 2)
    data = bytes(codes) + b"\x81"
    blocks = b"".join(bytes([len(data[i:i + 255])]) + data[i:i + 255] for i in range(0, len(data), 255)) + b"\0"
    aside = b"".join(b"\x21" + bytes([label]) + b"".join(
        bytes([len(body[i:i + 255])]) + body[i:i + 255] for i in range(0, len(body), 255)) + b"\0" for label, body in extra)
    return (b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff" + aside
            + b"\x2c" + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\7" + blocks + b"\x3b" + after)
