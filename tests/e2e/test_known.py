# SPDX-License-Identifier: Apache-2.0
"""A document that a ministry sent us is known from then on, and does not go to a consumer address under another name, in
an archive, converted, edited or pasted into a message: the record says by what it was recognised and whose it was. The
private letter beside it, of the same length and with the same formulas, goes its way and leaves no trace of its text."""

import base64
import gzip
import io
import json
import pathlib
import quopri
import re
import sqlite3
import tarfile
import zipfile
import zlib
from typing import NamedTuple

import logos
import pytest
from gateway import without_transport
from known_letters import ARABIC, FRENCH, PRIVATE, edited, redated
from letters import AGENT, FINANCES, GMAIL, mail, raw_mail
from pictures import jpeg, png

MINISTRY, CITIZEN = "192.0.2.17", "203.0.113.5"  # may send for finances.gov.example, for gmail.com
INTRO = {"fr": ["Salut,", "voici ce que je t'avais promis, garde-le pour toi.", ""],
         "ar": ["مرحبا", "هذا ما وعدتك به، احتفظ به لنفسك.", ""]}
LETTERS = {"fr": ("french", FRENCH), "ar": ("arabic", ARABIC)}
FORMATS = ("docx", "odt", "pdf", "rtf", "doc", "pdf.txt", "pdf.odt")
FILES = pathlib.Path(__file__).resolve().parent.parent / "corpus" / "known" / "files"


class Letter(NamedTuple):
    lines: list
    files: dict     # extension: bytes
    reference: str  # of the record with which it came


def deliver(lab, sent, sender, client):
    with lab.new_records() as records:
        answer = lab.deliver(sent.raw, [AGENT], sender=sender, xclient={"ADDR": client, "NAME": "[UNAVAILABLE]"})
    assert answer.code == 250, answer
    return records[0]


@pytest.fixture(scope="module")
def lab(labs):
    held = labs.fresh()
    yield held
    labs.stop_one(held)


@pytest.fixture(scope="module")
def letters(lab):
    held = {}
    for language, (name, lines) in LETTERS.items():
        files = {extension: (FILES / f"{name}.{extension}").read_bytes() for extension in FORMATS}
        sent = mail(to=AGENT, sender=FINANCES, documents=[("report.docx", files["docx"])])
        record = deliver(lab, sent, FINANCES, MINISTRY)
        assert (record["verdict"], record["sender"]) == ("pass", "government")
        held[language] = Letter(lines, files, record["reference"])
    return held


def zipped(name, content, **how):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", **how) as archive:
        archive.writestr(name, content)
    return out.getvalue()


def tarred(name, content):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return gzip.compress(out.getvalue())


def attached(name, content):
    return mail(to=GMAIL, text="Bonjour\r\n", documents=[(name, content, "application/octet-stream")])


ATTACHED = {
    "as it came": ("bytes", lambda files: attached("report.docx", files["docx"])),
    "renamed": ("bytes", lambda files: attached("photos de vacances.jpg", files["docx"])),
    "in a zip": ("bytes", lambda files: attached("photos.zip", zipped("a/IMG_1.jpg", files["docx"]))),
    "zipped again": ("bytes", lambda files: attached("p.zip", zipped("p.zip", zipped(
        "p.bin", files["docx"], compression=zipfile.ZIP_BZIP2), compression=zipfile.ZIP_DEFLATED))),
    "in a tar.gz": ("bytes", lambda files: attached("photos.tar.gz", tarred("IMG_1.jpg", files["docx"]))),
    "as OpenDocument": (None, lambda files: attached("report.odt", files["odt"])),
    "as PDF": (None, lambda files: attached("report.pdf", files["pdf"])),
    "as RTF": (None, lambda files: attached("report.rtf", files["rtf"])),
    "as an old .doc": (None, lambda files: attached("report.doc", files["doc"])),
    "as OpenDocument made of the PDF": (None, lambda files: attached("report.odt", files["pdf.odt"])),
    "as PDF in a zip": (None, lambda files: attached("report.zip", zipped("report.pdf", files["pdf"]))),
}


def refused(lab, sent):
    with lab.nothing_leaves(), lab.new_records() as records:
        reply = lab.send(sent, GMAIL)
    assert reply.code == 550 and "5.7.1 " in reply.text and GMAIL in reply.text, reply
    assert [record["reference"] for record in records] == [reply.reference]
    known = [document["known"] for document in records[0]["documents"] if document["known"]]
    return reply, records[0], known


