# SPDX-License-Identifier: Apache-2.0
"""The messages, the same on every machine. A PDF is a valid one: a page of text that a reader can find, and an embedded
stream of noise that no compression shrinks, as scans are."""

import base64
import pathlib
import random
import zlib
from dataclasses import dataclass

OWN, PEER = "interieur.gov.example", "finances.gov.example"
SENDER = f"scanner@{OWN}"
CITIZEN = "citoyenne@gmail.com"
COLLEAGUE = f"agent@{OWN}"
MINISTRY = f"courrier@{PEER}"
CLIENT = "192.0.2.17"  # of the ministry: whom the relay in front of us says that it got the mail from

LETTER = "Madame, Monsieur,\n\nveuillez trouver ci-joint la note de service.\n\nCordialement\nLe service courrier\n"
LINE = "La reunion mensuelle est reportee a jeudi, a la meme heure et dans la meme salle.\n"
TEXT_BYTES = 4096


@dataclass(frozen=True)
class Letter:
    """A message file with LF line ends, as smtp-source wants it, and its envelope."""

    file: pathlib.Path
    sender: str
    rcpt: str


def write(folder, workload, bench, sign=None):
    """`sign` (of B2): a function from the text of a message to the signed one."""
    path = folder / f"{bench}-{workload.name}.eml"
    sender = MINISTRY if bench == "B2" else SENDER
    rcpt = {"B1": COLLEAGUE if workload.document_bytes else CITIZEN, "B2": COLLEAGUE}.get(bench, MINISTRY)
    head = _header(sender, rcpt, path.stem)
    if workload.document_bytes:
        text = head + _mixed(_part("application/pdf", "note.pdf", pdf(workload.document_bytes)))
    elif bench in ("B1", "B2"):
        text = head + "Content-Type: text/plain; charset=us-ascii\n\n" + _filled(LETTER, TEXT_BYTES - 300)
    else:
        # Conversation is never sealed, so here the 4 kB are a letter with a text file attached.
        note = _filled("Note de service\n\n", TEXT_BYTES * 5 // 8)
        text = head + _mixed(_part("text/plain; charset=us-ascii", "note.txt", note.encode()))
    path.write_text(_relayed(sign(text)) if bench == "B2" else text)
    return Letter(path, sender, rcpt)


def pdf(size):
    """A PDF of about `size` bytes (a kilobyte more or less)."""
    lines = b"".join(b"(Note de service, article %d) Tj T*\n" % number for number in range(1, 41))
    page = zlib.compress(b"BT /F1 11 Tf 60 780 Td 16 TL\n" + lines + b"ET")
    noise = random.Random(size).randbytes(max(1, size - 1500))
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(page), page),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(noise), noise),
    )
    out, table = bytearray(b"%PDF-1.5\n%\xc3\xa4\xc3\xbc\n"), []
    for number, body in enumerate(objects, 1):
        table.append(b"%010d 00000 n \n" % len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(table) + 1, b"".join(table))
    out += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(table) + 1, start)
    return bytes(out)


def _relayed(text):
    """With what a relay of ours wrote: SPF says nothing of loopback, where the mail really comes from."""
    return (f"Received: from mx.{PEER} (mx.{PEER} [{CLIENT}])\n\tby relais.{OWN} (Postfix) with ESMTPS id 4Xy9z\n"
            f"\tfor <{COLLEAGUE}>; Sat, 21 Nov 2026 09:00:00 +0100\n{text}")


def _header(sender, rcpt, name):
    return (f"From: Service courrier <{sender}>\nTo: <{rcpt}>\nSubject: Note de service {name}\n"
            f"Message-ID: <{name}@{OWN}>\nDate: Sat, 21 Nov 2026 09:00:00 +0100\nMIME-Version: 1.0\n")


def _mixed(part):
    return ('Content-Type: multipart/mixed; boundary="bench"\n\n'
            f"--bench\nContent-Type: text/plain; charset=us-ascii\n\n{LETTER}\n--bench\n{part}\n--bench--\n")


def _part(kind, name, content):
    return (f'Content-Type: {kind}\nContent-Disposition: attachment; filename="{name}"\n'
            f"Content-Transfer-Encoding: base64\n\n{base64.encodebytes(content).decode().rstrip()}")


def _filled(text, size):
    return text + LINE * ((size - len(text)) // len(LINE))
