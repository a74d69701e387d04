# SPDX-License-Identifier: Apache-2.0
"""Boundaries: how the parameter is written, what stands on the delimiter lines, and where parts end."""

from tricks import DOCUMENT, HTML, PLAIN, TEXT, Table, bare, b64, file, join, multipart, parts

T = Table("boundaries")
OUTSIDE = "base64 in pieces"
PREFIX = "line that begins like a boundary"
DECOY = join("--c\n", TEXT, "\n")  # what the reader of the other boundary sees


def by(parameters, boundary="b", before="", after="", **how):
    """A multipart of a text and the document; `parameters`: as they are written."""
    return join(f"Content-Type: multipart/mixed{parameters}\n\n", before, parts(TEXT, bare(), boundary=boundary, **how), after)


def lines(opening, closing="--b--\n", parameters='; boundary="b"'):
    """`opening`: the delimiter line before the document."""
    return join(f"Content-Type: multipart/mixed{parameters}\n\n--b\n", TEXT, "\n", opening, bare(), "\n", closing)


# The parameter.
T.trick("two parameters, the first is used", by("; boundary=b; boundary=c", before=DECOY, after="--c--\n"), "ambiguous")
T.trick("two parameters, the last is used", by("; boundary=c; boundary=b", before=DECOY, after="--c--\n"), "ambiguous")
T.trick("one plain, one of RFC 2231", by("; boundary=c; boundary*=''b", before=DECOY, after="--c--\n"), "ambiguous")
T.trick("of RFC 2231 alone", by("; boundary*=us-ascii''%62"), "ambiguous")
T.trick("of RFC 2231 in UTF-16", by("; boundary*=UTF-16''%00b"), "ambiguous")
T.trick("in two pieces", by("; boundary*0=b; boundary*1=c", "bc"), "ambiguous")
T.trick("in two pieces, the second first", by("; boundary*1=c; boundary*0=b", "bc"), "ambiguous")
T.trick("in two pieces, one twice", by("; boundary*0=x; boundary*0=b; boundary*1=c", "bc"), "ambiguous")
T.trick("in two encoded pieces", by("; boundary*0*=us-ascii''%62; boundary*1*=%63", "bc"), "ambiguous")
T.trick("in an encoded word", by('; boundary="=?us-ascii?Q?b?="'), "ambiguous", OUTSIDE)
T.trick("in an encoded word of base64", by('; boundary="=?us-ascii?B?Yg==?="'), "ambiguous", OUTSIDE)
T.trick("an escaped sign without quotation marks", by(r"; boundary=b\_c", "b_c"), "ambiguous")
T.trick("an escaped sign within quotation marks", by(r'; boundary="b\c"', "bc"), "seen")
T.trick("the escape kept", by(r'; boundary="b\c"', r"b\c"), "ambiguous", OUTSIDE)
T.trick("a quotation mark that is not closed", by('; boundary="b'), "ambiguous", OUTSIDE)
T.trick("a quotation mark within", by('; boundary=b"c"', 'b"c"'), "ambiguous")
T.trick("text behind the closing quotation mark", by('; boundary="b"c', "bc"), "ambiguous", OUTSIDE)
T.trick("single quotation marks", by("; boundary='b'"), "ambiguous")
T.trick("a semicolon within", by("; boundary=b;c", "b;c"), "ambiguous")
T.trick("blanks without quotation marks", by("; boundary=b c", "b c"), "ambiguous", OUTSIDE)
T.trick("a blank in front", by('; boundary=" b"', " b"), "seen")
T.trick("a blank behind, in the parameter alone", by('; boundary="b "'), "ambiguous", OUTSIDE)
T.trick("a tab within", by('; boundary="b\tc"', "b\tc"), "ambiguous")
T.trick("empty", by('; boundary=""', ""), "ambiguous", "empty boundary")
T.trick("blank alone", by('; boundary=" "', " "), "ambiguous")
T.trick("of 201 characters", by(f'; boundary="{"b" * 201}"', "b" * 201), "unread")
T.trick("of 71 characters", by(f'; boundary="{"b" * 71}"', "b" * 71), "seen")
T.trick("none", by(""), "ambiguous", "multipart without a boundary")
T.trick("another parameter's name", by("; oundary=b"), "ambiguous", "multipart without a boundary")
T.trick("a blank before the equals sign", by("; boundary =b"), "seen")
T.trick("a fold behind the equals sign", by("; boundary=\n b"), "seen")
T.trick("an escape in the parameter's name", by(r"; bou\ndary=b"), "ambiguous")
T.trick("no semicolon before it", by(" boundary=b"), "ambiguous", "Content-Type that cannot be read")
T.trick("a comma before it", by(", boundary=b"), "ambiguous", "Content-Type that cannot be read")
T.trick("no semicolon behind the parameter before", by("; x=y boundary=b"), "ambiguous")
T.trick("within the value of another", by('; x="y; boundary=b"'), "ambiguous", "multipart without a boundary")
T.trick("behind an escaped quotation mark", by(r'; x="y\"; boundary=b'), "ambiguous")
T.trick("quoted together with its name", by('; "boundary=b"'), "ambiguous")
T.trick("twice in one value", by("; boundary=boundary=b"), "ambiguous")
T.trick("on the disposition and not on the type",
        join('Content-Type: multipart/mixed\nContent-Disposition: inline; boundary="b"\n\n', parts(TEXT, bare())), "ambiguous",
        "multipart without a boundary")
