#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""OpenPGP keys by the thousand, ed25519 and cv25519 with one user id each, as gpg makes them. gpg would take an hour over it: the
packets are written here (RFC 4880, and RFC 6637 for the curves).

    many_keys.py COUNT >KEYS
"""

import hashlib
import os
import struct
import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CREATED = 1767225600  # 1 January 2026
SIGNS, ENCRYPTS = 22, 18
PUBLIC_KEY, PUBLIC_SUBKEY, USER_ID, SIGNATURE = 6, 14, 13, 2
CERTIFIES, BINDS = 0x13, 0x18
ED25519 = bytes.fromhex("2b06010401da470f01")
CV25519 = bytes.fromhex("2b060104019755010501")
KDF = bytes((3, 1, 8, 7))  # SHA-256, AES-128


def key(number):
    """Fingerprint and packets. Nobody will open what is encrypted to it, so the second half is just a number."""
    secret = Ed25519PrivateKey.generate()
    point = secret.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    primary = struct.pack(">BIBB", 4, CREATED, SIGNS, len(ED25519)) + ED25519 + _mpi(b"\x40" + point)
    subkey = struct.pack(">BIBB", 4, CREATED, ENCRYPTS, len(CV25519)) + CV25519 + _mpi(b"\x40" + os.urandom(32)) + KDF
    name = f"Ministry {number} <gateway@m{number}.gov.example>".encode()
    fingerprint = hashlib.sha1(_hashed(primary)).digest()
    about_name = b"\xb4" + struct.pack(">I", len(name)) + name
    packets = (_packet(PUBLIC_KEY, primary) + _packet(USER_ID, name)
               + _signature(secret, fingerprint, CERTIFIES, _hashed(primary) + about_name, b"\x03")
               + _packet(PUBLIC_SUBKEY, subkey)
               + _signature(secret, fingerprint, BINDS, _hashed(primary) + _hashed(subkey), b"\x0c"))
    return fingerprint.hex().upper(), packets


def _signature(secret, fingerprint, kind, what, flags):
    hashed = (_field(2, struct.pack(">I", CREATED)) + _field(27, flags) + _field(30, b"\x01") + _field(33, b"\x04" + fingerprint)
              + (_field(11, b"\x09\x08\x07") if kind == CERTIFIES else b""))
    head = struct.pack(">BBBBH", 4, kind, SIGNS, 8, len(hashed)) + hashed
    digest = hashlib.sha256(what + head + struct.pack(">BBI", 4, 0xFF, len(head))).digest()
    made = secret.sign(digest)
    unhashed = _field(16, fingerprint[-8:])
    return _packet(SIGNATURE, head + struct.pack(">H", len(unhashed)) + unhashed + digest[:2] + _mpi(made[:32]) + _mpi(made[32:]))


def _hashed(key):
    return b"\x99" + struct.pack(">H", len(key)) + key


def _field(kind, content):
    return bytes((len(content) + 1, kind)) + content


def _mpi(content):
    number = content.lstrip(b"\0")
    return struct.pack(">H", int.from_bytes(number, "big").bit_length()) + number


def _packet(kind, content):
    """None is longer than 191 octets (RFC 4880, 4.2.2.1)."""
    return bytes((0xC0 | kind, len(content))) + content


if __name__ == "__main__":
    for count in range(int(sys.argv[1])):
        sys.stdout.buffer.write(key(count)[1])
