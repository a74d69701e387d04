# SPDX-License-Identifier: Apache-2.0
"""Public keys that no honest program makes, signed as if nothing were wrong with them: gpg takes them in and lists them
with a subkey to encrypt to. Beside each kind an honest one of the same kind. The same bytes every time (RFC 4880, 5.5
and 12; RFC 6637, 9).

    odd_keys.py FOLDER     writes each as NAME.asc, its fingerprint as NAME.fpr, and NAME.mended: the key with one
                           more subkey, which is sound and newer
"""

import base64
import hashlib
import itertools
import pathlib
import sys

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

MADE = 1_704_067_200  # 2024-01-01
ED25519, CV25519 = "1.3.6.1.4.1.11591.15.1", "1.3.6.1.4.1.3029.1.5.1"
CURVES = {"p192": ("1.2.840.10045.3.1.1", ec.SECP192R1()), "p224": ("1.3.132.0.33", ec.SECP224R1()),
          "p256": ("1.2.840.10045.3.1.7", ec.SECP256R1()), "p384": ("1.3.132.0.34", ec.SECP384R1()),
          "p521": ("1.3.132.0.35", ec.SECP521R1()), "secp256k1": ("1.3.132.0.10", ec.SECP256K1()),
          "brainpool512": ("1.3.36.3.3.2.8.1.1.13", ec.BrainpoolP512R1())}


