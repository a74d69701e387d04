# SPDX-License-Identifier: Apache-2.0
"""Round trip between two gateways: whatever the shape of the message, its header fields and its body come out as they went
in, byte for byte, though a stranger on the way saw neither."""

import base64
import quopri

import pytest
from messages import pdf
from peer import Peer
from shapes import CALENDAR, INVITATION, LETTER, NOTE, PDF, PICTURE, TEXT, attached, message, multi, part, same, text

EIGHT = "Content-Type: text/plain; charset={}\r\nContent-Transfer-Encoding: 8bit\r\n"
SIGNATURE = b"-----BEGIN PGP SIGNATURE-----\r\n\r\n" + base64.encodebytes(
    bytes.fromhex("8875040016080009050266000000000000") + bytes(range(100))).replace(b"\n", b"\r\n") + b"-----END PGP SIGNATURE-----\r\n"
CARD = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Agent\r\nEND:VCARD\r\n"

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


@pytest.mark.parametrize("name", SHAPES)
def test_round_trip_is_the_identity(peer, name):
    sent = message(*SHAPES[name])
    raw = sent.raw
    got, record = peer.delivered(peer.through(sent))
    assert record["verdict"] == "unseal"
    same(raw, got)
