# SPDX-License-Identifier: Apache-2.0
"""Honest mail that is not quite like other mail: a row each, as one program or another writes it. PASS leaves; CARRIES is
refused, each with the reason: it truly holds a file, or two programs would read it differently."""

import base64
import random

from carriers import LOGOS, attached, crlf, encoded, lines, multipart, text_part
from pictures import png
from programs import CARDS, EVENT, folded, signer

CHANCE = random.Random(2026)
TEXT = "Bonjour Salma,\n\non déjeune jeudi ? Réponds-moi avant mercredi.\n\nKarim\n"
ASCII = "Hi Tom,\n\nlunch on Thursday?\n\nKarim\n"
ARABIC = "مرحبا سلمى،\n\nهل نلتقي يوم الخميس؟\n\nكريم\n"
PAGE = f"<html><body><p>{TEXT}</p></body></html>\n"
PASS, CARRIES = {}, {}


def plain(text=TEXT, charset="utf-8", fields=(), how="8bit", said=None):
    return lines(f"Content-Type: text/plain; charset={said or charset}", f"Content-Transfer-Encoding: {how}", *fields), encoded(text, charset, how)


def page(text=PAGE, fields=()):
    return lines("Content-Type: text/html; charset=utf-8", "Content-Transfer-Encoding: 8bit", *fields), encoded(text, "utf-8", "8bit")


def written(text, *fields):
    """The fields as they are, and bytes or text below them."""
    return lines(*fields) if fields else b"", text if isinstance(text, bytes) else crlf(text).encode()


def put(name, made):
    assert name not in PASS
    PASS[name] = made


def refused(name, why, made):
    CARRIES[name] = (why, made)


def many(kind, *parts, more=""):
    return multipart(kind, CHANCE, *parts, more=more)


def charsets():
    for said in ("utf8", "UTF-8", "utf-8;", "latin1", "cp1252", "Windows-1252", "ansi_x3.4-1968", "iso8859-1", "us-ascii", "ISO_8859-1",
                 "koi8-u", "macintosh",
                 "windows-1250", "iso-8859-2", "iso-8859-7", "windows-1258", "tis-620", "gbk", "euc-kr", "ks_c_5601-1987"):
        put(f"ASCII text in {said}", plain(ASCII, "us-ascii", how="7bit", said=said))
    for charset, text in (("iso-8859-2", "Dziękuję"), ("windows-1250", "Děkuji"), ("koi8-u", "Дякую"), ("windows-1251", "Спасибо"),
                          ("iso-8859-5", "Спасибо"),
                          ("iso-8859-7", "Ευχαριστώ"), ("windows-1253", "Ευχαριστώ"), ("iso-8859-8", "תודה"), ("windows-1255", "תודה"),
                          ("windows-1254", "teşekkürler"),
                          ("euc-kr", "감사합니다"), ("euc-jp", "ありがとう"), ("shift_jis", "ありがとう"), ("iso-2022-jp", "ありがとう"), ("gb2312", "谢谢"), ("gbk", "谢谢"),
                          ("gb18030", "谢谢"), ("big5", "謝謝"), ("tis-620", "ขอบคุณ"), ("windows-1256", "شكرا جزيلا"),
                          ("iso-8859-6", "شكرا جزيلا"), ("windows-1258", "Cam on"),
                          ("cp866", "Спасибо"), ("cp850", "Merci à tous"), ("macintosh", "Merci à tous")):
        python = {"macintosh": "mac_roman"}.get(charset, charset)
        for how in ("8bit", "base64", "quoted-printable"):
            if charset != "iso-2022-jp" or how != "8bit":
                put(f"{charset}, {how}", plain(text + " !\n", python, how=how, said=charset))
    put("iso-2022-jp, 7bit", plain("ありがとう\n", "iso-2022-jp", how="7bit"))
    put("right to left by marks", plain("\u202bشكرا (Karim) 12:30\u202c\u200f\n"))
    put("visual order", plain("שלום\n", "iso-8859-8", said="iso-8859-8-i"))
    put("byte order mark", plain("\ufeff" + TEXT))
    put("one cut character", written(TEXT.encode()[:-2].replace(b"\n", b"\r\n") + b"\xc3\r\n", "Content-Type: text/plain; charset=utf-8",
                                     "Content-Transfer-Encoding: 8bit"))
    put("8 bit without a charset", written(TEXT.encode("latin-1").replace(b"\n", b"\r\n")))
    put("UTF-8 without a charset", written(ARABIC))


