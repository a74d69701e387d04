# SPDX-License-Identifier: Apache-2.0
"""The messages that the end-to-end tests send. Same call, same bytes, but for the Message-ID, which is how a test finds
its message again. Documents come from tests/lab/messages.py."""

import email.policy
import uuid
from email.message import EmailMessage

AGENT = "agent@interieur.gov.example"
FINANCES = "directeur@finances.gov.example"
JUSTICE = "greffe@justice.gov.example"
GMAIL = "personne@gmail.com"
WIRE = email.policy.SMTP.clone(cte_type="8bit")


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
