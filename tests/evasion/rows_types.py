# SPDX-License-Identifier: Apache-2.0
"""Content types, charsets, dispositions and names: what a part says it is, and what its bytes are."""

from pictures import png
from tricks import DOCUMENT, HTML, LETTER, PLAIN, TEXT, Table, b64, bare, file, join, mixed_lines, multipart, parts

T = Table("types")
HIDES = "charset that hides text"
NO_TEXT = "a file where text should be"


def typed(kind, more=""):
    """The document under another type, without a name."""
    return multipart(TEXT, join(f"Content-Type: {kind}\n{more}Content-Transfer-Encoding: base64\n\n", mixed_lines(DOCUMENT)))


def named(name, disposition="", kind="application/octet-stream"):
    """`name`: parameters of the type."""
    return multipart(TEXT, join(f"Content-Type: {kind}{name}\n{disposition}Content-Transfer-Encoding: base64\n\n", mixed_lines(DOCUMENT)))


def letter(charset, encoding, kind="plain"):
    """The text of a letter in a charset of its own."""
    data = LETTER.encode(encoding) if isinstance(encoding, str) else encoding
    return join(f'Content-Type: text/{kind}; charset="{charset}"\nContent-Transfer-Encoding: base64\n\n', b64(data))


# Types.
T.trick("text/plain", typed("text/plain; charset=utf-8"), "seen", NO_TEXT)
T.trick("text/html", typed("text/html; charset=utf-8"), "seen", NO_TEXT)
T.trick("text/plain, inline", typed("text/plain", "Content-Disposition: inline\n"), "seen", NO_TEXT)
T.trick("text/plain as the whole message", join("Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n",
        mixed_lines(DOCUMENT)), "seen", NO_TEXT)
T.trick("no type as the whole message", join("Content-Transfer-Encoding: base64\n\n", mixed_lines(DOCUMENT)), "seen", NO_TEXT)
T.trick("no type, no disposition", multipart(TEXT, join("Content-Transfer-Encoding: base64\n\n", mixed_lines(DOCUMENT))), "seen")
T.trick("application/octet-stream", typed("application/octet-stream"), "seen")
T.trick("a type that nobody knows", typed("x-note/x-secret"), "seen")
T.trick("a picture's", typed("image/png", "Content-ID: <a@b>\n"), "seen")
T.trick("a film's", typed("video/mp4"), "seen")
T.trick("a font's", typed("font/woff2"), "seen")
T.trick("a signature's", typed("application/pgp-signature"), "seen")
T.trick("a signature's of S/MIME", typed("application/pkcs7-signature"), "seen")
T.trick("a delivery report's", typed("message/delivery-status"), "seen")
T.trick("a message's, which it is not", typed("message/rfc822"), "ambiguous")
T.trick("a style sheet's", typed("text/css"), "seen")
T.trick("a part's of a form", typed("application/x-www-form-urlencoded"), "seen")
T.trick("a multipart's without a boundary", typed("multipart/mixed"), "ambiguous", "multipart without a boundary")
T.trick("multipart/ and nothing", typed("multipart/; boundary=b"), "ambiguous", "Content-Type that cannot be read")
T.trick("multiparts/mixed", join("Content-Type: multiparts/mixed; boundary=b\n\n", parts(TEXT, bare())), "document")
T.trick("x-multipart/mixed", join("Content-Type: x-multipart/mixed; boundary=b\n\n", parts(TEXT, bare())), "document")
T.trick("a type in quotation marks", join('Content-Type: "multipart/mixed"; boundary=b\n\n', parts(TEXT, bare())), "ambiguous",
        "Content-Type that cannot be read")
T.trick("a type in an encoded word", join("Content-Type: =?us-ascii?Q?multipart?=/mixed; boundary=b\n\n", parts(TEXT, bare())),
        "ambiguous", "Content-Type that cannot be read")
T.trick("a type with a backslash", join("Content-Type: multi\\part/mixed; boundary=b\n\n", parts(TEXT, bare())), "ambiguous",
        "Content-Type that cannot be read")
