# SPDX-License-Identifier: Apache-2.0
"""Round trip between two gateways for what is rare, borderline or broken, by way of an egress hop: octets of lines, parts
and header fields that some reader on the way might be tempted to tidy up come out as they went in."""

import base64
import itertools
import random

import pytest
from messages import pdf
from peer import Peer
from shapes import CALENDAR, INVITATION, LETTER, NOTE, PDF, PICTURE, TEXT, attached, message, multi, part, same, text

NOTED = "Subject: Note\r\n"
EIGHT = "Content-Type: text/plain; charset={}\r\nContent-Transfer-Encoding: {}\r\n"
ARABIC = "محضر اجتماع اللجنة المشتركة بتاريخ اليوم"
RTL = ("Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n<html dir=\"rtl\" lang=\"ar\"><p>" + ARABIC +
       " \u200f(2026/11/21)\u200e \u202bنص\u202c</p></html>\r\n").encode()
INNER = b"From: autre@interieur.gov.example\r\nTo: agent@interieur.gov.example\r\nSubject: =?utf-8?q?d=C3=A9j=C3=A0?=\r\n"
CIPHER = "-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA1234567890ab\r\n=abcd\r\n-----END PGP MESSAGE-----\r\n"
REPORT = b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.interieur.gov.example\r\n\r\n" \
         b"Final-Recipient: rfc822; x@finances.gov.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"


def nested(depth):
    inner = PDF
    for level in range(depth):
        inner = part(TEXT, inner, boundary=f"=_{level}")
    return inner


def forwarded(content, head="Content-Type: message/rfc822\r\n"):
    return head.encode() + b"\r\n" + content


def words(charset, encoding, pieces):
    return "\r\n ".join(f"=?{charset}?{encoding}?{piece}?=" for piece in pieces)


def base64_words(content, size=30):
    return [base64.b64encode("".join(piece).encode()).decode()
            for piece in itertools.zip_longest(*[iter(content)] * size, fillvalue="")]


