# SPDX-License-Identifier: Apache-2.0
"""OpenPGP messages that no honest program writes, for a key whose secret half is at hand: the session key comes from a
message of gpg's own, what stands under it is put together here (RFC 4880, 5)."""

import base64
import bz2
import hashlib
import os
import re
import zlib

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESOCB3
from pgp import gpg

BOUNDARY = "=_scelle_0123456789"


def packet(tag, body):
    size = len(body)
    length = bytes([size]) if size < 192 else b"\xff" + size.to_bytes(4, "big")
    return bytes([0xC0 | tag]) + length + body


def literal(content, name=b"", kind=b"b"):
    return packet(11, kind + bytes([len(name)]) + name + bytes(4) + content)


def compressed(packets, algorithm=2):
    """1: ZIP, 2: ZLIB, 3: BZip2."""
    if algorithm == 3:
        return packet(8, b"\3" + bz2.compress(packets))
    squeeze = zlib.compressobj(9, zlib.DEFLATED, 15 if algorithm == 2 else -15)
    return packet(8, bytes([algorithm]) + squeeze.compress(packets) + squeeze.flush())


def split_packets(data):
    """(tag, whole packet) of each packet with a definite length."""
    found, at = [], 0
    while at < len(data):
        first = data[at]
        if first & 0x40:
            tag, size = first & 0x3F, data[at + 1]
            head = 2
            if 192 <= size < 224:
                size, head = (size - 192 << 8) + data[at + 2] + 192, 3
            elif size == 255:
                size, head = int.from_bytes(data[at + 2:at + 6], "big"), 6
            assert size < 224 or head > 2, "partial length"
        else:
            tag, octets = first >> 2 & 15, 1 << (first & 3)
            size, head = int.from_bytes(data[at + 1:at + 1 + octets], "big"), 1 + octets
        found.append((tag, data[at:at + head + size]))
        at += head + size
    return found


def with_word(signature, kind, content):
    """A signature packet with one more subpacket where nothing is signed (RFC 4880, 5.2.3)."""
    old_head = 3 if signature[0] & 3 else 2
    content = bytes([kind]) + content
    sub = (bytes([len(content)]) if len(content) < 192 else b"\xff" + len(content).to_bytes(4, "big")) + content
    inside = signature[old_head:]
    at = 6 + int.from_bytes(inside[4:6], "big")
    size = int.from_bytes(inside[at:at + 2], "big")
    return packet(2, inside[:at] + (size + len(sub)).to_bytes(2, "big") + inside[at + 2:at + 2 + size] + sub + inside[at + 2 + size:])


def notation(name, value):
    return b"\x80\0\0\0" + len(name).to_bytes(2, "big") + len(value).to_bytes(2, "big") + name + value


class Forger:
    """For the key `fingerprint` whose secret half lies in `home`."""

    def __init__(self, home, fingerprint):
        self.home, self.fingerprint = home, fingerprint
        sample = self.encrypt(b"x")
        self.key_packet = next(whole for tag, whole in split_packets(sample) if tag == 1)
        said = gpg(home, "--show-session-key", "--decrypt", stdin=sample).stderr.decode()
        number, key = re.search(r"session key: '(\d+):([0-9A-F]+)'", said).groups()
        assert number == "9", "AES-256"
        self.session_key = bytes.fromhex(key)

    def encrypt(self, content, *options):
        return gpg(self.home, "--trust-model", "always", "--cipher-algo", "AES256", "--compress-algo", "none",
                   "-r", self.fingerprint, *options, "--encrypt", stdin=content).stdout

    def _cfb(self, data):
        return Cipher(algorithms.AES(self.session_key), modes.CFB(bytes(16))).encryptor().update(data)

    def protected(self, packets):
        """With an integrity check (tag 18) over whatever packets."""
        prefix = os.urandom(16)
        plain = prefix + prefix[-2:] + packets + b"\xd3\x14"
        return self.key_packet + packet(18, b"\x01" + self._cfb(plain + hashlib.sha1(plain).digest()))

    def unprotected(self, packets):
        """As it was before there was an integrity check (tag 9)."""
        prefix = os.urandom(16)
        return self.key_packet + packet(9, self._cfb(prefix + prefix[-2:] + packets))

    def aead(self, packets, order=None, chunks=None, last=True):
        """As LibrePGP has it (tag 20), in chunks of 4096 octets: all or the first of them, in this order, with the tag over
        all or without."""
        head, start = bytes([1, 9, 2, 6]), os.urandom(15)
        cipher = AESOCB3(self.session_key)

        def seal(number, content, more=b""):
            nonce = start[:7] + (int.from_bytes(start[7:], "big") ^ number).to_bytes(8, "big")
            return cipher.encrypt(nonce, content, b"\xd4" + head + number.to_bytes(8, "big") + more)

        pieces = [packets[at:at + 4096] for at in range(0, len(packets), 4096)]
        sealed = [seal(number, piece) for number, piece in enumerate(pieces)]
        sealed = [sealed[number] for number in order or range(len(sealed))][:chunks]
        tag = seal(len(pieces), b"", len(packets).to_bytes(8, "big")) if last else b""
        return self.key_packet + packet(20, head + start + b"".join(sealed) + tag)


def armour(data, kind="MESSAGE"):
    lines = base64.encodebytes(data).decode().replace("\n", "\r\n")
    return f"-----BEGIN PGP {kind}-----\r\n\r\n{lines}-----END PGP {kind}-----\r\n".encode()


def entity(text="Bonjour.\r\n", head="Content-Type: text/plain; charset=utf-8\r\n"):
    return f"{head}\r\n{text}".encode()


def body(armoured, second_head="Content-Type: application/octet-stream; name=\"encrypted.asc\"\r\n", before="", after=""):
    return (f"{before}--{BOUNDARY}\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n--{BOUNDARY}\r\n"
            f"{second_head}\r\n").encode() + armoured + f"\r\n--{BOUNDARY}--\r\n{after}".encode()


HEAD = ("MIME-Version: 1.0\r\nContent-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\";\r\n"
        f" boundary=\"{BOUNDARY}\"\r\n").encode()
