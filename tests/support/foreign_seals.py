# SPDX-License-Identifier: Apache-2.0
"""Sealed mail as other programs make it. Those in Debian make it themselves: gpg, Sequoia's sqop, RNP, Mutt. Of others the
structure is built here from what they document or write: what stands around the ciphertext, and what they put into it."""

import subprocess

from pgp import gpg
from terminal import Terminal

MIXED = "Content-Type: multipart/mixed; boundary=\"=_m\"\r\n"
PARTS = "--=_m\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{}\r\n\r\n--=_m--\r\n"
WORD = "This is an OpenPGP/MIME encrypted message (RFC 4880 and 3156)"


class Key:
    """Somebody's home; signs with the key in it, encrypts to the peer's."""

    def __init__(self, folder, home, lab):
        """home: with a secret key, is read and gets the peer's public one. folder: for this program's files."""
        self.folder, self.home, self.to = folder, home, lab.env["PEER_FINGERPRINT"]
        self.cert = gpg(lab.env["GNUPGHOME_PEER"], "--armor", "--export", self.to).stdout
        gpg(home, "--import", stdin=self.cert)
        listing = gpg(home, "--with-colons", "--list-secret-keys").stdout.decode()
        self.signer = next(line.split(":")[9] for line in listing.splitlines() if line.startswith("fpr:"))
        (folder / "cert.asc").write_bytes(self.cert)
        (folder / "secret.asc").write_bytes(gpg(home, "--armor", "--export-secret-keys", self.signer).stdout)


