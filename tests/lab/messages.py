# SPDX-License-Identifier: Apache-2.0
"""Messages and documents for tests, valid enough that every reader agrees what they are.

The same arguments give the same bytes, so that two runs can be compared.
"""

import base64
import email.header
import random
import re
import zlib

DATE = "Mon, 16 Nov 2026 09:30:00 +0100"


def pdf(text="Note de service", size=0, seed=1):
    """A PDF 1.4 that viewers open: one page with a line of text. A random stream fills it up to about `size` octets."""
    escaped = re.sub(rb"[\\()]", rb"\\\g<0>", text.encode("latin-1", "replace"))
    page = zlib.compress(b"BT /F1 18 Tf 72 720 Td (" + escaped + b") Tj ET")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(page), page),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    filler = random.Random(seed).randbytes(max(0, size - 1024))
    if filler:
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(filler), filler))
    return _pdf_file(objects)


def plain(subject="Réunion", text="Bonjour,\r\nà demain.\r\n", sender="agent@interieur.gov.example",
          to="ami@gmail.com", extra=()):
    """Conversation: text/plain in 8-bit UTF-8, no attachment."""
    head = _head(subject, sender, to, extra) + [
        "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit"]
    return _join(head) + text.encode()


def document(content, name="note.pdf", kind="application/pdf", subject="Note de service", text="Ci-joint la note.\r\n",
             sender="agent@interieur.gov.example", to="directeur@finances.gov.example", extra=(), boundary="=_khatm_lab"):
    """A text and one attachment in base64, as an ordinary client writes it."""
    head = _head(subject, sender, to, extra) + [
        "MIME-Version: 1.0", f'Content-Type: multipart/mixed; boundary="{boundary}"']
    parts = [
        _join(["Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit"]) + text.encode(),
        _join([f"Content-Type: {kind}; {_parameter('name', name)}", "Content-Transfer-Encoding: base64",
               f"Content-Disposition: attachment; {_parameter('filename', name)}"]) + encode_base64(content),
    ]
    line = b"--" + boundary.encode()
    body = b"".join(line + b"\r\n" + part + b"\r\n" for part in parts)
    return _join(head) + b"This is a multi-part message in MIME format.\r\n" + body + line + b"--\r\n"


def encode_base64(content):
    """Lines of 76 columns, CRLF."""
    return base64.encodebytes(content).replace(b"\n", b"\r\n")


def _head(subject, sender, to, extra):
    token = zlib.crc32(f"{subject}{sender}{to}{extra}".encode())
    recipients = ", ".join(f"<{one}>" for one in ([to] if isinstance(to, str) else to))
    return [f"From: <{sender}>", f"To: {recipients}", f"Subject: {_encoded(subject)}", f"Date: {DATE}",
            f"Message-ID: <{token:08x}.lab@{sender.partition('@')[2]}>", *extra]


def _encoded(text):
    return text if text.isascii() else email.header.Header(text, "utf-8", maxlinelen=990).encode()


def _parameter(name, value):
    if value.isascii():
        return f'{name}="{value}"'
    return f"{name}*=utf-8''" + "".join(f"%{byte:02X}" for byte in value.encode())


def _join(lines):
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def _pdf_file(objects):
    out, places = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table) + (
        b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(out)))
