# SPDX-License-Identifier: Apache-2.0
"""Rows for `make`: files within files, each a part with a path of its own, and what makes the outer one unread."""

import base64
import io
import pathlib
import sys
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
from pictures import jpeg, png  # noqa: E402

OK = "message"
TEXT = "Content-Type: text/plain; charset=utf-8\n\nBonjour,\nvoici.\n"
BODY = "1 - text/plain"
NOTES = "Des notes de la réunion.\n".encode()


def archive(*files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files:
            made.writestr(zipfile.ZipInfo(name, (2026, 11, 21, 10, 0, 0)), data)
    return out.getvalue()


def nested(levels, core):
    for level in range(levels):
        core = archive((f"{level}.zip", core))
    return core


def attached(name, data, kind="application/octet-stream"):
    return (f'Content-Type: {kind}\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; filename="{name}"\n\n'
            + base64.encodebytes(data).decode().rstrip("\n"))


MAIL = b"Received: from x by y; Sat, 21 Nov 2026 10:00:00 +0000\r\nFrom: z@y.example\r\nSubject: x\r\n"


def add_rows(row, mixed, pdf):
    def packed(name, data, *expected, first=OK, file="a.zip", flags="D", kind="application/zip"):
        row(name, mixed(TEXT, attached(file, data)), first, BODY, f'2 {flags} {kind} "{file}"', *expected)

    packed("zip-of-text", archive(("notes.txt", NOTES)), '2!notes.txt D text/plain "notes.txt"')
    packed("zip-of-pdf", archive(("a.pdf", b"%PDF-1.4\n" + b"x" * 300)), '2!a.pdf DU application/pdf "a.pdf"', flags="DU")
    packed("zip-in-zip", archive(("b.zip", archive(("lettres/n.txt", NOTES)))), '2!b.zip D application/zip "b.zip"',
           '2!b.zip!lettres/n.txt D text/plain "n.txt"')
    packed("zip-of-unread-in-zip", archive(("b.zip", archive(("x.bin", b"\x93\0\xba\x0b\x91" * 60)))), '2!b.zip DU application/zip "b.zip"',
           '2!b.zip!x.bin DU application/octet-stream "x.bin"', flags="DU")
    packed("zip-of-one-name", archive(*[(f"n{i % 2}/a.txt", NOTES) for i in range(2)], ("b/a.txt", NOTES)), '2!n0/a.txt D text/plain "a.txt"',
           '2!n1/a.txt D text/plain "a.txt"', '2!b/a.txt D text/plain "a.txt"')
    packed("zip-with-logo", archive(("n.txt", NOTES), ("logo.png", png(120, 40))), '2!n.txt D text/plain "n.txt"')
    packed("zip-with-scan", archive(("n.txt", NOTES), ("scan.jpg", jpeg(826, 1169))), '2!n.txt D text/plain "n.txt"',
           '2!scan.jpg DU image/jpeg "scan.jpg"', flags="DU")
    packed("zip-with-signs-in-names", archive(("a!b:c.txt", NOTES), ("x\u202efdp.exe", NOTES)), '2!a_b:c.txt D text/plain "a_b:c.txt"',
           '2!x_fdp.exe D text/plain "x_fdp.exe"')
    mail = MAIL + b"Content-Type: text/plain\r\n\r\nBonjour\r\n"
    letter = (MAIL + mixed(TEXT, pdf(), boundary="i").encode()).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    packed("mail-attached", mail, "2!1 - text/plain", first="message nested", file="a.eml", flags="DN", kind="message/rfc822")
    packed("mail-with-pdf-attached", letter, "2!1 - text/plain", '2!2 DU application/pdf "a.pdf"', first="message nested", file="a.eml",
           flags="DUN", kind="message/rfc822")
    packed("mail-with-pdf-in-zip", archive(("a.eml", letter)), '2!a.eml DUN message/rfc822 "a.eml"', "2!a.eml!1 - text/plain",
           '2!a.eml!2 DU application/pdf "a.pdf"', first="message nested", flags="DU")
    packed("mail-in-zip", archive(("a.eml", mail)), '2!a.eml DN message/rfc822 "a.eml"', "2!a.eml!1 - text/plain", first="message nested")
    ambiguous = mail.replace(b"text/plain", b"multipart/mixed")
    packed("mail-of-two-readings-in-zip", archive(("a.eml", ambiguous)), '2!a.eml DUAN message/rfc822 "a.eml"', "2!a.eml!1 DUA text/plain",
           first="message nested", flags="DUA")
    deep = nested(15, archive(("n.txt", NOTES)))
    names = [f"{level}.zip" for level in reversed(range(15))]
    packed("zip-of-sixteen-levels", deep, *[f'2!{"!".join(names[: i + 1])} D application/zip "{name}"' for i, name in enumerate(names)],
           f'2!{"!".join(names)}!n.txt D text/plain "n.txt"')
    deep, names = archive(("more.zip", deep)), ["more.zip", *names]
    packed("zip-of-seventeen-levels", deep, *[f'2!{"!".join(names[: i + 1])} DU application/zip "{name}"' for i, name in enumerate(names)],
           f'2!{"!".join(names)}!n.txt DU text/plain "n.txt"', flags="DU")
    word = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1500)
    text = archive(("n.txt", NOTES))
    xml = b'<?xml version="1.0"?><note>' + b"x " * 40 + b"</note>"
    packed("xml-with-a-zip-behind", xml + text, file="a.xml", flags="DUA", kind="application/octet-stream")
    packed("word-with-a-pdf-before", word[:600] + b"%PDF-1.4\n" + word[600:], file="a.doc", flags="DUA", kind="application/x-ole-storage")
    packed("word-with-a-rar-in-it", word + b"Rar!\x1a\7\0" + bytes(100), file="a.doc", flags="DUA", kind="application/x-ole-storage")