T.trick("beyond ASCII", by('; boundary="bé"', "bé"), "seen")
T.trick("of another case", by('; boundary="B"'), "ambiguous", OUTSIDE)
# The delimiter lines.
T.trick("more text on the line", lines("--bX\n"), "ambiguous", PREFIX)
T.trick("a blank and more text on the line", lines("--b X\n"), "ambiguous", PREFIX)
T.trick("one dash on the line", lines("--b-\n"), "ambiguous", PREFIX)
T.trick("three dashes on the line", lines("--b---\n"), "ambiguous", PREFIX)
T.trick("blanks behind it", lines("--b  \t\n"), "seen")
T.trick("vertical tab behind it", lines("--b\v\n"), "ambiguous", PREFIX)
T.trick("a blank before it", lines(" --b\n"), "unread")
T.trick("CR before it, no line end", join('Content-Type: multipart/mixed; boundary="b"\n\n--b\n', PLAIN, "voici.\r--b\n",
        bare(), "\n--b--\n"), "unread")
T.trick("CR behind it, no line end", lines("--b\r"), "ambiguous")
T.trick("CR alone before it on the line", lines("\r--b\n"), "unread")
T.trick("three dashes before it", lines("---b\n"), "unread")
T.trick("the end delimiter, then another part", lines("--b--\n\n--b\n"), "ambiguous", OUTSIDE)
T.trick("the end delimiter with text, then another part", lines("--b--x\n--b\n"), "ambiguous", PREFIX)
T.trick("no end", by("; boundary=b", close=False), "ambiguous")
T.trick("no end but the message's", join("Content-Type: multipart/mixed; boundary=b\n\n--b\n", TEXT,
        "\n--b\nContent-Type: application/pdf\nContent-Transfer-Encoding: base64\n\n", b64(DOCUMENT).rstrip()), "ambiguous")
T.trick("the first delimiter within the header section", join("Content-Type: multipart/mixed; boundary=b\n--b\n", TEXT,
        "\n--b\n", bare(), "\n--b--\n"), "seen")
T.trick("the end delimiter within the header section", join('Content-Type: multipart/mixed; boundary="b:c"\n--b:c--\n\n',
        parts(TEXT, bare(), boundary="b:c")), "seen")
T.trick("a delimiter within the header section of a part",
        join('Content-Type: multipart/mixed; boundary="b:c"\n\n--b:c\nContent-Type: application/pdf\n'
        '--b:c\nContent-Transfer-Encoding: base64\n\n', b64(DOCUMENT), "--b:c--\n"), "ambiguous",
        "header section that does not end")
T.trick("no delimiter at all", join("Content-Type: multipart/mixed; boundary=b\n\n", bare()), "ambiguous", OUTSIDE)
T.trick("the end delimiter alone", join("Content-Type: multipart/mixed; boundary=b\n\n", bare(), "\n--b--\n"), "ambiguous", OUTSIDE)
T.trick("within lines of base64", join("Content-Type: multipart/mixed; boundary=\"#+\"\n\n--#+\nContent-Type: application/pdf\n"
        "Content-Transfer-Encoding: base64\n\n", b64(DOCUMENT)[:154], "--#+\n", b64(DOCUMENT)[154:], "--#+--\n"), "ambiguous")
