# SPDX-License-Identifier: Apache-2.0
"""Carriers of what programs put beside a text: invitations, cards, signatures, keys, delivery reports, receipts, and
texts that look like code."""

import base64
import hashlib
import pathlib
import subprocess
import tempfile

from carriers import alternative, attached, crlf, lines, multipart, text_part
from pictures import jpeg
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID
import datetime

EVENT = """BEGIN:VCALENDAR
PRODID:{program}
VERSION:2.0
CALSCALE:GREGORIAN
METHOD:{method}
BEGIN:VTIMEZONE
TZID:Africa/Casablanca
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0100
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
DTSTART;TZID=Africa/Casablanca:20261126T120000
DTEND;TZID=Africa/Casablanca:20261126T133000
DTSTAMP:20261121T090000Z
ORGANIZER;CN=Karim:mailto:agent@interieur.gov.example
UID:{uid}@interieur.gov.example
ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:personne@gmail.com
SUMMARY:{summary}
DESCRIPTION:{text}
LOCATION:Café du Port
SEQUENCE:0
STATUS:CONFIRMED
BEGIN:VALARM
ACTION:DISPLAY
DESCRIPTION:Rappel
TRIGGER:-PT15M
END:VALARM
END:VEVENT
END:VCALENDAR
"""


def folded(text):
    out = []
    for line in text.split("\n"):
        while len(line) > 60:
            out.append(line[:60])
            line = " " + line[60:]
        out.append(line)
    return "\n".join(out)


def event(letter, chance, method):
    text = letter.text.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;").replace("\n", "\\n")
    program = chance.choice(("-//Google Inc//Google Calendar 70.9054//EN", "Microsoft Exchange Server 2010",
                             "-//Mozilla.org/NONSGML Mozilla Calendar V1.1//EN"))
    return folded(EVENT.format(program=program, method=method, uid=f"{chance.randrange(1 << 60):x}",
                               summary=letter.subject or "Rendez-vous", text=text))


def invitation(letter, chance):
    method = chance.choice(("REQUEST", "REQUEST", "REPLY", "CANCEL", "PUBLISH"))
    calendar = event(letter, chance, method)
    part = text_part(calendar, "utf-8", chance, "calendar", more=f"; method={method}", how=chance.choice(("8bit", "base64", "quoted-printable")))
    inner = multipart("alternative", chance, text_part(letter.text, "utf-8", chance),
                      text_part(f"<html><body><p>{letter.subject}</p></body></html>\n", "utf-8", chance, "html", how="8bit"), part)
    if chance.random() < 0.5:
        return inner
    return multipart("mixed", chance, inner, attached("application/ics" if chance.random() < 0.5 else "text/calendar; charset=utf-8",
                                                      crlf(calendar).encode(), "attachment", "invite.ics"))


CARDS = (
    "BEGIN:VCARD\nVERSION:3.0\nFN:Karim Alami\nN:Alami;Karim;;;\nORG:Ministère de la Santé\nTEL;TYPE=CELL:+212 6 12 34 56 78\n"
    "EMAIL:karim@interieur.gov.example\nEND:VCARD\n",
    "BEGIN:VCARD\nVERSION:2.1\nN:Bennani;Salma\nFN:Salma Bennani\nTEL;CELL:0612345678\nEMAIL;INTERNET:salma@interieur.gov.example\nEND:VCARD\n",
    "BEGIN:VCARD\nVERSION:4.0\nFN:كريم العلمي\nTEL;VALUE=uri:tel:+212-612-345678\nNOTE:Ami de longue date\nEND:VCARD\n",
    "BEGIN:VCARD\nVERSION:3.0\nFN:Hind\nPHOTO;ENCODING=b;TYPE=JPEG:" + base64.b64encode(jpeg(96, 96)).decode() + "\nEND:VCARD\n",
)


def card(letter, chance):
    text = folded(chance.choice(CARDS))
    made = text_part(text, "utf-8", chance, chance.choice(("vcard", "x-vcard")), how=chance.choice(("8bit", "base64")))
    fields = made[0] + lines('Content-Disposition: attachment; filename="contact.vcf"')
    return multipart("mixed", chance, text_part(letter.text, letter.charset, chance), (fields, made[1]))


