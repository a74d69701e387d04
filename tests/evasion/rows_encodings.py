# SPDX-License-Identifier: Apache-2.0
"""Transfer encodings: names that are nearly right, base64 and quoted-printable that readers finish in different ways."""

import base64
import binascii
import gzip

from tricks import DOCUMENT, HTML, PLAIN, TEXT, Table, b64, file, join, messages, mixed_lines, multipart, quoted

T = Table("encodings")
UNKNOWN = "unknown Content-Transfer-Encoding"
GARBAGE = "base64 with other characters in it"
GOES_ON = "base64 that goes on after its end"
PADDED = "base64 padded where nothing is missing"
NONE = "quoted-printable that is none"
INNOCENT = "Bonjour,\r\nvoici.\r\n".encode()


def said(encoding, body, kind="application/pdf"):
    return multipart(TEXT, join(f"Content-Type: {kind}\nContent-Transfer-Encoding: {encoding}\n\n", body))


def as_text(encoding, body):
    """The whole message says that it is text, so that only decoding shows what it holds."""
    return join(PLAIN[:-1], f"Content-Transfer-Encoding: {encoding}\n\n", body)


def each(text, length, behind):
    """`behind` after every `length` characters of base64."""
    plain = text.replace("\n", "")
    pieces = [plain[at:at + length] + behind for at in range(0, len(plain), length)]
    line = max(1, 40 // length)
    return "".join("".join(pieces[at:at + line]) + "\n" for at in range(0, len(pieces), line))


# Names.
NAMES = {"quoted": '"base64"', "with a prefix": "x-base64", "escaped": r"base\64", "with a semicolon": "base64;",
         "with a comma before it": ",base64", "with a word behind it": "base64 7bit",
         "in an encoded word": "=?us-ascii?Q?base64?=", "of two, with a comma": "quoted-printable,base64",
         "with a letter too many": "base644", "that Python knows": "base64_codec"}
for name, encoding in NAMES.items():
    T.trick(f"a name {name}", as_text(encoding, mixed_lines(DOCUMENT)), "ambiguous", UNKNOWN)
T.trick("a name cut short", as_text("quoted-print", quoted(DOCUMENT)), "ambiguous")
T.trick("a name in mixed case with a tab before it", as_text("\tBaSe64", mixed_lines(DOCUMENT)), "seen")
T.trick("7bit that is base64", multipart(TEXT, join("Content-Type: application/pdf\nContent-Transfer-Encoding: 7bit\n\n", b64(DOCUMENT))), "document")
T.trick("8bit on binary bytes", join(PLAIN[:-1], b"Content-Transfer-Encoding: 8bit\r\n\r\n", DOCUMENT.replace(b"\n", b"\r\n")),
        "unread", "a file where text should be")
T.trick("binary, with text in front", join(PLAIN[:-1], b"Content-Transfer-Encoding: binary\r\n\r\n", b"Bonjour\r\n",
        messages.pdf("Note", 4000).replace(b"\n", b"\r\n")), "ambiguous", "a PDF file stands at its beginning")
T.trick("uuencode as a transfer encoding", said("x-uuencode", "begin 644 note.pdf\n" + "".join(binascii.b2a_uu(DOCUMENT[at:at
        + 45]).decode() for at in range(0, len(DOCUMENT), 45)) + "`\nend\n"), "ambiguous", UNKNOWN)
T.trick("gzip64 as a transfer encoding", said("x-gzip64", b64(gzip.compress(DOCUMENT, mtime=0))), "ambiguous", UNKNOWN)
T.trick("a coding of HTTP on the content", join(PLAIN[:-1], "Content-Encoding: gzip\nContent-Transfer-Encoding: base64\n\n",
        b64(gzip.compress(DOCUMENT, mtime=0))), "unread", "a file where text should be")
T.trick("base64 on the multipart", join('Content-Type: multipart/mixed; boundary="b"\nContent-Transfer-Encoding: base64\n\n',
        b64(multipart(TEXT, file()).partition(b"\r\n\r\n")[2])), "ambiguous")
T.trick("quoted-printable on the multipart",
        join('Content-Type: multipart/mixed; boundary="b"\nContent-Transfer-Encoding: quoted-printable\n' '\n--b\n', TEXT,
        "\n=2D=2Db\n", file(), "\n--b--\n"), "ambiguous")
# Base64.
T.trick("base64 of 4 characters a line", as_text("base64", each(b64(DOCUMENT), 4, "\n")), "seen")
T.trick("base64 of 3 characters a line with empty lines", as_text("base64", each(b64(DOCUMENT), 3, "\n\n")), "seen")
T.trick("base64 with blanks between", as_text("base64", each(b64(DOCUMENT), 1, " ")), "seen")
T.trick("base64 in one line of 900 characters", as_text("base64", b64(DOCUMENT, 900)), "seen")
T.trick("base64 with number signs", as_text("base64", each(b64(DOCUMENT), 1, "#")), "ambiguous", GARBAGE)
T.trick("base64 with minus signs", as_text("base64", each(b64(DOCUMENT), 4, "-")), "ambiguous", GARBAGE)
T.trick("base64 with vertical tabs", as_text("base64", each(b64(DOCUMENT), 8, "\v")), "ambiguous", GARBAGE)
T.trick("base64 with dots", as_text("base64", each(b64(DOCUMENT), 8, ".")), "ambiguous", GARBAGE)
T.trick("base64 with CR between", as_text("base64", each(b64(DOCUMENT), 4, "\r")), "seen")
T.trick("base64 with words in front", as_text("base64", "voici: \n" + b64(DOCUMENT)), "ambiguous")
T.trick("base64 with characters too few in front", as_text("base64", "AB\n\n" + b64(DOCUMENT)), "ambiguous")
T.trick("base64 with padding in front", as_text("base64", "====\n" + b64(DOCUMENT)), "ambiguous", PADDED)
T.trick("base64 with padding on every line", as_text("base64", each(b64(DOCUMENT), 40, "=")), "ambiguous")
T.trick("base64 of text, its end, then the document", as_text("base64", b64(INNOCENT + b"\n") + b64(DOCUMENT)), "ambiguous")
T.trick("base64 of text, its end, then the document, in a part", said("base64", b64(INNOCENT + b"\n") + b64(DOCUMENT), "text/plain"), "ambiguous")
T.trick("base64 in two, the first half padded once", as_text("base64", b64(DOCUMENT[:602]) + b64(DOCUMENT[602:])), "ambiguous", GOES_ON)
T.trick("base64 in two, the first half padded twice", as_text("base64", b64(DOCUMENT[:601]) + b64(DOCUMENT[601:])), "ambiguous", GOES_ON)
T.trick("base64 padded with one sign of two", as_text("base64", "".join(base64.b64encode(DOCUMENT[i:i
        + 1]).decode().replace("==", "=") for i in range(len(DOCUMENT)))[:1200] + "\n"), "ambiguous")
T.trick("base64 with the padding before the characters", as_text("base64", "=JVB" + b64(DOCUMENT)), "ambiguous")
T.trick("base64 of the other alphabet", as_text("base64", base64.urlsafe_b64encode(bytes(range(256)) * 5).decode() + "\n"), "ambiguous")
T.trick("base64 that is cut off", as_text("base64", b64(DOCUMENT).rstrip()[:-3]), "ambiguous", "base64 that is cut off")
T.trick("base64 with text behind it", as_text("base64", b64(INNOCENT) + "\n" + b64(DOCUMENT) + "fin.\n"), "ambiguous")
T.trick("base64 with a header in front", as_text("base64", "begin-base64 644 note.pdf\n" + b64(DOCUMENT) + "====\n"), "ambiguous")
T.trick("base64 twice over", as_text("base64", b64(b64(DOCUMENT).encode())), "unread")
T.trick("base64 in quoted-printable", as_text("quoted-printable", quoted(b64(DOCUMENT).encode())), "unread")
T.trick("base64 in bytes beyond ASCII", as_text("base64", join(b64(DOCUMENT)[:76].encode() + b"\xa0", b64(DOCUMENT)[77:])), "ambiguous", GARBAGE)
# Quoted-printable.
QP = quoted(DOCUMENT)
ALL = "".join(f"={byte:02X}" for byte in DOCUMENT)
T.trick("quoted-printable, every byte", as_text("quoted-printable", "".join(f"{ALL[at:at + 72]}=\n" for at in range(0, len(ALL), 72))), "seen")
T.trick("quoted-printable, every byte in lower case", as_text("quoted-printable",
        "".join(f"{ALL[at:at + 72].lower()}=\n" for at in range(0, len(ALL), 72))), "seen")
T.trick("quoted-printable, a line for every byte", as_text("quoted-printable", "".join(f"{ALL[at:at + 3]}=\n" for at in range(0,
        len(ALL), 3))), "seen")
T.trick("quoted-printable with blanks behind the soft ends", as_text("quoted-printable",
        "".join(f"{ALL[at:at + 72]}= \t\n" for at in range(0, len(ALL), 72))), "seen")
T.trick("quoted-printable with two equals signs", as_text("quoted-printable", ALL.replace("=25", "==25", 1)[:900] + "\n"), "ambiguous", NONE)
T.trick("quoted-printable with letters that are no digits", as_text("quoted-printable", "=XX=25=50=44=46"
        + "".join(f"{ALL[at:at + 72]}=\n" for at in range(15, len(ALL), 72))), "ambiguous")
T.trick("quoted-printable with a blank before the digits", as_text("quoted-printable", "= 25=50=44=46"
        + "".join(f"{ALL[at:at + 72]}=\n" for at in range(15, len(ALL), 72))), "ambiguous")
T.trick("quoted-printable cut within a byte", as_text("quoted-printable", QP.rstrip().rstrip("=") + "=2"), "ambiguous")

T.honest("base64 of a text", as_text("base64", b64("Bonjour,\r\n\r\nà jeudi, réunion à 9 h.\r\n".encode())))
T.honest("base64 of a text, one line", as_text("base64", b64("Bonjour,\r\n\r\nà jeudi, réunion à 9 h.\r\n".encode() * 8, 988)))
T.honest("base64 of a text, empty lines behind it", as_text("base64", b64("Bonjour, à jeudi.\r\n".encode()) + "\n\n"))
T.honest("base64 of HTML", multipart(TEXT, join("Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: base64\n\n",
        b64("<html><body><p>Réunion à 9 h.</p></body></html>".encode())), kind="alternative"))
T.honest("quoted-printable of an accented text", as_text("quoted-printable",
        quoted("Bonjour,\n\nla réunion est déplacée à 9 h ; l'ordre du jour reste inchangé = à voir.\n".encode())))
T.honest("quoted-printable in lower case", as_text("quoted-printable", "la r=c3=a9union est d=c3=a9plac=c3=a9e=\n =c3=a0 9 h.\n"))
T.honest("7bit", as_text("7bit", "Bonjour\n"))
T.honest("8bit in capitals", as_text("8BIT", "Bonjour, à jeudi\n"))
T.honest("binary on text", as_text("binary", "Bonjour, à jeudi\n"))
T.honest("7bit on a multipart", multipart(TEXT, HTML, kind="alternative", fields="Content-Transfer-Encoding: 7bit\n"))
T.honest("8bit on a multipart", multipart(TEXT, HTML, kind="alternative", fields="Content-Transfer-Encoding: 8bit\n"))
