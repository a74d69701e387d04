# SPDX-License-Identifier: Apache-2.0
"""The key of the one peer, made on the spot: ed25519 to sign, cv25519 to encrypt. And the key that a gateway signs with, ed25519."""

import os
import re
import subprocess

from . import mail
from .errors import CannotMeasure

SILENT = ("--pinentry-mode", "loopback", "--passphrase", "")
SPEED = "no-random-seed-file\nlock-never\nno-autostart\n"


class Keys:
    """`secret`: the homedir of the far end, which can open what was sealed. `public`: what a gateway gets. `signing`: its own key;
    `bare_signing`: that and the peer's, for gpg by itself."""

    def __init__(self, work):
        self.secret, self.public, self.signing, self.bare_signing = (
            work / name for name in ("far-end", "public", "signing", "bare-signing"))

    def make(self):
        self.fingerprint = self._make_key(self.secret, f"Gateway <gateway@{mail.PEER}>")
        self._gpg(self.secret, *SILENT, "--quick-add-key", self.fingerprint, "cv25519", "encr", "1y")
        self.hand_out(self.public)
        self.signer = self._make_key(self.signing, f"Gateway <gateway@{mail.OWN}>")
        self.hand_out(self.bare_signing)
        whole = self._gpg(self.signing, *SILENT, "--export-secret-keys", self.signer)
        self._gpg(self.bare_signing, "--import", stdin=whole)
        (self.bare_signing / "gpg.conf").write_text(SPEED.replace("no-autostart\n", ""))
        self._gpg(self.secret, "--import", stdin=self._gpg(self.signing, "--export", self.signer))
        # Bare gpg at its best: without this its processes wait for each other on one file.
        (self.public / "gpg.conf").write_text(SPEED)

    def hand_out(self, homedir, uid=None):
        """The public key in a homedir of its own."""
        homedir.mkdir(mode=0o700)
        self._gpg(homedir, "--no-autostart", "--import", stdin=self._gpg(self.secret, "--export", self.fingerprint))
        for path in (homedir, *homedir.iterdir()) if uid is not None else ():
            os.chown(path, uid, uid)

    def _make_key(self, homedir, user):
        homedir.mkdir(mode=0o700)
        self._gpg(homedir, *SILENT, "--quick-gen-key", user, "ed25519", "sign", "1y")
        listing = self._gpg(homedir, "--with-colons", "--list-keys").decode()
        return next(line.split(":")[9] for line in listing.splitlines() if line.startswith("fpr:"))

    def hand_out_signing(self, homedir, uid):
        """The key that signs, both halves, to a user."""
        homedir.mkdir(mode=0o700)
        whole = self._gpg(self.signing, *SILENT, "--export-secret-keys", self.signer)
        self._gpg(homedir, "--import", stdin=whole)
        self._end_agent(homedir)
        for path in (homedir, *homedir.rglob("*")):
            os.lchown(path, uid, uid)

    def open(self, ciphertext, signed):
        """The plaintext; with integrity protection found good, and the signature that it must have, or nothing."""
        run = subprocess.run(["gpg", "--homedir", self.secret, "--batch", "--no-tty", "--status-fd", "2", "--decrypt"],
                             input=ciphertext, capture_output=True, timeout=120)
        if run.returncode != 0 or b"DECRYPTION_OKAY" not in run.stderr or b"GOODMDC" not in run.stderr:
            return None
        valid = re.search(rb"VALIDSIG (\w+)", run.stderr)
        return run.stdout if (valid.group(1).decode() if valid else None) == (self.signer if signed else None) else None

    def stop_agents(self):
        for homedir in (self.secret, self.signing, self.bare_signing):
            self._end_agent(homedir)

    @staticmethod
    def _end_agent(homedir):
        if homedir.exists():
            subprocess.run(["gpg-connect-agent", "--homedir", homedir, "--no-autostart", "killagent", "/bye"], check=False,
                           capture_output=True, timeout=20)

    @staticmethod
    def _gpg(homedir, *words, stdin=b""):
        run = subprocess.run(["gpg", "--homedir", homedir, "--batch", "--no-tty", *words], input=stdin, capture_output=True,
                             timeout=120)
        if run.returncode != 0:
            raise CannotMeasure(f"gpg {words[0]}: {run.stderr.decode(errors='replace').strip()}")
        return run.stdout