# --- signatures and keys ----------------------------------------------------------------------------------------

NOTICE = ("Certificat qualifié délivré par l'autorité de certification de l'administration. Toute utilisation en dehors de la "
          "politique de certification est interdite. Royaume du Maroc, Ministère de l'Intérieur, Secrétariat général.")


def certificates():
    """[(private key, certificate)] from the agent's to the root's, as an authority of a state issues them."""
    start, made = datetime.datetime(2026, 1, 1), []
    for number, (common, bits) in enumerate((("Racine nationale", 4096), ("Autorité de l'administration", 4096), ("Agent", 2048))):
        private = rsa.generate_private_key(public_exponent=65537, key_size=bits)
        name = x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "MA"), x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Royaume du Maroc"),
                          x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "Ministère de l'Intérieur"),
                          x509.NameAttribute(NameOID.COMMON_NAME, common)])
        issuer, by = (made[0][1].subject, made[0][0]) if made else (name, private)
        policy = x509.PolicyInformation(x509.ObjectIdentifier("1.3.6.1.4.1.99999.1.2"),
                                        ["https://pki.interieur.gov.example/politique.pdf", x509.UserNotice(None, NOTICE)])
        made.insert(0, (private, x509.CertificateBuilder().subject_name(name).issuer_name(issuer).public_key(private.public_key())
                        .serial_number(7 + number).not_valid_before(start).not_valid_after(start + datetime.timedelta(days=700))
                        .add_extension(x509.CertificatePolicies([policy]), critical=False).sign(by, hashes.SHA256())))
    return made


