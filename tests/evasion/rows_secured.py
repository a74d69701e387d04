# SPDX-License-Identifier: Apache-2.0
"""Signed and encrypted mail: what says that it is, what is, and what stands beside."""

from tricks import DOCUMENT, LETTER, PLAIN, TEXT, Table, b64, bare, file, join, mixed_lines, multipart

T = Table("secured")
IS_NOT = "says that it is encrypted and is not"
NO_SIGNATURE = "no signature by its content"
SIGNED = '; boundary="b"; protocol="application/pgp-signature"; micalg=pgp-sha256'
ENCRYPTED = '; boundary="b"; protocol="application/pgp-encrypted"'


def packet(tag, body):
    """OpenPGP, new format (RFC 9580 4.2)."""
    size = len(body)
    if size < 192:
        length = bytes([size])
    elif size < 8384:
        length = bytes([((size - 192) >> 8) + 192, (size - 192) & 255])
    else:
        length = b"\xff" + size.to_bytes(4, "big")
    return bytes([0xC0 | tag]) + length + body


def signature(unhashed=b""):
    """A signature packet of version 4, with an octet for each place; `unhashed`: subpackets that nobody signs."""
    head = b"\4\1\1\x08\0\6\5\2\x65\0\0\0"
    return packet(2, head + len(unhashed).to_bytes(2, "big") + unhashed + b"\xab\xcd\x08\0\x80" + bytes(range(1, 256)))


def subpacket(kind, body):
    return b"\xff" + (len(body) + 1).to_bytes(4, "big") + bytes([kind]) + body


def armour(data, kind="SIGNATURE", headers=""):
    return f"-----BEGIN PGP {kind}-----\n{headers}\n{b64(data, 64)}-----END PGP {kind}-----\n"


SESSION = packet(1, b"\3" + bytes(8) + b"\1" + b"\x08\0" + b"\x80" + bytes(255))
SECRET = packet(18, b"\1" + bytes((n * 151 + 17) & 255 for n in range(900)))
LITERAL = packet(11, b"b\0" + bytes(4) + DOCUMENT)
MESSAGE = SESSION + SECRET


def der(tag, *bodies):
    body = b"".join(bodies)
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8 or 1, "big")
    return bytes([tag]) + (size if len(body) < 128 else bytes([0x80 | len(size)]) + size) + body


def oid(last):
    return der(6, bytes.fromhex("2a864886f70d0107") + bytes([last]))


def cms_signed(content=None, extra=b""):
    """SignedData (RFC 5652 5.1) without signers; `content`: held within, as in opaque S/MIME."""
    held = der(0x30, oid(1), *([der(0xA0, der(4, content))] if content else []))
    return der(0x30, oid(2), der(0xA0, der(0x30, der(2, b"\1"), der(0x31), held, extra, der(0x31))))


def cms_enveloped(content=b"x" * 64):
    held = der(0x30, oid(1), der(0x30, oid(1)), der(0x80, content))
    return der(0x30, oid(3), der(0xA0, der(0x30, der(2, b"\0"), der(0x31, der(0x30, der(2, b"\0"))), held)))


def smime(kind, data, name="smime.p7m", more=""):
    return (f'Content-Type: application/{kind}; name="{name}"{more}\nContent-Transfer-Encoding: base64\n'
            f'Content-Disposition: attachment; filename="{name}"\n\n{b64(data)}')


def signed(part, *others):
    return multipart(TEXT, f"Content-Type: application/pgp-signature; name=signature.asc\n\n{part}", *others, kind="signed", parameters=SIGNED)


def encrypted(second, first="Content-Type: application/pgp-encrypted\n\nVersion: 1\n", *others):
    return multipart(first, second, *others, kind="encrypted", parameters=ENCRYPTED)


OPAQUE_TYPE = "Content-Type: application/octet-stream\n\n"
INNER = multipart(TEXT, file(), boundary="c")

# OpenPGP.
T.trick("OpenPGP, encrypted to somebody", encrypted(OPAQUE_TYPE + armour(MESSAGE, "MESSAGE")), "opaque")
T.trick("OpenPGP, a clear packet in the message", encrypted(OPAQUE_TYPE + armour(LITERAL, "MESSAGE")), "ambiguous")
T.trick("OpenPGP, a clear packet behind the message", encrypted(OPAQUE_TYPE + armour(MESSAGE + LITERAL, "MESSAGE")), "ambiguous")
T.trick("OpenPGP, no session key", encrypted(OPAQUE_TYPE + armour(SECRET, "MESSAGE")), "ambiguous")
T.trick("OpenPGP, compressed and not encrypted", encrypted(OPAQUE_TYPE + armour(packet(8, b"\0" + LITERAL), "MESSAGE")), "ambiguous")
T.trick("OpenPGP, the document itself", encrypted(join(OPAQUE_TYPE[:-1], "Content-Transfer-Encoding: base64\n\n",
        mixed_lines(DOCUMENT))), "ambiguous", IS_NOT)
