# SPDX-License-Identifier: Apache-2.0
"""Rows for `make`: files written as text in pieces, in other codes, in header fields and in signatures; beside each the
nearest text that is none."""

import base64
import hashlib
import random

TEXT = "Content-Type: text/plain; charset=utf-8\n\n"
OK, BODY, RAW = "message", "1 - text/plain", "1:raw DU ?"
CODE = "1 D text/plain"


def broken(text, width):
    return "".join(text[at:at + width] + "\n" for at in range(0, len(text), width))


def add_rows(row, mixed):
    data = b"%PDF-1.4\n" + random.Random(5).randbytes(1600)
    b64 = base64.b64encode(data).decode()
    dump = [(at, data[at:at + 16]) for at in range(0, len(data), 16)]

    def pasted(name, body, *expected):
        row(name, TEXT + "Bonjour,\n\n" + body, OK, *(expected or (CODE, RAW)))

    pasted("pieces-of-20", broken(b64, 20))
    pasted("pieces-of-words", broken(" ".join(b64[at:at + 4] for at in range(0, len(b64), 4)), 75))
    pasted("pieces-with-bars", "".join(f"| {line} |\n" for line in broken(b64, 60).split()))
    pasted("pieces-of-base32", broken(base64.b32encode(data).decode(), 30))
    pasted("dense-base85", broken(base64.b85encode(data).decode(), 75))
    pasted("dense-ascii85", base64.a85encode(data, adobe=True, wrapcol=75).decode() + "\n")
    pasted("dump-xxd", "".join(f"{at:08x}: {line.hex(' ', 2):<40} {'.' * len(line)}\n" for at, line in dump))
    pasted("dump-hexdump", "".join(f"{at:08x}  {line.hex(' '):<48}  |{'.' * len(line)}|\n" for at, line in dump))
    pasted("dump-percent", broken("".join(f"%{byte:02x}" for byte in data), 75))
    pasted("dump-short", broken(data.hex(), 24))
    pasted("dump-decimal", "".join(" ".join(map(str, line)) + ",\n" for _, line in dump).replace(" ", ", "))
    pasted("pdf-within-a-line", "voici %PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n")
    pasted("rtf-within-a-line", "voici {\\rtf1\\ansi Note de service\\par}\n")
    pasted("office-xml-in-text", '<office:document xmlns:office="urn:x"><text:p>Note</text:p></office:document>\n')
    row("svg-as-text", TEXT + '<svg xmlns="http://www.w3.org/2000/svg"><text>Note</text></svg>\n', OK, "1 DU image/svg+xml")
    row("fields-behind-an-empty-line", mixed("Content-Type: text/plain\n\nBonjour\n", "\nContent-Type: application/pdf\nContent-Transfer-Encoding: base64\n\n"
                                             + broken(b64, 20)), OK, BODY, "2 DUA text/plain", "2:raw DU ?")
    spans = "".join(f"<span>{b64[at:at + 8]}</span>" for at in range(0, len(b64), 8))
    row("pieces-in-spans", f"Content-Type: text/html; charset=utf-8\n\n<p>{spans}</p>\n", OK, "1 DU text/html")
    field = "X-Note:\n" + "".join(f"\t{line}\n" for line in broken(b64, 60).split())
    row("file-in-a-field", field + TEXT + "Bonjour\n", OK, "1:raw DUA ?", BODY)
    later = "X-Note:\n" + "".join(f"\t{line}\n" for line in broken(b64[40:], 60).split())
    row("pieces-in-a-field", later + TEXT + "Bonjour\n", OK, "1:raw DUA ?", BODY)
    row("file-in-a-field-of-a-part", mixed(field + TEXT + "Bonjour\n"), OK, "1:raw DUA ?", BODY)
    word = base64.b64encode(random.Random(6).randbytes(42)).decode()
    row("encoded-word-of-noise", f"X-Subject: =?utf-8?B?{word}?=\n{TEXT}Bonjour\n", OK, "1:raw DUA ?", BODY)

    pasted("tokens", "".join(f"jeton {n} : {base64.b64encode(hashlib.sha256(bytes([n])).digest()).decode()}\nle mot suivant vaut pour la session ouverte\n"
                             for n in range(20)), BODY)
    pasted("links-with-tokens", "".join(f"https://a{n}.example/x?t={base64.urlsafe_b64encode(hashlib.sha512(bytes([n])).digest() * 2).decode()}\n" for n in range(20)), BODY)
    pasted("identifiers", "".join(f"{hashlib.md5(bytes([n])).hexdigest()[:8]}-{n:04d}\n" for n in range(60)), BODY)
    pasted("addresses-of-cards", "".join(f"{data[n:n + 6].hex(':')}\n" for n in range(60)), BODY)
    pasted("sums-with-names", "".join(f"{hashlib.sha256(bytes([n])).hexdigest()}  note-{n}.pdf\n" for n in range(40)), BODY)
    pasted("marks", "".join(" ".join(str((n * 7 + k * 5) % 21) for k in range(14)) + "\n" for n in range(30)), BODY)
    pasted("words-about-files", "Le PDF commence par %PDF-1.4, le RTF par {\\rtf1, et <office:document> contient le reste.\n", BODY)
    dkim = "DKIM-Signature: v=1; a=rsa-sha256; d=b.example; s=a; h=from:to:subject;\n\tbh=" + b64[100:143] + "=;\n\tb=" + "\n\t ".join(broken(b64[60:744], 64).split()) + "\n"
    row("dkim-of-4096-bits", dkim + TEXT + "Bonjour\n", OK, BODY)
    exchange = "X-MS-Exchange-AntiSpam-MessageData-0:\n" + "".join(f"\t=?us-ascii?Q?{line}?=\n" for line in broken(b64[40:], 60).split())
    row("notes-of-exchange", exchange + TEXT + "Bonjour\n", OK, BODY)
    subject = "".join(f"=?utf-8?B?{base64.b64encode(line.encode()).decode()}?=\n " for line in ["بخصوص اجتماع يوم الخميس", "على الساعة التاسعة صباحا"] * 8)
    row("long-arabic-subject", f"X-Subject: {subject}fin\n{TEXT}Bonjour\n", OK, BODY)
