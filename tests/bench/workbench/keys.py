# SPDX-License-Identifier: Apache-2.0
"""The key of the one peer, made on the spot: ed25519 to sign, cv25519 to encrypt."""

import os
import subprocess

from . import mail
from .errors import CannotMeasure

SPEED = "no-random-seed-file\nlock-never\nno-autostart\n"


class Keys:
    """`secret`: the homedir of the far end, which can open what was sealed. `public`: what a gateway gets."""

    def __init__(self, work):
        self.secret, self.public = work / "far-end", work / "public"

    def make(self):
        self.secret.mkdir(mode=0o700)
        address = f"Gateway <gateway@{mail.PEER}>"
        silent = ("--pinentry-mode", "loopback", "--passphrase", "")
        self._gpg(self.secret, *silent, "--quick-gen-key", address, "ed25519", "sign", "1y")
        listing = self._gpg(self.secret, "--with-colons", "--list-keys").decode()
        self.fingerprint = next(line.split(":")[9] for line in listing.splitlines() if line.startswith("fpr:"))
        self._gpg(self.secret, *silent, "--quick-add-key", self.fingerprint, "cv25519", "encr", "1y")
        self.hand_out(self.public)
        # Bare gpg at its best: without this its processes wait for each other on one file.
        (self.public / "gpg.conf").write_text(SPEED)

    def hand_out(self, homedir, uid=None):
        """The public key in a homedir of its own."""
        homedir.mkdir(mode=0o700)
        self._gpg(homedir, "--no-autostart", "--import", stdin=self._gpg(self.secret, "--export", self.fingerprint))
        for path in (homedir, *homedir.iterdir()) if uid is not None else ():
            os.chown(path, uid, uid)

    def open(self, ciphertext):
        """The plaintext; with integrity protection found good, or nothing."""
        run = subprocess.run(["gpg", "--homedir", self.secret, "--batch", "--no-tty", "--status-fd", "2", "--decrypt"],
                             input=ciphertext, capture_output=True, timeout=120)
        if run.returncode != 0 or b"DECRYPTION_OKAY" not in run.stderr or b"GOODMDC" not in run.stderr:
            return None
        return run.stdout

    def stop_agent(self):
        if self.secret.exists():
            subprocess.run(["gpg-connect-agent", "--homedir", self.secret, "--no-autostart", "killagent", "/bye"], check=False,
                           capture_output=True, timeout=20)

    @staticmethod
    def _gpg(homedir, *words, stdin=b""):
        run = subprocess.run(["gpg", "--homedir", homedir, "--batch", "--no-tty", *words], input=stdin, capture_output=True,
                             timeout=120)
        if run.returncode != 0:
            raise CannotMeasure(f"gpg {words[0]}: {run.stderr.decode(errors='replace').strip()}")
        return run.stdout