T.trick("a type with two slashes", typed("application/pdf/text"), "ambiguous", "Content-Type that cannot be read")
T.trick("a type of one word", typed("text"), "ambiguous", "Content-Type that cannot be read")
T.trick("blanks around the slash", typed("text / plain"), "ambiguous")
T.trick("two types with a comma", typed("text/plain, application/pdf"), "ambiguous", "Content-Type that cannot be read")
# Charsets.
T.trick("a letter in UTF-7", letter("utf-7", "utf-7"), "ambiguous", HIDES)
T.trick("a letter in UTF-7 under an older name", letter("unicode-1-1-utf-7", "utf-7"), "ambiguous", HIDES)
T.trick("a letter in UTF-7 under a number", letter("cp65000", "utf-7"), "ambiguous", HIDES)
T.trick("a letter in UTF-16", letter("utf-16", "utf-16"), "unread", "not plain text")
T.trick("a letter in UTF-16 that says UTF-8", letter("utf-8", "utf-16"), "unread", "not plain text")
T.trick("a letter in UTF-32", letter("utf-32", "utf-32"), "unread", "not plain text")
T.trick("a letter in EBCDIC", letter("cp037", "cp037"), "ambiguous", "unknown charset")
T.trick("a letter in UTF-8 that says ASCII", letter("us-ascii", "utf-8"), "letter")
T.trick("a letter in HZ", letter("hz-gb-2312", LETTER.encode("ascii", "replace").replace(b"CONFIDENTIEL",
        b"~{#C#O#N#F#I#D#E#N#T#I#E#L~}")), "ambiguous", HIDES)
T.trick("a letter in ISO 2022 Korean", letter("iso-2022-kr", b"\x1b$)C" + LETTER.encode("ascii",
        "replace").replace(b"CONFIDENTIEL", b"\x0e#C#O#N#F#I#D#E#N#T#I#E#L\x0f")), "ambiguous")
T.trick("a letter in full-width signs", join(PLAIN, LETTER.replace("CONFIDENTIEL", "ＣＯＮＦＩＤＥＮＴＩＥＬ")), "letter")
T.trick("a letter with Cyrillic letters in its marking", join(PLAIN, LETTER.replace("CONFIDENTIEL", "СONFIDЕNTIEL")), "letter")
T.trick("a letter with zero-width signs in its marking", join(PLAIN, LETTER.replace("CONFIDENTIEL", "CON\u200bFIDEN\u200dTIEL")), "letter")
T.trick("a letter with soft hyphens in its marking", join(PLAIN, LETTER.replace("CONFIDENTIEL", "CON\u00adFIDEN\u00adTIEL")), "letter")
T.trick("a letter whose marking is spaced out", join(PLAIN, LETTER.replace("CONFIDENTIEL", "C O N F I D E N T I E L")), "letter")
T.trick("a letter behind a charset in pieces", join("Content-Type: text/plain; charset*0=utf; charset*1=-7\n\n",
        LETTER.encode("utf-7")), "ambiguous", "boundary or charset in pieces")
T.trick("a letter with two charsets", join("Content-Type: text/plain; charset=utf-8; charset=utf-7\n\n", LETTER.encode("utf-7")), "ambiguous")
T.trick("a letter in UTF-7 by a meta element", join("Content-Type: text/html\n\n",
        b'<html><head><meta charset="utf-7"></head><body>', LETTER.encode("utf-7"), b"</body></html>\r\n"), "ambiguous")
T.trick("a letter in UTF-16 without a charset, as HTML", letter("", ("<html><body>" + LETTER).encode("utf-16"), "html"), "unread")
# Dispositions and names.
T.trick("inline with a name", named("", 'Content-Disposition: inline; filename="a.pdf"\n'), "seen")
T.trick("a disposition that nobody knows", named("", "Content-Disposition: secret\n", "text/plain"), "seen")
T.trick("an empty disposition", named("", "Content-Disposition:\n", "text/plain"), "seen")
T.trick("a disposition in quotation marks", named("", 'Content-Disposition: "attachment"; filename=a.pdf\n', "text/plain"), "seen")
T.trick("a disposition of a parameter alone", named("", "Content-Disposition: filename=a.pdf\n", "text/plain"), "seen")
T.trick("a name of a picture", named('; name="logo.png"',
        "Content-Disposition: inline; filename=logo.png\nContent-ID: <logo@x>\n", "image/png"), "seen")
T.trick("two extensions in one name", named('; name="a.pdf.txt"', kind="text/plain"), "seen")
T.trick("two names of different extensions", named('; name="a.txt"', 'Content-Disposition: attachment; filename="a.pdf"\n'), "ambiguous")
T.trick("two names of different extensions by RFC 2231", named("",
        "Content-Disposition: attachment; filename=a.txt; filename*=utf-8''a.pdf\n"), "ambiguous")
