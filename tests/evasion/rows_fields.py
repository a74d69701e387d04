# SPDX-License-Identifier: Apache-2.0
"""Header syntax: colons, blanks, folds, comments, fields given twice or not at all, NUL, CR and bytes beyond ASCII."""

from tricks import PLAIN, TEXT, Table, bare, b64, join, mixed_lines, multipart, parts, DOCUMENT

T = Table("fields")
TWICE = "structural header given twice"
NO_FIELD = "header line that is no field"
CONTROL = "control character in a structural header"
COMMENT = "comment in a structural header"
BODY = parts(TEXT, bare())
INNER = 'Content-Type: multipart/mixed; boundary="b"\n'


def within(field, body=None, kind="Content-Type: application/pdf\n"):
    """A part whose header section is the trick."""
    return multipart(TEXT, join(kind, field, "\n", mixed_lines(DOCUMENT) if body is None else body))


# Two Content-Type: one reader takes the first, one the last.
T.trick("text first, multipart second", join(PLAIN[:-1], INNER, "\n", BODY), "ambiguous", TWICE)
T.trick("multipart first, text second", join(INNER, PLAIN, BODY), "ambiguous")
T.trick("two multiparts of different boundaries", join(INNER, 'Content-Type: multipart/mixed; boundary="c"\n\n--c\n', TEXT,
        "\n", BODY, "--c--\n"), "ambiguous")
T.trick("two types within a part", within("Content-Type: text/plain\nContent-Transfer-Encoding: base64\n"), "ambiguous", TWICE)
T.trick("two transfer encodings: base64, then quoted-printable",
        within("Content-Transfer-Encoding: base64\nContent-Transfer-Encoding: quoted-printable\n"), "ambiguous", TWICE)
T.trick("two transfer encodings: 7bit, then base64", join(PLAIN[:-1],
        "Content-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: base64\n\n", mixed_lines(DOCUMENT)), "ambiguous", TWICE)
T.trick("an empty transfer encoding before base64", join(PLAIN[:-1],
        "Content-Transfer-Encoding: \nContent-Transfer-Encoding: base64\n\n", mixed_lines(DOCUMENT)), "ambiguous")
T.trick("two dispositions", within("Content-Transfer-Encoding: base64\nContent-Disposition: inline\nContent-Disposition: "
        "attachment; filename=a.pdf\n"), "ambiguous", TWICE)
T.trick("two versions of MIME", join("MIME-Version: 2.0\n", INNER, "\n", BODY), "ambiguous")
# A name that is nearly one.
T.trick("blank before the colon of a second type", join(PLAIN[:-1], 'Content-Type : multipart/mixed; boundary="b"\n\n', BODY), "ambiguous")
T.trick("blank before the colon, in a part", within("Content-Transfer-Encoding : base64\n"), "seen")
T.trick("tab before the colon, in a part", within("Content-Transfer-Encoding\t: base64\n"), "seen")
T.trick("two colons, in a part", within("Content-Transfer-Encoding:: base64\n"), "ambiguous", "unknown Content-Transfer-Encoding")
T.trick("no colon, in a part", within("Content-Transfer-Encoding base64\n"), "ambiguous", NO_FIELD)
T.trick("blank before the name, first in a part", multipart(TEXT,
        join(" Content-Type: application/pdf\nContent-Transfer-Encoding: base64\n\n", mixed_lines(DOCUMENT))), "ambiguous",
        NO_FIELD)
T.trick("a line of nothing before the fields of a part", multipart(TEXT, join("\n", bare())), "ambiguous",
        "fields of a header section behind its end")