def number(value):
    """A multiprecision integer."""
    size = value.bit_length()
    return size.to_bytes(2, "big") + value.to_bytes((size + 7) // 8, "big")


def octets(value):
    return number(int.from_bytes(value, "big"))


def object_id(text):
    arcs = [int(arc) for arc in text.split(".")]
    coded = bytes([40 * arcs[0] + arcs[1]])
    for arc in arcs[2:]:
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.insert(0, arc & 0x7F | 0x80)
        coded += bytes(groups)
    return bytes([len(coded)]) + coded


def packet(tag, body):
    size = len(body)
    length = bytes([size]) if size < 192 else b"\xff" + size.to_bytes(4, "big")
    return bytes([0xC0 | tag]) + length + body


def subpacket(kind, value):
    return bytes([len(value) + 1, kind]) + value


def key_body(algorithm, material, made=MADE):
    return b"\x04" + made.to_bytes(4, "big") + bytes([algorithm]) + material


def framed(body):
    return b"\x99" + len(body).to_bytes(2, "big") + body


def ecdh(curve, point, digest=8, cipher=7, kdf=b"\x03\x01"):
    return 18, object_id(curve) + octets(point) + kdf + bytes([digest, cipher])


def point_on(name, scalar=0x1234567890ABCDEF):
    key = ec.derive_private_key(scalar, CURVES[name][1]).public_key()
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def on_curve(name, **how):
    return ecdh(CURVES[name][0], point_on(name), **how)


def off_curve(name):
    point = bytearray(point_on(name))
    point[-1] ^= 1
    return ecdh(CURVES[name][0], bytes(point))


def cv25519(point=None, **how):
    if point is None:
        point = b"\x40" + hashlib.sha256(b"a point; each one is good on this curve").digest()
    return ecdh(CV25519, point, **how)


def rsa_like(modulus, exponent=65537):
    return 1, number(modulus) + number(exponent)


def big(bits, low):
    """A number of so many bits that ends in the octet `low`. Nobody knows its factors."""
    filled, text = b"", b"a modulus"
    while len(filled) * 8 < bits:
        text = hashlib.sha512(text).digest()
        filled += text
    value = int.from_bytes(filled[:bits // 8], "big")
    return (value | 1 << bits - 1) >> 8 << 8 | low


def sound(bits):
    """A modulus in which nobody finds a factor at once."""
    return next(value for value in itertools.count(big(bits, 0x0F), 2) if all(value % by for by in range(3, 1000, 2)))


# name: the subkey that is to be encrypted to.
KEYS = {
    "honest-cv25519": cv25519(),
    "honest-p256": on_curve("p256"),
    "honest-p384": on_curve("p384"),
    "honest-p521": on_curve("p521"),
    "honest-secp256k1": on_curve("secp256k1"),
    "honest-brainpool512": on_curve("brainpool512"),
    "honest-rsa": rsa_like(sound(2048)),
    "honest-rsa-3072": rsa_like(sound(3072)),
    "honest-rsa-exponent-3": rsa_like(sound(2048), 3),
    "honest-rsa-exponent-41": rsa_like(sound(2048), 41),
    "primary-rsa-exponent-1": cv25519(),
    "primary-ed25519-low-order": cv25519(),
    "p192": on_curve("p192"),
    "p224": on_curve("p224"),
    "p256-off-the-curve": off_curve("p256"),
    "p521-off-the-curve": off_curve("p521"),
    "brainpool512-off-the-curve": off_curve("brainpool512"),
    "p256-cut-off": ecdh(CURVES["p256"][0], point_on("p256")[:-7]),
    "p256-compressed": ecdh(CURVES["p256"][0], bytes([2 | point_on("p256")[-1] & 1]) + point_on("p256")[1:33]),
    "p256-no-point": ecdh(CURVES["p256"][0], b"\x04"),
    "p256-point-of-another-curve": ecdh(CURVES["p256"][0], point_on("p384")),
    "cv25519-zero": cv25519(b"\x40" + bytes(32)),
    "cv25519-low-order": cv25519(b"\x40" + bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")),
    "cv25519-one": cv25519(b"\x40\x01" + bytes(31)),
    "cv25519-low-order-with-the-high-bit": cv25519(b"\x40" + bytes.fromhex(
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f11d7")),
    "cv25519-minus-one": cv25519(b"\x40\xec" + b"\xff" * 30 + b"\x7f"),
    "cv25519-p": cv25519(b"\x40\xed" + b"\xff" * 30 + b"\x7f"),
    "cv25519-p-plus-one": cv25519(b"\x40\xee" + b"\xff" * 30 + b"\x7f"),
    "honest-cv25519-near-p": cv25519(b"\x40\xeb" + b"\xff" * 30 + b"\x7f"),
    "honest-cv25519-two": cv25519(b"\x40\x02" + bytes(31)),
    "cv25519-cut-off": cv25519(b"\x40" + bytes(range(31))),
    "cv25519-no-prefix": cv25519(bytes(range(1, 33))),
    "cv25519-too-long": cv25519(b"\x40" + bytes(range(1, 49))),
    "kdf-unknown-digest": cv25519(digest=99),
    "kdf-md5": cv25519(digest=1),
    "kdf-sha1": cv25519(digest=2),
    "kdf-unknown-cipher": cv25519(cipher=99),
    "kdf-3des": cv25519(cipher=2),
    "kdf-unknown-version": cv25519(kdf=b"\x03\x02"),
    "unknown-curve": ecdh("1.3.6.1.4.1.99999.1", point_on("p256")),
    "curve-of-signatures": ecdh(ED25519, b"\x40" + hashlib.sha256(b"x").digest()),
    "rsa-even": rsa_like(big(2048, 0x10)),
    "rsa-power-of-two": rsa_like(1 << 2047),
    "rsa-factor-997": rsa_like((sound(2048) // 997 | 1) * 997),
    "rsa-exponent-0": rsa_like(sound(2048), 0),
    "rsa-exponent-1": rsa_like(sound(2048), 1),
    "rsa-exponent-even": rsa_like(sound(2048), 65536),
    "rsa-huge-exponent": rsa_like(sound(16384), big(16384, 0x0D)),
    "rsa-exponent-257-bits": rsa_like(sound(2048), big(264, 0x0D)),
    "rsa-exponent-256-bits": rsa_like(sound(2048), big(256, 0x0D)),
    "rsa-16384": rsa_like(sound(16384)),
    "elgamal-zero-generator": (16, number(big(2048, 0x0F)) + number(0) + number(5)),
}


class Honest:
    """Of Ed25519."""
    algorithm = 22

    def __init__(self, name):
        self.key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())
        self.material = object_id(ED25519) + octets(b"\x40" + self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))

    def sign(self, digest):
        made = self.key.sign(digest)
        return octets(made[:32]) + octets(made[32:])


P = 2**255 - 19
D = -121665 * pow(121666, P - 2, P) % P


def plus(one, other):
    """On the curve of Ed25519 (RFC 8032, 5.1)."""
    t = D * one[0] * other[0] * one[1] * other[1] % P
    return ((one[0] * other[1] + other[0] * one[1]) * pow(1 + t, P - 2, P) % P,
            (one[1] * other[1] + one[0] * other[0]) * pow(1 - t, P - 2, P) % P)


def times(n, point):
    return (0, 1) if n == 0 else plus(times(n - 1, point), point)


def with_y(y):
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    return (P - x if x & 1 else x), y


class LowOrder:
    """A point of order 8: whether a signature holds depends on three bits of a digest, and somebody without a secret tries until
    they are right."""
    algorithm, base = 22, with_y(4 * pow(5, P - 2, P) % P)

    def __init__(self, _name):
        coded = bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")
        self.point = with_y(int.from_bytes(coded, "little"))
        self.coded = self.encoded(self.point)
        self.material = object_id(ED25519) + octets(b"\x40" + self.coded)

    @staticmethod
    def encoded(point):
        return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")

    def sign(self, digest):
        for s in range(1, 1000):
            for k in range(8):
                r = self.encoded(plus(times(s, self.base), times(-k % 8, self.point)))
                if hashlib.sha512(r + self.coded + digest).digest()[0] % 8 == k:
                    return octets(r) + octets(s.to_bytes(32, "little"))
        raise AssertionError("no luck in 8,000 times")


class ExponentOne:
    """The padded digest is its own signature (RFC 8017, 8.2.2)."""
    algorithm, material = rsa_like(sound(2048), 1)

    def __init__(self, _name):
        pass

    def sign(self, digest):
        info = bytes.fromhex("3031300d060960864801650304020105000420") + digest
        return octets(b"\x01" + b"\xff" * (256 - 3 - len(info)) + b"\x00" + info)


PRIMARIES = {"primary-rsa-exponent-1": ExponentOne, "primary-ed25519-low-order": LowOrder}


class Maker:
    def __init__(self, name, domain=None, of=None):
        self.name = name
        self.user_id = f"{name} <sceau@{domain or name + '.gov.example'}>".encode()
        self.signer = PRIMARIES.get(name, Honest)(of or name)
        self.primary = key_body(self.signer.algorithm, self.signer.material)

    @property
    def fingerprint(self):
        return hashlib.sha1(framed(self.primary)).hexdigest().upper()

    def sign(self, kind, flags, over):
        issuer = bytes.fromhex(self.fingerprint)
        hashed = (subpacket(33, b"\x04" + issuer) + subpacket(2, MADE.to_bytes(4, "big")) + subpacket(27, bytes([flags]))
                  + (subpacket(11, b"\x09\x08\x07") + subpacket(30, b"\x01") if kind == 0x13 else b""))
        head = bytes([4, kind, self.signer.algorithm, 8]) + len(hashed).to_bytes(2, "big") + hashed
        digest = hashlib.sha256(over + head + b"\x04\xff" + len(head).to_bytes(4, "big")).digest()
        unhashed = subpacket(16, issuer[-8:])
        return packet(2, head + len(unhashed).to_bytes(2, "big") + unhashed + digest[:2] + self.signer.sign(digest))

    def whole(self, *subkeys):
        """subkeys: key bodies."""
        key = packet(6, self.primary) + packet(13, self.user_id)
        key += self.sign(0x13, 3, framed(self.primary) + b"\xb4" + len(self.user_id).to_bytes(4, "big") + self.user_id)
        for body in subkeys:
            key += packet(14, body) + self.sign(0x18, 0x0C, framed(self.primary) + framed(body))
        return key


def make(name, domain=None, mended=False, of=None):
    """(fingerprint, binary key) of a row. domain: of its user id. of: whose primary key it has,
    else the row's. mended: with a sound and newer subkey."""
    maker = Maker(name, domain, of)
    subkeys = [key_body(*KEYS[name])] + ([key_body(*cv25519(), MADE + 86_400)] if mended else [])
    return maker.fingerprint, maker.whole(*subkeys)


def armoured(key):
    crc = 0xB704CE
    for octet in key:
        crc ^= octet << 16
        for _ in range(8):
            crc <<= 1
            crc ^= 0x1864CFB if crc & 0x1000000 else 0
    text = base64.b64encode(key).decode()
    lines = "\n".join(text[at:at + 64] for at in range(0, len(text), 64))
    check = base64.b64encode((crc & 0xFFFFFF).to_bytes(3, "big")).decode()
    return f"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n{lines}\n={check}\n-----END PGP PUBLIC KEY BLOCK-----\n"


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for row in KEYS:
        number_of_it, key = make(row)
        (folder / f"{row}.asc").write_text(armoured(key))
        (folder / f"{row}.fpr").write_text(number_of_it + "\n")
        (folder / f"{row}.mended").write_text(armoured(make(row, mended=True)[1]))