T.trick("one name twice in one field", named("", "Content-Disposition: attachment; filename=a.txt; filename=a.pdf\n"), "ambiguous")
T.trick("a name in pieces that are out of order", named("", "Content-Disposition: attachment; filename*1=.pdf; filename*0=a\n"), "seen")
T.trick("a name in pieces, one missing", named("", "Content-Disposition: attachment; filename*0=a.txt; filename*2=.pdf\n"), "seen")
T.trick("a name in UTF-16 by RFC 2231", named("; name*=UTF-16''%00a%00.%00p%00d%00f"), "seen")
T.trick("a name in UTF-7 by an encoded word", named('; name="=?utf-7?Q?a+AC4-pdf?="'), "seen")
T.trick("a name with direction overrides", named('; name="=?utf-8?Q?a=E2=80=AEfdp.txt?="', kind="text/plain"), "seen")
T.trick("a name with NUL", named('; name="a.pdf%00.txt"', "Content-Disposition: attachment; filename*=utf-8''a.pdf%00.txt\n",
        "text/plain"), "ambiguous", "two names with different extensions")
T.trick("a name of dots and slashes", named('; name="../../../a.txt"', kind="text/plain"), "seen")
T.trick("a name of 3,000 characters", named('; name="' + "a" * 3000 + '.txt"', kind="text/plain"), "seen")
T.trick("a name of blanks", named('; name="   "', kind="text/plain"), "seen")
T.trick("a name on the description alone", named("", "Content-Description: a.pdf\n", "text/plain"), "seen")
T.trick("a place on the Web beside the content", named("", "Content-Location: https://partage.example/a.pdf\n", "text/html"), "seen")

T.honest("text/plain, inline",
        multipart(join("Content-Type: text/plain; charset=utf-8\nContent-Disposition: inline\n\nBonjour\n"), HTML,
        kind="alternative"))
T.honest("text/plain; format=flowed", join("Content-Type: text/plain; charset=utf-8; format=flowed; delsp=yes\n\nBonjour, la réunion \nest à 9 h.\n"))
T.honest("charset in quotation marks", join('Content-Type: text/plain; charset="UTF-8"\n\nBonjour à tous\n'))
T.honest("Arabic in windows-1256", join(b'Content-Type: text/plain; charset="windows-1256"\r\n\r\n',
        "السلام عليكم، موعد الاجتماع غدا\r\n".encode("windows-1256")))
T.honest("Arabic in ISO-8859-6", join(b'Content-Type: text/plain; charset="iso-8859-6"\r\n\r\n', "موعد الاجتماع غدا\r\n".encode("iso-8859-6")))
T.honest("French in ISO-8859-15", join(b"Content-Type: text/plain; charset=iso-8859-15\r\n\r\n",
        "Réunion à 9 h, 20 € par personne\r\n".encode("iso-8859-15")))
T.honest("Japanese in ISO-2022-JP", join(b"Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n", "明日の会議\r\n".encode("iso-2022-jp")))
T.honest("ASCII that says UTF-8", join(PLAIN, "Bonjour\n"))
T.honest("the word in a sentence", join(PLAIN, "Ce dossier est confidentiel, dit-il. C O U R A G E !\n"))
T.honest("a logo with a name, shown by the text",
        multipart('Content-Type: text/html; charset=utf-8\n\n<p>Bonjour</p><img src="cid:logo@x">\n', file("logo.png", png(160,
        60), "image/png", "inline", more="Content-ID: <logo@x>\n"), kind="related"))
T.honest("a text/html of Outlook with conditional comments",
        join('Content-Type: text/html; charset="utf-8"\n\n<html xmlns:o="urn:schemas-microsoft-com:office:office">'
        '<head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"><!--[if '
        'gte mso 9]><xml><o:OfficeDocumentSettings><o:AllowPNG/></o:OfficeDocumentSettings>'
        '</xml><![endif]--><style>p.MsoNormal{margin:0cm;font-size:11.0pt}</style></head>'
        '<body lang="FR"><p class="MsoNormal">Réunion à 9 h.<o:p></o:p></p></body></html>' '\n'))
T.honest("a zero-width joiner between words", join(PLAIN, "می\u200cخواهم فردا جلسه\n"))
