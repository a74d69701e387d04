# SPDX-License-Identifier: Apache-2.0
"""What travels with a message without being a document: pictures, cards, invitations, keys, winmail.dat. Each is honest, or
carries a document."""

import struct
import zlib

import logos
import tneffile as tnef
from pictures import chunk, gif, jpeg, png
from tricks import DOCUMENT, LETTER, PLAIN, TEXT, Table, b64, bare, file, join, multipart

T = Table("carriers")
SHOWN = 'Content-Type: text/html; charset=utf-8\n\n<p>Bonjour</p><img src="cid:logo@x">\n'
CARD = ("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Agent\r\nN:Bureau;Agent;;;\r\nTEL;TYPE=WORK:+212 5 00 00 00 00\r\n"
        "EMAIL:agent@interieur.gov.example\r\n{}END:VCARD\r\n")
EVENT = ("BEGIN:VCALENDAR\r\nPRODID:-//x//y\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:1@x\r\nDTSTAMP:20261121T100000Z\r\n"
         "DTSTART:20261121T100000Z\r\nSUMMARY:Réunion\r\nORGANIZER:mailto:agent@interieur.gov.example\r\n{}END:VEVENT\r\nEND:VCALENDAR\r\n")


def folded(data):
    return "\r\n ".join(b64(data, 72).split())


def shown(data, kind="image/png", name="logo.png"):
    return multipart(SHOWN, file(name, data, kind, "inline", more="Content-ID: <logo@x>\n"), kind="related")


def card(more, kind="text/vcard", name="agent.vcf"):
    return multipart(TEXT, file(name, CARD.format(more).encode(), kind))


def event(more, kind="text/calendar; method=REQUEST"):
    said = f"Content-Type: {kind}; charset=utf-8\nContent-Transfer-Encoding: base64\n\n"
    return multipart(TEXT, join(said, b64(EVENT.format(more).encode())), kind="alternative")


def winmail(*attributes, name="winmail.dat", kind="application/ms-tnef"):
    said = [tnef.attribute(tnef.MESSAGE, tnef.SUBJECT, b"Dejeuner\0"), tnef.attribute(tnef.MESSAGE, tnef.BODY, b"Bonjour\0")]
    return multipart(TEXT, file(name, tnef.tnef(*said, *attributes), kind))


# Pictures.
T.trick("PNG, the document behind its end", shown(png(160, 60, after=DOCUMENT)), "ambiguous", "a PDF file stands at its beginning")
T.trick("PNG, the document in a chunk of text", shown(png(160, 60, (b"tEXt", b"Note\0" + DOCUMENT))), "ambiguous",
        "a PDF file stands at its beginning")
T.trick("PNG, the document in a chunk that nobody knows", shown(png(160, 60, (b"noTe", DOCUMENT))), "ambiguous", "a PDF file stands at its beginning")
T.trick("PNG, the document in Exif data", shown(png(160, 60, (b"eXIf", b"MM\0*\0\0\0\x08\0\0" + DOCUMENT))), "ambiguous",
        "a PDF file stands at its beginning")
T.trick("JPEG, the document behind its end", shown(jpeg(300, 120, after=DOCUMENT), "image/jpeg", "logo.jpg"), "ambiguous",
        "a PDF file stands at its beginning")
T.trick("JPEG, the document in a comment", shown(jpeg(300, 120, (0xFE, DOCUMENT)), "image/jpeg", "logo.jpg"), "ambiguous",
        "a PDF file stands at its beginning")
T.trick("JPEG, the document in Exif data", shown(jpeg(300, 120, (0xE1, b"Exif\0\0" + DOCUMENT)), "image/jpeg", "logo.jpg"),
        "ambiguous", "a PDF file stands at its beginning")
T.trick("JPEG, the document in data of Photoshop", shown(jpeg(300, 120, (0xED, b"Photoshop 3.0\0" + DOCUMENT)), "image/jpeg",
        "logo.jpg"), "ambiguous", "a PDF file stands at its beginning")