def fields():
    for name, given in (("disposition inline", ("Content-Disposition: inline",)),
                        ("language and description", ("Content-Language: fr", "Content-Description: message")),
                        ("content id", ("Content-ID: <corps@poste>",)), ("digest", ("Content-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==",)),
                        ("content class", ("Content-Class: urn:content-classes:message",)),
                        ("unused fields", ("X-MimeOLE: Produced By Microsoft MimeOLE", "X-Originating-IP: 10.0.0.1")),
                        ("100 recipients", ("Cc: " + ",\r\n ".join(f"a{n}@gmail.com" for n in range(100)),))):
        put(name, plain(fields=given))
    for said in ("TEXT/PLAIN; CHARSET=US-ASCII", "text/plain", "text/plain;charset=us-ascii", "text/plain;\r\n\tcharset=us-ascii",
                 'text/plain; charset="us-ascii"; format=flowed; delsp=yes',
                 "text/plain; charset=us-ascii; reply-type=original", "text/plain; x-unix-mode=0644; charset=us-ascii",
                 "text/plain; charset=us-ascii; markup=markdown; variant=GFM"):
        put(f"type {said.split()[0]} {len(said)}", written(ASCII, f"Content-Type: {said}"))
    for how in ("7bit", "8BIT", "7Bit", "binary", " 8bit"):
        put(f"encoding {how}", written(ASCII, "Content-Type: text/plain; charset=us-ascii", f"Content-Transfer-Encoding: {how}"))
    put("folded subject of 600 characters", written(ASCII, "Subject: " + "\r\n ".join(["un sujet qui n'en finit pas et qui continue"] * 14)))
    exchange = "\r\n ".join(base64.b64encode(CHANCE.randbytes(54)).decode() for _ in range(24))
    put("Exchange's field of two kilobytes", plain(fields=(f"X-MS-Exchange-AntiSpam-MessageData-0: {exchange}",)))
    arc = base64.b64encode(CHANCE.randbytes(256)).decode()
    put("ARC", plain(fields=(f"ARC-Seal: i=1; a=rsa-sha256; d=gmail.com; s=arc; cv=none;\r\n b={arc}",
                             f"ARC-Message-Signature: i=1; a=rsa-sha256; b={arc}",)))