class Signer:
    """One OpenPGP key and a chain of three certificates, made when first wanted."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="khatm-mail-")
        self.gpg("--batch", "--passphrase", "", "--quick-gen-key", "Agent <agent@interieur.gov.example>", "ed25519", "sign", "never")
        self.key = self.gpg("--armor", "--export")
        self.signature = self.gpg("--armor", "--detach-sign", given=b"Bonjour\r\n")
        chain = certificates()
        self.private, self.certificate = chain[0]
        options = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary]
        builder = pkcs7.PKCS7SignatureBuilder().set_data(b"Bonjour\r\n").add_signer(self.certificate, self.private, hashes.SHA256())
        for _, certificate in chain[1:]:
            builder = builder.add_certificate(certificate)
        self.cms = builder.sign(serialization.Encoding.DER, options)

    def gpg(self, *words, given=b""):
        home = pathlib.Path(self.folder.name)
        return subprocess.run(["gpg", "--homedir", home, "--quiet", "--batch", "--pinentry-mode", "loopback", *words],
                              input=given, check=True, capture_output=True).stdout

    def clear(self, text):
        return self.gpg("--armor", "--clear-sign", given=text.encode()).decode()


HELD = []


def signer():
    if not HELD:
        HELD.append(Signer())
    return HELD[0]


def pgp_signed(letter, chance):
    inner = alternative(letter, chance) if chance.random() < 0.4 else text_part(letter.text, "utf-8", chance, how="quoted-printable")
    signature = (lines('Content-Type: application/pgp-signature; name="signature.asc"', 'Content-Disposition: attachment; filename="signature.asc"'),
                 crlf(signer().signature.decode()).encode())
    return multipart("signed", chance, inner, signature, more='; micalg=pgp-sha512; protocol="application/pgp-signature"')


def smime_signed(letter, chance):
    inner = text_part(letter.text, "utf-8", chance, how="quoted-printable")
    kind = chance.choice(("pkcs7-signature", "x-pkcs7-signature"))
    return multipart("signed", chance, inner, attached(f"application/{kind}", signer().cms, "attachment", "smime.p7s"),
                     more=f'; micalg=sha-256; protocol="application/{kind}"')


def with_key(letter, chance):
    fields = lines('Content-Type: application/pgp-keys; name="OpenPGP_0x1234.asc"', 'Content-Disposition: attachment; filename="OpenPGP_0x1234.asc"')
    return multipart("mixed", chance, text_part(letter.text, "utf-8", chance), (fields, crlf(signer().key.decode()).encode()))


def clear_signed(letter, chance):
    del letter
    text = CLEAR.setdefault("text", signer().clear("Bonjour,\n\nà jeudi midi.\n"))
    return text_part(text, "utf-8", chance, how="8bit")


CLEAR = {}


# --- reports ----------------------------------------------------------------------------------------------------

HEADERS = "From: agent@interieur.gov.example\r\nTo: absent@gmail.com\r\nSubject: Nouvelles\r\nMessage-ID: <1@interieur.gov.example>\r\n"


def bounce(letter, chance):
    del letter
    text = "This is the mail system at host mx.interieur.gov.example.\n\nI'm sorry to have to inform you that your message could not be delivered.\n"
    status = (lines("Content-Type: message/delivery-status"),
              b"Reporting-MTA: dns; mx.interieur.gov.example\r\nArrival-Date: Sat, 21 Nov 2026 10:00:00 +0000\r\n\r\n"
              b"Final-Recipient: rfc822; absent@gmail.com\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 no such user\r\n")
    return multipart("report", chance, text_part(text, "us-ascii", chance, how="7bit"), status,
                     (lines("Content-Type: text/rfc822-headers"), HEADERS.encode()), more="; report-type=delivery-status")


def receipt(letter, chance):
    del letter
    note = (lines("Content-Type: message/disposition-notification"),
            b"Reporting-UA: poste.interieur.gov.example; Thunderbird\r\nFinal-Recipient: rfc822;agent@interieur.gov.example\r\n"
            b"Original-Message-ID: <1@gmail.com>\r\nDisposition: manual-action/MDN-sent-manually; displayed\r\n")
    return multipart("report", chance, text_part("Votre message a été lu.\n", "utf-8", chance), note, more="; report-type=disposition-notification")


# --- texts like code --------------------------------------------------------------------------------------------

def digits(chance, count):
    return hashlib.shake_256(str(chance.random()).encode()).hexdigest(count // 2)


def code_like(letter, chance):
    token = base64.b64encode(hashlib.shake_256(str(chance.random()).encode()).digest(270)).decode()
    pieces = (
        "diff --git a/x.c b/x.c\nindex 83db48f..bf2a1c3 100644\n--- a/x.c\n+++ b/x.c\n@@ -1,3 +1,4 @@\n int main(void)\n {\n+    secret();\n }\n",
        f"ssh-rsa {token} agent@poste\n", f"https://www.example.com/r?token={token[:180].replace('+', '-').replace('/', '_')}&x=1\n",
        "\n".join(f"{digits(chance, 64)}  photo{n}.jpg" for n in range(6)) + "\n",
        f"commit {digits(chance, 40)}\nAuthor: Karim\n\n    Fix the build\n",
        'Traceback (most recent call last):\n  File "a.py", line 3, in <module>\n    import secrets\nModuleNotFoundError\n',
        '{"status": "confidential", "level": 3, "items": [1, 2, 3]}\n', "+----+----+\n| a  | b  |\n+----+----+\n| 1  | 2  |\n+----+----+\n",
        "CREATE TABLE secret (id INTEGER PRIMARY KEY, value TEXT);\nSELECT * FROM secret;\n", "10:02 <karim> tu viens ?\n10:03 <salma> secret !\n",
        "[21/11/2026 10:02] Karim: labas?\n[21/11/2026 10:03] Salma: hamdoullah 🙏\n",
        f"Votre code : {chance.randrange(10 ** 6):06d}\nIl expire dans dix minutes.\n",
    )
    return text_part(letter.greeting + "\n\n" + chance.choice(pieces) + "\n" + letter.closing + "\n", "utf-8", chance)


CALENDAR = (invitation,)
CARD = (card,)
SIGNED = (pgp_signed, smime_signed, with_key, clear_signed)
REPORT = (bounce, receipt)
CODE = (code_like,)
