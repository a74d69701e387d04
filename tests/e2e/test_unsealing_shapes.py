# SPDX-License-Identifier: Apache-2.0
"""Round trip between two gateways: whatever the shape of the message, its header fields and its body come out as they went
in, byte for byte, though a stranger on the way saw neither."""

import base64
import quopri
import re

import pytest
from letters import Mail, new_message_id
from messages import pdf
from peer import Peer

OURS = {"received", "return-path", "delivered-to", "x-original-to", "authentication-results"}
NOTE = pdf(size=3000, seed=3)
B64 = base64.encodebytes(NOTE).replace(b"\n", b"\r\n")
HEAD = "From: agent@interieur.gov.example\r\nTo: directeur@finances.gov.example\r\n"
PDF = b"Content-Type: application/pdf; name=\"note.pdf\"\r\nContent-Transfer-Encoding: base64\r\n" \
      b"Content-Disposition: attachment; filename=\"note.pdf\"\r\n\r\n" + B64
EIGHT = "Content-Type: text/plain; charset={}\r\nContent-Transfer-Encoding: 8bit\r\n"
TEXT = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nVoilà.\r\n".encode()
PIXEL = base64.b64encode(bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b"))


def multi(*parts, kind="mixed", boundary="=_a", more="", before=b"", after=b""):
    """header fields and body of a multipart."""
    head = f"MIME-Version: 1.0\r\nContent-Type: multipart/{kind}; boundary=\"{boundary}\"{more}\r\n".encode()
    body = before + b"".join(b"--" + boundary.encode() + b"\r\n" + part + b"\r\n" for part in parts)
    return head + b"\r\n" + body + b"--" + boundary.encode() + b"--\r\n" + after


def part(*arguments, **more):
    """A multipart as a part of another."""
    return multi(*arguments, **more).replace(b"MIME-Version: 1.0\r\n", b"", 1).rstrip(b"\r\n") + b"\r\n"


def text(content, head="Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"):
    return head.encode() + b"\r\n" + (content if isinstance(content, bytes) else content.encode())


def attached(name, content, kind="application/pdf"):
    return f"Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; {name}\r\n\r\n".encode() + \
        base64.encodebytes(content).replace(b"\n", b"\r\n")


INVITATION = ("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:1@interieur.gov.example\r\n"
              "DTSTAMP:20261121T100000Z\r\nDTSTART:20261124T100000Z\r\nSUMMARY:Réunion de coordination\r\nEND:VEVENT\r\n"
              "END:VCALENDAR\r\n")
SIGNATURE = b"-----BEGIN PGP SIGNATURE-----\r\n\r\n" + base64.encodebytes(
    bytes.fromhex("8875040016080009050266000000000000") + bytes(range(100))).replace(b"\n", b"\r\n") + b"-----END PGP SIGNATURE-----\r\n"
PICTURE = b"Content-Type: image/gif\r\nContent-ID: <p@x>\r\nContent-Transfer-Encoding: base64\r\n" \
          b"Content-Disposition: inline\r\n\r\n" + PIXEL + b"\r\n"
CALENDAR = "Content-Type: text/calendar; charset=utf-8; method=REQUEST\r\n"
CARD = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Agent\r\nEND:VCARD\r\n"
LETTER = "Content-Type: text/html; charset=utf-8\r\n\r\n<p>Voir la note</p>\r\n".encode()

# name, further header fields, content with its header fields
SHAPES = {
    "8-bit text": ("Subject: Note\r\n", multi(TEXT, PDF)),
    "latin-1 text": ("Subject: Note\r\n", multi(text("Voilà, déjà.\r\n".encode("latin-1"),
                                                       EIGHT.format("iso-8859-1")), PDF)),
    "windows-1256 text": ("Subject: Note\r\n", multi(text("السلام عليكم\r\n".encode("cp1256"),
                                                            EIGHT.format("windows-1256")), PDF)),
    "format=flowed": ("Subject: Note\r\n", multi(text("Une ligne qui \r\ncoule \r\n> citée \r\n-- \r\nAgent\r\n",
                                                        "Content-Type: text/plain; charset=utf-8; format=flowed; delsp=yes\r\n"), PDF)),
    "quoted-printable": ("Subject: Note\r\n", multi(text(quopri.encodestring("Voilà  \nété=\n".encode()).replace(b"\n", b"\r\n"),
                                                           EIGHT.format("utf-8").replace("8bit", "quoted-printable")), PDF)),
    "base64 text": ("Subject: Note\r\n", multi(text(base64.encodebytes("Voilà.\r\n".encode()).replace(b"\n", b"\r\n"),
                                                      EIGHT.format("utf-8").replace("8bit", "base64")), PDF)),
    "alternative": ("Subject: Note\r\n", multi(part(TEXT, LETTER, kind="alternative", boundary="=_b"), PDF)),
    "related picture": ("Subject: Note\r\n", multi(part(LETTER, PICTURE, kind="related", boundary="=_b"), PDF)),
    "multiparts in multiparts": ("Subject: Note\r\n", multi(part(part(TEXT, PDF, boundary="=_c"), PDF, boundary="=_b"), PDF)),
    "forwarded message": ("Subject: TR: Note\r\n", multi(TEXT, b"Content-Type: message/rfc822\r\n\r\nFrom: autre@interieur.gov.example\r\n"
                                                           b"To: agent@interieur.gov.example\r\nSubject: =?utf-8?q?d=C3=A9j=C3=A0?=\r\n" +
                                                           part(TEXT, PDF, boundary="=_b"))),
    "calendar invitation": ("Subject: Invitation\r\n", multi(part(TEXT, text(INVITATION, CALENDAR), kind="alternative", boundary="=_b"), PDF)),
    "signed by staff": ("Subject: Note\r\n", multi(part(text("Bonjour.\r\n", "Content-Type: text/plain; charset=us-ascii\r\n"), PDF, boundary="=_b"),
                                                     b"Content-Type: application/pgp-signature; name=\"signature.asc\"\r\n\r\n" + SIGNATURE,
                                                     kind="signed", more="; micalg=pgp-sha256;\r\n protocol=\"application/pgp-signature\"")),
    "subject in base64": ("Subject: =?UTF-8?B?w5xiZXJnYWJlIGRlciBQcsO8ZnVuZ3N1bnRlcmxhZ2Vu?=\r\n", multi(TEXT, PDF)),
    "subject quoted, folded": ("Subject: =?iso-8859-1?Q?R=E9union_de_coordination?=\r\n =?iso-8859-1?Q?_pr=E9fectorale?=\r\n", multi(TEXT, PDF)),
    "subject in Arabic": ("Subject: =?utf-8?B?" + base64.b64encode("محضر الاجتماع".encode()).decode() + "?=\r\n", multi(TEXT, PDF)),
    "subject in raw UTF-8": ("Subject: Réunion de coordination\r\n", multi(TEXT, PDF)),
    "long folded fields": ("Subject: Note\r\nReferences: " + "\r\n\t".join(f"<{n}.abcdefghijklmnop@interieur.gov.example>" for n in range(30)) +
                           "\r\nIn-Reply-To: <29.abcdefghijklmnop@interieur.gov.example>\r\n", multi(TEXT, PDF)),
    "labels and other fields": ("Subject: Note\r\nImportance: high\r\nSensitivity: Company-Confidential\r\nX-Priority: 1\r\n"
                                "Reply-To: greffe@interieur.gov.example\r\nX-Twice: un\r\nX-Twice: deux\r\n"
                                "X-Mailer: Poste\r\nOrganization: =?utf-8?q?Pr=C3=A9fecture?=\r\n",
                                multi(TEXT, PDF)),
    "copies": ("Subject: Note\r\nCc: \"Le directeur, adjoint\" <adjoint@finances.gov.example>,\r\n greffe@finances.gov.example\r\n",
               multi(TEXT, PDF)),
    "name in RFC 2231": ("Subject: Note\r\n", multi(TEXT, attached("filename*=utf-8''Pr%C3%BCfungs%C3%BCbersicht.pdf", NOTE))),
    "name in two pieces": ("Subject: Note\r\n", multi(TEXT, attached("filename*0=\"un nom tres \";\r\n filename*1=\"long.pdf\"", NOTE))),
    "ten attachments": ("Subject: Note\r\n", multi(TEXT, *[attached(f"filename=\"note {n}.pdf\"", pdf(size=1500, seed=n)) for n in range(10)])),
    "no multipart": ("Subject: Note\r\n", b"MIME-Version: 1.0\r\n" + PDF),
    "HTML alone": ("Subject: Note\r\n", multi(LETTER, PDF)),
    "dots and From lines": ("Subject: Note\r\n", multi(text(".\r\n..\r\n.x\r\nFrom moi\r\n>From toi\r\n"), PDF)),
    "lines like boundaries": ("Subject: Note\r\n", multi(text("--\r\n--=_\r\n-- \r\n--khatm-00\r\n-----BEGIN ...\r\n"), PDF)),
    "blanks at line ends": ("Subject: Note\r\n", multi(text("un  \r\ndeux\t\r\n   \r\n\r\n\r\n"), PDF)),
    "long lines": ("Subject: Note\r\n", multi(text("x" * 900 + "\r\n" + "y" * 990 + "\r\n"), PDF)),
    "odd boundary": ("Subject: Note\r\n", multi(TEXT, PDF, boundary="'()+_,-./:=? a'")),
    "type with its own parameters": ("Subject: Note\r\n", multi(TEXT, PDF, more=";\r\n\tcharset=utf-8; x-note=\"a;b=\\\"c\\\"\"")),
    "preamble and epilogue": ("Subject: Note\r\n", multi(TEXT, PDF, before=b"Ceci est un message MIME.\r\n", after=b"fin\r\n")),
    "empty subject": ("Subject: \r\n", multi(TEXT, PDF)),
    "a card beside it": ("Subject: Note\r\n", multi(TEXT, PDF, attached("filename=\"moi.vcf\"", CARD, "text/vcard"))),
    "25 MB": ("Subject: Note\r\n", multi(TEXT, attached("filename=\"grand.pdf\"", pdf(size=18_000_000, seed=8)))),
}


@pytest.fixture(scope="module")
def peer(labs):
    lab = labs.fresh_of(Peer, "--peer-unseal", "open")
    yield lab
    labs.stop_one(lab)


def parts_of(raw):
    """Fields that the author wrote, unfolded and in any order; the body."""
    head, _, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    fields = [re.sub(rb"\n[ \t]+", b" ", field) for field in re.split(rb"\n(?![ \t])", head)]
    return sorted(field for field in fields if field.partition(b":")[0].decode().lower() not in OURS), body


@pytest.mark.parametrize("name", SHAPES)
def test_round_trip_is_the_identity(peer, name):
    more, content = SHAPES[name]
    message_id = new_message_id()
    raw = f"{HEAD}{more}Date: Sat, 21 Nov 2026 10:00:00 +0000\r\nMessage-ID: {message_id}\r\n".encode() + content
    sent = peer.through(Mail(raw, message_id))
    got, record = peer.delivered(sent)
    assert record["verdict"] == "unseal"
    fields, body = parts_of(raw)
    got_fields, got_body = parts_of(got)
    assert got_fields == fields
    assert got_body == body
