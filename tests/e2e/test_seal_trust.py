# SPDX-License-Identifier: Apache-2.0
"""What the receiving gateway makes of a seal by what its registry says of the sender: which key must have signed, whether
documents must come sealed at all, and whether a broken seal is refused or delivered as it came."""

import contextlib
import os
import pathlib
import re
import signal
import subprocess

import pytest

from gateway import wait_until
from letters import mail, plain, raw_mail
from messages import pdf
from openpgp_forge import BOUNDARY, HEAD, armour, body, entity
from peer import forging_peer
from pgp import gpg, make_key, revoke_key, stop_agent

SECRET = "Texte confidentiel du dossier 4711."
INSIDE = entity(SECRET + "\r\n")
OWN, PEER = "interieur.gov.example", "finances.gov.example"
PAST = "20250101T000000!"


@pytest.fixture(scope="module")
def peer(labs):
    yield from forging_peer(labs, "refuse")


def reload_peer(lab):
    before = len(lab.peer_log())
    os.kill(int(pathlib.Path(lab.env["PEER_PIDFILE"]).read_text()), signal.SIGUSR1)
    wait_until(lambda: re.search("reloaded|reload refused", lab.peer_log()[before:]), "a reload of the peer")
    assert "reload refused" not in lab.peer_log()[before:], lab.peer_log()[before:]


@contextlib.contextmanager
def registry_of_peer(lab, edit):
    """The receiving gateway's registry changed, signed and taken in; afterwards as it was."""
    path = pathlib.Path(lab.env["PEER_CONF"]).with_name("government.domains")
    ours, original = lab.env["REGISTRY"], path.read_text()
    changed = edit(original)
    assert changed != original

    def put(text):
        path.write_text(text)
        lab.env["REGISTRY"] = str(path)
        try:
            lab.sign_registry()
        finally:
            lab.env["REGISTRY"] = ours
        reload_peer(lab)

    put(changed)
    try:
        yield
    finally:
        put(original)


def own_entry(line):
    """The sender's entry with one more line."""
    return lambda text: text.replace(f'domain "{OWN}" {{\n', f'domain "{OWN}" {{\n\t{line}\n')


def signed_by(lab, home, key, *options):
    """Signed in `home`, then sealed for the peer: the time of the one need not be that of the other."""
    packets = gpg(home, "--compress-algo", "none", "--local-user", key, *options, "--sign", stdin=INSIDE).stdout
    return raw_mail(HEAD, body(armour(lab.forger.protected(packets))))


# --- a broken seal, by the entry's setting ----------------------------------------------------------------------------

def broken(lab):
    sealed = lab.forger.encrypt(INSIDE)
    part = b"--" + BOUNDARY.encode()
    mixed = f"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"{BOUNDARY}\"\r\n".encode()
    return {
        "nobody signed": (HEAD, body(armour(sealed)), "nobody signed"),
        "changed on the way": (HEAD, body(armour(sealed[:-30] + bytes([sealed[-30] ^ 1]) + sealed[-29:])), "damaged or changed"),
        "taken apart by a relay": (mixed, part + b"\r\nContent-Type: text/plain\r\n\r\n\r\n" + body(armour(sealed)), "multipart/mixed"),
    }


BROKEN = ["nobody signed", "changed on the way", "taken apart by a relay"]


@pytest.mark.parametrize("name", BROKEN)
def test_broken_seal_is_refused_unless_the_entry_says_otherwise(peer, name):
    head, content, why = broken(peer)[name]
    sent = raw_mail(head, content)
    reply = peer.hand(sent.raw)
    assert (reply.code, reply.reason) == (550, "SEAL-BROKEN"), reply
    assert why in reply.text
    assert not peer.in_peer_mailbox(sent.message_id)