def check_told(lab, reply, sent, original, tmp_path):
    """The record, its explanation and the trace of both ends say whose it was."""
    explained = lab.khatm("explain", "--reference", reply.reference)
    traced = lab.khatm("trace", reply.reference).stdout.decode()
    assert re.search(rf"known by .* of {original}", traced), traced
    assert explained.returncode == 20
    assert reply.reference in lab.khatm("trace", original).stdout.decode(), "no way from the document to its refusal"
    file = tmp_path / "message.eml"
    file.write_bytes(sent.raw)
    said = lab.khatm("explain", "--role", "submission", "--login", lab.env["LOGIN"], "--tls-version", "TLSv1.3", "--client-ip",
                     "127.0.0.1", "--from", AGENT, "--rcpt", GMAIL, str(file))
    assert said.returncode == 20 and re.search(rf"known by .* of {original}", said.stdout.decode()), said.stdout.decode()


@pytest.mark.parametrize("language", LETTERS)
@pytest.mark.parametrize("row", ATTACHED)
def test_attached_document_is_recognised(lab, letters, language, row, tmp_path):
    by, make = ATTACHED[row]
    sent = make(letters[language].files)
    reply, _, known = refused(lab, sent)
    assert known and {one["reference"] for one in known} == {letters[language].reference}
    if by:
        assert {one["by"] for one in known} == {by}
    else:
        assert {one["by"] for one in known} <= {"text", "sketch"} and max(one["share"] for one in known) >= 90, known
    check_told(lab, reply, sent, letters[language].reference, tmp_path)


