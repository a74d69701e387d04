# SPDX-License-Identifier: Apache-2.0
"""One message that left sealed, with all that programs for people can show or spoil, and the home of somebody who has the
key."""

import base64
import email

from letters import FINANCES
from pgp import gpg
from pictures import png
from shapes import NOTE, attached, message, multi, part, text

SUBJECT = "Réunion à Köln – محضر"
LINES = ("Voilà la note confidentielle.", "محضر الاجتماع")
HTML_LINE = "Voilà la note en HTML"
NAME = "Prüfung م.pdf"
PICTURE_SIZE = 120
OUTSIDE = "Pli administratif scelle"  # the subject that everybody on the way sees

_HTML = f"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n<p>{HTML_LINE} <img src=\"cid:p@x\"></p>\r\n".encode()
_PICTURE = b"Content-Type: image/png\r\nContent-ID: <p@x>\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: inline\r\n\r\n" + \
           base64.encodebytes(png(PICTURE_SIZE, PICTURE_SIZE)).replace(b"\n", b"\r\n")
CONTENT = multi(part(text("\r\n".join(LINES) + "\r\n"), part(_HTML, _PICTURE, kind="related", boundary="=_c"),
                     kind="alternative", boundary="=_b"),
                attached("filename*=utf-8''Pr%C3%BCfung%20%D9%85.pdf", NOTE))


def through(lab, content):
    """As it leaves, with LF."""
    sent = message(f"Subject: =?utf-8?B?{base64.b64encode(SUBJECT.encode()).decode()}?=\r\n", content)
    assert lab.send(sent, FINANCES).code == 250
    raw = lab.arrived("finances.gov.example", sent)
    return raw[raw.index(b"Received:"):].replace(b"\r\n", b"\n")


def mbox(raw):
    return b"From agent@interieur.gov.example Sat Nov 21 10:00:00 2026\n" + raw + b"\n"


def signed(home):
    """The same, signed by its author (RFC 3156, 5) with whatever key is in that GnuPG home."""
    entity = CONTENT.removeprefix(b"MIME-Version: 1.0\r\n").removesuffix(b"\r\n")
    signature = gpg(home, "--armor", "--detach-sign", stdin=entity).stdout.replace(b"\n", b"\r\n")
    return multi(entity, b"Content-Type: application/pgp-signature; name=\"signature.asc\"\r\n\r\n" + signature, kind="signed",
                 boundary="=_s", more="; micalg=pgp-sha512;\r\n protocol=\"application/pgp-signature\"")


def prepare(lab, home):
    """Sends it through `lab` and puts into `home`, as programs want them: sealed.eml, mbox, armour (the ciphertext alone),
    secret.asc, gateway.asc (the public key of the one who signs) and the GnuPG home `gnupg`, which has an agent to be
    stopped."""
    raw = through(lab, CONTENT)
    (home / "sealed.eml").write_bytes(raw)
    (home / "mbox").write_bytes(mbox(raw))
    (home / "armour").write_bytes(email.message_from_bytes(raw).get_payload()[1].get_payload(decode=True))
    secret = gpg(lab.env["GNUPGHOME_PEER"], "--armor", "--export-secret-keys", lab.env["PEER_FINGERPRINT"]).stdout
    (home / "secret.asc").write_bytes(secret)
    (home / "gnupg").mkdir(mode=0o700)
    gateway = gpg(lab.env["GNUPGHOME_OWN"], "--armor", "--export").stdout
    (home / "gateway.asc").write_bytes(gateway)
    gpg(home / "gnupg", "--import", stdin=secret)
    gpg(home / "gnupg", "--import", stdin=gateway)
    # And the public key of the gateway that signs.
    gpg(home / "gnupg", "--import", stdin=gpg(lab.env["GNUPGHOME_PEER"], "--export").stdout)