T.trick("OpenPGP, the document beside the message", encrypted(OPAQUE_TYPE + armour(MESSAGE, "MESSAGE"),
        "Content-Type: application/pgp-encrypted\n\nVersion: 1\n", bare()), "ambiguous")
T.trick("OpenPGP, text in the version", encrypted(OPAQUE_TYPE + armour(MESSAGE, "MESSAGE"),
        "Content-Type: application/pgp-encrypted\n\nVersion: 1\n\nLa note : les agents sont " "mutés.\n"), "ambiguous")
T.trick("OpenPGP, text behind the armour", encrypted(OPAQUE_TYPE + armour(MESSAGE, "MESSAGE") + "\nLa note : les agents sont mutés.\n"), "ambiguous")
T.trick("OpenPGP, the document in the armour's comments", encrypted(OPAQUE_TYPE + armour(MESSAGE, "MESSAGE",
        "".join(f"Comment: {line}\n" for line in b64(DOCUMENT).split()))), "ambiguous")
T.trick("OpenPGP, encrypted within a multipart that is no such one", multipart(TEXT,
        "Content-Type: application/pgp-encrypted\n\nVersion: 1\n", OPAQUE_TYPE + armour(MESSAGE, "MESSAGE")), "opaque",
        "an OpenPGP message")
T.trick("OpenPGP, encrypted in the text", join(PLAIN, "Bonjour,\n\n", armour(MESSAGE, "MESSAGE")), "opaque")
T.trick("OpenPGP, encrypted in the text, the document behind it", join(PLAIN, "Bonjour,\n\n", armour(MESSAGE, "MESSAGE"), "\n",
        b64(DOCUMENT)), "opaque", "an OpenPGP message")
T.trick("OpenPGP, a message in the text that is not encrypted", join(PLAIN, "Bonjour,\n\n", armour(LITERAL, "MESSAGE")), "ambiguous")
T.trick("OpenPGP, a block of base64 that says signature", join(PLAIN, "Bonjour,\n\n", armour(DOCUMENT)), "unread")
T.trick("OpenPGP, a message that says public key", join(PLAIN, "Bonjour,\n\n", armour(LITERAL, "PUBLIC KEY BLOCK")), "unread")
T.trick("OpenPGP, armour of a kind that nobody knows", join(PLAIN, "Bonjour,\n\n", armour(DOCUMENT, "NOTE")), "unread")
T.trick("a clear-signed text with the document in the signature's comments", join(PLAIN,
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nBonjour\n", armour(signature(),
        headers="".join(f"Comment: {line}\n" for line in b64(DOCUMENT).split()))), "unread")
T.trick("a detached signature with the document in its comments", signed(armour(signature(),
        headers="".join(f"Comment: {line}\n" for line in b64(DOCUMENT).split()))), "unread")
T.trick("a detached signature with the document in a notation", signed(armour(signature(subpacket(20, b"\x80\0\0\0\0\1"
        + len(DOCUMENT).to_bytes(2, "big") + b"n" + DOCUMENT)))), "unread")
T.trick("a detached signature with the document in a subpacket that nobody knows", signed(armour(signature(subpacket(100, DOCUMENT)))), "unread")
T.trick("a detached signature, the document as its packets", signed(armour(LITERAL)), "unread")
T.trick("a detached signature and the document as a packet behind it", signed(armour(signature() + LITERAL)), "unread")
T.trick("a detached signature, text before the armour", signed("La note : les agents sont mutés.\n\n" + armour(signature())), "unread", NO_SIGNATURE)
T.trick("a detached signature beside a document", multipart(multipart(TEXT, bare(), boundary="c"),
        f"Content-Type: application/pgp-signature\n\n{armour(signature())}", kind="signed", parameters=SIGNED), "seen")
KEY = packet(6, b"\4" + bytes(4) + b"\1" + b"\x08\0\x80" + bytes(255) + b"\0\x11\1\0\1")
T.trick("a public key with a hundred lines of a letter for names", multipart(TEXT, "Content-Type: application/pgp-keys; name=key.asc\n\n"
        + armour(KEY + b"".join(packet(13, line.encode()) for line in (LETTER * 30).split("\n") if line), "PUBLIC KEY BLOCK")), "document")