T.trick("a line that is no field, in a part", within("XXXXXXXXXX\nContent-Transfer-Encoding: base64\n"), "ambiguous", NO_FIELD)
T.trick("a colon alone, in a part", within(":\nContent-Transfer-Encoding: base64\n"), "ambiguous", NO_FIELD)
T.trick("a control character in the name, in a part", within("Content-\x08Transfer-Encoding: base64\n"), "ambiguous", NO_FIELD)
T.trick("vertical tab before the name, in a part", within("\vContent-Transfer-Encoding: base64\n"), "ambiguous", NO_FIELD)
T.trick("a letter of Cyrillic in the name, in a part", within("Сontent-Transfer-Encoding: base64\n"), "ambiguous", NO_FIELD)
T.trick("quotation marks around the name, in a part", within('"Content-Transfer-Encoding": base64\n'), "document")
T.trick("a line that is no field in the message's own header section", join("XXXXXXXXXX\n", INNER, "\n", BODY), "unread")
T.trick("blank before the name in the message's own header section", join(" X\n", INNER, "\n", BODY), "seen")
# Folds.
T.trick("two folds before the type", join("Content-Type:\n \n multipart/mixed;\n boundary=b\n\n", BODY), "seen")
T.trick("a fold within the type", join("Content-Type: multipart/\n mixed; boundary=b\n\n", BODY), "ambiguous")
T.trick("a fold within the boundary", join('Content-Type: multipart/mixed; boundary="b\n c"\n\n', parts(TEXT, bare(), boundary="b c")), "ambiguous")
T.trick("a fold within the transfer encoding", within("Content-Transfer-Encoding: base\n 64\n"), "ambiguous", "unknown Content-Transfer-Encoding")
T.trick("a field folded onto by another", within("X-Note: a\n Content-Transfer-Encoding: base64\n"), "document")
T.trick("a field that is a continuation of a line that is none", within("X-Note-b\n Content-Transfer-Encoding: base64\n"), "ambiguous", NO_FIELD)
T.trick("two thousand blanks before the value", within("Content-Transfer-Encoding: " + " " * 800 + "\n" + " " * 800 + "base64\n"), "seen")
T.trick("a structural field of ten thousand characters", within("Content-Disposition: attachment;\n"
        + "".join(f" x{n}=abcdefghij;\n" for n in range(800)) + "\tfilename=a.pdf\n"), "unread", "structural header too long")
# Comments (RFC 822).
T.trick("a comment before the type", join("Content-Type: (text/plain) multipart/mixed; boundary=b\n\n", BODY), "ambiguous")
T.trick("a comment within the type", join("Content-Type: multi()part/mixed; boundary=b\n\n", BODY), "ambiguous")
T.trick("a comment behind the type", join("Content-Type: multipart/mixed(); boundary=b\n\n", BODY), "ambiguous")
T.trick("a comment before the parameter", join("Content-Type: multipart/mixed; (x) boundary=b\n\n", BODY), "ambiguous")
T.trick("a comment within the parameter's name", join("Content-Type: multipart/mixed; boun()dary=b\n\n", BODY), "ambiguous")
T.trick("a comment that holds a boundary", join("Content-Type: multipart/mixed; boundary=(boundary=c)b\n\n", BODY), "ambiguous")
T.trick("a comment in a comment", join("Content-Type: multipart/mixed; ((c) boundary=c) boundary=b\n\n", BODY), "ambiguous")
T.trick("a comment that is not closed", join("Content-Type: text/plain (; boundary=b\n\n", BODY), "ambiguous", COMMENT)
T.trick("a comment behind the transfer encoding", within("Content-Transfer-Encoding: base64 (7bit)\n"), "ambiguous", COMMENT)
T.trick("a comment within the transfer encoding", within("Content-Transfer-Encoding: bas()e64\n"), "ambiguous")
T.trick("a comment in the version of MIME", join('Content-Type: multipart/mixed; boundary="b"\n\n', BODY), "seen", mime="MIME-Version: 1.(x)0\n")
# NUL, CR, bytes beyond ASCII.
T.trick("NUL behind the type", join(b"Content-Type: text/plain\0; x=y\r\n", "\n", BODY), "unread")
T.trick("NUL within the name of a field", join(b"Conten\0t-Type: multipart/mixed; boundary=b\r\n", "\n", BODY), "unread")
T.trick("NUL in the transfer encoding of a part", within("Content-Transfer-Encoding: base\x0064\n"), "ambiguous", "NUL in a header")
T.trick("CR before a field", join("X-Note: a\rContent-Type: multipart/mixed; boundary=b\n\n", BODY), "unread")
T.trick("CR before a field, in a part", within("X-Note: a\rContent-Transfer-Encoding: base64\n"), "document")
T.trick("CR before the value, in a part", within("Content-Transfer-Encoding:\rbase64\n"), "seen")
T.trick("a line of a single CR before the fields of a part", within("\rContent-Transfer-Encoding: base64\n"), "ambiguous")
T.trick("bytes beyond ASCII in the type", join(b"Content-Type: multipart/m\xefxed; boundary=b\r\n", "\n", BODY), "ambiguous")
T.trick("no-break space before the transfer encoding", within("Content-Transfer-Encoding:\u00a0base64\n"), "ambiguous",
        "unknown Content-Transfer-Encoding")
