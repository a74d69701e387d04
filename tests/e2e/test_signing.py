# SPDX-License-Identifier: Apache-2.0
"""What the gateway seals it signs, with a key that lies in a home of its own. When that key cannot sign, one line says so,
documents wait, nothing leaves unsigned, and mending the key sends them on without a restart."""

import contextlib
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

import pytest

from gateway import Lab, wait_until
from letters import FINANCES, mail, plain
from messages import pdf
from peer import Peer
from pgp import gpg, make_key, open_sealed, stop_agent

FINANCES_DOMAIN = FINANCES.partition("@")[2]


@pytest.fixture(scope="module")
def lab(labs):
    lab = labs.fresh_of(Lab, "--single-hop", "--set", "sealing.refresh=1s")
    yield lab
    labs.stop_one(lab)


@pytest.fixture(scope="module")
def peer(labs):
    """Takes nothing that is unsigned."""
    lab = labs.fresh_of(Peer, "--peer-unseal", "refuse")
    yield lab
    labs.stop_one(lab)


def signer_of(lab):
    return re.search(r'signing-key = "(\w+)"', lab.path("CONF").read_text()).group(1)


def document(name="arrete.pdf"):
    return mail(to=FINANCES, documents=[(name, pdf())])


def sent_and_opened(lab):
    sent = document()
    reply = lab.send(sent, FINANCES)
    assert reply.code == 250, (reply, lab.khatmd_log()[-800:])
    return open_sealed(lab.arrived(FINANCES_DOMAIN, sent), lab.env["GNUPGHOME_PEER"])


def test_the_far_end_verifies_one_signature_by_the_pinned_key(lab):
    opened = sent_and_opened(lab)
    assert opened.status.count("[GNUPG:] NEWSIG") == 1, opened.status
    assert opened.status.count("[GNUPG:] GOODSIG") == 1, opened.status
    [valid] = re.findall(r"VALIDSIG (.*)", opened.status)
    assert valid.split()[0] == valid.split()[9] == signer_of(lab)
    assert valid.split()[7] == "10"  # SHA-512
    assert "DECRYPTION_INFO" in opened.status


def test_the_peer_verifies_by_the_registry(peer):
    sent = peer.through(document())
    raw, record = peer.delivered(sent)
    assert b"policy.khatm-seal=verified" in raw
    assert record["verdict"] == "unseal"


def test_the_secret_key_stays_where_it_is(lab):
    """Of the home the gateway runs in, only the key that signs is at hand, as a link."""
    [ring] = [path for path in lab.path("SEALING_WORK").glob("ring-*") if (path / "private-keys-v1.d").exists()]
    links = list((ring / "private-keys-v1.d").iterdir())
    assert [link.is_symlink() for link in links] == [True]
    assert lab.path("SIGNING_HOME").name in os.readlink(links[0])
    assert not any((ring / name).stat().st_mode & 0o222 for name in ("gpg.conf", "pubring.kbx"))


# --- a key that cannot sign -----------------------------------------------------------------------------------------

def owned(lab):
    subprocess.run(["chown", "-R", lab.env["KHATM_UID"], lab.env["SIGNING_HOME"]], check=True)


def as_gateway(lab, *words):
    """What the administrator does in the home of the key, as the user khatmd runs as."""
    command = ["setpriv", f"--reuid={lab.env['KHATM_UID']}", f"--regid={lab.env['KHATM_UID']}", "--clear-groups", "gpg", "--homedir",
               lab.env["SIGNING_HOME"], "--batch", "--pinentry-mode", "loopback", "--passphrase", "", *words]
    subprocess.run(command, check=True, capture_output=True)


def put_off(lab, says):
    """A document is put off, the log said once why, and nothing left; conversation goes on."""
    with lab.nothing_leaves():
        reply = lab.send(document(), FINANCES)
        assert reply.temporary, reply
    wait_until(lambda: says in lab.khatmd_log(), "the reason in the log")
    assert lab.send(plain(to=FINANCES), FINANCES).code == 250


def test_secret_key_that_is_gone_puts_documents_off_until_it_is_back(lab):
    home = lab.path("SIGNING_HOME")
    before = len(lab.khatmd_log())
    os.rename(home / "private-keys-v1.d", home / "away")
    try:
        lab.wait_for_log("the secret half of", before)
        put_off(lab, "what must be sealed is put off")
        assert lab.khatmd_log()[before:].count("what must be sealed is put off") == 1
    finally:
        os.rename(home / "away", home / "private-keys-v1.d")
    lab.wait_for_log("can be used again", before)
    assert "GOODSIG" in sent_and_opened(lab).status


