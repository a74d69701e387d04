# SPDX-License-Identifier: Apache-2.0
"""OpenPGP keys made on the spot: ed25519 to sign, cv25519 to encrypt, no passphrase."""

import os
import shutil
import subprocess
import tempfile

GPG = "/usr/bin/gpg"


def generate(homedir, address, lifetime="2y", who="Gateway", encrypts=True):
    """A key pair for an address in this homedir; returns its fingerprint."""
    homedir.mkdir(parents=True, exist_ok=True)
    homedir.chmod(0o700)
    unprotected = ("--pinentry-mode", "loopback", "--passphrase", "")
    _gpg(homedir, *unprotected, "--quick-gen-key", f"{who} <{address}>", "ed25519", "sign", lifetime)
    listing = _gpg(homedir, "--with-colons", "--list-keys", f"={who} <{address}>").decode()
    fingerprint = next(line.split(":")[9] for line in listing.splitlines() if line.startswith("fpr:"))
    if encrypts:
        _gpg(homedir, *unprotected, "--quick-add-key", fingerprint, "cv25519", "encr", lifetime)
    return fingerprint


def export(homedir, fingerprint):
    return _gpg(homedir, "--export", fingerprint)


def take(homedir, key):
    """A public key into a homedir of ours."""
    _gpg(homedir, "--import", stdin=key)


def sign(homedir, fingerprint, path):
    """The detached signature of a file, beside it."""
    _gpg(homedir, "--yes", "--armor", "--digest-algo", "SHA512", "--local-user", fingerprint, "--output", f"{path}.asc",
         "--detach-sign", path)


def import_for(homedir, uid, key):
    """Put a public key into the homedir of an unprivileged user."""
    with tempfile.TemporaryDirectory() as scratch:
        _gpg(scratch, "--import", stdin=key)
        homedir.mkdir(parents=True, exist_ok=True)
        shutil.copy(os.path.join(scratch, "pubring.kbx"), homedir / "pubring.kbx")
    for path in (homedir, homedir / "pubring.kbx"):
        os.chown(path, uid, uid)
    homedir.chmod(0o700)


def copy_secret(homedir, target, uid):
    """The whole of a homedir for an unprivileged user, secret keys and all."""
    shutil.copytree(homedir, target, ignore=shutil.ignore_patterns("S.*", "*.lock", ".#*"))
    for folder, _folders, files in os.walk(target):
        for path in [folder, *(os.path.join(folder, name) for name in files)]:
            os.chown(path, uid, uid)
    os.chmod(target, 0o700)


def stop_agents(*folders):
    """The agents that gpg left behind in these homedirs and in any below them."""
    for folder in folders:
        for homedir in {folder, *(agent.parent for agent in folder.rglob("S.gpg-agent"))}:
            command = ["gpg-connect-agent", "--homedir", homedir, "--no-autostart", "killagent", "/bye"]
            subprocess.run(command, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)


def _gpg(homedir, *words, stdin=b""):
    command = [GPG, "--homedir", str(homedir), "--batch", "--quiet", "--no-tty", *map(str, words)]
    return subprocess.run(command, input=stdin, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