# name, further header fields, content with its header fields
SHAPES = {
    # --- text and lines
    "5,000 octets a line": (NOTED, multi(text("z" * 5000 + "\r\n"), PDF)),
    "998 octets a line": (NOTED, multi(text("x" * 998 + "\r\n" + "é" * 499 + "\r\n"), PDF)),
    "bare CR": (NOTED, multi(text(b"un\rdeux\rtrois\r\rquatre\r\n"), PDF)),
    "control characters": (NOTED, multi(text(bytes(n for n in range(1, 32) if n not in (10, 13)) + b"\x7f\r\n"), PDF)),
    "every octet but NUL, CR and LF": (NOTED, multi(text(bytes(n for n in range(1, 256) if n not in (10, 13)) + b"\r\n",
                                                         EIGHT.format("x-unknown", "8bit")), PDF)),
    "called binary": (NOTED, multi(TEXT, b"Content-Type: application/octet-stream; name=\"d.bin\"\r\nContent-Transfer-Encoding: "
                                         b"binary\r\n\r\n" + random.Random(9).randbytes(3000).translate(None, b"\r\n\0") + b"\r\n", PDF)),
    "UTF-16 in base64": (NOTED, multi(text(base64.encodebytes("Voilà\r\n".encode("utf-16")).replace(b"\n", b"\r\n"),
                                           EIGHT.format("utf-16", "base64")), PDF)),
    "ISO-2022-JP": (NOTED, multi(text("会議\r\n".encode("iso2022_jp"), EIGHT.format("iso-2022-jp", "7bit")), PDF)),
    "not the charset it says": (NOTED, multi(text(b"\xff\xfe \xe9t\xe9\r\n"), PDF)),
    "flowed, stuffed and quoted": (NOTED, multi(text(" From ici \r\n >nu\r\n>> deux \r\n> un \r\n-- \r\nAgent \r\n", EIGHT.format(
        "utf-8; format=flowed", "8bit")), PDF)),
    "right to left": ("Subject: " + words("utf-8", "B", base64_words(ARABIC)) + "\r\n", multi(
        part(text(ARABIC + "\r\n"), RTL, kind="alternative", boundary="=_b"), PDF)),
    "a document of text alone": (NOTED, b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
                                        b"DIFFUSION RESTREINTE\r\n\r\nTexte de la note.\r\n\r\n\r\n"),
    "body begins with empty lines": (NOTED, multi(TEXT, PDF, before=b"\r\n\r\n\r\n")),
    "uuencode in the text": (NOTED, multi(text("begin 644 a.txt\r\n%2&5L;&\\`\r\n`\r\nend\r\n"), PDF)),
    # --- parts
    "nested eight deep": (NOTED, multi(TEXT, nested(8))),
    "empty parts": (NOTED, multi(text(""), b"Content-Type: text/html\r\n\r\n", b"\r\n", attached("filename=\"vide.pdf\"", b""), PDF)),
    "a part without header fields": (NOTED, multi(b"\r\nVoir plus bas.\r\n", PDF)),
    "no line end before a boundary": (NOTED, multi(TEXT.rstrip(b"\r\n"), PDF.rstrip(b"\r\n"))),
    "no last boundary": (NOTED, multi(TEXT, PDF).removesuffix(b"--=_a--\r\n")),
    "nothing after the last boundary": (NOTED, multi(TEXT, PDF).removesuffix(b"\r\n")),
    "blanks behind boundaries": (NOTED, multi(TEXT, PDF).replace(b"\r\n--=_a\r\n", b"\r\n--=_a \t\r\n")),
    "digest": (NOTED, multi(TEXT, part(b"\r\n" + INNER + b"\r\nun\r\n", b"\r\n" + INNER + b"\r\ndeux\r\n", kind="digest",
                                       boundary="=_d"), PDF)),
    "report": (NOTED, multi(TEXT, REPORT, PDF, kind="report", more="; report-type=delivery-status")),
    "unknown multipart": (NOTED, multi(TEXT, PDF, kind="x-parallele")),
    "message as a file": (NOTED, multi(TEXT, forwarded(
        INNER + part(TEXT, PDF, boundary="=_b"), "Content-Type: message/rfc822; name=\"note.eml\"\r\n"
        "Content-Disposition: attachment; filename=\"note.eml\"\r\n"))),
    "message in message in message": (NOTED, multi(TEXT, forwarded(INNER + part(TEXT, forwarded(
        INNER + part(TEXT, forwarded(INNER + b"\r\nfin\r\n"), PDF, boundary="=_c")), boundary="=_b")))),
    "pictures in HTML in alternative": (NOTED, multi(part(TEXT, part(RTL, PICTURE, PICTURE.replace(b"p@x", b"q@x"), kind="related",
                                        boundary="=_c", more="; type=\"text/html\""), kind="alternative", boundary="=_b"), PDF)),
    "invitation as Outlook sends it": ("Subject: Invitation\r\nContent-Class: urn:content-classes:calendarmessage\r\n", multi(
        part(TEXT, LETTER, text(INVITATION, CALENDAR), kind="alternative", boundary="=_b"),
        attached("filename=\"invite.ics\"", INVITATION.encode(), "application/ics"), PDF)),
    "fifty attachments": (NOTED, multi(TEXT, *[attached(f"filename=\"note {n}.pdf\"", pdf(size=1200, seed=n)) for n in range(50)])),
    # --- boundaries like ours
    "our boundary in a line": (NOTED, multi(text("--khatm-0123456789abcdef01234567\r\n--khatm-0123456789abcdef01234567--\r\n"), PDF)),
    "a boundary like ours": (NOTED, multi(TEXT, PDF, boundary="khatm-0123456789abcdef01234567")),
    "armour in the text": (NOTED, multi(text("Voici ce que j'ai vu :\r\n" + CIPHER), PDF)),
    "PGP/MIME in the text": (NOTED, multi(text("Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n" + CIPHER), PDF)),
    # --- names
    "name in pieces of RFC 2231": (NOTED, multi(TEXT, attached(
        "filename*0*=utf-8'ar'%D9%85%D8%AD%D8%B6%D8%B1;\r\n filename*1*=%20%D8%A7%D8%AC%D8%AA%D9%85%D8%A7%D8%B9;\r\n filename*2=.pdf", NOTE))),
    "name in encoded words": (NOTED, multi(TEXT, attached(f"filename=\"{words('utf-8', 'B', base64_words(ARABIC))}\"", NOTE))),
    "name in raw UTF-8": (NOTED, multi(TEXT, b"Content-Type: application/pdf; name=\"" + ARABIC.encode() + b".pdf\"\r\n" +
                                       PDF.partition(b"\r\n")[2])),
    "name with quotes and semicolons": (NOTED, multi(TEXT, attached("filename=\"a;b=\\\"c\\\\d\\\"; e.pdf\"", NOTE))),
    "RFC 2231 name on top": (NOTED, b"MIME-Version: 1.0\r\n" + attached(
        "filename*=utf-8''Pr%C3%BCfung.pdf", NOTE, "application/pdf;\r\n name*=utf-8''Pr%C3%BCfung.pdf")),
    "RFC 2231 pieces on top": (NOTED, b"MIME-Version: 1.0\r\n" + attached(
        "filename=n.pdf", NOTE, "application/pdf; name*0=\"un nom \"; name*1=\"tres long.pdf\"")),
    "long name on top": (NOTED, b"MIME-Version: 1.0\r\n" + attached(
        "filename=n.pdf", NOTE, f"application/pdf;\r\n name=\"{'=?utf-8?Q?' + '=C3=A9' * 120 + '?='}\"")),
    # --- types on top
    "comment in the type": (NOTED, multi(TEXT, PDF, more="\r\n (produced by Poste 4.2 (build \\) 7))")),
    "comment in the version": (NOTED, multi(TEXT, PDF).replace(b"1.0", b"1.0 (Poste Message framework v1283)", 1)),
    "semicolon at the end": (NOTED, multi(TEXT, PDF, more=";")),
    "upper case, blanks around": (NOTED, multi(TEXT, PDF).replace(
        b"Content-Type: multipart/mixed; boundary=", b"CONTENT-TYPE:  Multipart/MIXED ;\r\n\tBOUNDARY =\r\n  ", 1)),
    "single boundary token": (NOTED, multi(TEXT, PDF, boundary="abc").replace(b"boundary=\"abc\"", b"boundary=abc", 1)),
    # --- header fields
    "long subject": ("Subject: " + words("utf-8", "B", base64_words(ARABIC * 12)) + "\r\n", multi(TEXT, PDF)),
    "a subject of 990 octets": ("Subject:" + " mot" * 245 + "\r\n", multi(TEXT, PDF)),
    "subject in raw latin-1": ("Subject: r\udce9union\r\n", multi(TEXT, PDF)),
    "no subject": ("", multi(TEXT, PDF)),
    "fields without blanks, with many": ("Subject:Note\r\nX-Un:1\r\nX-Deux:   2  \r\nx-trois:\t3\t\r\nX-Vide:\r\n", multi(TEXT, PDF)),
    "folded in odd places": ("Subject:\r\n Note\r\n\t de \r\n  service\r\nX-Plis: a\r\n\t\t b\r\n", multi(TEXT, PDF)),
    "very long fields": ("References:" + "".join(f"\r\n <{n:04}.{'x' * 60}@interieur.gov.example>" for n in range(200)) +
                         "\r\nX-Long: " + "y" * 900 + "\r\n" + NOTED, multi(TEXT, PDF)),
    "sixty fields": ("".join(f"X-Champ-{n}: {n}\r\n" for n in range(60)) + NOTED, multi(TEXT, PDF)),
    "one field three times": ("Comments: un\r\nComments: deux\r\nComments: un\r\n" + NOTED, multi(TEXT, PDF)),
    "4 MB of 8-bit text": (NOTED, multi(text("Été à Noël, où sont les garçons ?\r\n" * 100_000), PDF)),
}


