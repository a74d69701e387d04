# SPDX-License-Identifier: Apache-2.0
"""A row of the table of authentication: a letter, how it was signed, what happened to it on the way, who hands it in, and
what the gateway must say."""

import base64
import pathlib
import re
import sys
import time
import uuid
from dataclasses import dataclass

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS / "lab"), str(TESTS / "dkim")]
import messages  # noqa: E402
import signer  # noqa: E402
import world  # noqa: E402

NOW = int(time.time())
PDF = messages.pdf("Note de service")
TO = f"agent@{world.OWN}"


@dataclass(frozen=True)
class Wants:
    """`sender`: the class that the journal names; None: whichever."""

    code: int
    reason: str = ""
    status: str = ""
    sender: str = None


GOVERNMENT = Wants(250, sender="government")
OUTSIDER = Wants(250, sender="outsider")
NULL = Wants(250, sender="null")
CHAT = Wants(250)  # no document: nobody is asked for a proof
SYNTAX = Wants(501, status="5.1.7")  # by Postfix itself
LATER = Wants(451, "INTERNAL")


def refused(reason, status):
    return Wants(550, reason, status, "claimed")


NO_DKIM = refused("AUTH-DKIM", "5.7.20")  # none passes
BAD_DKIM = refused("AUTH-DKIM", "5.7.21")  # one passes, but is not acceptable
ALIEN_DKIM = refused("AUTH-DKIM", "5.7.22")  # one passes, but not of the author's entry
NO_SPF = refused("AUTH-SPF", "5.7.23")
BAD_SPF = refused("AUTH-SPF", "5.7.24")
AUTH = refused("AUTH", "5.7.26")


@dataclass(frozen=True)
class Row:
    name: str
    wants: Wants
    raw: bytes
    mail_from: str
    client: str  # None: a program of this machine
    helo: str
    message_id: str
    options: tuple = ()
    arrives: bytes = None  # what is delivered below the trace fields; None: what was sent


def letter(author, message_id, text="Ci-joint la note.\r\n", document=True, subject="Note de service", date=None, fields=()):
    """`author`: what stands after "From:", or None; `fields`: whole header lines, put on top."""
    part = b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + text.encode()
    if document:
        part = (b'Content-Type: multipart/mixed; boundary="=_limite"\r\n\r\n--=_limite\r\n' + part + b"\r\n--=_limite\r\n"
                b'Content-Type: application/pdf; name="note.pdf"\r\nContent-Transfer-Encoding: base64\r\n'
                b'Content-Disposition: attachment; filename="note.pdf"\r\n\r\n' + messages.encode_base64(PDF) +
                b"--=_limite--\r\n")
    head = [*fields, *([f"From: {author}"] if author is not None else []), f"To: {TO}", f"Subject: {subject}",
            f"Date: {date or messages.DATE}", f"Message-ID: {message_id}", "MIME-Version: 1.0"]
    return b"\r\n".join(line if isinstance(line, bytes) else line.encode() for line in head) + b"\r\n" + part


def by(selector="rsa", domain=None, key=None, **how):
    """A signature; `domain`: the row's own when None; `key`: by name, else the one that the selector is called after, else
    "rsa". `how`: see signer.sign."""
    private = world.KEYS.get(key or selector, world.KEYS["rsa"])
    return lambda raw, own: signer.sign(raw, private, selector, domain or own, **how)


def row(name, domain, wants, *signatures, after=(), mail_from=..., client=..., helo=None, author=..., options=(),
        arrives=None, **content):
    """An honest letter of `domain`, signed from left to right and then changed by each of `after`; what differs from the
    honest one is said by name."""
    known = world.DOMAINS.get(domain)
    plain = world.a_labels(domain)
    message_id = f"<{uuid.uuid4().hex}@{plain}>"
    raw = letter(f"Direction <directeur@{plain}>" if author is ... else author, message_id, **content)
    for signature in signatures:
        raw = signature(raw, plain)
    for change in after:
        raw = change(raw)
    if client is ...:
        client = known.server
    if mail_from is ...:
        mail_from = f"directeur@{plain}"
    return Row(name, wants, raw, mail_from, client, helo or f"mx.{plain}", message_id, tuple(options),
               arrives and arrives(raw))


# --- what happens on the way ---------------------------------------------------------------------------------------

def instead(before, after):
    """One replacement, which must find its place."""
    def change(raw):
        assert before.encode() in raw, before
        return raw.replace(before.encode(), after.encode(), 1)
    return change


def on_top(*fields):
    return lambda raw: b"".join(field.encode() + b"\r\n" for field in fields) + raw


def below(*fields):
    """At the end of the header section."""
    return lambda raw: raw.replace(b"\r\n\r\n", b"\r\n" + "\r\n".join(fields).encode() + b"\r\n\r\n", 1)


def at_the_end(text):
    return lambda raw: raw + text.encode()


def without(field):
    """All header fields of this name taken out."""
    def change(raw):
        head, _, body = raw.partition(b"\r\n\r\n")
        kept = [one for one in re.split(rb"\r\n(?![ \t])", head) if not one.lower().startswith(field.lower().encode() + b":")]
        return b"\r\n".join(kept) + b"\r\n\r\n" + body
    return change


def one_more_part(raw):
    """Another document put into the multipart, after the text."""
    added = (b"--=_limite\r\nContent-Type: application/pdf; name=\"facture.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
             base64.encodebytes(messages.pdf("Facture")).replace(b"\n", b"\r\n"))
    place = raw.rindex(b"--=_limite--")
    return raw[:place] + added + raw[place:]


def rewrapped(raw):
    """A mailing list's: the whole body becomes the first part of a new multipart, with a footer as the second."""
    head, _, body = raw.partition(b"\r\n\r\n")
    fields = re.split(rb"\r\n(?![ \t])", head)
    kind = next(one for one in fields if one.lower().startswith(b"content-type:"))
    fields = [one for one in fields if one is not kind] + [b'Content-Type: multipart/mixed; boundary="=_liste"']
    return (b"\r\n".join(fields) + b"\r\n\r\n--=_liste\r\n" + kind + b"\r\n\r\n" + body +
            b"\r\n--=_liste\r\nContent-Type: text/plain\r\n\r\n_______\r\nliste@liste.example\r\n--=_liste--\r\n")