T.trick("GIF, the document behind its end", shown(gif(120, 40, after=DOCUMENT), "image/gif", "logo.gif"), "unread")
T.trick("GIF, the document in a comment", shown(gif(120, 40, (0xFE, DOCUMENT)), "image/gif", "logo.gif"), "ambiguous",
        "a PDF file stands at its beginning")
T.trick("a picture of a page", shown(png(283, 400)), "unread")
T.trick("a picture of a page, attached", multipart(TEXT, file("page.png", png(595, 842), "image/png")), "unread")
T.trick("a page cut into strips", multipart("Content-Type: text/html\n\n" + "".join(f'<img src="cid:s{n}@x">' for n in range(6))
        + "\n", *[file(f"s{n}.png", png(595, 140), "image/png", "inline", more=f"Content-ID: <s{n}@x>\n") for n in range(6)],
        kind="related"), "unread")
T.trick("a picture of a kind that nobody here reads", shown(b"BM" + DOCUMENT, "image/bmp", "logo.bmp"), "ambiguous",
        "a PDF file stands at its beginning")
T.trick("a drawing in SVG", shown(b'<svg xmlns="http://www.w3.org/2000/svg" width="100" height="50"><text x="5" y="20">'
        b'Note de service</text></svg>', "image/svg+xml", "logo.svg"), "document")
T.trick("an icon that is the document", shown(b"\0\0\1\0\1\0\x10\x10\0\0\1\0\x20\0" + len(DOCUMENT).to_bytes(4, "little")
        + b"\x16\0\0\0" + DOCUMENT, "image/x-icon", "logo.ico"), "ambiguous", "a PDF file stands at its beginning")
# What pictures say beside their pixels.
LATIN, LINES = LETTER.encode("latin-1"), LETTER.replace("\n", "&#xA;")
IN_XMP = logos.xmp(f"<dc:description><rdf:Alt><rdf:li xml:lang='x-default'>{LINES}</rdf:li></rdf:Alt></dc:description>")
IN_PNG = {
    "in a chunk of text": (b"tEXt", b"Comment\0" + LATIN),
    "in a chunk of text in UTF-8": (b"iTXt", b"Comment\0\0\0fr\0\0" + LETTER.encode()),
    "in a chunk of packed text": logos.packed_text(b"Comment", LATIN),
    "in a chunk of packed text in UTF-8": (b"iTXt", b"Comment\0\1\0fr\0Remarque\0" + zlib.compress(LETTER.encode())),
    "in a chunk that nobody knows": (b"noTe", LETTER.encode()),
    "in a colour profile": (b"iCCP", b"sRGB\0\0" + zlib.compress(logos.colour_profile() + LETTER.encode())),
    "in XMP": (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + IN_XMP),
    "in hexadecimal": (b"tEXt", b"Raw profile type iptc\0" + logos.raw_profile("iptc", logos.resource(0x0404, logos.iptc(LETTER.encode())))),
    "behind a little hexadecimal": (b"tEXt", b"Raw profile type iptc\0\niptc\n       2\nabcd\n" + LATIN),
    "behind a preview's beginning": (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + logos.xmp("<xmpGImg:image>/9j/\n" + LETTER + "</xmpGImg:image>")),
    "in packed hexadecimal": logos.packed_text(b"Raw profile type xmp", logos.raw_profile("xmp", IN_XMP)),
    "among the pixels": (b"IDAT", LETTER.encode()),
}
IN_JPEG = {
    "in a comment": (0xFE, LETTER.encode()),
    "in a comment in Latin 1": (0xFE, LATIN),
    "in a comment in UTF-16": (0xFE, b"\xff\xfe" + LETTER.encode("utf-16-le")),
    "in Windows' remarks": (0xE1, b"Exif\0\0" + logos.exif((0x9C9C, LETTER.encode("utf-16-le") + b"\0\0"))),
    "in Exif's description": (0xE1, b"Exif\0\0" + logos.exif((0x10E, LATIN + b"\0"))),
    "in XMP's headline": (0xE1, b"http://ns.adobe.com/xap/1.0/\0" + logos.xmp(attributes=f'photoshop:Headline="{LINES}"')),
    "in IPTC's caption": (0xED, b"Photoshop 3.0\0" + logos.resource(0x0404, logos.iptc(LETTER.encode()))),
    "in a colour profile": (0xE2, b"ICC_PROFILE\0\1\1" + logos.colour_profile() + LETTER.encode("utf-16-be")),
    "in a table": (0xDB, LETTER.encode()),
}
for where, what in IN_PNG.items():
    T.trick(f"PNG, a letter {where}", shown(png(160, 60, what)), "letter")
