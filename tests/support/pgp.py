# SPDX-License-Identifier: Apache-2.0
"""OpenPGP as the far end does it: with the real gpg, and nothing of ours."""

import email
import email.policy
import re
import subprocess
import time


class Opened:
    def __init__(self, outer, payload, status):
        self.outer, self.payload, self.status = outer, payload, status
        self.inner = email.message_from_bytes(payload, policy=email.policy.SMTP)

    def attachments(self):
        return {part.get_filename(): part.get_payload(decode=True) for part in self.inner.walk() if part.get_filename()}


def gpg(home, *arguments, stdin=b"", check=True):
    run = subprocess.run(["gpg", "--homedir", home, "--batch", "--no-tty", *arguments], input=stdin,
                         capture_output=True, timeout=120)
    if check and run.returncode != 0:
        raise AssertionError(f"gpg {arguments}: {run.stderr.decode(errors='replace')}")
    return run


def open_sealed(raw, home):
    """Checks the shape that RFC 3156 asks for and opens it with the keys in `home`."""
    outer = email.message_from_bytes(raw, policy=email.policy.SMTP)
    assert outer.get_content_type() == "multipart/encrypted", outer.get_content_type()
    assert outer.get_param("protocol") == "application/pgp-encrypted"
    parts = outer.get_payload()
    assert [part.get_content_type() for part in parts] == ["application/pgp-encrypted", "application/octet-stream"]
    assert parts[0].get_payload().strip() == "Version: 1"
    run = gpg(home, "--status-fd", "2", "--decrypt", stdin=parts[1].get_payload(decode=True))
    status = run.stderr.decode(errors="replace")
    assert "DECRYPTION_OKAY" in status and "GOODMDC" in status, status
    return Opened(outer, run.stdout, status)


def gpg_time(seconds):
    """As --faked-system-time takes it, to stand still: else a subkey can be older than the key it is added to."""
    return time.strftime("%Y%m%dT%H%M%S!", time.gmtime(seconds))


def make_key(home, user_id, usage="encr", expire="0", created=None):
    """A key for a peer domain; returns its fingerprint. usage: "encr" or "sign" for one that may not encrypt. created:
    as gpg_time() writes it."""
    faked = ["--faked-system-time", created] if created else []
    gpg(home, *faked, "--pinentry-mode", "loopback", "--passphrase", "", "--quick-generate-key", user_id, "rsa3072",
        "sign,cert", expire)
    listing = gpg(home, "--with-colons", "--list-keys", f"={user_id}").stdout.decode()
    fingerprint = re.search(r"^fpr:+([0-9A-F]{40}):", listing, re.M).group(1)
    if usage == "encr":
        gpg(home, *faked, "--pinentry-mode", "loopback", "--passphrase", "", "--quick-add-key", fingerprint, "rsa3072",
            "encr", expire)
    return fingerprint


def stop_agent(home):
    """The agent that making keys left running."""
    subprocess.run(["gpgconf", "--homedir", home, "--kill", "gpg-agent"], capture_output=True)


def revoke_key(home, fingerprint):
    """With the revocation certificate that gpg left beside the key."""
    certificate = (home / "openpgp-revocs.d" / f"{fingerprint}.rev").read_text()
    gpg(home, "--import", stdin=certificate.replace(":-----BEGIN", "-----BEGIN").encode())


def copy_public(source, target, fingerprint):
    exported = gpg(source, "--armor", "--export", fingerprint).stdout
    gpg(target, "--import", stdin=exported)
