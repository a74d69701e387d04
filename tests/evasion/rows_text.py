# SPDX-License-Identifier: Apache-2.0
"""Documents written as text: uuencode and its kin, pasted codes, files of text, links and scripts in HTML."""

import base64
import binascii
import gzip
import hashlib
import urllib.parse

from tricks import DOCUMENT, LETTER, PLAIN, TEXT, Table, b64, join, mixed_lines, multipart

T = Table("text")
HTML = "Content-Type: text/html; charset=utf-8\n\n"
BASE64 = base64.b64encode(DOCUMENT).decode()
SAID = "Bonjour,\n\nvoici la note :\n\n"
RTF = (r"{\rtf1\ansi " + r"Note de service\par Les agents sont mut\'e9s.\par " * 12 + "}")


def pasted(body):
    return join(PLAIN, SAID, body)


def page(body, head=""):
    return join(HTML, f"<!DOCTYPE html>\n<html><head>{head}</head>\n<body><p>Bonjour</p>\n{body}\n</body></html>\n")


def uuencoded(data=DOCUMENT, name="note.pdf", begin="begin 644"):
    return f"{begin} {name}\n" + "".join(binascii.b2a_uu(data[at:at + 45]).decode() for at in range(0, len(data), 45)) + "`\nend\n"


def xxencoded(data=DOCUMENT):
    letters = "+-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    lines = ["begin 644 note.pdf\n"]
    for at in range(0, len(data), 45):
        line = binascii.b2a_uu(data[at:at + 45], backtick=True).decode().rstrip("\n")
        lines.append("".join(letters[(ord(sign) - 32) & 63] for sign in line) + "\n")
    return "".join(lines) + "+\nend\n"


def binhexed(data=DOCUMENT):
    letters = "!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr"
    bits = "".join(f"{byte:08b}" for byte in data)
    signs = "".join(letters[int(bits[at:at + 6].ljust(6, "0"), 2)] for at in range(0, len(bits), 6))
    return ":" + "\n".join(signs[at:at + 64] for at in range(0, len(signs), 64)) + ":\n"


def yenc(data=DOCUMENT):
    out = b""
    for byte in data:
        coded = (byte + 42) & 255
        out += b"=" + bytes([(coded + 64) & 255]) if coded in b"\0\n\r=" else bytes([coded])
    lines = b"\r\n".join(out[at:at + 127] for at in range(0, len(out), 127))
    return b"=ybegin line=127 size=%d name=note.pdf\r\n%s\r\n=yend size=%d\r\n" % (len(data), lines, len(data))


def broken(text, width):
    return "".join(text[at:at + width] + "\n" for at in range(0, len(text), width))


def dumped(form):
    """`form` makes a line of an offset and 16 bytes."""
    return "".join(form(at, DOCUMENT[at:at + 16]) + "\n" for at in range(0, len(DOCUMENT), 16))


def shown(data):
    return "".join(chr(byte) if 32 <= byte < 127 else "." for byte in data)


def each_line(text, before="", behind=""):
    return "".join(f"{before}{line}{behind}\n" for line in text.split("\n") if line)