for where, what in IN_JPEG.items():
    T.trick(f"JPEG, a letter {where}", shown(jpeg(300, 120, what), "image/jpeg", "logo.jpg"), "letter")
T.trick("JPEG, a letter among the pixels", shown(jpeg(300, 120)[:-2] + LETTER.encode() + b"\xff\xd9", "image/jpeg", "logo.jpg"), "letter")
T.trick("GIF, a letter in a comment", shown(gif(120, 40, (0xFE, LETTER.encode())), "image/gif", "logo.gif"), "letter")
T.trick("GIF, a letter behind 240 signs of a comment", shown(gif(120, 40, (0xFE, b"- " * 120 + b"\n" + LETTER.encode())), "image/gif",
        "logo.gif"), "letter")
T.trick("GIF, a letter in XMP", shown(gif(120, 40, (0xFF, b"XMP DataXMP" + IN_XMP)), "image/gif", "logo.gif"), "letter")
T.trick("PNG, the document in a chunk of packed text", shown(png(160, 60, logos.packed_text(b"Comment", DOCUMENT))), "unread",
        "picture that holds another file")
T.trick("PNG, the document in base64 in a comment", shown(png(160, 60, (b"tEXt", b"Comment\0" + b64(DOCUMENT).encode()))), "seen unread")
T.trick("PNG, a colour profile that unpacks to a megabyte", shown(png(160, 60, (b"iCCP", b"x\0\0" + zlib.compress(bytes(1 << 20))))), "unread")
T.trick("a letter in the comment of a logo within the page",
        join('Content-Type: text/html\n\n<p>Bonjour</p><img src="data:image/png;base64,'
             + b64(png(160, 60, IN_PNG["in a chunk of text"]), 10**6).strip() + '">\n'),
        "letter")
T.trick("a letter in the comment of a loose logo", multipart(TEXT, join("Content-Type: image/png\nContent-Disposition: inline\n"
        "Content-Transfer-Encoding: base64\n\n", b64(png(100, 40, IN_PNG["in a chunk of text"])))), "letter")
# Cards and invitations.
T.trick("a card, the document as its photograph", card(f"PHOTO;ENCODING=b;TYPE=JPEG:{folded(DOCUMENT)}\r\n"), "seen")
T.trick("a card, the document as its sound", card(f"SOUND;ENCODING=b:{folded(DOCUMENT)}\r\n"), "seen")
T.trick("a card, the document as its key", card(f"KEY;ENCODING=b:{folded(DOCUMENT)}\r\n"), "seen")
T.trick("a card, the document in a field of somebody's own", card(f"X-NOTE;ENCODING=b:{folded(DOCUMENT)}\r\n"), "seen")
T.trick("a card, the document in its note", card(f"NOTE:{folded(DOCUMENT)}\r\n"), "unread")
T.trick("a card, the document as a data link", card(f"PHOTO;VALUE=uri:data:application/pdf;base64,{folded(DOCUMENT)}\r\n"), "seen")
T.trick("a card, a link to the document", card("ATTACH:https://partage.example/note.pdf\r\n"), "document")
T.trick("a card, the document behind its end", multipart(TEXT, file("agent.vcf", CARD.format("").encode() + DOCUMENT, "text/vcard")), "unread")
T.trick("a card, a text behind its end", multipart(TEXT, file("agent.vcf", (CARD.format("")
        + "Note : les agents sont mutés.\r\n" * 30).encode(), "text/vcard")), "document")
