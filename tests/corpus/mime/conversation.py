# SPDX-License-Identifier: Apache-2.0
"""Rows for `make`: what is conversation by its content although it is a part of its own, and beside each the nearest
message that hides a document in it."""

import base64
import hashlib
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
from pictures import gif, jpeg, png  # noqa: E402

OK = "message"
TEXT = "Content-Type: text/plain; charset=utf-8\n\nBonjour,\nvoici.\n"
BODY = "1 - text/plain"


def b64(data):
    return base64.encodebytes(data).decode().rstrip("\n")


def part(kind, data, *fields):
    return "\n".join([f"Content-Type: {kind}", "Content-Transfer-Encoding: base64", *fields]) + f"\n\n{b64(data)}"


def html(*cids):
    shown = "".join(f'<img src="cid:{cid}" alt="">' for cid in cids)
    return f"Content-Type: text/html; charset=utf-8\n\n<p>Bonjour</p>{shown}\n"


def pictures(row, mixed, pdf, archive):
    def related(name, data, *expected, kind="image/png", cid="logo@x", shown="logo@x", fields=()):
        row(name, mixed(html(shown), part(kind, data, f"Content-ID: <{cid}>", *fields), kind="related"), OK, "1 - text/html", *expected)

    def loose(name, data, *expected, kind="image/png", disposition="inline"):
        row(name, mixed(TEXT, part(kind, data, f"Content-Disposition: {disposition}")), OK, BODY, *expected)

    related("logo", png(200, 80), "2 - image/png")
    related("logo-jpeg", jpeg(300, 120), "2 - image/jpeg", kind="image/jpeg")
    related("logo-gif", gif(120, 40), "2 - image/gif", kind="image/gif")
    related("logo-named-and-attached", png(200, 80), '2 - image/png "image001.png"', fields=['Content-Disposition: attachment; filename="image001.png"'])
    related("logo-without-a-type", png(200, 80), "2 - image/png", kind="application/octet-stream")
    related("logo-percent-in-link", png(200, 80), "2 - image/png", cid="a b@x", shown="a%20b@x")
    related("logo-of-portrait-shape", png(120, 160), "2 - image/png")
    related("logo-with-profile", png(200, 80, (b"iCCP", b"x" * 3000), (b"tEXt", b"Software\0GIMP")), "2 - image/png")
    related("banner", jpeg(600, 150), "2 - image/jpeg", kind="image/jpeg")
    icons = [f"icon{i}@x" for i in range(6)]
    row("logo-and-icons", mixed(html("logo@x", *icons), part("image/png", png(200, 80), "Content-ID: <logo@x>"),
                                *[part("image/png", png(32, 32), f"Content-ID: <{icon}>") for icon in icons], kind="related"),
        OK, "1 - text/html", *[f"{i} - image/png" for i in range(2, 9)])
    row("logo-beside-a-letter", mixed(mixed(html("logo@x"), part("image/png", png(200, 80), "Content-ID: <logo@x>"), kind="related", boundary="r"), pdf()),
        OK, "1.1 - text/html", "1.2 - image/png", '2 DU application/pdf "a.pdf"')
    loose("logo-loose", png(100, 40), "2 - image/png")

    related("logo-of-a-page", png(283, 400), "2 DU image/png")
    related("logo-of-a-slide", png(560, 400), "2 DU image/png")
    related("logo-too-large", png(900, 300), "2 DU image/png")
    related("logo-heavy", png(200, 80, (b"IDAT", b"x" * 60_000)), "2 DU image/png")
    related("logo-with-a-zip-behind", png(200, 80, after=archive), "2 DU image/png")
    related("logo-with-a-byte-behind", png(200, 80, after=b"\n"), "2 DU image/png")
    related("logo-with-a-zip-in-it", png(200, 80, (b"teXt", archive + b"PK\5\6" + b"\0" * 18)), "2 DU image/png")
    related("logo-with-much-beside", png(200, 80, (b"teXt", b"x" * 30_000)), "2 DU image/png")
    related("logo-jpeg-with-a-pdf-behind", jpeg(300, 120, after=b"%PDF-1.4\n"), "2 DUA image/jpeg", kind="image/jpeg")
    related("logo-jpeg-with-much-beside", jpeg(300, 120, (0xFE, b"x" * 30_000)), "2 DU image/jpeg", kind="image/jpeg")
    related("logo-gif-with-text-behind", gif(120, 40, after=b"secret"), "2 DU image/gif", kind="image/gif")
    related("logo-gif-with-much-beside", gif(120, 40, (0xFE, b"x" * 30_000)), "2 DU image/gif", kind="image/gif")
    related("logo-cut", png(200, 80)[:-20], "2 DU image/png")
    related("logo-that-is-a-pdf", b"%PDF-1.4\n" + b"x" * 300, "2 DU application/pdf")
    related("logo-not-shown", png(300, 250), "2 DU image/png", shown="other@x")
    loose("logo-attached", png(100, 40), '2 DU image/png "a.png"', disposition='attachment; filename="a.png"')
    loose("photograph-inline", jpeg(1600, 1200), '2 DU image/jpeg "a.jpg"', kind="image/jpeg", disposition='inline; filename="a.jpg"')
    strips = [f"s{i}@x" for i in range(5)]
    row("page-in-strips", mixed(html(*strips), *[part("image/png", png(600, 150), f"Content-ID: <{strip}>") for strip in strips], kind="related"),
        OK, "1 - text/html", "2 - image/png", "3 - image/png", "4 - image/png", "5 - image/png", "6 DU image/png")