T.trick("a signed message of OpenPGP as the whole", join("Content-Type: application/pgp; format=mime\n\n", armour(LITERAL, "MESSAGE")), "document")
# S/MIME.
T.trick("S/MIME, encrypted to somebody", smime("pkcs7-mime", cms_enveloped(), more="; smime-type=enveloped-data"), "opaque")
T.trick("S/MIME, opaque signed", smime("pkcs7-mime", cms_signed(INNER), more="; smime-type=signed-data"), "seen")
T.trick("S/MIME, opaque signed, says that it is encrypted", smime("pkcs7-mime", cms_signed(INNER), more="; smime-type=enveloped-data"), "seen")
T.trick("S/MIME, opaque signed, an older name", smime("x-pkcs7-mime", cms_signed(INNER)), "seen")
T.trick("S/MIME, opaque signed, under no type", smime("octet-stream", cms_signed(INNER)), "seen")
T.trick("S/MIME, opaque signed, in the place of a signature", multipart(TEXT, smime("pkcs7-signature", cms_signed(INNER),
        "smime.p7s"), kind="signed", parameters='; boundary="b"; protocol="application/pkcs7-signature"'), "unread")
T.trick("S/MIME, encrypted, the document behind it", smime("pkcs7-mime", cms_enveloped() + DOCUMENT), "ambiguous")
T.trick("S/MIME, the document itself", smime("pkcs7-mime", DOCUMENT), "ambiguous", IS_NOT)
T.trick("S/MIME, a detached signature with the document among its certificates", multipart(TEXT, smime("pkcs7-signature",
        cms_signed(extra=der(0xA0, der(0x30, der(4, DOCUMENT)))), "smime.p7s"), kind="signed",
        parameters='; boundary="b"; protocol="application/pkcs7-signature"'), "ambiguous")
T.trick("S/MIME, a detached signature with a letter among its certificates", multipart(TEXT, smime("pkcs7-signature",
        cms_signed(extra=der(0xA0, der(0x30, der(12, LETTER.encode())))), "smime.p7s"), kind="signed",
        parameters='; boundary="b"; protocol="application/pkcs7-signature"'), "letter")
T.trick("S/MIME, a detached signature with a letter as a certificate's notice", multipart(TEXT, smime("pkcs7-signature",
        cms_signed(extra=der(0xA0, der(0x30, der(30, LETTER.encode("utf-16-be"))))), "smime.p7s"), kind="signed",
        parameters='; boundary="b"; protocol="application/pkcs7-signature"'), "letter")
T.trick("S/MIME, a detached signature of a hundred certificates", multipart(TEXT, smime("pkcs7-signature",
        cms_signed(extra=der(0xA0, *[der(0x30, der(4, bytes(range(250)) * 4)) for _ in range(100)])), "smime.p7s"), kind="signed",
        parameters='; boundary="b"; protocol="application/pkcs7-signature"'), "unread")
T.trick("S/MIME, encrypted beside a text", multipart(TEXT, smime("pkcs7-mime", cms_enveloped())), "opaque")
# PEM.
T.trick("a certificate that is the document", join(PLAIN, "-----BEGIN CERTIFICATE-----\n", b64(DOCUMENT, 64),
        "-----END CERTIFICATE-----\n"), "unread")
T.trick("a certificate whose end is missing", join(PLAIN, "-----BEGIN CERTIFICATE-----\n", b64(DOCUMENT, 64)), "unread")
T.trick("a certificate in lines of 40 characters", join(PLAIN, "-----BEGIN CERTIFICATE-----\n", b64(DOCUMENT, 40)), "unread")

T.honest("a detached signature of OpenPGP", signed(armour(signature())))
T.honest("a detached signature with a version and a comment", signed(armour(signature(), headers="Version: GnuPG v2\nComment: bureau\n")))
T.honest("a clear-signed text", join(PLAIN, "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nBonjour,\n\n- -- \nAgent\n", armour(signature())))
T.honest("a detached signature of S/MIME", multipart(TEXT, smime("pkcs7-signature", cms_signed(), "smime.p7s"), kind="signed",
        parameters='; boundary="b"; protocol="application/pkcs7-signature"; micalg=sha-256'))
T.honest("the fingerprint of a key", join(PLAIN, "Ma clé :\n\nAB12 34CD 56EF 7890 AB12  34CD 56EF 7890 AB12 34CD\n"))
T.honest("a public key as a file", multipart(TEXT,
        "Content-Type: application/pgp-keys; name=key.asc\nContent-Disposition: attachment;" " filename=key.asc\n\n"
        + armour(KEY + packet(13, b"Agent <agent@interieur.gov.example>") + signature(), "PUBLIC KEY BLOCK")))
T.honest("a public key with thirty names", multipart(TEXT, "Content-Type: application/pgp-keys; name=key.asc\n\n"
        + armour(KEY + b"".join(packet(13, f"Agent {n} <agent.{n}@interieur.gov.example>".encode()) + signature() for n in range(30)),
                 "PUBLIC KEY BLOCK")))