def encodings():
    put("QP with small letters", written("Bonjour =c3=a9t=c3=a9=\r\n fin\r\n", "Content-Type: text/plain; charset=utf-8",
                                         "Content-Transfer-Encoding: quoted-printable"))
    put("QP with blanks at line ends", written("Bonjour  \r\nSalma=20\r\n", "Content-Type: text/plain; charset=utf-8",
                                               "Content-Transfer-Encoding: quoted-printable"))
    raw = base64.b64encode(TEXT.encode() * 6)
    put("base64 in one line", written(raw + b"\r\n", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64"))
    put("base64 in lines of 64", written(b"\r\n".join(raw[at:at + 64] for at in range(0, len(raw), 64)) + b"\r\n\r\n",
                                         "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64"))
    put("base64 of lines that end in LF",
        written(base64.encodebytes(TEXT.encode()).replace(b"\n", b"\r\n"), "Content-Type: text/html; charset=utf-8",
                "Content-Transfer-Encoding: base64"))
    put("nothing at all", written(b"", "Content-Type: text/plain; charset=utf-8"))
    put("blank lines", written("\n\n \n", "Content-Type: text/plain; charset=utf-8"))
    put("no body and no MIME", written(b""))
    put("dots and From", plain(".\n..\n>From here on\nFrom there\n"))
    put("form feeds", plain("Un\n\fDeux\n"))
    put("tabs and columns", plain("Nom\tAge\nAli\t12\n"))
    put("lines of 990 characters", plain(("mot " * 247).strip() + "\n", how="8bit"))


def texts():
    for name, text in (
            ("names a file's first bytes", "Un PDF commence par %PDF-1.4, une archive par PK, une image par GIF89a.\n"),
            ("speaks of begin", "begin 644 is how uuencode starts.\nbegin with the beginning\nend\n"),
            ("speaks of base64", "Use base64: it turns data: into text.\ndata:image/png is a scheme.\n"),
            ("hash of a file", "sha256: " + "0123456789abcdef" * 4 + "\n"),
            ("ten hashes", "".join(f"{n:x}" * 40 + f"  photo{n}.jpg\n" for n in range(10))),
            ("hexdump", "".join(f"{n * 16:08x}: 4865 6c6c 6f20 776f 726c 6421 4865 6c6c  Hello world!Hell\n" for n in range(8))),
            ("web token", "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0NTY3ODkwIn0" * 12 + ".dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U\n"),
            ("link of 1,500 characters", "https://safelinks.example/?url=" + "aHR0cHM6Ly93d3cuZXhhbXBsZS5jb20v" * 46 + "\n"),
            ("public key of SSH", "ssh-rsa " + base64.b64encode(CHANCE.randbytes(535)).decode() + " agent@poste\n"),
            ("patch", "diff --git a/a b/a\nindex 1..2 100644\nGIT binary patch\nliteral 12\n"
                      "TcmZQzWMXDvWn<^yVrFDuWB>*?0RR9100IC200000\n\n-- \n2.39.2\n"),
            ("git send-email", "---\n a.c | 2 +-\n 1 file changed, 1 insertion(+), 1 deletion(-)\n\ndiff --git a/a.c b/a.c\n--- "
                               "a/a.c\n+++ b/a.c\n@@ -1 +1 @@\n-a\n+b\n-- \n2.39.2\n"),
            ("art", " /\\_/\\\n( o.o )\n > ^ <\n" * 5), ("QR in blocks", ("█▀▀▀▀▀█ ▀▄█ █▀▀▀▀▀█\n" * 12)),
            ("sudoku", "5 3 . | . 7 . | . . .\n6 . . | 1 9 5 | . . .\n" * 5), ("chess", "1. e4 e5 2. Nf3 Nc6 3. Bb5 a6 4. Ba4 Nf6 5. O-O Be7\n" * 4),
            ("genes", "ATGGCCATTGTAATGGGCCGCTGAAAGGGTGCCCGATAGATGGCCATTGTAATGGGCC\n" * 4),
            ("Morse", "-.-. --- -. ..-. .. -.. . -. - .. . .-..\n" * 4),
            ("rows of dashes", "-" * 72 + "\nKarim\n" + "=" * 72 + "\n"), ("numbers", "06 12 34 56 78\n05 37 11 22 33\n" * 20),
            ("bank details", "RIB : 007 810 0001234567890123 45\nIBAN : MA64 0078 1000 0123 4567 8901 2345\n"),
            ("plates and prices", "12345-A-1 : 45 000 DH\n67890-B-6 : 52 000 DH\n"),
            ("one identity card", "Ma CIN : AB123456, valable jusqu'en 2030.\n"),
            ("four identity cards of a family", "CIN\nAB123456\nK45678\nBE845123\nX112233\n"),
            ("order", "Commande n° 2026-1187/B du 12/01\n2 × chaise 340 DH\nTotal 680 DH\n"), ("flight", "AT 752 CMN-CDG 07:10 10:20 réf. XK4P2Q\n"),
            ("minutes of a club", "Compte rendu du club\n\nPrésents : Ali, Omar.\nLe vote à bulletin secret désigne Omar.\n"),
            ("list of films", "À voir :\n- Top Secret\n- Confidentiel\n- Secret défense\n"),
            ("levels of a game", "Niveaux :\nPublic\nInterne\nSecret\nTrès secret\n"),
            ("titles one a line", "Concert de samedi\nSecret\nHabibi\nNour\n"),
            ("a word of a title case", "Playlist\n\nConfidentiel\nNuit blanche\n"),
            ("news pasted", "Ministère de l'Intérieur : WhatsApp interdit\nRabat - Une circulaire met fin à l'usage des messageries.\n"),
            ("kingdom in a signature", "Merci !\n\nRoyaume du Maroc\nMinistère de la Santé\nKarim Alami\n"),
            ("kingdom in a signature, Arabic", "شكرا\n\nالمملكة المغربية\nوزارة الصحة\nكريم\n"),
            ("disclaimer in three languages",
             "Oui.\n\nCONFIDENTIEL\nCe message est confidentiel.\nCONFIDENTIAL\nThis message is confidential.\nسري\nهذه الرسالة سرية.\n"),
            ("disclaimer in Arabic", "نعم.\n\nسري\nهذه الرسالة ومرفقاتها سرية وموجهة إلى المرسل إليه وحده.\n"),
            ("an urgent cry", "URGENT\n\nRappelle-moi !\n"), ("law of the day", "Loi n° 31-13, article 7 ; dahir n° 1-18-15 ; décret n° 2-21-406.\n"),
            ("reference of an invoice", "Réf : 2026/113\nMerci de régler avant lundi.\n"), ("clear signed", signer().clear("Bonjour,\n\nà jeudi.\n")),
            ("key in the text", "Ma clef :\n\n" + signer().key.decode())):
        put(f"text: {name}", plain(text))


def structures():
    logo = attached(*LOGOS[0], "inline", None, ("Content-ID: <l@b>",))
    shown = page('<html><body><p>Bonjour</p><img src="cid:l@b"></body></html>\n')
    signature = (lines('Content-Type: application/pgp-signature; name="OpenPGP_signature.asc"', "Content-Description: OpenPGP digital signature",
                       'Content-Disposition: attachment; filename="OpenPGP_signature"'), crlf(signer().signature.decode()).encode())
    key = (lines('Content-Type: application/pgp-keys; name="OpenPGP_0x1234.asc"', 'Content-Disposition: attachment; filename="OpenPGP_0x1234.asc"',
                 "Content-Description: OpenPGP public key"), crlf(signer().key.decode()).encode())
    pgp = '; micalg=pgp-sha512; protocol="application/pgp-signature"'
    footer = plain("____\nclub mailing list\n", "us-ascii", how="7bit")
    card = (lines('Content-Type: text/x-vcard; charset=utf-8; name="karim.vcf"', 'Content-Disposition: attachment; filename="karim.vcf"'),
            crlf(CARDS[0]).encode())
    put("two texts", many("mixed", plain(), plain("PS : merci\n")))
    put("text, then page", many("mixed", plain(), page()))
    put("page, logo, page", many("alternative", plain(), many("mixed", page(), logo, page("<p>fin</p>\n"))))
    put("five levels", many("mixed", many("mixed", many("related", many("alternative", plain(), many("mixed", plain()))))))
    put("empty text at the end", many("mixed", plain(), plain("", how="7bit")))
    put("alternative with one part", many("alternative", plain()))
    put("related of a text", many("related", page()))
    put("related with a start", many("related", (lines("Content-ID: <r@b>") + shown[0], shown[1]), logo, more='; start="<r@b>"; type="text/html"'))
    put("signed, of Thunderbird", many("signed", many("mixed", many("mixed", plain()), key, more='; protected-headers="v1"'), signature, more=pgp))
    put("signed, with logo", many("signed", many("alternative", plain(), many("related", shown, logo)), signature, more=pgp))
    put("signed, through a list", many("mixed", many("signed", plain(how="quoted-printable"), signature, more=pgp), footer))
    refused("signature that a list kept without what it signs", "signs nothing, and could hold something", many("mixed", plain(), signature, footer))
    put("card of Thunderbird", many("mixed", plain(), card))
    put("two cards in one file", many("mixed", plain(), (card[0], crlf(CARDS[0] + CARDS[1]).encode())))
    put("several icons", many("related", page("<html><body>" + "".join(f'<img src="cid:i{n}@b">' for n in range(6)) + "</body></html>\n"),
                              *(attached("image/png", png(24, 24), "inline", f"i{n}.png", (f"Content-ID: <i{n}@b>",)) for n in range(6))))
    for boundary in ("=_?:'()+_,-./", "a", "x" * 70, "0123456789", "----=_NextPart_000_0001_01D9.ABCDEF00", "b b"):
        body = f"--{boundary}\r\nContent-Type: text/plain\r\n\r\nBonjour\r\n--{boundary}--\r\n".encode()
        put(f"boundary {boundary[:14]}", (lines(f'Content-Type: multipart/mixed; boundary="{boundary}"'), body))
    put("boundary without marks", (lines("Content-Type: multipart/mixed; boundary=abc"), b"--abc\r\n\r\nBonjour\r\n--abc--\r\n"))
    put("text before and after the parts", (lines("Content-Type: multipart/mixed; boundary=abc"),
                                            b"If you can read this, your mail program is old.\r\n--abc\r\n\r\nBonjour\r\n"
                                            b"--abc--\r\n\r\n-- \r\nclub mailing list\r\n"))
    todo = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nBEGIN:VTODO\nUID:1\nSUMMARY:Acheter du pain\nEND:VTODO\nEND:VCALENDAR\n"
    put("task", many("mixed", plain(), (lines('Content-Type: text/calendar; charset=utf-8; name="tache.ics"'), crlf(todo).encode())))
    events = folded(EVENT.format(program="x", method="PUBLISH", uid="1", summary="Cours", text="salle 2"))
    inner = events[events.index("BEGIN:VEVENT"):events.index("END:VCALENDAR")]
    put("timetable of 60 events", many("mixed", plain(), (lines('Content-Type: text/calendar; charset=utf-8; name="cours.ics"'),
                                                         crlf(events.replace("END:VCALENDAR", inner * 59 + "END:VCALENDAR")).encode())))


def pages():
    for name, text in (
            ("icons drawn in the page", '<p>Bonjour</p><svg width="16" height="16" viewBox="0 0 16 16"><path d="M8 0a8 8 0 1 0 0 16z"/></svg>'),
            ("remote pictures", '<p>Bonjour</p><img src="https://club.example/a.jpg"><img src="//club.example/b.png">'),
            ("style of 60 kB", "<style>" + ".a{color:#112233;margin:0 auto}\n" * 2000 + "</style><p>Bonjour</p>"),
            ("form of a poll", '<form action="https://club.example"><input type="radio" name="jour" value="jeudi">Jeudi</form>'),
            ("script left over", "<script>var a = 1;</script><p>Bonjour</p>"), ("table", "<table><tr><td>Nom</td><td>Secret</td></tr></table>" * 20),
            ("conditional comments", "<!--[if mso]><table><tr><td><![endif]--><p>Bonjour</p><!--[if mso]></td></tr></table><![endif]-->"),
            ("hidden line before the text",
             '<div style="display:none;font-size:1px">Les nouvelles du mois &#847; &zwnj; &nbsp; &#847;</div><p>Bonjour</p>'),
            ("markup for search", '<script type="application/ld+json">{"@type":"EmailMessage","description":"Votre billet"}</script><p>Bonjour</p>'),
            ("entities", "<p>D&eacute;jeuner jeudi&nbsp;? &#1587;&#1604;&#1575;&#1605;</p>"), ("right to left", '<div dir="rtl"><p>مرحبا</p></div>'),
            ("quote in blocks", '<p>Oui</p><blockquote type="cite"><p>Secret&nbsp;?</p><blockquote><p>Non</p></blockquote></blockquote>'),
            ("not closed", "<p>Bonjour<br>Karim<div><b>à jeudi"),
            ("a phone", '<a href="tel:+212537000000">05 37 00 00 00</a> <a href="mailto:a@b.example">mail</a>')):
        put(f"page: {name}", page(f"<html><body>{text}</body></html>\n" if not text.startswith("<style") else text))


def that_carry():
    forwarded = (lines("Content-Type: message/rfc822"), b"From: a@b.example\r\nSubject: x\r\n\r\nBonjour\r\n")
    refused("forwarded as an attachment", "a message within is a document: its letterhead is not the sender's talk",
            many("mixed", plain(), forwarded))
    refused("bounce with the whole message", "the same",
            many("report", plain(), (lines("Content-Type: message/delivery-status"), b"Reporting-MTA: dns; a.example\r\n"),
                                                            forwarded, more="; report-type=delivery-status"))
    refused("digest of a list", "the same", many("digest", (b"", b"From: a@b.example\r\n\r\nBonjour\r\n")))
    refused("photograph", "whoever attaches a picture sends a document; a page looks no different",
            many("mixed", plain(), attached("image/jpeg", LOGOS[1][1], "attachment", "photo.jpg")))
    refused("text with a file name", "a file",
            many("mixed", plain(), (lines('Content-Type: text/plain; name="notes.txt"',
                                          'Content-Disposition: attachment; filename="notes.txt"'), b"Notes\r\n")))
    refused("invitation with a file", "a file", many("mixed", plain(), (lines("Content-Type: text/calendar; charset=utf-8"), crlf(
        "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:1\nATTACH:https://files.example/ordre-du-jour.pdf\nEND:VEVENT\nEND:VCALENDAR\n").encode())))
    refused("forty hashes", "looks like a file in hexadecimal digits", plain("".join(f"{n:064x}\n" for n in range(40))))
    refused("certificate in the text", "a block in base64: nobody sees whether it is a key", plain(
        "-----BEGIN CERTIFICATE-----\n"
        + base64.encodebytes(signer().certificate.public_bytes(__import__("cryptography").hazmat.primitives.serialization.Encoding.DER)).decode()
        + "-----END CERTIFICATE-----\n"))
    refused("charset that nobody knows", "two programs would show two texts", plain(TEXT, said="x-klingon"))
    refused("face in a field", "a picture; a field can hold any file", plain(fields=("Face: " + base64.b64encode(png(12, 12)).decode(),)))
    refused("text in HZ", "letters that look like ASCII to whoever does not know the charset",
            plain(ASCII, "us-ascii", how="7bit", said="hz-gb-2312"))
    refused("UTF-16", "hides text from whoever looks at bytes", plain(TEXT, "utf-16", how="base64"))


for group in (charsets, fields, encodings, texts, structures, pages, that_carry):
    group()
