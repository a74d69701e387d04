# SPDX-License-Identifier: Apache-2.0
"""Mail that its author signed, sealed by one gateway and opened by the other: the signature still verifies, with the programs
that people have for it."""

import re
import subprocess

import pytest
from peer import Peer
from pgp import gpg, make_key, stop_agent
from shapes import PDF, TEXT, message, multi, part, same, text

NOTED = "Subject: Note signée\r\n"
SIGNED = part(TEXT, text("Ligne avec des blancs   \r\n-- \r\nAgent \r\n"), PDF, boundary="=_b")


@pytest.fixture(scope="module")
def peer(labs):
    lab = labs.fresh_of(Peer, "--peer-unseal", "open")
    yield lab
    labs.stop_one(lab)


@pytest.fixture(scope="module")
def agent(tmp_path_factory):
    """The agent's own key and certificate."""
    home = tmp_path_factory.mktemp("agent")
    home.chmod(0o700)
    make_key(home, "Agent <agent@interieur.gov.example>")
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=Agent/emailAddress=agent@interieur.gov.example",
            "-keyout", home / "key.pem", "-out", home / "cert.pem")
    yield home
    stop_agent(home)


def openssl(*words, stdin=b""):
    run = subprocess.run(["openssl", *words], input=stdin, capture_output=True, check=False, timeout=60)
    assert run.returncode == 0, run.stderr
    return run.stdout


def smime(agent, *options):
    """As S/MIME programs write it: header fields, the empty line, the body."""
    return openssl("cms", "-sign", "-binary", "-signer", agent / "cert.pem", "-inkey", agent / "key.pem", *options,
                   stdin=SIGNED).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def first_part(raw):
    """The octets that a multipart/signed has signed (RFC 1847, 2.1), and the second part's content."""
    head, _, body = raw.partition(b"\r\n\r\n")
    boundary = re.search(rb"boundary=\"?([^\";\r\n]+)", head).group(1)
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary)
    return pieces[1].partition(b"\r\n")[2], pieces[2].partition(b"\r\n\r\n")[2]


def there(peer, sent):
    raw = sent.raw
    got, record = peer.delivered(peer.through(sent))
    assert record["verdict"] == "unseal"
    same(raw, got)
    return got


def test_pgp_mime_signature_verifies(peer, agent, tmp_path):
    signature = gpg(agent, "--armor", "--detach-sign", stdin=SIGNED.removesuffix(b"\r\n")).stdout.replace(b"\n", b"\r\n")
    sent = message(NOTED, multi(SIGNED.removesuffix(b"\r\n"), b"Content-Type: application/pgp-signature; name=\"signature.asc\"\r\n\r\n" + signature,
                                kind="signed", more="; micalg=pgp-sha512;\r\n protocol=\"application/pgp-signature\""))
    signed, found = first_part(there(peer, sent))
    (tmp_path / "signature").write_bytes(found)
    assert b"Good signature" in gpg(agent, "--verify", tmp_path / "signature", "-", stdin=signed).stderr
    assert gpg(agent, "--verify", tmp_path / "signature", "-", stdin=signed + b"\r\n", check=False).returncode != 0


def test_clear_smime_signature_verifies(peer, agent):
    got = there(peer, message(NOTED, smime(agent, "-outform", "SMIME")))
    inside = openssl("cms", "-verify", "-CAfile", agent / "cert.pem", "-purpose", "any", "-inform", "SMIME", stdin=got)
    assert inside == SIGNED


def test_opaque_smime_signature_verifies(peer, agent):
    got = there(peer, message(NOTED, smime(agent, "-outform", "SMIME", "-nodetach")))
    inside = openssl("cms", "-verify", "-CAfile", agent / "cert.pem", "-purpose", "any", "-inform", "SMIME", stdin=got)
    assert inside == SIGNED


def test_inline_signature_verifies(peer, agent):
    signed = gpg(agent, "--clear-sign", stdin=b"Texte de la note.\n- un tiret\nFrom ici\n").stdout.replace(b"\n", b"\r\n")
    got = there(peer, message(NOTED, multi(text(signed), PDF)))
    inline = re.search(rb"-----BEGIN PGP SIGNED MESSAGE-----.*-----END PGP SIGNATURE-----", got, re.S).group(0)
    assert b"Good signature" in gpg(agent, "--verify", stdin=inline).stderr
    assert gpg(agent, "--verify", stdin=inline.replace(b"note", b"mote"), check=False).returncode != 0