T.trick("form feed before the transfer encoding", within("Content-Transfer-Encoding:\fbase64\n"), "ambiguous", CONTROL)
# What is missing.
T.trick("no version of MIME", join(INNER, "\n", BODY), "seen", mime="")
T.trick("another version of MIME", join(INNER, "\n", BODY), "seen", mime="MIME-Version: 2.0\n")
T.trick("no fields of MIME but a body that is one", join("\nMIME-Version: 1.0\n", INNER, "\n", parts(TEXT,
        join("Content-Type: application/pdf\nContent-Transfer-Encoding: base64\n\n", b64(DOCUMENT)))), "ambiguous",
        "fields of a header section behind its end", mime="")
T.trick("a type without a value", join("Content-Type:\n\n", BODY), "ambiguous", "Content-Type that cannot be read")
T.trick("a boundary without a type", join("Content-Type: boundary=b\n\n", BODY), "ambiguous", "Content-Type that cannot be read")
T.trick("a part without an empty line", multipart(TEXT,
        join("Content-Type: application/pdf\nContent-Transfer-Encoding: base64\n", mixed_lines(DOCUMENT))), "ambiguous")
T.trick("a line of one blank instead of an empty line", multipart(TEXT,
        join("Content-Type: application/pdf\nContent-Transfer-Encoding: base64\n \n", mixed_lines(DOCUMENT))), "ambiguous")
# Header fields as carriers.
T.trick("base64 in a field of the message", join("X-Note:\n", "".join(f"\t{line}\n" for line in b64(DOCUMENT).split()), TEXT),
        "ambiguous", "a file in a header field")
T.trick("base64 in a field of a part", multipart(join("X-Note:\n", "".join(f"\t{line}\n" for line in b64(DOCUMENT).split()),
        TEXT)), "ambiguous", "a file in a header field")
T.trick("base64 in many fields", join("".join(f"X-Note-{n}: {line}\n" for n, line in enumerate(b64(DOCUMENT).split())), TEXT),
        "ambiguous", "a file in a header field")
T.trick("encoded words in the subject", TEXT, "ambiguous", "a file in a header field",
        subject="".join(f"=?utf-8?B?{line}?=\n " for line in b64(DOCUMENT, 60).split()) + "fin")

T.honest("the same Content-Type twice", join(TEXT[:TEXT.index("\n") + 1], TEXT))
T.honest("a folded type", "Content-Type:\n text/plain;\n\tcharset=utf-8\n\nBonjour\n")
T.honest("names of fields in capitals", "CONTENT-TYPE: TEXT/PLAIN; CHARSET=UTF-8\nCONTENT-TRANSFER-ENCODING: 8BIT\n\nBonjour\n")
T.honest("no field of MIME", "\nBonjour,\n\nà jeudi.\n", mime="")
T.honest("a comment in the version", TEXT, mime="MIME-Version: 1.0 (Apple Message framework v1278)\n")
T.honest("a comment in fields of addresses and dates", TEXT, top="Reply-To: agent@interieur.gov.example (Agent (bureau))\n")
T.honest("a signature of DKIM", TEXT, top="DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=interieur.gov.example; s=a;"
        "\n h=from:to:subject; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;\n b=" + b64(bytes(range(7, 255))
        + b"Q" * 9).replace("\n", "\n\t").rstrip() + "\n")
T.honest("a subject in encoded words", TEXT,
        subject="=?utf-8?B?UsOpdW5pb24gZGUgY29vcmRpbmF0aW9uIGR1IG1vaXMgZGU=?=\n =?utf-8?Q?_novembre_=C3=A0_Rabat?=")
T.honest("a subject beyond ASCII", TEXT, subject="Réunion à Rabat")
T.honest("fields of another gateway",
        join("X-Spam-Status: No, score=-1.9\nX-Originating-IP: [192.0.2.7]\nThread-Index: AdrY1b0V3Q9aY2m7T0eG1l4ZkQ7h8w==\n"
        "X-MS-Exchange-CrossTenant-Id: 1d4c7a52-9a0f-4d5b-8f8e-1f2d3c4b5a69\n", TEXT))
