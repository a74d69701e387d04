# SPDX-License-Identifier: Apache-2.0
"""Messages and documents the tests send. Everything is made on the spot and repeatable: same call, same bytes
(but for the Message-ID, which is how a test finds its message again)."""

import email.policy
import random
import uuid
from email.message import EmailMessage

AGENT = "agent@interieur.gov.example"
FINANCES = "directeur@finances.gov.example"
JUSTICE = "greffe@justice.gov.example"
GMAIL = "personne@gmail.com"
WIRE = email.policy.SMTP.clone(cte_type="8bit")


def pdf(text="Proces-verbal de la reunion du comite", size=0, seed=1):
    """A PDF that opens, with `size` octets of noise in a second stream."""
    page = b"BT /F1 14 Tf 72 720 Td (" + text.encode("latin-1", "replace") + b") Tj ET"
    noise = random.Random(seed).randbytes(size)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(page), page),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(noise), noise),
    ]
    out, offsets = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"), []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


class Mail:
    """Bytes as they go over the wire, and what a test wants to know about them."""

    def __init__(self, raw, message_id):
        self.raw, self.message_id = raw, message_id


def new_message_id():
    return f"<{uuid.uuid4().hex}@interieur.gov.example>"


LETTER = "Bonjour,\r\n\r\nvoir plus bas.\r\n"
CHAT = "Bonjour,\r\n\r\nDejeuner jeudi a midi ?\r\n\r\n-- \r\nAgent\r\n"


def mail(to=FINANCES, subject="Note", text=LETTER, documents=(), sender=AGENT, headers=()):
    """documents: (file name, bytes) or (file name, bytes, media type)."""
    message, message_id = EmailMessage(policy=WIRE), new_message_id()
    message["From"] = sender
    message["To"] = to if isinstance(to, str) else ", ".join(to)
    message["Subject"] = subject
    message["Date"] = "Sat, 21 Nov 2026 10:00:00 +0000"
    message["Message-ID"] = message_id
    for name, value in headers:
        message[name] = value
    message.set_content(text, cte="7bit" if text.isascii() else "8bit")
    for name, content, *kind in documents:
        major, minor = (kind[0] if kind else "application/pdf").split("/")
        message.add_attachment(content, maintype=major, subtype=minor, filename=name)
    return Mail(message.as_bytes(policy=WIRE), message_id)


def plain(to=GMAIL, sender=AGENT, subject="Dejeuner", text=CHAT):
    """Hand-written, so that no library's taste is in it."""
    message_id = new_message_id()
    raw = (f"From: {sender}\r\nTo: {to}\r\nSubject: {subject}\r\nDate: Sat, 21 Nov 2026 10:00:00 +0000\r\n"
           f"Message-ID: {message_id}\r\nX-Long: folded\r\n\tonto  a second  line\r\n\r\n{text}")
    return Mail(raw.encode(), message_id)


def raw_mail(header, body, to=FINANCES, sender=AGENT, subject="Note"):
    """header and body as bytes, under the usual fields: for messages that no library would write."""
    message_id = new_message_id()
    top = (f"From: {sender}\r\nTo: {to}\r\nSubject: {subject}\r\nDate: Sat, 21 Nov 2026 10:00:00 +0000\r\n"
           f"Message-ID: {message_id}\r\n").encode()
    return Mail(top + header + b"\r\n" + body, message_id)
