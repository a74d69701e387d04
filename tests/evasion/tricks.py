# SPDX-License-Identifier: Apache-2.0
"""A row of the table of evasion: a message by staff to a consumer address, and what must become of it. A trick hides the
document DOCUMENT (or a text that is one) in one way of its own; beside the tricks of each class stand honest messages that
look like them and hide nothing."""

import base64
import hashlib
import pathlib
import quopri
import re
import sys
import uuid
from dataclasses import dataclass

TESTS = pathlib.Path(__file__).resolve().parent.parent
for _folder in ("lab", "support", "corpus/readers"):
    sys.path.insert(0, str(TESTS / _folder))
import messages  # noqa: E402
from letters import AGENT, GMAIL  # noqa: E402

DOCUMENT = messages.pdf("Note de service 2026/114: mouvement des agents", size=3000)
DIGEST = hashlib.sha256(DOCUMENT).hexdigest()
# A text that is a document by what it says.
LETTER = """ROYAUME DU MAROC
MINISTÈRE DE L'INTÉRIEUR
SECRÉTARIAT GÉNÉRAL

CONFIDENTIEL

N° 154/DGCL/DFL

Objet : mouvement

Le présent courrier appelle une réponse avant la fin du mois.
"""


@dataclass(frozen=True)
class Wants:
    """What the decision must say. `fact`: "seen" (DOCUMENT by its digest), "unread", "ambiguous", "opaque", "letter" (text
    that is a document by what it says), "document" (it is called one, whatever it holds), or several of these; "" for an
    honest message, which arrives. `why`: a cause that explains it. `missing`: what is not there yet, so that the row
    fails."""

    fact: str
    why: str = ""
    missing: str = ""

    @property
    def reason(self):
        if not self.fact:
            return ""
        return "UNREADABLE" if {"ambiguous", "opaque"} & set(self.fact.split()) else "CONSUMER"


@dataclass(frozen=True)
class Row:
    name: str
    raw: bytes
    wants: Wants
    message_id: str


class Table:
    """The rows of one class."""

    def __init__(self, family):
        self.family, self.rows = family, []

    def trick(self, name, raw, fact, why="", missing="", **how):
        self._add(name, raw, Wants(fact, why, missing), how)

    def honest(self, name, raw, **how):
        self._add(f"honest: {name}", raw, Wants(""), how)

    def _add(self, name, raw, wants, how):
        message_id = f"<{uuid.uuid4().hex}@interieur.gov.example>"
        self.rows.append(Row(f"{self.family}: {name}", whole(raw, message_id, **how), wants, message_id))


def wire(text):
    """Bytes with CRLF for each \\n that has none; what is bytes already is taken as it is."""
    if isinstance(text, bytes):
        return text
    return re.sub(rb"(?<!\r)\n", b"\r\n", text.encode("utf-8", "surrogateescape"))


def join(*pieces):
    return b"".join(wire(piece) for piece in pieces)


def whole(raw, message_id, top="", subject="Note", mime="MIME-Version: 1.0\n"):
    """raw: the rest of the header section, and the body. `top`: fields that stand before all others."""
    return join(top, f"From: {AGENT}\nTo: {GMAIL}\nSubject: {subject}\nDate: Sat, 21 Nov 2026 10:00:00 +0000\n"
                     f"Message-ID: {message_id}\n{mime}", raw)


# --- pieces ---------------------------------------------------------------------------------------------------------

def b64(data, width=76):
    text = base64.b64encode(data).decode()
    return "".join(text[at:at + width] + "\n" for at in range(0, len(text), width))


def mixed_lines(data):
    """Base64 in lines of 4, 4, 8, 8, 16, 16, 32, 32, 64 characters and so on: correct, and no block to the eye."""
    text, out, at, turn = base64.b64encode(data).decode(), "", 0, 0
    while at < len(text):
        width = (4, 4, 8, 8, 16, 16, 32, 32, 64)[turn % 9]
        out, at, turn = out + text[at:at + width] + "\n", at + width, turn + 1
    return out


def quoted(data):
    return quopri.encodestring(data, quotetabs=True).decode("ascii")


def file(name="note.pdf", data=DOCUMENT, kind="application/pdf", disposition="attachment", encoding="base64", more=""):
    """An honest attachment."""
    body = {"base64": b64, "quoted-printable": quoted}[encoding](data)
    return (f'Content-Type: {kind}; name="{name}"\nContent-Transfer-Encoding: {encoding}\n'
            f'Content-Disposition: {disposition}; filename="{name}"\n{more}\n{body}')


def bare(data=DOCUMENT, kind="application/pdf"):
    """A file without a name, in lines that no scan of the raw bytes takes for base64."""
    return f"Content-Type: {kind}\nContent-Transfer-Encoding: base64\n\n{mixed_lines(data)}"


TEXT = "Content-Type: text/plain; charset=utf-8\n\nBonjour,\nvoici.\n"
PLAIN = "Content-Type: text/plain; charset=utf-8\n\n"
HTML = "Content-Type: text/html; charset=utf-8\n\n<p>Bonjour</p>\n"


def parts(*bodies, boundary="b", preamble="", epilogue="", close=True):
    return join(preamble, *[join(f"--{boundary}\n", body, "\n") for body in bodies],
                f"--{boundary}--\n" if close else "", epilogue)


def multipart(*bodies, kind="mixed", boundary="b", parameters=None, fields="", **how):
    """`parameters`: what stands behind the type instead of an honest boundary parameter."""
    said = f'; boundary="{boundary}"' if parameters is None else parameters
    return join(f"Content-Type: multipart/{kind}{said}\n{fields}\n", parts(*bodies, boundary=boundary, **how))
