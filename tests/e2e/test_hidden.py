# SPDX-License-Identifier: Apache-2.0
"""Documents where MIME knows of none: written into the text of a message, carried by its HTML, wrapped by Outlook, signed by
S/MIME. Each to a consumer address, beside the honest message that looks most like it and leaves as it came."""

import base64
import binascii
import hashlib
import json
import subprocess
import sys

import pytest
from gateway import TOP, without_transport
from letters import AGENT, GMAIL, plain, raw_mail
from messages import pdf
from pictures import png

sys.path.insert(0, str(TOP / "tests/corpus/readers"))
import tneffile as tnef  # noqa: E402

PDF = pdf(size=3000)


def text(body):
    return b"Content-Type: text/plain; charset=utf-8\r\n", body.replace("\n", "\r\n").encode()


def page(body, head=""):
    html = f"<!DOCTYPE html>\n<html><head>{head}</head>\n<body>{body}</body></html>\n"
    return b"MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n", html.replace("\n", "\r\n").encode()


def with_part(fields, data):
    body = ("--b\nContent-Type: text/plain\n\nBonjour\n--b\n" + fields + "Content-Transfer-Encoding: base64\n\n"
            + base64.encodebytes(data).decode() + "--b--\n")
    return b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n', body.replace("\n", "\r\n").encode()


def winmail(*attributes):
    return with_part('Content-Type: application/ms-tnef; name="winmail.dat"\n', tnef.tnef(*attributes))


def wrapped(data, width=76):
    return "\n".join(data[at:at + width] for at in range(0, len(data), width)) + "\n"


def uuencoded(data):
    lines = "".join(binascii.b2a_uu(data[at:at + 45]).decode() for at in range(0, len(data), 45))
    return f"begin 644 note.pdf\n{lines}`\nend\n"


def yenc(data):
    out = b""
    for byte in data:
        coded = (byte + 42) & 255
        out += b"=" + bytes([(coded + 64) & 255]) if coded in b"\0\n\r=" else bytes([coded])
    lines = b"\r\n".join(out[at:at + 127] for at in range(0, len(out), 127))
    return (b"Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n",
            b"=ybegin line=128 size=%d name=note.pdf\r\n%s\r\n=yend size=%d\r\n" % (len(data), lines, len(data)))


BASE64 = base64.b64encode(PDF).decode()
NEWSLETTER = page(f'<table><tr><td><img alt="La lettre" src="data:image/png;base64,{base64.b64encode(png(120, 40)).decode()}"></td></tr>'
                  '<tr><td><h1>La lettre du mois</h1><p>Bonjour, les nouvelles&nbsp;: <a href="https://a.example/x?y=z">lire</a>.</table>'
                  '<!--[if mso]><table><tr><td><![endif]--><p style="display:none">En bref</p>',
                  head='<style>td{padding:4px;background:url("https://a.example/b.png")}</style>'
                       '<script type="application/ld+json">{"@type": "EmailMessage"}</script>')
MESSAGE_ONLY = [tnef.attribute(tnef.MESSAGE, tnef.SUBJECT, b"Dejeuner\0"),
                tnef.attribute(tnef.MESSAGE, tnef.PROPERTIES, tnef.props(
                    tnef.prop(0x1009, 0x102, tnef.lzfu(rb"{\rtf1\ansi\pard Bonjour,\par Dejeuner jeudi ?\par}")),
                    tnef.prop(0x1000, 0x1F, "Bonjour,\nDejeuner jeudi ?\n")))]

def armoured(label, data):
    return f"-----BEGIN {label}-----\n{wrapped(base64.b64encode(data).decode(), 64)}-----END {label}-----\n"


KEY = b"\x30\x82\x02\x22\x30\x0d\x06\x09" + hashlib.shake_256(b"key").digest(542)
SMUGGLED = (f'<script>var a = document.createElement("a"); a.href = URL.createObjectURL(new Blob([Uint8Array.from(atob("{BASE64[:400]}"), '
            'c => c.charCodeAt(0))])); a.download = "note.pdf"; a.click();</script>')