# uuencode and kin.
T.trick("uuencode", pasted(uuencoded()), "seen")
T.trick("uuencode, quoted", pasted(each_line(uuencoded(), "> ")), "seen")
T.trick("uuencode without its first line", pasted(uuencoded().partition("\n")[2]), "unread")
T.trick("uuencode without its last line", pasted(uuencoded().replace("`\nend\n", "")), "unread")
T.trick("uuencode with a mode of four digits", pasted(uuencoded(begin="begin 0644")), "seen")
T.trick("uuencode with a name of blanks", pasted(uuencoded(name="la note de service.pdf")), "seen")
T.trick("uuencode in base64", pasted(f"begin-base64 644 note.pdf\n{b64(DOCUMENT)}====\n"), "seen")
T.trick("uuencode whose beginning stands in another part", multipart(join(PLAIN, uuencoded()[:300]), join(PLAIN, uuencoded()[300:])), "unread")
T.trick("xxencode", pasted(xxencoded()), "unread")
T.trick("BinHex", pasted("(This file must be converted with BinHex 4.0)\n\n" + binhexed()), "unread")
T.trick("BinHex without its first line", pasted(binhexed()), "unread")
T.trick("yEnc", join("Content-Type: text/plain; charset=iso-8859-1\n\n", yenc()), "unread")
T.trick("yEnc in base64", join("Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: base64\n\n", b64(yenc())), "unread")
# Pasted.
T.trick("base64", pasted(b64(DOCUMENT)), "seen")
T.trick("base64, quoted twice", pasted(each_line(b64(DOCUMENT), "> > ")), "seen")
T.trick("base64 in one line", pasted(broken(BASE64, 990)), "unread")
T.trick("base64 in lines of 40", pasted(broken(BASE64, 40)), "unread")
T.trick("base64 in lines of 20", pasted(broken(BASE64, 20)), "unread")
T.trick("base64 in lines of 4 to 64", pasted(mixed_lines(DOCUMENT)), "unread")
T.trick("base64 in words of four", pasted(broken(" ".join(BASE64[at:at + 4] for at in range(0, len(BASE64), 4)), 75)), "unread")
T.trick("base64 with an empty line behind every line", pasted(b64(DOCUMENT).replace("\n", "\n\n")), "unread")
T.trick("base64 with numbers before the lines", pasted("".join(f"{n:03d}: {line}\n" for n, line in enumerate(b64(DOCUMENT).split()))), "unread")
T.trick("base64 with bars around the lines", pasted(each_line(b64(DOCUMENT), "| ", " |")), "unread")
T.trick("base64 with a dot behind every line", pasted(each_line(b64(DOCUMENT), "", ".")), "unread")
T.trick("base64 of the other alphabet", pasted(broken(base64.urlsafe_b64encode(gzip.compress(DOCUMENT, mtime=0)).decode(), 76)), "unread")
T.trick("base64 backwards", pasted(broken(BASE64[::-1], 76)), "unread")
T.trick("base64 in ten text parts of five lines", multipart(*[join(PLAIN, broken(BASE64[at:at + 380], 76)) for at in range(0,
        len(BASE64), 380)]), "unread")
T.trick("base64 of base64", pasted(b64(b64(DOCUMENT).encode())), "unread")
T.trick("base32", pasted(broken(base64.b32encode(DOCUMENT).decode(), 64)), "unread")
T.trick("base85 of git", pasted(broken(base64.b85encode(DOCUMENT).decode(), 75)), "unread")
T.trick("Ascii85 of Adobe", pasted(base64.a85encode(DOCUMENT, adobe=True, wrapcol=75).decode() + "\n"), "unread")
T.trick("hexadecimal", pasted(broken(DOCUMENT.hex(), 64)), "seen")
T.trick("hexadecimal with colons", pasted(broken(DOCUMENT.hex(":"), 75)), "unread")
T.trick("hexadecimal in short lines", pasted(broken(DOCUMENT.hex(), 24)), "unread")
T.trick("a dump by xxd", pasted(dumped(lambda at, row: f"{at:08x}: {row.hex(' ', 2):<40} {shown(row)}")), "unread")
T.trick("a dump by hexdump", pasted(dumped(lambda at, row: f"{at:08x}  {row.hex(' '):<48}  |{shown(row)}|")), "unread")
T.trick("a dump by od", pasted(dumped(lambda at, row: f"{at:07o} " + " ".join(f"{byte:03o}" for byte in row))), "unread")
T.trick("an array of C", pasted("unsigned char note[] = {\n" + dumped(lambda at, row: "  "
        + " ".join(f"0x{byte:02x}," for byte in row)) + "};\n"), "unread")
T.trick("decimal numbers", pasted("[" + dumped(lambda at, row: " ".join(f"{byte}," for byte in row)) + "]\n"), "unread")
T.trick("percent signs", pasted(broken("".join(f"%{byte:02X}" for byte in DOCUMENT), 75)), "unread")
T.trick("backslashes", pasted(broken("".join(f"\\x{byte:02x}" for byte in DOCUMENT), 76)), "unread")
T.trick("quoted-printable that nobody decodes", pasted(broken("".join(f"={byte:02X}" for byte in DOCUMENT), 75)), "unread")
T.trick("numbers of characters in HTML", page("<pre>" + broken("".join(f"&#{ord(sign)};" for sign in BASE64), 76) + "</pre>"), "unread")
# Files that are text.
T.trick("RTF", join(PLAIN, RTF), "unread")
T.trick("RTF behind a line", pasted(RTF), "unread")
T.trick("RTF behind a word", join(PLAIN, "voici " + RTF), "unread")
T.trick("PDF in ASCII", pasted(DOCUMENT.decode("latin-1").replace("\xe2\xe3\xcf\xd3", "abcd").encode("ascii",
        "ignore").decode()), "ambiguous", "a PDF file stands at its beginning")