CARD = "BEGIN:VCARD\nVERSION:3.0\nFN:Agent du bureau\nN:Bureau;Agent;;;\nORG:Ministère\nTEL;TYPE=WORK:+212 5 00 00 00 00\nEMAIL:agent@interieur.gov.example\n{}END:VCARD\n"
EVENT = ("BEGIN:VCALENDAR\nPRODID:-//x//y\nVERSION:2.0\nMETHOD:REQUEST\nBEGIN:VTIMEZONE\nTZID:Africa/Casablanca\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0100\nEND:STANDARD\nEND:VTIMEZONE\n"
         "BEGIN:VEVENT\nUID:1@x\nDTSTART;TZID=Africa/Casablanca:20261121T100000\nSUMMARY:Réunion\nORGANIZER;CN=\"Agent: bureau\":mailto:agent@interieur.gov.example\n"
         "DESCRIPTION:Ordre du jour\\n\\n1. Divers\\n\n X suite\nBEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT15M\nDESCRIPTION:Reminder\nEND:VALARM\n{}END:VEVENT\nEND:VCALENDAR\n")


def fold(name, data):
    """As phones write it: base64 in folded lines."""
    lines = base64.b64encode(data).decode()
    return name + ":\n" + "".join(f" {lines[i:i + 72]}\n" for i in range(0, len(lines), 72)) + "\n"