@contextlib.contextmanager
def gpg_that(lab, does):
    """Stands where gpg is; `does`: the shell commands for a message, of which the last runs "$gpg"."""
    path = lab.path("GPG")
    original = os.readlink(path)
    path.unlink()
    path.write_text(f"#!/bin/sh\ngpg={original}\ncase \" $* \" in *\" --encrypt \"*) ;; *) exec $gpg \"$@\";; esac\n{does}\n")
    path.chmod(0o755)
    try:
        yield
    finally:
        path.unlink()
        path.symlink_to(original)


UNSIGNED = "for one; do shift; [ \"$one\" = --sign ] || set -- \"$@\" \"$one\"; done\n"
STATUS = "previous=; for one; do [ \"$previous\" != --status-fd ] || fd=$one; previous=$one; done\n"
HOME = "previous=; for one; do [ \"$previous\" != --homedir ] || home=$one; previous=$one; done\n"
FAULTS = {
    "does not sign": UNSIGNED + "exec $gpg \"$@\"",
    "does not sign and says it did": STATUS + UNSIGNED +
    "eval \"echo '[GNUPG:] SIG_CREATED S 22 10 00 1795255200 KEY' >&$fd\"\nexec $gpg \"$@\"",
    "dies before it signs": "kill -9 $$",
    "dies when it has signed": "$gpg \"$@\" | head -c 200; kill -9 $$",
    "has no agent": HOME + "gpgconf --homedir \"$home\" --kill gpg-agent\nexec $gpg --agent-program /nonexistent \"$@\"",
    "signs with SHA-1": "exec $gpg --digest-algo SHA1 --weak-digest MD5 \"$@\"",
}


@pytest.mark.parametrize("name", FAULTS)
def test_gpg_that_does_not_sign_as_it_should(lab, name):
    """Each attempt is put off with one record, nothing leaves, and the same message leaves signed when gpg does."""
    sent = document()
    with gpg_that(lab, FAULTS[name].replace("KEY", signer_of(lab))):
        for _attempt in range(2):
            with lab.nothing_leaves(), lab.new_records() as records:
                reply = lab.send(sent, FINANCES)
                assert reply.temporary, reply
            assert [one["verdict"] for one in records] == ["try-later"], records
    assert lab.send(sent, FINANCES).code == 250
    opened = open_sealed(lab.arrived(FINANCES_DOMAIN, sent), lab.env["GNUPGHOME_PEER"])
    assert opened.status.count("[GNUPG:] GOODSIG") == 1, opened.status


def test_secret_half_of_another_key_puts_documents_off(lab):
    """As who copies files by hand may leave it: gpg would sign, and every receiver find it false."""
    home, before = lab.path("SIGNING_HOME"), len(lab.khatmd_log())
    [name] = [path.name for path in (home / "private-keys-v1.d").iterdir()]
    with tempfile.TemporaryDirectory() as other:
        gpg(other, "--passphrase", "", "--quick-generate-key", "Autre <autre@interieur.gov.example>", "ed25519", "sign", "0")
        [wrong] = (pathlib.Path(other) / "private-keys-v1.d").iterdir()
        wrong = wrong.read_bytes()
        stop_agent(other)
    os.rename(home / "private-keys-v1.d", home / "away")
    try:
        (home / "private-keys-v1.d").mkdir(mode=0o700)
        (home / "private-keys-v1.d" / name).write_bytes(wrong)
        owned(lab)
        lab.wait_for_log("another key lies there under its name", before)
        put_off(lab, "what must be sealed is put off")
    finally:
        shutil.rmtree(home / "private-keys-v1.d")
        os.rename(home / "away", home / "private-keys-v1.d")
    lab.wait_for_log("can be used again", before)
    assert "GOODSIG" in sent_and_opened(lab).status


def test_expired_key_names_the_day_and_renewing_it_mends_that(lab):
    before, key = len(lab.khatmd_log()), signer_of(lab)
    as_gateway(lab, "--quick-set-expire", key, "seconds=1")
    try:
        lab.wait_for_log(f"{key} expired on 20", before)
        put_off(lab, "expired on 20")
    finally:
        as_gateway(lab, "--quick-set-expire", key, "2y")
    lab.wait_for_log("can be used again", before)
    assert lab.send(document(), FINANCES).code == 250


