# SPDX-License-Identifier: Apache-2.0
"""CMS element by element (RFC 5652, X.690), so that each can be wrong on purpose."""

DATA, SIGNED, ENVELOPED = (bytes.fromhex(f"06092a864886f70d01070{n}") for n in "123")
COMPRESSED = bytes.fromhex("060b2a864886f70d0109100109")


def der(tag, body):
    size = len(body)
    head = bytes([size]) if size < 128 else bytes([0x80 + (size.bit_length() + 7) // 8]) + size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag]) + head + body


def endless(tag, body):
    """BER's indefinite length."""
    return bytes([tag]) + b"\x80" + body + b"\0\0"


def octets(data, piece=None, form=endless):
    if not piece:
        return der(4, data)
    return form(0x24, b"".join(der(4, data[at:at + piece]) for at in range(0, len(data), piece)))


def info(kind, value, form=der):
    return form(0x30, kind + form(0xA0, value))


def signed(content, beside=b"", form=der):
    """content: an element, or nothing."""
    inner = form(0x30, DATA + (form(0xA0, content) if content else b""))
    return info(SIGNED, form(0x30, b"\2\1\1" + der(0x31, b"") + inner + beside + der(0x31, b"")), form)


def compressed(content, form=der):
    zlib_algorithm = der(0x30, bytes.fromhex("060b2a864886f70d0109100308"))
    return info(COMPRESSED, form(0x30, b"\2\1\0" + zlib_algorithm + form(0x30, DATA + form(0xA0, content))), form)