def cards(row, mixed, document):
    def contact(name, inside, *expected, kind="text/vcard; charset=utf-8", fields=""):
        row(name, mixed(TEXT, f"Content-Type: {kind}\n{fields}\n" + CARD.format(inside)), OK, BODY, *expected)

    def calendar(name, inside, *expected, kind="text/calendar; charset=utf-8; method=REQUEST", how="mixed"):
        row(name, mixed(TEXT, f"Content-Type: {kind}\n\n" + EVENT.format(inside), kind=how), OK, BODY, *expected)

    named = 'Content-Disposition: attachment; filename="agent.vcf"\n'
    contact("card", "", '2 - text/vcard "agent.vcf"', fields=named)
    contact("card-old-type", "", "2 - text/vcard", kind="text/x-vcard")
    contact("card-without-a-type", "", '2 - text/vcard "agent.vcf"', kind="application/octet-stream", fields=named)
    contact("card-with-portrait", fold("PHOTO;ENCODING=b;TYPE=JPEG", jpeg(96, 96)), "2 - text/vcard")
    contact("card-with-portrait-link", "PHOTO;VALUE=uri:https://interieur.gov.example/a.jpg\n", "2 - text/vcard")
    contact("card-with-portrait-4", "PHOTO:data:image/png;base64," + base64.b64encode(png(48, 48)).decode() + "\n", "2 - text/vcard")
    contact("card-of-a-phone", "item1.URL;type=pref:https://interieur.gov.example\nitem1.X-ABLabel:_$!<HomePage>!$_\nNOTE;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=C3=A9t=C3=A9=\n=20et suite\n", "2 - text/vcard")
    contact("card-with-large-photo", fold("PHOTO;ENCODING=b;TYPE=JPEG", jpeg(1600, 1200)), "2 DU text/vcard", '2!PHOTO DU image/jpeg "PHOTO"')
    contact("card-with-a-pdf-as-photo", fold("PHOTO;ENCODING=b", document), "2 DU text/vcard", '2!PHOTO DU application/pdf "PHOTO"')
    contact("card-with-a-pdf", fold("X-DOC;ENCODING=BASE64", document), "2 DU text/vcard", '2!X-DOC DU application/pdf "X-DOC"')
    contact("card-with-a-pdf-folded", fold("NOTE", document), "2 DU text/vcard")
    contact("card-with-a-pdf-in-lines", "".join(f"X-N{i}:{line}\n" for i, line in enumerate(b64(document).split("\n"))), "2 DU text/vcard")
    contact("card-with-a-pdf-quoted", "NOTE;ENCODING=QUOTED-PRINTABLE:" + b64(document).replace("=", "=3D").replace("A", "=41").replace("\n", "=0A=\n") + "\n", "2 DU text/vcard")
    contact("card-with-a-key", fold("KEY;ENCODING=b", document), "2 DU text/vcard", '2!KEY DU application/pdf "KEY"')
    contact("card-with-a-novel", "".join(f"NOTE:{'Il était une fois un long texte. ' * 200}\n" for _ in range(4)), "2 D text/vcard")
    row("card-that-is-text", mixed(TEXT, "Content-Type: text/vcard\n\nLe rapport dit ceci.\n"), OK, BODY, "2 D text/plain")
    row("card-with-text-behind", mixed(TEXT, "Content-Type: text/vcard\n\n" + CARD.format("") + "Le rapport dit ceci.\n"), OK, BODY, "2 DU text/vcard")
    row("card-that-is-a-pdf", mixed(TEXT, part("text/vcard", document)), OK, BODY, "2 DU application/pdf")

    calendar("invitation", "", "2 - text/calendar")
    calendar("invitation-as-alternative", "", "2 - text/calendar", how="alternative")
    calendar("invitation-attached", "", "2 - text/calendar", kind="application/ics")
    calendar("invitation-of-outlook", "X-MICROSOFT-CDO-BUSYSTATUS:BUSY\nX-ALT-DESC;FMTTYPE=text/html:<html>" + "<p>Bonjour</p>" * 300 + "</html>\n", "2 - text/calendar")
    calendar("invitation-with-a-file", fold("ATTACH;ENCODING=BASE64;VALUE=BINARY;FMTTYPE=application/pdf", document), "2 DU text/calendar", '2!ATTACH DU application/pdf "ATTACH"')
    calendar("invitation-with-a-link-to-a-file", "ATTACH:https://drive.example/a.pdf\n", "2 D text/calendar")
    calendar("invitation-with-a-file-in-its-text", "DESCRIPTION:" + b64(document).replace("\n", "\\n") + "\n", "2 DU text/calendar")
    calendar("invitation-with-a-strange-part", "BEGIN:X-DOCUMENT\nX-A:1\nEND:X-DOCUMENT\n", "2 D text/calendar")
    row("invitation-cut", mixed(TEXT, "Content-Type: text/calendar\n\n" + EVENT.format("")[:-30]), OK, BODY, "2 D text/calendar")
    row("journal-entry", mixed(TEXT, "Content-Type: text/calendar\n\nBEGIN:VCALENDAR\nBEGIN:VJOURNAL\nDESCRIPTION:x\nEND:VJOURNAL\nEND:VCALENDAR\n"), OK, BODY, "2 D text/calendar")


def carried(row):
    def body(name, *pictures, extra=""):
        shown = "".join(f'<img src="data:image/{kind};base64,{base64.b64encode(data).decode()}">' for kind, data in pictures)
        return name, f"Content-Type: text/html; charset=utf-8\n\n<p>Bonjour</p>{shown}{extra}\n"

    logo, page = ("png", png(200, 80)), ("jpeg", jpeg(826, 1169))
    hidden = "1 D text/html", "1:raw DU ?"
    row(*body("logo-in-html", logo), OK, "1 - text/html")
    row(*body("logo-and-icon-in-html", logo, ("gif", gif(32, 32))), OK, "1 - text/html")
    row(*body("page-in-html", page), OK, "1 DU text/html", "1:raw DU ?", "1!~1 DU image/jpeg")
    row(*body("logo-and-page-in-html", logo, page), OK, "1 DU text/html", "1:raw DU ?", "1!~1 DU image/jpeg")
    row(*body("logo-in-html-with-a-pdf-behind", ("png", png(200, 80, after=b"%PDF-1.4"))), OK, "1 DU text/html", "1:raw DU ?", "1!~1 DU image/png")
    row(*body("logo-in-html-and-pasted-base64", logo, extra="\n" + b64(jpeg(826, 1169))), OK, *hidden)
    row(*body("logo-in-html-that-is-a-pdf", ("png", b"%PDF-1.4" * 40)), OK, "1 DU text/html", "1:raw DU ?", "1!~1 DU application/pdf")


