# SPDX-License-Identifier: Apache-2.0
"""Logos with what programs leave in them beside the pixels: comments, Exif, XMP, IPTC, colour profiles, previews. Written
from the formats' specifications, in the order and size in which these programs write them."""

import base64
import hashlib
import struct
import zlib

from pictures import gif, jpeg, png

NAME = "Royaume du Maroc\nMinistère de l'Intérieur\nDirection générale des collectivités locales"
ARABIC = "المملكة المغربية\nوزارة الداخلية"


def noise(size, seed=b""):
    """What compressed pixels look like."""
    data = b"".join(hashlib.sha512(seed + n.to_bytes(4, "big")).digest() for n in range(size // 64 + 1))
    return data[:size].replace(b"\xff", b"\xfe")


def exif(*texts, preview=b""):
    """Little-endian; texts: (tag, bytes) of ASCII (type 2) and, above 0x9000, of octets (type 1)."""
    entries, at, pool = [], 8 + 2 + 12 * len(texts) + 4, b""
    for tag, data in sorted(texts):
        kind = 1 if tag >= 0x9000 else 2
        place = struct.pack("<I", at + len(pool)) if len(data) > 4 else data.ljust(4, b"\0")
        entries.append(struct.pack("<HHI", tag, kind, len(data)) + place)
        pool += data if len(data) > 4 else b""
    ifd = struct.pack("<H", len(entries)) + b"".join(entries) + struct.pack("<I", at + len(pool) if preview else 0)
    if preview:
        after = at + len(pool) + 2 + 24 + 4
        pool += struct.pack("<HHHIIHHIII", 2, 0x201, 4, 1, after, 0x202, 4, 1, len(preview), 0) + preview
    return b"II*\0\x08\0\0\0" + ifd + pool


def xmp(inside="", attributes=""):
    return ('<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?> <x:xmpmeta xmlns:x="adobe:ns:meta/" '
            'x:xmptk="Adobe XMP Core 5.3-c011 66.145661, 2012/02/06-14:56:27        "> '
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"> <rdf:Description rdf:about="" '
            'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
            'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/" '
            f'xmlns:stEvt="http://ns.adobe.com/xap/1.0/sType/ResourceEvent#" {attributes}> {inside} '
            '</rdf:Description> </rdf:RDF> </x:xmpmeta> ' + " " * 2000 + '<?xpacket end="w"?>').encode()


def photoshop_xmp():
    identifiers = [hashlib.md5(bytes([n])).hexdigest().upper() for n in range(70)]
    history = "".join(f'<rdf:li stEvt:action="saved" stEvt:instanceID="xmp.iid:{one}" stEvt:when="2019-03-12T10:{n:02d}:21+01:00" '
                      'stEvt:softwareAgent="Adobe Photoshop CS6 (Windows)" stEvt:changed="/"/> ' for n, one in enumerate(identifiers[:12]))
    layers = "".join(f'<rdf:li photoshop:LayerName="{line}" photoshop:LayerText="{NAME}"/> '.replace("\n", "&#xD;")
                     for line in NAME.split("\n"))
    ancestors = "".join(f"<rdf:li>{one}</rdf:li> " for one in identifiers)
    return xmp(f"<xmpMM:History> <rdf:Seq> {history}</rdf:Seq> </xmpMM:History> <photoshop:TextLayers> <rdf:Bag> {layers}</rdf:Bag> "
               f"</photoshop:TextLayers> <photoshop:DocumentAncestors> <rdf:Bag> {ancestors}</rdf:Bag> </photoshop:DocumentAncestors>",
               'xmp:CreatorTool="Adobe Photoshop CS6 (Windows)" dc:format="image/jpeg" photoshop:ColorMode="3" '
               'photoshop:ICCProfile="sRGB IEC61966-2.1"')


def colour_profile():
    return (struct.pack(">I", 3144) + b"Lino\x02\x10\0\0mntrRGB XYZ " + bytes(40) + b"desc\0\0\0\0\0\0\0\x12sRGB IEC61966-2.1\0"
            + b"text\0\0\0\0Copyright (c) 1998 Hewlett-Packard Company\0" + b"desc\0\0\0\0\0\0\0\x16IEC http://www.iec.ch\0"
            + b"desc\0\0\0\0\0\0\0\x2eIEC 61966-2.1 Default RGB colour space - sRGB\0"
            + b"desc\0\0\0\0\0\0\0\x2cReference Viewing Condition in IEC61966-2.1\0").ljust(640, b"\0") + struct.pack(">1252H", *range(0, 65104, 52))


def resource(number, data):
    return b"8BIM" + struct.pack(">H", number) + b"\0\0" + struct.pack(">I", len(data)) + data + b"\0" * (len(data) & 1)


def iptc(text):
    return b"\x1c\x01\x5a\0\3\x1b%G" + b"\x1c\x02\x78" + struct.pack(">H", len(text)) + text


def photoshop_jpeg():
    """"Save as": a preview twice, text layers, the names of printing, a history, the identifiers of older files."""
    names = "Imprimer la cible, Réglages d'épreuve, Couleurs imprimante, Format d'impression Adobe Photoshop".encode("utf-16-be")
    resources = (resource(0x0404, iptc(NAME.encode())) + resource(0x043A, b"\0\0\0\x10\0\0\0\1" + names) + resource(0x03ED, bytes(16))
                 + resource(0x040C, b"\0\0\0\1\0\0\0\xa0" + noise(4000)) + resource(0x0425, noise(16)))
    return jpeg(300, 120, (0xE1, b"Exif\0\0" + exif((0x131, b"Adobe Photoshop CS6 (Windows)\0"), (0x132, b"2019:03:12 10:12:21\0"),
                                                   preview=noise(4000, b"p"))),
                (0xED, b"Photoshop 3.0\0" + resources), (0xE1, b"http://ns.adobe.com/xap/1.0/\0" + photoshop_xmp()),
                (0xE2, b"ICC_PROFILE\0\1\1" + colour_profile()), (0xEE, b"Adobe\0d\0\0\0\0\1"))


def raw_profile(name, data):
    """As ImageMagick, and GIMP with it, keeps in a PNG what PNG had no chunk for."""
    text = data.hex()
    lines = "\n".join(text[at:at + 72] for at in range(0, len(text), 72))
    return f"\n{name}\n{len(data):8d}\n{lines}\n".encode()


def packed_text(keyword, data):
    return b"zTXt", keyword + b"\0\0" + zlib.compress(data)


def gimp_png():
    return png(200, 80, (b"iCCP", b"ICC profile\0\0" + zlib.compress(colour_profile())),
               packed_text(b"Raw profile type exif", raw_profile("exif", b"Exif\0\0" + exif((0x131, b"GIMP 2.10.34\0"), preview=noise(3000)))),
               (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp(attributes='xmp:CreatorTool="GIMP 2.10"')),
               (b"tIME", b"\x07\xe7\x03\x0c\x0a\x0c\x15"), (b"tEXt", b"Comment\0Created with GIMP"))


def magick_png():
    return png(200, 80, (b"tEXt", b"Raw profile type iptc\0" + raw_profile("iptc", resource(0x0404, iptc(NAME.encode())))),
               (b"tEXt", b"date:create\0" + b"2023-03-12T10:12:21+00:00"), (b"tEXt", b"date:modify\0" + b"2023-03-12T10:12:21+00:00"),
               packed_text(b"Raw profile type APP1", raw_profile("APP1", b"http://ns.adobe.com/xap/1.0/\0" + photoshop_xmp())))


def named_png():
    """With the ministry's name for a title, in both languages."""
    return png(200, 80, (b"tEXt", b"Title\0" + NAME.encode("latin-1")), (b"iTXt", b"Description\0\0\0ar\0\0" + ARABIC.encode()),
               (b"iTXt", b"Copyright\0\1\0fr\0\0" + zlib.compress((NAME + "\nTous droits réservés").encode())))


def previewed_jpeg():
    """XMP with a preview in base64, as Illustrator and InDesign write it."""
    preview = base64.b64encode(b"\xff\xd8\xff\xe0\0\x10JFIF" + noise(7000)).decode()
    lines = "&#xA;".join(preview[at:at + 76] for at in range(0, len(preview), 76))
    return jpeg(300, 120, (0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp(
        "<xmp:Thumbnails><rdf:Alt><rdf:li rdf:parseType='Resource'><xmpGImg:width>256</xmpGImg:width><xmpGImg:format>JPEG"
        f"</xmpGImg:format><xmpGImg:image>{lines}</xmpGImg:image></rdf:li></rdf:Alt></xmp:Thumbnails>")))


def office_gif():
    """Word and Outlook put the picture as it was into an extension of what they show."""
    return gif(120, 40, (0xFF, b"MSOFFICE9.0" + png(60, 20)), (0xFE, b"Logo du minist\xe8re"))


def windows_jpeg():
    """Title, author and remarks as Windows' file manager writes them."""
    title = f"<dc:title><rdf:Alt><rdf:li xml:lang='x-default'>{NAME}</rdf:li></rdf:Alt></dc:title>"
    wide = {0x9C9B: NAME, 0x9C9C: "Version validée par la direction de la communication", 0x9C9D: "Bureau d'ordre"}
    return jpeg(300, 120, (0xE1, b"Exif\0\0" + exif(*[(tag, (text + "\0").encode("utf-16-le")) for tag, text in wide.items()])),
                (0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp(title)))


LOGOS = {
    "a logo saved by Photoshop": ("image/jpeg", photoshop_jpeg()),
    "a logo saved by GIMP": ("image/png", gimp_png()),
    "a logo converted by ImageMagick": ("image/png", magick_png()),
    "a logo with the ministry's name in its title": ("image/png", named_png()),
    "a logo that Office made a GIF of": ("image/gif", office_gif()),
    "a logo with a preview of Illustrator's": ("image/jpeg", previewed_jpeg()),
    "a logo described in Windows": ("image/jpeg", windows_jpeg()),
}