T.trick("PDF in ASCII behind a word", join(PLAIN, "voici "
        + "%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n4 0 obj\n<< /Length "
        "44 >>\nstream\nBT /F1 18 Tf 72 720 Td (Note de service) Tj ET\nendstream\nendobj\n"
        "trailer\n<< /Root 1 0 R >>\nstartxref\n9\n%%EOF\n"), "unread")
T.trick("PostScript", pasted("%!PS-Adobe-3.0\n72 720 moveto (Note de service) show showpage\n"), "unread")
T.trick("PostScript of no version", join(PLAIN,
        "%!\n/Helvetica findfont 12 scalefont setfont\n72 720 moveto (Note de service) show\n" "showpage\n"), "unread")
T.trick("flat OpenDocument", join(PLAIN,
        '<?xml version="1.0" encoding="UTF-8"?>\n<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'office:mimetype="application/vnd.oasis.opendocument.text"><office:body><office:text>'
        '<text:p xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">Note de service</text:p>'
        '</office:text></office:body></office:document>\n'), "unread")
T.trick("Word in one XML file", pasted('<?xml version="1.0" standalone="yes"?>\n<?mso-application progid="Word.Document"?>'
        '\n<pkg:package xmlns:pkg="http://schemas.microsoft.com/office/2006/xmlPackage"><pkg:part '
        'pkg:name="/word/document.xml"><pkg:xmlData><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        '<w:body><w:p><w:r><w:t>Note de service</w:t></w:r></w:p></w:body></w:document></pkg:xmlData>'
        '</pkg:part></pkg:package>\n'), "unread")
T.trick("a drawing in SVG", join(PLAIN, '<svg xmlns="http://www.w3.org/2000/svg" width="595" height="842"><text x="50" y="50">'
        'Note de service</text></svg>\n'), "unread")
T.trick("a shell archive", pasted("#!/bin/sh\n# This is a shell archive\nsed 's/^X//' <<'END' | uudecode\n"
        + each_line(uuencoded(), "X") + "END\n"), "unread")
T.trick("a script of PowerShell", pasted("[IO.File]::WriteAllBytes('note.pdf',[Convert]::FromBase64String('" + BASE64 + "'))\n"), "unread")
T.trick("a letter in the text", pasted(LETTER), "letter")
T.trick("a letter, quoted", pasted(each_line(LETTER, "> ")), "letter")
# HTML.
LINK = f'<a href="data:application/pdf;base64,{BASE64}">la note</a>'
T.trick("a data link", page(LINK), "seen")
T.trick("a data link in capitals", page(LINK.replace("data:application/pdf;base64", "DATA:APPLICATION/PDF;BASE64")), "seen")
T.trick("a data link in numbers of characters", page(LINK.replace("data:", "&#100;&#x61;ta&colon;")), "seen")
T.trick("a data link with line ends in it", page(LINK.replace(BASE64, broken(BASE64, 76)).replace("data:", "da\nta:")), "unread")
T.trick("a data link without base64", page(f'<a href="data:application/pdf,{urllib.parse.quote_from_bytes(DOCUMENT)}">la note</a>'), "seen")
T.trick("a data link without a type", page(LINK.replace("application/pdf", "")), "seen")
T.trick("a data link with parameters", page(LINK.replace("application/pdf", "application/pdf;name=a.pdf;charset=x")), "seen")
T.trick("a data link of a picture that is none", page(f'<img src="data:image/png;base64,{BASE64}">'), "seen")
T.trick("a data link in a frame", page(f'<iframe src="data:application/pdf;base64,{BASE64}"></iframe>'), "seen")
T.trick("a data link in an object", page(f'<object data="data:application/pdf;base64,{BASE64}"></object>'), "seen")
T.trick("a data link in a style sheet", page("", f"<style>p{{background:url(data:;base64,{BASE64})}}</style>"), "seen")
T.trick("a data link in an attribute of style", page(f'<p style="background:url(data:;base64,{BASE64})">x</p>'), "seen")
T.trick("a data link in a picture's set of sources", page(f'<img srcset="data:application/pdf;base64,{BASE64} 2x">'), "seen")
T.trick("a data link in a refresh", page("", f'<meta http-equiv="refresh" content="0;url=data:application/pdf;base64,{BASE64}">'), "seen")
T.trick("a data link in a base element", page("", f'<base href="data:application/pdf;base64,{BASE64}">'), "seen")
T.trick("a data link in a form", page(f'<form action="data:application/pdf;base64,{BASE64}"><button>ouvrir</button></form>'), "seen")
T.trick("a data link in a drawing", page(f'<svg><a xlink:href="data:application/pdf;base64,{BASE64}"><text>note</text></a></svg>'), "seen")
T.trick("a data link in text/plain", join(PLAIN, f"data:application/pdf;base64,\n{b64(DOCUMENT)}"), "unread")
T.trick("a page in a frame of its own", page("<iframe srcdoc='" + LINK.replace('"', "&quot;") + "'></iframe>"), "seen")
T.trick("a blob that a script makes", page("", f"<script>var b=atob('{BASE64}');var u=URL.createObjectURL(new Blob([b]));</script>"), "unread")
T.trick("a blob that a script makes from pieces", page("", "<script>var p=["
        + ",".join(f"'{BASE64[at:at + 30]}'" for at in range(0, len(BASE64), 30))
        + "];open(URL.createObjectURL(new Blob([atob(p.join(''))])));</script>"), "unread")