PASSES = {
    "begin in a sentence": text("Bonjour,\n\nbegin 644 words\nbegin with the end\n"),
    "short token": text(f"Votre code :\n{base64.b64encode(hashlib.sha512(b'a').digest()).decode()}\n"),
    "log": text("".join(f"Nov 21 10:00:{n:02d} mx postfix/smtpd[9]: {hashlib.sha1(bytes([n])).hexdigest()}: client=a.example\n" for n in range(60))),
    "sums of files": text("".join(f"{hashlib.sha256(bytes([n])).hexdigest()}  note-{n}.pdf\n" for n in range(40))),
    "sums alone": text("".join(f"{hashlib.sha256(bytes([n])).hexdigest()}\n" for n in range(25))),
    "public key": text(f"Bonjour,\n\nma clef :\n{armoured('PUBLIC KEY', KEY)}"),
    "signed text": text("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nBonjour,\n- -- \nAgent\n-----BEGIN PGP SIGNATURE-----\n\n"
                        + wrapped(base64.b64encode(b"\xc2\xc0\x3f" + bytes(255)).decode(), 64) + "-----END PGP SIGNATURE-----\n"),
    "newsletter": NEWSLETTER,
    "page with a remnant of a script": page('<p onclick="this.focus()">Bonjour</p><script>var a = 1;</script>'),
    "winmail.dat of a message": winmail(*MESSAGE_ONLY),
}
REFUSED = {
    "uuencode": text(f"Bonjour\n{uuencoded(PDF)}"),
    "uuencode, quoted": text("".join(f"> {line}\n" for line in uuencoded(PDF).split("\n"))),
    "base64 of uuencode": text(f"begin-base64 644 note.pdf\n{wrapped(BASE64)}====\n"),
    "yEnc": yenc(PDF),
    "pasted base64": text(f"Bonjour\n\n{wrapped(BASE64)}"),
    "pasted hexadecimal": text(f"Bonjour\n\n{wrapped(PDF.hex(), 64)}"),
    "file under the name of a key": text(f"Bonjour,\n\n{armoured('PUBLIC KEY', PDF[:500])}"),
    "file in signed text": text(f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n{uuencoded(PDF)}-----BEGIN PGP SIGNATURE-----\n\n"
                                + wrapped(base64.b64encode(b"\xc2\xc0\x3f" + bytes(255)).decode(), 64) + "-----END PGP SIGNATURE-----\n"),
    "script that builds a file": page(SMUGGLED),
    "script in a handler": page(f"""<img src=x onerror='location="data:;base64," + "{BASE64[:400]}"'>"""),
    "page attached": with_part('Content-Type: text/html; name="note.html"\n', b"<!DOCTYPE html><html><body>" + SMUGGLED.encode() + b"</body></html>"),
    "link in HTML": page(f'<a href="data:application/pdf;base64,{BASE64}">la note</a>'),
    "link in HTML without base64": page('<a href="data:,CONFIDENTIEL%0ANote%20au%20ministre">la note</a>'),
    "link in a style sheet": page("Bonjour", head=f"<style>p{{background:url(data:;base64,{BASE64})}}</style>"),
    "winmail.dat with a file": winmail(*MESSAGE_ONLY, tnef.attachment(PDF, "note.pdf")),
    "winmail.dat with a message": winmail(*MESSAGE_ONLY, tnef.attachment(None, "a", tnef.prop(0x3701, 0xD, bytes(16) + tnef.tnef(
        tnef.attachment(PDF, "note.pdf"))))),
    "winmail.dat with a file in a property": winmail(*MESSAGE_ONLY, tnef.attribute(tnef.MESSAGE, 0x78005, PDF)),
    "winmail.dat with a file in its text": winmail(tnef.attribute(tnef.MESSAGE, tnef.BODY, uuencoded(PDF).encode() + b"\0")),
    "winmail.dat that is damaged": with_part('Content-Type: application/ms-tnef; name="winmail.dat"\n',
                                             tnef.tnef(*MESSAGE_ONLY, tnef.attachment(PDF, "note.pdf"))[:-90]),
}
# What comes out of it: path and kind. yEnc's control characters are no text, so it stays closed.
FOUND = {
    "uuencode": ("1!note.pdf", "application/pdf"),
    "uuencode, quoted": ("1!note.pdf", "application/pdf"),
    "base64 of uuencode": ("1!note.pdf", "application/pdf"),
    "pasted base64": ("1!~1", "application/pdf"),
    "file in signed text": ("1!note.pdf", "application/pdf"),
    "pasted hexadecimal": ("1!~1", "application/pdf"),
    "link in HTML": ("1!~1", "application/pdf"),
    "link in a style sheet": ("1!~1", "application/pdf"),
    "winmail.dat with a file": ("2!note.pdf", "application/pdf"),
    "winmail.dat with a file in its text": ("2!note.pdf", "application/pdf"),
    "winmail.dat with a message": ("2!a!note.pdf", "application/pdf"),
}