def body(lines, charset="utf-8", encoding="8bit"):
    text = "\r\n".join(lines).encode(charset, errors="replace" if charset != "utf-8" else "strict") + b"\r\n"
    coded = {"8bit": lambda: text, "base64": lambda: base64.encodebytes(text).replace(b"\n", b"\r\n"),
             "quoted-printable": lambda: quopri.encodestring(text.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")}[encoding]()
    header = f"MIME-Version: 1.0\r\nContent-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: {encoding}\r\n"
    return raw_mail(header.encode(), coded, to=GMAIL, subject="Bonjour")


def logo(data, kind):
    """A message of one line with a logo below."""
    shown = b'Content-Type: text/html; charset=utf-8\r\n\r\n<p>Bonjour</p><img src="cid:logo@bureau">\r\n'
    picture = (f"Content-Type: image/{kind}\r\nContent-ID: <logo@bureau>\r\nContent-Disposition: inline\r\nContent-Transfer-Encoding: base64\r\n\r\n"
               .encode() + base64.encodebytes(data).replace(b"\n", b"\r\n"))
    header = b'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="b"\r\n'
    return raw_mail(header, b"--b\r\n" + shown + b"--b\r\n" + picture + b"--b--\r\n", to=GMAIL, subject="Bonjour")


def remarked(lines):
    """As Windows' file manager keeps what is typed into a picture's properties."""
    return logo(jpeg(300, 120, (0xE1, b"Exif\0\0" + logos.exif((0x9C9C, "\r\n".join(lines).encode("utf-16-le") + b"\0\0")))), "jpeg")


def commented(lines):
    return logo(png(160, 60, (b"iTXt", b"Comment\0\1\0\0\0" + zlib.compress("\n".join(lines).encode()))), "png")


CHARSETS = {"fr": "windows-1252", "ar": "windows-1256"}
PASTED = {
    "pasted": lambda language, letter: body(INTRO[language] + letter.lines),
    "quoted": lambda language, letter: body(INTRO[language] + ["> " + line for line in letter.lines]),
    "copied from the PDF": lambda language, letter: body(INTRO[language] + letter.files["pdf.txt"].decode().split("\n")),
    "base64": lambda language, letter: body(letter.lines, encoding="base64"),
    "quoted-printable, old charset": lambda language, letter: body(letter.lines, CHARSETS[language], "quoted-printable"),
    "another date": lambda language, letter: body(INTRO[language] + redated(letter.lines)),
    "edited": lambda language, letter: body(INTRO[language] + edited(letter.lines)),
    "in the remarks of a logo": lambda language, letter: remarked(letter.lines),
    "in the packed comment of a logo": lambda language, letter: commented(edited(letter.lines)),
}


@pytest.mark.parametrize("language", LETTERS)
@pytest.mark.parametrize("row", PASTED)
def test_pasted_text_is_the_document(lab, letters, language, row, tmp_path):
    letter = letters[language]
    sent = PASTED[row](language, letter)
    reply, record, known = refused(lab, sent)
    assert [one["reference"] for one in known] == [letter.reference]
    assert known[0]["by"] in ("text", "sketch") and known[0]["share"] >= 60
    check_told(lab, reply, sent, letter.reference, tmp_path)


def remembered(lab):
    journal = sqlite3.connect(f"file:{lab.env['JOURNAL']}?mode=ro", uri=True)
    try:
        return [journal.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("text", "shingle")]
    finally:
        journal.close()


HONEST = {
    "a private letter": PRIVATE,
    "the formulas and the signature": FRENCH[:5] + PRIVATE[4:8] + FRENCH[-2:],
    "a sentence of it": INTRO["fr"] + [FRENCH[5]] + PRIVATE[4:],
}
HONEST_MAIL = {
    **{name: body(lines) for name, lines in HONEST.items()},
    "a private letter in the remarks of a logo": remarked(PRIVATE),
    "a private letter in the packed comment of a logo": commented(PRIVATE),
}


@pytest.mark.parametrize("row", HONEST_MAIL)
def test_honest_letter_goes_its_way_and_is_not_kept(lab, letters, row):
    before = remembered(lab)
    sent = HONEST_MAIL[row]
    with lab.new_records() as records:
        reply = lab.send(sent, GMAIL)
    assert reply.code == 250, reply
    assert without_transport(lab.arrived("gmail.com", sent)) == sent.raw.replace(b"\r\n", b"\n")
    assert all(record["documents"] == [] for record in records)
    assert remembered(lab) == before


def test_a_citizens_own_letter_never_counts(lab, letters):
    """What a citizen sent in may be quoted to him: it never was ours."""
    text = edited(PRIVATE, 3)
    sent = mail(to=AGENT, sender=GMAIL, documents=[("demande.txt", "\r\n".join(text).encode(), "text/plain")])
    record = deliver(lab, sent, GMAIL, CITIZEN)
    assert record["sender"] == "outsider"
    answer = body(["Bonjour,", "vous nous avez écrit :", *("> " + line for line in text)])
    reply = lab.send(answer, GMAIL)
    assert reply.code == 250, reply
    said = json.loads(lab.khatm("explain", "--json", "--reference", record["reference"]).stdout)
    assert [document["known_by"] for document in said["documents"]] == ["nothing"]


DISCLAIMER = """Ce message et ses pièces jointes sont destinés exclusivement aux personnes dont le nom figure plus haut. Si vous
l'avez reçu par erreur, merci d'en avertir immédiatement son auteur, de le détruire et de n'en garder aucune copie. La
messagerie ne garantit pas l'intégrité de ce qu'elle transporte ; le ministère décline toute responsabilité au titre de
ce message s'il a été altéré, déformé ou falsifié. Les opinions exprimées n'engagent que leur auteur et ne sauraient être
interprétées comme une position officielle de l'administration. Pensez à l'environnement avant d'imprimer ce courrier.""".split("\n")


def test_a_signature_is_no_document(lab, letters):
    """A note of two lines is a document by its marking; what stands under it stands under everybody's mail."""
    note = mail(to=AGENT, sender=FINANCES, text="\r\n".join(["DIFFUSION RESTREINTE", "", "Merci de patienter.", "", *DISCLAIMER]) + "\r\n")
    record = deliver(lab, note, FINANCES, MINISTRY)
    assert [document["level"] for document in record["documents"]] == [2]
    before = remembered(lab)
    reply = lab.send(body(["D'accord pour jeudi midi, je réserve.", "", *DISCLAIMER]), GMAIL)
    assert reply.code == 250, reply
    assert remembered(lab) == before
    again = body(["DIFFUSION RESTREINTE", "", "Merci de patienter.", "", *DISCLAIMER])
    assert refused(lab, again)[2] == [{"by": "bytes", "reference": record["reference"], "share": 100}]