T.trick("a blob that a script makes from numbers", page("", "<script>var b=new Uint8Array(["
        + ",".join(str(byte) for byte in DOCUMENT) + "]);</script>"), "unread")
T.trick("a script in an attribute", page(f"<img src=x onerror=\"open('data:application/pdf;base64,'+'{BASE64}')\">"), "unread")
T.trick("base64 in a comment", page(f"<!-- {broken(BASE64, 76)} -->"), "unread")
T.trick("base64 in a comment for Outlook", page(f"<!--[if mso]><p>{BASE64}</p><![endif]-->"), "unread")
T.trick("base64 in a hidden field", page(f'<input type="hidden" value="{BASE64}">'), "unread")
T.trick("base64 in an attribute of data", page(f'<div data-note="{BASE64}"></div>'), "unread")
T.trick("base64 in text that is not shown", page(f'<div style="display:none">{broken(BASE64, 60)}</div>'), "unread")
T.trick("base64 in spans of a few letters", page("<p>" + "".join(f"<span>{BASE64[at:at + 8]}</span>" for at in range(0,
        len(BASE64), 8)) + "</p>"), "unread")
T.trick("a letter in text that is not shown", page(f'<div style="display:none"><pre>{LETTER}</pre></div>'), "letter")
T.trick("a letter in white on white", page(f'<div style="color:#fff;background:#fff"><pre>{LETTER}</pre></div>'), "letter")
T.trick("a letter in a table, a line a row", page("<table>"
        + "".join(f"<tr><td>{line}</td></tr>" for line in LETTER.split("\n") if line) + "</table>"), "letter")
T.trick("a letter in spans of one letter", page("".join("<p>" + "".join(f"<span>{sign}</span>" for sign in line)
        + "</p>" for line in LETTER.split("\n"))), "letter")
T.trick("a letter in numbers of characters", page("".join("<p>" + "".join(f"&#x{ord(sign):x};" for sign in line)
        + "</p>" for line in LETTER.split("\n"))), "letter")
T.trick("a letter in a drawing", page('<svg width="595" height="842">'
        + "".join(f'<text x="50" y="{30 + 20 * n}">{line}</text>' for n, line in enumerate(LETTER.split("\n"))) + "</svg>"),
        "letter")

T.trick("a letter with comments in its words", page("".join("<p>" + "".join(f"{sign}<!-- x -->" for sign in line) + "</p>"
        for line in LETTER.split("\n"))), "letter")
# Signs that nobody sees.
UNSEEN = "a file in signs that nobody sees"
T.trick("zero-width signs as bits", pasted("Bonjour" + "".join("\u200b\u200c"[byte >> bit & 1] for byte in DOCUMENT[:400] for bit in range(8))
        + " à jeudi\n"), "unread", UNSEEN)
T.trick("variation selectors behind a smile", pasted("Bonjour \U0001F600" + "".join(chr(0xE0100 + byte - 16 if byte > 15 else 0xFE00 + byte)
        for byte in DOCUMENT) + "\n"), "unread", UNSEEN)
T.trick("base64 in tags of Unicode", pasted("Bonjour" + "".join(chr(0xE0000 + ord(sign)) for sign in BASE64) + "\n"), "unread", UNSEEN)
T.trick("a heap of combining marks", pasted("e" + "".join(chr(0x300 + (byte >> 4)) + chr(0x310 + (byte & 15)) for byte in DOCUMENT) + "\n"),
        "unread", UNSEEN)