def test_broken_seal_is_delivered_as_it_came_where_the_entry_says_so(peer):
    rows = broken(peer)
    assert list(rows) == BROKEN
    with registry_of_peer(peer, own_entry("broken-seal = deliver")):
        for name, (head, content, why) in rows.items():
            sent = raw_mail(head, content)
            reply = peer.hand(sent.raw)
            assert reply.code == 250, (name, reply)
            raw, record = peer.delivered(sent)
            assert raw.replace(b"\r\n", b"\n").partition(b"\n\n")[2].rstrip() == content.replace(b"\r\n", b"\n").rstrip(), name
            assert SECRET.encode() not in raw
            assert (record["verdict"], record["rule"]) == ("pass", "R16-deliver"), (name, record)
            assert why in record["detail"], record
            assert b"policy.khatm-seal=broken" in raw
        good = signed_by(peer, peer.env["GNUPGHOME_OWN"], signer_of(peer))
        assert peer.hand(good.raw).code == 250
        raw, record = peer.delivered(good)
        assert record["verdict"] == "unseal" and b"policy.khatm-seal=verified" in raw


# --- documents that must come sealed -----------------------------------------------------------------------------------

def test_document_in_clear_is_refused_where_it_must_come_sealed(peer):
    clear = mail(to="directeur@finances.gov.example", documents=[("arrete.pdf", pdf())])
    assert peer.hand(clear.raw).code == 250  # the entry does not ask for a seal
    with registry_of_peer(peer, lambda text: text.replace("must-seal = no", "must-seal = yes", 1)):
        clear = mail(to="directeur@finances.gov.example", documents=[("arrete.pdf", pdf())])
        with_name = peer.hand(clear.raw)
        assert (with_name.code, with_name.reason) == (550, "NOT-SEALED"), with_name
        assert not peer.in_peer_mailbox(clear.message_id)
        assert peer.peer_records()[-1]["rule"] == "R17-not-sealed"
        assert peer.hand(plain(to="directeur@finances.gov.example").raw).code == 250
        sealed = peer.through(mail(to="directeur@finances.gov.example", documents=[("arrete.pdf", pdf())]))
        _raw, record = peer.delivered(sealed)
        assert record["verdict"] == "unseal"


# --- who must have signed ------------------------------------------------------------------------------------------------

def signer_of(lab):
    text = pathlib.Path(lab.env["PEER_CONF"]).with_name("government.domains").read_text()
    return re.search(r'signing-key = "(\w+)"', text).group(1)


def take_in(peer, home, *fingerprints):
    """Public keys of `home`, at the receiving gateway."""
    receiving = pathlib.Path(peer.env["PEER_UNSEALING"]).with_name("gnupg")
    gpg(receiving, "--import", stdin=gpg(home, "--export", *fingerprints).stdout)
    subprocess.run(["gpgconf", "--homedir", receiving, "--kill", "all"], check=False)
    uid = pathlib.Path(peer.env["PEER_UNSEALING"]).stat().st_uid
    subprocess.run(["chown", "-R", f"{uid}:{uid}", receiving], check=True)


@pytest.fixture(scope="module")
def keys(peer, tmp_path_factory):
    """Keys that a registry could pin, in one home; their public halves are with the receiving gateway."""
    home = tmp_path_factory.mktemp("signers")
    home.chmod(0o700)
    made = {
        "rsa": make_key(home, "rsa", usage="sign", created=PAST),
        "expired": make_key(home, "expired", usage="sign", expire="1y", created=PAST),
        "revoked": make_key(home, "revoked", usage="sign"),
        "subkey": make_key(home, "subkey", usage="sign"),
    }
    gpg(home, "--pinentry-mode", "loopback", "--passphrase", "", "--quick-add-key", made["subkey"], "ed25519", "sign", "0")
    made["early"] = signed_by(peer, home, made["revoked"])
    made["old"] = signed_by(peer, home, made["expired"], "--faked-system-time", "20250601T000000!")
    revoke_key(home, made["revoked"])
    take_in(peer, home)
    yield home, made
    stop_agent(home)


def pinned(peer, key):
    old = signer_of(peer)
    return registry_of_peer(peer, lambda text: text.replace(old, key))