T.trick("a card, a letter in the comment of its portrait", card(f"PHOTO;ENCODING=b;TYPE=PNG:{folded(png(96, 96, IN_PNG['in a chunk of text']))}\r\n"),
        "letter")
T.trick("a card, the document in parameters", card("".join(f"X-A;X-B={b64(DOCUMENT, 900).split()[n]}:x\r\n" for n in range(4))), "unread")
T.trick("a card, the document in the names of groups", card("".join(f"{line.translate(str.maketrans('+/=', '-_-'))}.NOTE:x\r\n"
        for line in b64(DOCUMENT, 40).split())), "unread")
T.trick("a card that is a letter", card("NOTE:" + LETTER.replace("\n", "\\n") + "\r\n"), "letter")
T.trick("the document that says it is a card", multipart(TEXT, file("agent.vcf", DOCUMENT, "text/vcard")), "seen")
T.trick("a card of 100,000 letters", card("NOTE:" + "Les agents sont mutés. " * 4500 + "\r\n"), "document")
T.trick("an invitation, the document attached", event(f"ATTACH;FMTTYPE=application/pdf;ENCODING=BASE64;VALUE=BINARY:{folded(DOCUMENT)}\r\n"), "seen")
T.trick("an invitation, a link to the document", event("ATTACH:https://partage.example/note.pdf\r\n"), "document")
T.trick("an invitation, the document as a data link", event(f"ATTACH:data:application/pdf;base64,{folded(DOCUMENT)}\r\n"), "seen")
T.trick("an invitation, the document in a field of somebody's own", event(f"X-NOTE;ENCODING=BASE64;VALUE=BINARY:{folded(DOCUMENT)}\r\n"), "seen")
T.trick("an invitation, the document in its description", event(f"DESCRIPTION:{folded(DOCUMENT)}\r\n"), "unread")
T.trick("an invitation, the document as HTML in its description",
        event(f'X-ALT-DESC;FMTTYPE=text/html:<a href="data:application/pdf;base64\\,{folded(DOCUMENT)}">' f'note</a>\r\n'),
        "unread")
T.trick("an invitation that is a letter", event("DESCRIPTION:" + LETTER.replace("\n", "\\n") + "\r\n"), "letter")
T.trick("an invitation that is a letter in HTML", event("X-ALT-DESC;FMTTYPE=text/html:<html><body>"
        + "".join(f"<p>{line}</p>" for line in LETTER.split("\n")) + "</body></html>\r\n"), "letter")
T.trick("an invitation that is a letter in HTML as its description", event("DESCRIPTION:" + "<br>".join(LETTER.split("\n")) + "\r\n"), "letter")
T.trick("an invitation, the document in parameters", event("".join(f'ATTENDEE;CN="{line}":mailto:a@x.example\r\n'
        for line in b64(DOCUMENT, 64).split())), "unread")
T.trick("an invitation cut off before its end", multipart(TEXT, file("i.ics", EVENT.format("").encode()[:-20], "text/calendar")), "document")
# winmail.dat.
T.trick("winmail.dat with the document", winmail(tnef.attachment(DOCUMENT, "note.pdf")), "seen ambiguous")
T.trick("winmail.dat under another type", winmail(tnef.attachment(DOCUMENT, "note.pdf"), name="note.txt",
        kind="application/octet-stream"), "seen ambiguous")
T.trick("winmail.dat with the document as a property", winmail(tnef.attachment(None, "note.pdf", tnef.prop(0x3701, 0x102,
        DOCUMENT))), "seen ambiguous")
T.trick("winmail.dat with a message that has the document", winmail(tnef.attachment(None, "a", tnef.prop(0x3701, 0xD, bytes(16)
        + tnef.tnef(tnef.attachment(DOCUMENT, "note.pdf"))))), "seen ambiguous")