# One within another.
T.trick("the inner one is the outer one", multipart(TEXT, multipart(TEXT, bare())), "ambiguous")
T.trick("the outer one extends the inner one", multipart(multipart(TEXT, bare(), boundary="b"), boundary="bb"), "seen")
T.trick("the inner one extends the outer one", multipart(multipart(TEXT, bare(), boundary="bb"), boundary="b"), "seen")
T.trick("the inner one is the outer one's end", multipart(multipart(TEXT, bare(), boundary="b--"), boundary="b"), "seen")
T.trick("the inner one is never closed", multipart(multipart(TEXT, bare(), boundary="c", close=False)), "ambiguous")
T.trick("the outer one is never closed", multipart(multipart(TEXT, bare(), boundary="c"), close=False), "ambiguous")
T.trick("the outer one's end before the inner one's parts",
        multipart(join('Content-Type: multipart/mixed; boundary="c"\n\n--b--\n', parts(TEXT, bare(), boundary="c"))),
        "ambiguous", OUTSIDE)
# Outside of all parts.
T.trick("the document in the preamble", multipart(TEXT, preamble=join(bare(), "\n")), "ambiguous", OUTSIDE)
T.trick("the document in the epilogue", multipart(TEXT, epilogue=b64(DOCUMENT)), "ambiguous", "a file in base64")
T.trick("the document in an inner epilogue", multipart(multipart(TEXT, boundary="c", epilogue=b64(DOCUMENT)), TEXT), "ambiguous", "a file in base64")
T.trick("a whole message in the preamble", multipart(TEXT, preamble=join("Content-Type: text/plain\n\n",
        "Note confidentielle de trois pages.\n" * 40)), "ambiguous", "text outside of all parts")
SOME = "Les agents sont mutés de Rabat à Fès au début du mois.\n" * 9
AROUND = {"preamble": SOME, "epilogue": SOME}
T.trick("a text in the preambles and epilogues of two multiparts", multipart(multipart(multipart(TEXT, boundary="d", **AROUND), boundary="c",
        **AROUND)), "ambiguous", "text outside of all parts")
T.trick("half of the document in the preamble, half in the epilogue", multipart(TEXT, preamble=b64(DOCUMENT[:600]),
        epilogue=b64(DOCUMENT[600:])), "ambiguous", "a file in base64")

T.honest("of 70 characters with all signs", multipart(TEXT, HTML, kind="alternative", boundary="'()+_,-./:=?b0" * 5))
T.honest("quoted, with a blank within", multipart(TEXT, HTML, kind="alternative", boundary="b c"))
T.honest("without quotation marks", multipart(TEXT, HTML, kind="alternative", parameters="; boundary=b"))
T.honest("folded behind the semicolon", multipart(TEXT, HTML, kind="alternative", parameters=';\n\tboundary="b"'))
T.honest("other parameters beside it", multipart(TEXT, HTML, kind="alternative", parameters='; charset=utf-8; boundary="b"; x-note="a;b"'))
T.honest("of Outlook, three deep", multipart(multipart(multipart(TEXT, HTML, kind="alternative",
        boundary="----=_NextPart_002_0003_01DC5AF0.1B2C3D40"), kind="related",
        boundary="----=_NextPart_001_0002_01DC5AF0.1B2C3D40"), boundary="----=_NextPart_000_0001_01DC5AF0.1B2C3D40",
        preamble="This is a multipart message in MIME format.\n\n"))
T.honest("blanks behind the delimiters", join('Content-Type: multipart/alternative; boundary="b"\n\n--b \n', TEXT, "\n--b\t\n", HTML, "\n--b-- \n"))
T.honest("dashes in the text", multipart(join(PLAIN, "--\nAgent\n-- \nBureau\n---------\n--c\n--0\n"), HTML, kind="alternative"))
T.honest("a short notice behind the end", multipart(TEXT, HTML, kind="alternative",
        epilogue="_______________\nListe des agents\nhttps://liste.example/agents\n"))
T.honest("the line end behind the end is missing", join("Content-Type: multipart/alternative; boundary=b\n\n", parts(TEXT, HTML)[:-2]))
T.honest("a part without fields", multipart("\nBonjour\n", HTML, kind="alternative"))
MIME = "This is a multi-part message in MIME format. Your mail reader does not understand it; some of it may not be legible.\n\n"
SHOWN = multipart(multipart(TEXT, HTML, boundary="e", kind="alternative", preamble=MIME), boundary="d", kind="related", preamble=MIME)
T.honest("a preamble in each of four multiparts", multipart(multipart(SHOWN, boundary="c", preamble=MIME), preamble=MIME))