# What stays outside: who writes to whom.
ADDRESSED = {
    "names": "From: =?utf-8?q?L=27agent?= <agent@interieur.gov.example>\r\nTo: \"Directeur, le\" (adjoint) <directeur@finances.gov.example>\r\n",
    "folded": "From: \"Agent\"\r\n <agent@interieur.gov.example>\r\nTo: directeur@finances.gov.example,\r\n\tdirecteur@finances.gov.example\r\n",
    "group": "From: agent@interieur.gov.example\r\nTo: Direction: directeur@finances.gov.example;\r\n",
    "in other order": "To: directeur@finances.gov.example\r\nFrom: agent@interieur.gov.example\r\n",
}


@pytest.fixture(scope="module")
def peer(labs):
    lab = labs.fresh_of(Peer, "--egress", "--peer-unseal", "open")
    for etc in ("POSTFIX_ETC", "PEER_POSTFIX_ETC"):
        lab.postconf("cleanup_replace_stray_cr_lf=no", etc=etc)  # Postfix would write blanks for CR before anybody sees it
    yield lab
    labs.stop_one(lab)


def round_trip(peer, sent):
    raw = sent.raw if sent.raw.endswith(b"\r\n") else sent.raw + b"\r\n"
    got, record = peer.delivered(peer.through(sent))
    assert record["verdict"] == "unseal"
    same(raw, got)


@pytest.mark.parametrize("name", SHAPES)
def test_round_trip_is_the_identity(peer, name):
    round_trip(peer, message(*SHAPES[name]))


# What is not of MIME, or was marked before it was sealed: header fields, what comes for them.
UNMARKED = {
    "no version": (multi(TEXT, PDF).removeprefix(b"MIME-Version: 1.0\r\n"), b"", b"MIME-Version: 1.0\r\n"),
    "no type": (b"MIME-Version: 1.0\r\n\r\nDIFFUSION RESTREINTE\r\n\r\nTexte.\r\n", b"", b"Content-Type: text/plain\r\n"),
    "neither": (b"\r\nDIFFUSION RESTREINTE\r\n\r\nTexte.\r\n", b"", b"MIME-Version: 1.0\r\nContent-Type: text/plain\r\n"),
    "marked as protected": (multi(TEXT, PDF, more="; protected-headers=\"v1\""), b"; protected-headers=\"v1\"", b""),
    "marked twice": (multi(TEXT, PDF, more="; hp=\"clear\"; protected-headers=v1"), b"; hp=\"clear\"; protected-headers=v1", b""),
}


@pytest.mark.parametrize("name", UNMARKED)
def test_what_says_nothing_is_what_changes(peer, name):
    """A version and a type that RFC 2045 reads into a message that has none; a mark of protection that was not true."""
    content, old, new = UNMARKED[name]
    sent = message(NOTED, content)
    expected = new + sent.raw.replace(old, b"", 1)
    got, _record = peer.delivered(peer.through(sent))
    same(expected, got)


@pytest.mark.parametrize("name", ADDRESSED)
def test_addresses_are_as_written(peer, name):
    round_trip(peer, message(NOTED, multi(TEXT, PDF), head=ADDRESSED[name]))
