# SPDX-License-Identifier: Apache-2.0
"""Rows for `make`: documents of offices as their programs write them, and what is packed in them."""

import gzip
import io
import pathlib
import tarfile

from packed import BODY, NOTES, OK, TEXT, attached

READERS = pathlib.Path(__file__).resolve().parents[1] / "readers"
OOXML = "application/vnd.openxmlformats-officedocument"


def tape(*files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as made:
        for name, data in files:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            made.addfile(info, io.BytesIO(data))
    return out.getvalue()


def add_rows(row, mixed):
    def office(name, path, kind, *inner, flags="D"):
        data = path if isinstance(path, bytes) else (READERS / path).read_bytes()
        file = f"{name}.{path.rsplit('.', 1)[1]}" if isinstance(path, str) else name
        row(f"office-{name}", mixed(TEXT, attached(file, data)), OK, BODY, f'2 {flags} {kind} "{file}"', *inner)

    office("letter-docx", "office/lettre.docx", f"{OOXML}.wordprocessingml.document")
    office("letter-doc", "ole/lettre.doc", "application/msword")
    office("letter-rtf", "rtf/lettre.rtf", "text/rtf")
    office("sheet-xlsx", "office/agents.xlsx", f"{OOXML}.spreadsheetml.sheet")
    office("sheet-xls", "ole/agents.xls", "application/vnd.ms-excel")
    office("slides-pptx", "office/reunion.pptx", f"{OOXML}.presentationml.presentation")
    office("password-docx", "ole/password.docx", "application/encrypted", flags="DU")
    office("password-odt", "office/password.odt", "application/vnd.oasis.opendocument.text", flags="DU")
    office("two-names-docx", "office/two-names.docx", "application/zip", '2![Content_Types].xml D text/plain "[Content_Types].xml"',
           '2!a.jpg D text/xml "a.jpg"', flags="DUA")
    office("macro-docm", "office/macro.docm", "application/vnd.ms-word.document.macroenabled.12",
           '2!vbaProject.bin DU application/octet-stream "vbaProject.bin"', flags="DU")
    office("native-doc", "ole/native.doc", "application/msword", '2!C:/tmp/lettre.pdf DU application/pdf "lettre.pdf"',
           "2!~1 DU application/octet-stream", "2!~2 DU application/pdf", flags="DU")
    office("package-rtf", "rtf/package.rtf", "text/rtf", '2!C:/tmp/lettre.pdf DU application/pdf "lettre.pdf"', flags="DU")
    office("a.tgz", gzip.compress(tape(("n.txt", NOTES)), mtime=0), "application/gzip", '2!a.tar D application/x-ustar "a.tar"',
           '2!a.tar!n.txt D text/plain "n.txt"')
    office("zeros.gz", gzip.compress(bytes(20480), mtime=0), "application/gzip",
           '2!zeros DU application/octet-stream "zeros"', flags="DU")