def _run(*command, stdin=b""):
    done = subprocess.run(command, input=stdin, capture_output=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return done.stdout


# --- programs: what comes out is armour ---------------------------------------------------------------------------

def by_gpg(key, entity, sign):
    return gpg(key.home, "--armor", "--trust-model", "always", "-r", key.to, *(["-u", key.signer, "--sign"] if sign else []),
               "--encrypt", stdin=entity).stdout


def by_sqop(key, entity, sign):
    return _run("sqop", "encrypt", *([f"--sign-with={key.folder}/secret.asc"] if sign else []), key.folder / "cert.asc", stdin=entity)


def by_rnp(key, entity, sign):
    home = key.folder / "rnp"
    if not home.exists():
        home.mkdir(mode=0o700)
        for name in ("secret.asc", "cert.asc"):
            _run("rnpkeys", "--homedir", home, "--import", key.folder / name)
    (key.folder / "entity").write_bytes(entity)
    signing = ["--sign", "-u", key.signer, "--password", ""] if sign else []
    return _run("rnp", "--homedir", home, "--armor", "--encrypt", "-r", key.to, *signing, "--output", "-", key.folder / "entity")


# --- what stands around it: header fields, body, given armour with LF ----------------------------------------------

def _multipart(boundary, first, second, armour, before="", parameters="; protocol=\"application/pgp-encrypted\"", version=True):
    head = f"Content-Type: multipart/encrypted{parameters}; boundary=\"{boundary}\"\r\n" + ("MIME-Version: 1.0\r\n" if version else "")
    body = (f"{before}--{boundary}\r\n{first}\r\nVersion: 1\r\n\r\n--{boundary}\r\n{second}\r\n").encode() + \
        armour.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") + f"\r\n--{boundary}--\r\n".encode()
    return head.encode(), body


VERSION = "Content-Type: application/pgp-encrypted\r\n"
DESCRIBED = VERSION + "Content-Description: PGP/MIME version identification\r\n"
CIPHER = "Content-Type: application/octet-stream; name=\"encrypted.asc\"\r\nContent-Description: OpenPGP encrypted message\r\n" \
         "Content-Disposition: inline; filename=\"encrypted.asc\"\r\n"


def thunderbird(armour):
    return _multipart("------------vJYmL0nB0RzUyqXUBXeJOTKr", DESCRIBED, CIPHER, armour, before=f"{WORD}\r\n",
                      parameters=";\r\n protocol=\"application/pgp-encrypted\"")


def zeyple(armour):
    """By Python's email library: its boundary, its MIME-Version in each part."""
    twice = "MIME-Version: 1.0\r\n"
    return _multipart("===============7330845974216740156==", VERSION + twice + DESCRIBED.removeprefix(VERSION),
                      CIPHER.replace("\r\n", f"\r\n{twice}", 1), armour, before=f"{WORD}\r\n")


def gwmilter(armour):
    """Thirty letters and digits, no name of the second part; MIME-Version is the author's or missing."""
    return _multipart("kPq3vXw9TzLm5RbYc2NdJf8HsGa1Ue", VERSION, "Content-Type: application/octet-stream\r\n", armour,
                      parameters=";\r\n\tprotocol=\"application/pgp-encrypted\"", version=False)


def java_mail(armour):
    """As gateways write that are built on JavaMail, CipherMail among them: tokens unquoted, 7bit said."""
    seven = "Content-Transfer-Encoding: 7bit\r\n"
    return _multipart("----=_Part_17_1462038.1795255200000", VERSION + seven, "Content-Type: application/octet-stream; name=encrypted.asc\r\n"
                      f"{seven}Content-Disposition: inline; filename=encrypted.asc\r\n", armour)


# --- what stands in it: the subject that the reader is to see, or None for the outer one, and the entity -------------

def mixed(line):
    """With CRLF and nothing but Content-Type, as gwmilter."""
    return None, (MIXED + "\r\n" + PARTS.format(line)).encode()


def mixed_lf(line):
    """With LF and no line end at the end, as Zeyple."""
    return None, mixed(line)[1].replace(b"\r\n", b"\n").rstrip(b"\n")


def protected(line):
    """As Thunderbird writes it: its header section, the older mark, a multipart in a multipart."""
    inner = "Content-Type: multipart/mixed; boundary=\"=_t\"; protected-headers=\"v1\"\r\nFrom: agent@interieur.gov.example\r\n" \
            "To: directeur@finances.gov.example\r\n" \
            "Subject: =?UTF-8?Q?R=C3=A9union_=C3=A0_K=C3=B6ln?=\r\n\r\n--=_t\r\n"
    return "=?UTF-8?Q?R=C3=A9union_=C3=A0_K=C3=B6ln?=", (inner + MIXED + "\r\n" + PARTS.format(line) + "\r\n--=_t--\r\n").encode()


# --- Mutt, whole ---------------------------------------------------------------------------------------------------

MUTT = """set folder={0}
set record=""
set postponed=""
set crypt_use_gpgme=yes pgp_self_encrypt=no crypt_confirmhook=no crypt_autoencrypt=yes
set autoedit=yes edit_headers=no editor=true abort_unmodified=no wait_key=no fast_reply=yes
set charset=utf-8 send_charset="us-ascii:utf-8"
set from=agent@interieur.gov.example realname="" hostname=interieur.gov.example
set sendmail="{0}/send" sendmail_wait=0
set crypt_protected_headers_write=yes
crypt-hook directeur@finances.gov.example {1}
"""


def by_mutt(key, line, subject, attachment, sign):
    """What Mutt hands to sendmail(1) when a person presses the keys."""
    folder = key.folder
    (folder / "muttrc").write_text(MUTT.format(folder, key.to) + (f"set crypt_autosign=yes pgp_sign_as={key.signer}\n" if sign else ""))
    (folder / "send").write_text(f"#!/bin/sh\ncat >{folder}/sent.part && mv {folder}/sent.part {folder}/sent\n")
    (folder / "send").chmod(0o755)
    (folder / "sent").unlink(missing_ok=True)
    (folder / "line").write_text(line + "\n")
    (folder / "note.pdf").write_bytes(attachment)
    gpg(key.home, "--import-ownertrust", stdin=f"{key.to}:6:\n".encode())
    terminal = Terminal(["mutt", "-n", "-F", folder / "muttrc", "-s", subject, "-i", folder / "line", "-a", folder / "note.pdf", "--",
                         "directeur@finances.gov.example"], HOME=str(folder), GNUPGHOME=str(key.home))
    try:
        terminal.until("To: directeur@finances.gov.example")
        terminal.press("\r")
        terminal.until("Compose", "note.pdf", "Encrypt (PGP/MIME)")
        terminal.press("y")
        terminal.until_gone()
    finally:
        terminal.close()
    return (folder / "sent").read_bytes().replace(b"\n", b"\r\n")


# --- signed first, sealed then (RFC 3156, 6.1) -----------------------------------------------------------------------

SIGNED = "Content-Type: multipart/signed; protocol=\"application/pgp-signature\";\r\n micalg=pgp-sha512; boundary=\"=_s\""


def signed_inside(key, entity, digest="SHA512", text=None, third=b"", signature=None, mark="", before=""):
    """text: what stands there in place of what was signed; third: one more part; mark: what follows the type;
    before: the parts."""
    entity = entity.removesuffix(b"\r\n")
    made = signature or gpg(key.home, "--armor", "--digest-algo", digest, "-u", key.signer, "--detach-sign", stdin=entity).stdout
    return f"{SIGNED}{mark}\r\n\r\n{before}--=_s\r\n".encode() + (text or entity) + \
        b"\r\n--=_s\r\nContent-Type: application/pgp-signature; name=\"signature.asc\"\r\n\r\n" + made.replace(b"\n", b"\r\n") + \
        b"\r\n" + third + b"--=_s--\r\n"
