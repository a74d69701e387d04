# SPDX-License-Identifier: Apache-2.0
"""How programs carry what people write: each carrier turns a letter (written.Letter) into the fields and the body of a
message without documents. Hand-made, as programs make them, so that no library's taste is in it."""

import base64
import html
import pathlib
import quopri
import sys
import textwrap

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import logos  # noqa: E402
from pictures import gif, jpeg, png  # noqa: E402

LOGOS = [("image/png", png(120, 48)), ("image/jpeg", jpeg(160, 64)), ("image/gif", gif(60, 24)), ("image/png", png(32, 32)),
         ("image/jpeg", jpeg(600, 120)), *logos.LOGOS.values()]


def lines(*given):
    return "\r\n".join(given).encode() + b"\r\n"


def crlf(text):
    return text.replace("\r\n", "\n").replace("\n", "\r\n")


def encoded(text, charset, how):
    """Bytes of the body, CRLF."""
    raw = crlf(text).encode(charset)
    if how == "base64":
        return base64.encodebytes(raw).replace(b"\n", b"\r\n")
    if how == "quoted-printable":
        return quopri.encodestring(raw.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")
    return raw


def encoding_of(text, charset, chance):
    if text.isascii() and charset != "iso-2022-jp":
        return chance.choice(("7bit", "7bit", "8bit", "quoted-printable"))
    if charset == "iso-2022-jp":
        return "7bit"
    return chance.choice(("8bit", "8bit", "quoted-printable", "base64"))


def text_part(text, charset, chance, kind="plain", more="", how=None):
    """Fields and body of a text part."""
    how = how or encoding_of(text, charset, chance)
    said = chance.choice((charset, f'"{charset}"', charset.upper()))
    fields = [f"Content-Type: text/{kind}; charset={said}{more}"]
    if how != "7bit" or chance.random() < 0.5:
        fields.append(f"Content-Transfer-Encoding: {how}")
    return lines(*fields), encoded(text, charset, how)


def multipart(kind, chance, *parts, more="", preamble=b"", epilogue=b""):
    boundary = chance.choice(("----=_Part_{}", "{}", "=_{}_=", "Apple-Mail=_{}", "_000_{}_", "b1_{}")).format(f"{chance.randrange(1 << 48):012x}")
    line = f"--{boundary}".encode()
    body = preamble + b"".join(line + b"\r\n" + fields + b"\r\n" + part + (b"" if part.endswith(b"\r\n") else b"\r\n")
                               + (b"\r\n" if chance.random() < 0.3 else b"")
                               for fields, part in parts) + line + b"--\r\n" + epilogue
    return lines(f'Content-Type: multipart/{kind}; boundary="{boundary}"{more}'), body


def attached(kind, data, disposition="attachment", name=None, more=()):
    fields = [f'Content-Type: {kind}' + (f'; name="{name}"' if name else ""), "Content-Transfer-Encoding: base64",
              f"Content-Disposition: {disposition}" + (f'; filename="{name}"' if name else ""), *more]
    return lines(*fields), base64.encodebytes(data).replace(b"\n", b"\r\n")


# --- text alone -------------------------------------------------------------------------------------------------

def plain(letter, chance):
    return text_part(letter.text, letter.charset, chance)


def old(letter, chance):
    """Before MIME: no Content-Type, ASCII or whatever the sender's machine spoke."""
    text = letter.text if letter.text.isascii() or chance.random() < 0.5 else letter.text.encode("ascii", "replace").decode()
    return b"", crlf(text).encode()


def flowed(letter, chance):
    text = "".join(textwrap.fill(line, 70).replace("\n", " \n") + "\n" for line in letter.text.split("\n"))
    return text_part(text, letter.charset, chance, more=chance.choice(("; format=flowed", "; format=flowed; delsp=no")))


def long_lines(letter, chance):
    """A paragraph a line, as web mail has it; over 998 octets only encoded."""
    text = " ".join([letter.text.replace("\n", " ")] * chance.randrange(1, 8)) + "\n"
    return text_part(text, "utf-8", chance, how=chance.choice(("quoted-printable", "base64")))


def eight_bit_long(letter, chance):
    text = "\n".join(textwrap.wrap(letter.text * 3, 300)) + "\n"
    return text_part(text, "utf-8", chance, how="8bit")


# --- HTML -------------------------------------------------------------------------------------------------------

def paragraphs(letter):
    return "".join(f"<p>{html.escape(line)}</p>\n" if line else "<p>&nbsp;</p>\n" for line in letter.text.split("\n"))


def page_gmail(letter):
    return '<div dir="auto">' + html.escape(letter.text).replace("\n", "<br>") + "</div>\n"


def page_outlook(letter):
    inside = "".join(f'<p class="MsoNormal"><span lang="FR">{html.escape(line)}<o:p></o:p></span></p>\n' for line in letter.text.split("\n"))
    return ('<html xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office">\n<head>\n<meta name="Generator" '
            'content="Microsoft Word 15 (filtered medium)">\n<!--[if !mso]><style>v\\:* {behavior:url(#default#VML);}</style><'
            '![endif]-->\n<style><!--\n'
            '@font-face {font-family:Calibri; panose-1:2 15 5 2 2 2 4 3 2 4;}\np.MsoNormal {margin:0cm; font-size:11.0pt;}\n--></style>'
            '<!--[if gte mso 9]><xml><o:shapedefaults v:ext="edit" spidmax="1026" /></xml><![endif]-->\n</head>\n'
            f'<body lang="FR" link="#0563C1"><div class="WordSection1">\n{inside}</div></body></html>\n')


def page_newsletter(letter):
    rows = "".join(f'<tr><td style="padding:8px;font-family:Arial,sans-serif">{html.escape(line)}</td></tr>\n' for line in letter.text.split("\n"))
    return ('<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>Lettre du club</title><style>@media only '
            'screen{table{width:100%}}</style></head>'
            f'<body><div style="display:none;max-height:0">Les nouvelles du mois</div><table role="presentation" width="600">\n{rows}'
            '<tr><td><a href="https://club.example/u?id=' + "a1b2c3d4" * 12 + '">Se désabonner</a></td></tr></table>'
            '<img src="https://club.example/o.gif" width="1" height="1" alt=""></body></html>\n')


def page_apple(letter):
    return ('<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"></head><body style="overflow-wrap: break-word;">'
            + "<br>".join(html.escape(line) for line in letter.text.split("\n")) + '<br id="lineBreakAtBeginningOfMessage"></body></html>\n')


PAGES = (page_gmail, page_outlook, page_newsletter, page_apple, lambda letter: f"<html><body>{paragraphs(letter)}</body></html>\n")


def page(letter, chance):
    return chance.choice(PAGES)(letter)


def html_alone(letter, chance):
    return text_part(page(letter, chance), "utf-8", chance, "html", how=chance.choice(("8bit", "quoted-printable", "base64")))


def html_in_charset(letter, chance):
    return text_part(f"<html><body>{paragraphs(letter)}</body></html>\n", letter.charset, chance, "html")


def icon_in_page(letter, chance):
    kind, data = chance.choice(LOGOS[:4])
    icon = f'<img alt="" src="data:{kind};base64,{base64.b64encode(data).decode()}">'
    return text_part(f"<html><body>{paragraphs(letter)}{icon}</body></html>\n", "utf-8", chance, "html", how="quoted-printable")


def alternative(letter, chance):
    return multipart("alternative", chance, text_part(letter.text, letter.charset, chance),
                     text_part(page(letter, chance), "utf-8", chance, "html", how=chance.choice(("8bit", "quoted-printable", "base64"))),
                     preamble=chance.choice((b"", b"This is a multi-part message in MIME format.\r\n\r\n")))


# --- logos ------------------------------------------------------------------------------------------------------

def logo_page(letter, count):
    return f"<html><body>{paragraphs(letter)}<hr>" + "".join(f'<img src="cid:logo{n}@bureau">' for n in range(count)) + "</body></html>\n"


def logo_parts(chance, count):
    for number in range(count):
        kind, data = chance.choice(LOGOS)
        name = chance.choice((None, f"image00{number}.{kind[6:]}"))
        yield attached(kind, data, "inline", name, (f"Content-ID: <logo{number}@bureau>",))


def related(letter, chance):
    count = chance.randrange(1, 4)
    return multipart("related", chance, text_part(logo_page(letter, count), "utf-8", chance, "html", how="quoted-printable"),
                     *logo_parts(chance, count), more='; type="text/html"')


def alternative_in_related(letter, chance):
    count = chance.randrange(1, 4)
    inner = multipart("alternative", chance, text_part(letter.text, "utf-8", chance),
                      text_part(logo_page(letter, count), "utf-8", chance, "html", how="quoted-printable"))
    return multipart("related", chance, inner, *logo_parts(chance, count), more='; type="multipart/alternative"')


def related_in_alternative(letter, chance):
    inner = related(letter, chance)
    return multipart("alternative", chance, text_part(letter.text, "utf-8", chance), inner)


def logo_beside_text(letter, chance):
    kind, data = LOGOS[3]
    return multipart("mixed", chance, text_part(letter.text, letter.charset, chance), attached(kind, data, "inline"))


# --- lists, quotes ----------------------------------------------------------------------------------------------

FOOTER = ("_______________________________________________\njardin mailing list -- jardin@liste.example\n"
          "To unsubscribe send an email to jardin-leave@liste.example\n")


def list_footer(letter, chance):
    """Mailman keeps the message and adds a part."""
    footer = text_part(FOOTER, "us-ascii", chance, how="7bit")
    return multipart("mixed", chance, alternative(letter, chance) if chance.random() < 0.5
                     else text_part(letter.text, letter.charset, chance), footer)


def one_part_mixed(letter, chance):
    return multipart("mixed", chance, text_part(letter.text, letter.charset, chance), epilogue=chance.choice((b"", b"\r\n")))


PLAIN = (plain, plain, plain, old, flowed, long_lines, eight_bit_long)
HTML = (html_alone, html_in_charset, icon_in_page, alternative, alternative, alternative)
LOGO = (related, alternative_in_related, related_in_alternative, logo_beside_text)
LIST = (list_footer, one_part_mixed)