T.trick("zero-width signs in HTML, as numbers of characters", page("<p>Bonjour" + "".join(f"&#{8203 + (byte >> bit & 1)};"
        for byte in DOCUMENT[:400] for bit in range(8)) + "</p>"), "unread", UNSEEN)
T.trick("blanks and tabs behind every line", pasted("".join("mot" + "".join(" \t"[byte >> bit & 1] for byte in DOCUMENT[at:at + 8]
        for bit in range(8)) + "\n" for at in range(0, len(DOCUMENT), 8))), "unread", "a file in blanks and tabs")
# Shown in another order than written.
T.trick("a letter behind direction overrides", pasted("".join(f"\u202e{line[::-1]}\u202c\n" for line in LETTER.split("\n"))), "letter")
T.trick("a letter in elements of direction", page("".join(f'<p><bdo dir="rtl">{line[::-1]}</bdo></p>' for line in LETTER.split("\n"))), "letter")
T.trick("a letter in a style of direction", page("".join(f'<p style="direction:rtl;unicode-bidi:bidi-override">{line[::-1]}</p>'
        for line in LETTER.split("\n"))), "letter")
# In links.
T.trick("the document in the tokens of twenty links", page("".join(f'<a href="https://a.example/?d={BASE64[at:at + 220]}">lire</a>'
        for at in range(0, len(BASE64), 220))), "unread", "a file in a link")
T.trick("base64 as links", pasted("".join(f"http://{BASE64[at:at + 60]}\n" for at in range(0, len(BASE64), 60))), "unread", "a file in a link")
# In the source of a page.
T.trick("a letter in what a style sheet shows", page('<p class="a"></p>', '<style>.a::before{content:"' + "\\A ".join(LETTER.split("\n"))
        + '"}</style>'), "letter")
T.trick("a letter in properties of a style sheet", page('<p class="a"></p>', "<style>" + "".join(f'.a{{--l{n}:"{line}"}}'
        for n, line in enumerate(LETTER.split("\n"))) + "</style>"), "letter")
T.trick("a letter in a comment of a style sheet", page("", f"<style>/*\n{LETTER}\n*/</style>"), "letter")
T.trick("a letter in a script that is none", page("", f'<script type="text/plain">{LETTER}</script>'), "letter")
T.trick("a letter in an instruction", page(f"<?x {LETTER}?>"), "letter")
T.trick("a letter in a declaration", page(f"<!x {LETTER}>"), "letter")

T.honest("begin in a sentence", pasted("begin 644 jours de travail\nbegin with the end\n"))
T.honest("a code to enter", pasted(f"{base64.b64encode(hashlib.sha512(b'a').digest()).decode()}\n"))
T.honest("a list of logins", pasted("".join(f"{name}{n:02d}\n" for n, name in enumerate(["amine", "Fatima", "Youssef",
        "khadija", "Omar", "salma", "Driss", "Nadia"] * 12))))
T.honest("sums of files", pasted("".join(f"{hashlib.sha256(bytes([n])).hexdigest()}  note-{n}.pdf\n" for n in range(40))))
T.honest("a log", pasted("".join(f"Nov 21 10:00:{n:02d} mx postfix/smtpd[9]: {hashlib.sha1(bytes([n])).hexdigest()}: "
        f"client=a.example\n" for n in range(60))))
T.honest("a table of numbers", pasted("".join(f"{n:5d} {n * 37 % 1000:8d} {n * 91 % 1000:8d} {n * 53 % 997:8d}\n" for n in range(60))))
T.honest("a table of dates and sums",
        pasted("".join(f"2026-11-{n % 30 + 1:02d} ; {n * 137 % 10000:6d},{n % 100:02d} MAD ; agence {n}\n" for n in range(60))))
T.honest("keys of WireGuard", pasted("[Interface]\nPrivateKey = " + base64.b64encode(hashlib.sha256(b"1").digest()).decode()
        + "\nAddress = 10.0.0.2/32\n\n[Peer]\nPublicKey = " + base64.b64encode(hashlib.sha256(b"2").digest()).decode()
        + "\nEndpoint = vpn.example:51820\n"))
T.honest("a public key of SSH", pasted("ssh-rsa " + base64.b64encode(bytes(range(7, 250)) + bytes(130)).decode()[:372] + " agent@poste\n"))
T.honest("a long link",
        pasted("https://nuage.example/personal/agent/_layouts/15/onedrive.aspx?id=%2Fpersonal%2Fagent%2FDocuments&e="
        + "".join(hashlib.sha256(bytes([n])).hexdigest() for n in range(6)) + "&at=9\n"))