def test_end_of_the_key_is_told_ahead(lab):
    before, key = len(lab.khatmd_log()), signer_of(lab)
    as_gateway(lab, "--quick-set-expire", key, "10d")
    try:
        lab.wait_for_log(f"signing: the signing key {key} in ", before)
        assert re.search(r"ends on \d{4}-\d\d-\d\d, in 9 days: renew it", lab.khatmd_log()[before:])
    finally:
        as_gateway(lab, "--quick-set-expire", key, "2y")


def test_start_without_a_usable_key_is_told_and_only_documents_wait(lab):
    """Another key than the home holds: told at the start, with what to do."""
    with lab.edited(lab.path("CONF"), lambda text: text.replace(signer_of(lab), "0123456789ABCDEF0123" * 2)):
        before = len(lab.khatmd_log())
        assert lab.restart()
        lab.wait_for_log("holds no key 0123456789ABCDEF0123", before)
        put_off(lab, "mend signing-key in khatm.conf")
        assert "the registry pins" in lab.khatmd_log()[before:]
    assert "GOODSIG" in sent_and_opened(lab).status


def test_key_that_the_registry_does_not_pin_is_told(lab):
    before = len(lab.khatmd_log())
    with lab.edited(lab.registry, lambda text: text.replace("signing-key", "key", 1)):
        assert "the registry pins" not in lab.khatmd_log()[before:]  # as `key` it is pinned, too
    with lab.edited(lab.registry, lambda text: re.sub(r"\tsigning-key.*\n", "", text, count=1)):
        lab.wait_for_log("but the registry pins no key for it", before)
        assert "have the authority write signing-key" in lab.khatmd_log()[before:]


# --- other keys, and none -------------------------------------------------------------------------------------------

def test_without_signing_key_nothing_is_signed(labs):
    lab = labs.fresh_of(Lab, "--single-hop", "--unsigned")
    try:
        assert "NEWSIG" not in sent_and_opened(lab).status
    finally:
        labs.stop_one(lab)


def test_rsa_key_signs_after_a_reload(lab):
    key = make_key(lab.path("SIGNING_HOME"), "Passerelle <passerelle@interieur.gov.example>", usage="sign")
    gpg(lab.env["GNUPGHOME_PEER"], "--import", stdin=gpg(lab.env["SIGNING_HOME"], "--export", key).stdout)
    subprocess.run(["gpgconf", "--homedir", lab.env["SIGNING_HOME"], "--kill", "gpg-agent"], check=False)
    owned(lab)
    old = signer_of(lab)
    with lab.edited(lab.path("CONF"), lambda text: text.replace(old, key)):
        opened = sent_and_opened(lab)
        assert opened.status.count("[GNUPG:] GOODSIG") == 1 and key in opened.status


# What stands in khatm.conf, what stands there instead, and what `khatm check` then says.
MISTAKES = {
    "no home": (r"\tsign-homedir = .*\n", "", "signing-key without sign-homedir"),
    "no key": (r"\tsigning-key = .*\n", "", "sign-homedir without signing-key"),
    "a key id": (r"signing-key = .*\n", 'signing-key = "0123456789ABCDEF"\n', "signing-key: the fingerprint has 16"),
    "the home of public keys": (r"/signing\"", "/gnupg\"", "is the homedir of sealing, too"),
    "the home of what opens": (r"sign-homedir = (.*)\n([^}]*)}", r"sign-homedir = \1\n\2}\nunsealing { homedir = \1 }",
                               "is the homedir of unsealing, too"),
    "a relative home": (r"sign-homedir = .*\n", 'sign-homedir = "signing"\n', "write the whole path"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake_in_the_settings_is_named(lab, name):
    wrong, right, says = MISTAKES[name]
    conf = lab.path("CONF").with_name("mistake.conf")
    text = lab.path("CONF").read_text()
    conf.write_text(re.sub(wrong, right, text, count=1))
    assert conf.read_text() != text
    run = lab.khatm("check", "--config", conf, check=False)
    assert run.returncode == 78
    assert re.search(rf"mistake\.conf:\d+: .*{says}", run.stderr.decode()), run.stderr.decode()


def test_mistake_in_the_registry_is_named(lab):
    with lab.edited(lab.registry, lambda text: re.sub(r"(signing-key = \"\w+)\w", r"\1", text, count=1), reload=False):
        run = lab.khatm("check", check=False)
        assert run.returncode == 78
        assert re.search(r"government\.domains:\d+: signing-key: the fingerprint has 39", run.stderr.decode()), run.stderr.decode()