@pytest.mark.parametrize("name", ["rsa", "subkey"])
def test_signature_by_the_pinned_key_is_verified(peer, keys, name):
    home, made = keys
    with pinned(peer, made[name]):
        sent = signed_by(peer, home, made[name])
        assert peer.hand(sent.raw).code == 250, peer.peer_log()[-600:]
        raw, record = peer.delivered(sent)
        assert b"policy.khatm-seal=verified" in raw and record["verdict"] == "unseal"


@pytest.mark.parametrize("name, message, why", [("expired", "old", "has expired"), ("revoked", "early", "revoked")])
def test_signature_by_a_pinned_key_that_has_ended_is_broken(peer, keys, name, message, why):
    """Whenever it was made: a date in a signature is what its maker wrote there."""
    _home, made = keys
    with pinned(peer, made[name]):
        reply = peer.hand(made[message].raw)
        assert (reply.code, reply.reason) == (550, "SEAL-BROKEN"), reply
        assert why in reply.text, reply


def test_signature_that_has_expired_is_broken(peer, keys):
    home, made = keys
    with pinned(peer, made["rsa"]):
        sent = signed_by(peer, home, made["rsa"], "--faked-system-time", "20261101T000000!", "--default-sig-expire", "1d")
        reply = peer.hand(sent.raw)
        assert (reply.code, reply.reason) == (550, "SEAL-BROKEN"), (reply, peer.peer_log()[-600:])
        assert "expired" in reply.text


def test_signature_by_a_pinned_key_that_is_not_here_waits_for_it(peer, keys):
    """The registry had it first: that is no fault of the sender's."""
    home, made = keys
    late = make_key(home, "late", usage="sign")
    with pinned(peer, late):
        sent = signed_by(peer, home, late)
        before = len(peer.peer_log())
        reply = peer.hand(sent.raw)
        assert reply.temporary and reply.reason == "INTERNAL", reply
        assert f"the key {late}, which the registry pins" in peer.peer_log()[before:]
        assert "khatm keys import" in peer.peer_log()[before:]
        stranger = signed_by(peer, home, made["rsa"])
        assert peer.hand(stranger.raw).temporary
        take_in(peer, home, late)
        wait_until(lambda: peer.hand(sent.raw).code == 250, "a ring with the key")
        assert b"policy.khatm-seal=verified" in peer.delivered(sent)[0]
        reply = peer.hand(stranger.raw)
        assert (reply.code, reply.reason) == (550, "SEAL-BROKEN"), reply


def test_signature_by_another_ministry_is_broken(peer, keys):
    """Its key is known here, and good: for its own mail."""
    home, made = keys
    other = f'domain "sante.gov.example" {{\n\tproof = either\n\tsigning-key = "{made["rsa"]}"\n}}\n'
    with registry_of_peer(peer, lambda text: text + other):
        sent = signed_by(peer, home, made["rsa"])
        reply = peer.hand(sent.raw)
        assert (reply.code, reply.reason) == (550, "SEAL-BROKEN"), reply
        assert "another key than the registry pins for its sender" in reply.text


def test_key_to_seal_with_does_not_sign_where_another_is_pinned_to(peer, keys):
    """`key` and `signing-key` are two things; with `key` alone it does both."""
    home, made = keys
    old = signer_of(peer)
    with registry_of_peer(peer, lambda text: text.replace(f'signing-key = "{old}"', f'key = "{made["rsa"]}"\n\tsigning-key = "{old}"')):
        reply = peer.hand(signed_by(peer, home, made["rsa"]).raw)
        assert (reply.code, reply.reason) == (550, "SEAL-BROKEN"), reply
    with registry_of_peer(peer, lambda text: text.replace(f'signing-key = "{old}"', f'key = "{made["rsa"]}"')):
        sent = signed_by(peer, home, made["rsa"])
        assert peer.hand(sent.raw).code == 250
        assert b"policy.khatm-seal=verified" in peer.delivered(sent)[0]