T.honest("links with tokens",
        page("".join(
        f'<p><a href="https://u{n}.ct.lettre.example/ls/click?upn={base64.urlsafe_b64encode(hashlib.sha512(bytes([n])).digest() * 4).decode()}">'
        f'lire</a></p>\n' for n in range(12))))
T.honest("a program", pasted("#include <stdio.h>\n\nint main(void)\n{\n    static const unsigned char table[] "
        "= {0x00, 0x01, 0x02, 0x03};\n    printf(\"%d\\n\", table[0]);\n    return 0;\n}\n"))
T.honest("words about PDF", pasted("Le fichier commence par %PDF-1.4 et se termine par %%EOF ; le RTF par {\\rtf1.\n"))
T.honest("a drawing of signs", pasted("+----------------+      +----------------+\n|   guichet      | ---> |   bureau  "
        "     |\n+----------------+      +----------------+\n" * 4 + "=" * 70 + "\n" + "*" * 70 + "\n"))
T.honest("ten lines of dashes", pasted(("-" * 72 + "\n") * 10 + ("_" * 72 + "\n") * 10))
T.honest("Chinese in lines of one width", join(PLAIN, ("会议改到星期四上午九点在拉巴特召开请各位准时参加谢谢大家" + "\n") * 12))
T.honest("a page with a style sheet and pictures elsewhere",
        page('<table><tr><td style="background:url(https://a.example/b.png)"><img src="https://a.example/c.png" '
        'width="1" height="1"></td></tr></table>', "<style>td{padding:4px}</style>"))
T.honest("a page with data for the mail program", page("",
        '<script type="application/ld+json">{"@context":"http://schema.org","@type":"EmailMessage",'
        '"potentialAction":{"@type":"ViewAction","url":"https://a.example/v"}}</script>'))
T.honest("a logo within the page", page('<img alt="" src="data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7">'))
T.honest("XML in a sentence", pasted('La configuration contient <office:document> et <svg width="10"> quelque part.\n'))
T.honest("a list of identifiers", pasted("".join(f"- {hashlib.md5(bytes([n])).hexdigest()[:8]}-{n:04d}\n" for n in range(50))))
T.honest("identifiers of sessions in a table",
        pasted("".join(f"| {n:3d} | {base64.b32encode(hashlib.sha256(bytes([n])).digest()).decode()[:16]} "
        f"| ouvert |\n" for n in range(30))))
T.honest("a first line padded with signs that nobody sees", page('<div style="display:none">Les nouvelles du mois'
        + "&#847;&zwnj;&nbsp;" * 200 + "&#8199;&#65279;&#847;" * 100 + "</div><p>Bonjour</p>"))
T.honest("padding without blanks", page('<div style="max-height:0">Les nouvelles' + "&#847;&zwnj;" * 300 + "</div><p>Bonjour</p>"))
T.honest("families, flags and hearts", pasted("\U0001F468\u200d\U0001F469\u200d\U0001F467\u200d\U0001F466 \u2764\ufe0f "
        "\U0001F3F4\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F\n" * 60))
T.honest("Persian with joiners and marks of direction", pasted("\u202bمی\u200cخواهم کتاب\u200cها را ببینم.\u202c\n" * 120))
T.honest("Arabic behind a direction override", pasted("\u202eالاجتماع يوم الخميس\u202c\n" * 5))
T.honest("a table in blanks and tabs", pasted("".join(f"agent {n} \t {n * 7} \t {n * 13}\n" for n in range(60))))
T.honest("a style sheet that shows signs", page('<p class="a">Bonjour</p>', '<style>/* Outlook */ :root{--main:"Segoe UI";--c:#123} '
        '.a::before{content:"\\2192  "} .b{content:\'Lire la suite\'} @media print{a[href]:after{content:" (" attr(href) ")"}}</style>'))
T.honest("a page of Outlook with instructions", page('<?xml:namespace prefix = "o" ns = "urn:schemas-microsoft-com:office:office" />'
        "<![if !supportLists]>- <![endif]>Bonjour<o:p></o:p>"))
T.honest("a word in an element of direction", page('<p>Le mot <bdo dir="rtl">radar</bdo> se lit dans les deux sens.</p>'))
T.honest("a link whose token looks like a file in its middle", pasted("https://a.example/?t=aUEsDBq7JVBERi0x0M8R4KGxabcdefghijklmnopqrstuvwxyz\n"))