def pages(row, mixed, document):
    def body(name, html, *expected):
        row(name, f"Content-Type: text/html; charset=utf-8\n\n<p>Bonjour</p>{html}\n", OK, *expected)

    def page(name, html, *expected, fields='Content-Type: text/html; name="a.html"'):
        row(name, mixed(TEXT, f"{fields}\n\n{html}\n"), OK, BODY, *expected)

    conversation, closed = "1 - text/html", "1 DU text/html"
    coded = base64.b64encode(document).decode()
    body("script-of-a-newsletter", '<script type="application/ld+json">{"@type": "EmailMessage"}</script>', conversation)
    body("script-small", "<script>var a = 1;</script>", conversation)
    body("script-elsewhere", '<script src="https://a.example/a.js"></script>', conversation)
    body("script-builds-a-file", f'<script>a=new Blob([atob("{coded[:300]}")]);</script>', closed)
    body("script-writes", "<script>document.write('a')</script>", closed)
    body("script-of-numbers", f"<script>x=[{','.join(str(b) for b in document)}]</script>", closed)
    body("script-in-onload", """<img src=x onerror="eval(atob('eA=='))">""", closed)
    body("script-in-a-link", '<a href="javascript:open(atob(x))">x</a>', closed)
    body("handler-small", '<a onmouseover="this.style.color=1">x</a>', conversation)
    body("link-to-download", '<a download href="https://a.example/a.pdf">x</a>', conversation)
    body("data-link-plain", '<a href="data:,Le%20rapport">x</a>', "1 - text/html", "1!~1 D text/plain")
    page("page-attached", "<!DOCTYPE html><html><body>x</body></html>", '2 D text/html "a.html"')
    page("page-with-a-script", "<!DOCTYPE html><html><body>x<script>y()</script></body></html>", '2 DU text/html "a.html"')
    page("page-that-begins-as-text", "Bonjour <script>y()</script>", '2 DU text/html "a.html"')
    page("page-by-its-name", "Bonjour <script>y()</script>", '2 DU text/plain "a.HTM"', fields='Content-Type: text/plain; name="a.HTM"')
    page("page-by-its-label", "Bonjour <script>y()</script>", "2 DU text/html", fields="Content-Type: text/html\nContent-Disposition: attachment")
    page("text-with-a-script", "Bonjour <script>y()</script>", '2 D text/plain "a.txt"', fields='Content-Type: text/plain; name="a.txt"')


def written(row, document):
    def body(name, text, *expected):
        row(name, f"\nBonjour,\n{text}\n", OK, *expected)

    def pem(label, data):
        return f"-----BEGIN {label}-----\n" + "\n".join(base64.b64encode(data).decode()[at:at + 64] for at in range(0, len(data) * 4 // 3, 64)) + f"\n-----END {label}-----"

    def digests(count, method):
        return "\n".join(method(bytes([n])).hexdigest() for n in range(count))

    def hexed(data, width):
        return "\n".join(data.hex()[at:at + width] for at in range(0, len(data) * 2, width))

    passes, hit = "1 - text/plain", ("1 D text/plain", "1:raw DU ?")
    key = b"\x30\x82\x02\x22\x30\x0d\x06\x09" + bytes(range(1, 256)) * 3
    body("key-in-text", pem("PUBLIC KEY", key[:550]), passes)
    body("key-in-text-too-long", pem("PUBLIC KEY", key), *hit)
    body("key-in-text-that-is-a-pdf", pem("PUBLIC KEY", document[:550]), "1 DU text/plain", "1:raw DU ?", "1!~1 DU application/pdf")
    body("two-keys-in-text", pem("PUBLIC KEY", key[:550]) + "\n" + pem("PUBLIC KEY", key[:550]), *hit)
    body("certificate-in-text", pem("CERTIFICATE", key[:550]), *hit)
    body("digests", digests(25, hashlib.sha256), passes)
    body("digests-md5", digests(40, hashlib.md5), passes)
    body("digests-many", digests(33, hashlib.sha256), "1 DU text/plain", "1:raw DU ?", "1!~1 DU application/octet-stream")
    body("hex-of-a-letter", hexed("Le rapport dit ceci, et cela encore.\n".encode() * 14, 64), "1 D text/plain", "1:raw DU ?", "1!~1 D text/plain")
    body("hex-of-a-pdf", hexed(document[:480], 64), "1 DU text/plain", "1:raw DU ?", "1!~1 DU application/pdf")
    body("genes", "\n".join(["ACGTACGTTAGC" * 5] * 40), passes)
    body("rulers", "\n".join(["/" * 72, "x" * 72] * 20), passes)


def outlook(row, mixed, document):
    named = 'Content-Disposition: attachment; filename="winmail.dat"'
    row("winmail-that-is-a-pdf", mixed(TEXT, part("application/ms-tnef", document, named)), OK, BODY, '2 DU application/pdf "winmail.dat"')
    row("winmail-that-is-text", mixed(TEXT, part("application/ms-tnef", b"Le rapport dit ceci.\n", named)), OK, BODY, '2 D text/plain "winmail.dat"')


def add_rows(row, mixed, pdf, document, archive):
    pictures(row, mixed, pdf, archive)
    cards(row, mixed, document)
    outlook(row, mixed, document)
    carried(row)
    pages(row, mixed, document)
    written(row, document)