T.trick("winmail.dat with a wrong checksum", winmail(tnef.attribute(tnef.ATTACHMENT, tnef.RENDERING, b"\1\0" + b"\xff" * 4
        + b"\0" * 8), tnef.attribute(tnef.ATTACHMENT, tnef.DATA, DOCUMENT, 7)), "ambiguous")
T.trick("winmail.dat, the document behind its end", multipart(TEXT, file("winmail.dat", tnef.tnef(tnef.attribute(tnef.MESSAGE,
        tnef.BODY, b"Bonjour\0")) + DOCUMENT, "application/ms-tnef")), "ambiguous")
T.trick("winmail.dat that is cut off", multipart(TEXT, file("winmail.dat", tnef.tnef(tnef.attachment(DOCUMENT,
        "note.pdf"))[:-90], "application/ms-tnef")), "ambiguous", "a PDF file stands at its beginning")
T.trick("winmail.dat with a letter as its packed text", winmail(tnef.attribute(tnef.MESSAGE, tnef.PROPERTIES,
        tnef.props(tnef.prop(0x1009, 0x102, tnef.lzfu(("{\\rtf1\\ansi " + LETTER.replace("\n", "\\par ").encode("ascii",
        "replace").decode() + "}").encode()))))), "letter")

T.honest("a logo that the text shows", shown(png(160, 60)))
T.honest("a logo in JPEG", shown(jpeg(300, 120), "image/jpeg", "logo.jpg"))
T.honest("a logo in GIF", shown(gif(120, 40), "image/gif", "logo.gif"))
T.honest("a logo with a colour profile", shown(png(160, 60, (b"iCCP", b"sRGB\0\0" + zlib.compress(bytes(range(256)) * 10)))))
T.honest("a logo with the program's name and a description", shown(png(160, 60, (b"tEXt", b"Software\0GIMP 2.10"), (b"iTXt",
        b"XML:com.adobe.xmp\0\0\0\0\0" + b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF/></x:xmpmeta>'))))
T.honest("a photograph's logo with Exif data", shown(jpeg(300, 120, (0xE1,
        b"Exif\0\0MM\0*\0\0\0\x08\0\1\x01\x12\0\3\0\0\0\1\0\1\0\0\0\0\0\0"), (0xFE, b"Created with GIMP")), "image/jpeg",
        "logo.jpg"))
for name, (kind, data) in logos.LOGOS.items():
    T.honest(name, shown(data, kind, f"logo.{kind[6:]}"))
T.honest("a loose small picture", multipart(TEXT,
        join("Content-Type: image/png\nContent-Disposition: inline\nContent-Transfer-Encoding: " "base64\n\n", b64(png(100,
        40)))))
T.honest("a card", card(""))
T.honest("a card with a portrait", card(f"PHOTO;ENCODING=b;TYPE=PNG:{folded(png(96, 96))}\r\n"))
T.honest("a card with a note", card("NOTE:Bureau 12\\, deuxième étage\\nle matin\r\nURL:https://interieur.gov.example\r\n"))
T.honest("an invitation", event("DESCRIPTION:Ordre du jour\\n\\n1. Divers\r\nLOCATION:Salle 3\r\n"))
T.honest("an invitation with HTML", event('X-ALT-DESC;FMTTYPE=text/html:<html><body><p>Ordre du jour</p></body></html>\r\n'))
T.honest("an invitation with a link to a meeting",
        event("DESCRIPTION:Rejoindre : https://visio.example/j/93456?pwd=aGVsbG8\r\nURL:https://visio.example/j/93456\r\n"))
T.honest("an invitation with HTML as its description", event("DESCRIPTION:<p>Ordre du jour&nbsp\\;:</p><ul><li>Divers</li></ul>"
        "<br>Rejoindre : <a href=\"https://visio.example/j/93456?pwd=aGVsbG8\">lien</a>\r\n"))
T.honest("an invitation to two hundred", event("".join(f"ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;"
        f'CN="M. Agent {n} (DGCL/DFL{n % 7})";X-NUM-GUESTS=0:mailto:agent.{n}@interieur.gov.example\r\n' for n in range(200))))
T.honest("winmail.dat of a message alone", winmail())
