# SPDX-License-Identifier: Apache-2.0
"""Keys with which Khatm signs what leaves: made, published in the lab's zone, written into khatm.conf. Verified by dkimpy, which
shares no code with us."""

import base64
import os
import pathlib
import re
import subprocess

import dkim

DOMAIN = "interieur.gov.example"
SELECTORS = {"rsa": "r2026", "ed25519": "e2026"}
PEM = {"rsa": ("RSA", "-pkeyopt", "rsa_keygen_bits:2048"), "ed25519": ("ED25519",)}


def record_name(kind):
    return f"{SELECTORS[kind]}._domainkey.{DOMAIN}"


def make_pem(path, algorithm, *options):
    subprocess.run(["openssl", "genpkey", "-quiet", "-algorithm", algorithm, *options, "-out", path], check=True)
    path.chmod(0o600)


def public_part(kind, path):
    """p= of the record."""
    der = subprocess.run(["openssl", "pkey", "-in", path, "-pubout", "-outform", "DER"], capture_output=True, check=True).stdout
    return base64.b64encode(der if kind == "rsa" else der[-32:]).decode()


class Keys:
    """Of both kinds, in a folder; `options`: of a lab whose DNS has their records."""

    def __init__(self, folder):
        self.folder, self.records = pathlib.Path(folder), {}
        lines = []
        for kind, how in PEM.items():
            make_pem(self.folder / kind, *how)
            text = f"v=DKIM1; k={kind}; p={public_part(kind, self.folder / kind)}"
            self.records[record_name(kind)] = text
            parts = " ".join(f'"{text[at:at + 250]}"' for at in range(0, len(text), 250))
            lines.append(f"{record_name(kind)}. TXT {parts}\n")
        (self.folder / "zone").write_text("".join(lines))
        self.options = ("--zone", f".={self.folder / 'zone'}")

    def give(self, lab, name="dkim"):
        """The private keys, where khatmd finds them."""
        place = lab.path("CONF").parent / name
        place.mkdir()
        for kind in PEM:
            (place / kind).write_bytes((self.folder / kind).read_bytes())
            (place / kind).chmod(0o600)
        for path in (place, *place.iterdir()):
            os.chown(path, int(lab.env["KHATM_UID"]), -1)
        return place

    def use(self, lab, *settings):
        """Khatm signs with them from now on."""
        place = self.give(lab)
        conf = lab.path("CONF")
        conf.write_text(conf.read_text() + self.section(place, *settings))
        lab.reload()
        return place

    def section(self, place, *settings):
        keys = "".join(f'dkim-key "{record_name(kind)}" {{ file = "{place / kind}" }}\n' for kind in PEM)
        return f"dkim {{ {' '.join(settings)} }}\n{keys}" if settings else keys

    def good(self, raw):
        """The selectors of those signatures that hold."""
        message = dkim.DKIM(raw)
        found = len(re.findall(rb"(?mi)^DKIM-Signature:", raw.partition(b"\r\n\r\n")[0]))
        holds = []
        for i in range(found):
            try:
                if message.verify(idx=i, dnsfunc=self._txt):
                    holds.append(message.signature_fields[b"s"].decode())
            except dkim.DKIMException:
                continue
        return sorted(holds)

    def _txt(self, name, timeout=5):
        return self.records.get(name.decode().rstrip("."), "").encode()


def as_it_came(raw):
    """Without the sink's own lines on top."""
    return re.sub(rb"\A(X-Envelope-[^\n]*\n)+", b"", raw.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")


def signatures(raw):
    """Fields of the name, unfolded."""
    header = raw.replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    return re.findall(r"(?mi)^DKIM-Signature:((?:.*)(?:\n[ \t].*)*)", header.decode("utf-8", "replace"))