@pytest.mark.parametrize("message", PASSES.values(), ids=PASSES.keys())
def test_leaves_as_it_came(lab, message):
    sent = raw_mail(*message, to=GMAIL)
    reply = lab.send(sent, GMAIL)
    assert reply.code == 250, reply
    assert without_transport(lab.arrived("gmail.com", sent)) == sent.raw.replace(b"\r\n", b"\n")


@pytest.mark.parametrize("name", REFUSED)
def test_document_is_found_and_refused(lab, name):
    sent = raw_mail(*REFUSED[name], to=GMAIL)
    with lab.nothing_leaves():
        reply = lab.send(sent, GMAIL)
    assert reply.code == 550 and "5.7.1 " in reply.text, reply
    told = {one["path"]: one for one in json.loads(lab.khatm("explain", "--json", "--reference", reply.reference).stdout)["documents"]}
    if name in FOUND:
        path, kind = FOUND[name]
        assert told[path]["kind"] == kind, told
        assert told[path]["sha256"] == hashlib.sha256(PDF).hexdigest()


ATTACHED = ("Content-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\nContent-Type: text/plain\r\n\r\nBonjour\r\n--i\r\n"
            'Content-Type: application/pdf; name="note.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
            + base64.encodebytes(PDF).decode().replace("\n", "\r\n") + "--i--\r\n").encode()
TEXT = b"Content-Type: text/plain\r\n\r\nBonjour,\r\n\r\nDejeuner jeudi ?\r\n"


@pytest.fixture(scope="module")
def smime(tmp_path_factory):
    """Header and body of what OpenSSL makes of an entity."""
    home = tmp_path_factory.mktemp("smime")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", f"/emailAddress={AGENT}", "-days", "30",
                    "-keyout", home / "key", "-out", home / "certificate"], check=True, capture_output=True)

    def run(entity, *words):
        made = subprocess.run(["openssl", "cms", *words, "-signer", home / "certificate", "-inkey", home / "key", "-crlfeol", "-binary"],
                              input=entity, check=True, capture_output=True).stdout
        header, _, body = made.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n").partition(b"\r\n\r\n")
        return header + b"\r\n", body
    return run


@pytest.mark.parametrize("how", [["-nodetach"], ["-nodetach", "-stream"]], ids=["DER", "BER"])
def test_signed_message_is_read(lab, smime, how):
    sent = raw_mail(*smime(ATTACHED, "-sign", *how), to=GMAIL)
    assert b"signed-data" in sent.raw
    with lab.nothing_leaves():
        reply = lab.send(sent, GMAIL)
    assert reply.code == 550 and "5.7.1 " in reply.text, reply
    told = {one["path"]: one for one in json.loads(lab.khatm("explain", "--json", "--reference", reply.reference).stdout)["documents"]}
    [note] = [one for one in told.values() if one["name"] == "note.pdf"]
    assert note["kind"] == "application/pdf" and note["sha256"] == hashlib.sha256(PDF).hexdigest() and not note["unread"]


def test_text_with_a_signature_beside_it_leaves_as_it_came(lab, smime):
    sent = raw_mail(*smime(TEXT, "-sign"), to=GMAIL)
    assert b"multipart/signed" in sent.raw
    reply = lab.send(sent, GMAIL)
    assert reply.code == 250, reply
    assert without_transport(lab.arrived("gmail.com", sent)) == sent.raw.replace(b"\r\n", b"\n")


def test_the_next_message_is_served(lab):
    after = plain(to=GMAIL, sender=AGENT)
    assert lab.send(after, GMAIL).code == 250
    lab.arrived("gmail.com", after)
