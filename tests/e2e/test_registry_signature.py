# SPDX-License-Identifier: Apache-2.0
"""Which signatures over a registry count, asked of `khatm domains check` on settings in a folder: no daemon, no lab."""

import hashlib
import re
import shutil
import subprocess
import time
import types

import pytest
from gateway import BUILD, TOP
from pgp import gpg, gpg_time, revoke_key
from rig.keys import stop_agents

DAY = 86_400
UNPROTECTED = ("--pinentry-mode", "loopback", "--passphrase", "")


def make(home, name, kind="ed25519", expire="2y", created=None, subkey=None, subkey_expires="1y",
         usage="sign,cert"):
    """A key that signs; its fingerprints, the subkey's last."""
    faked = ["--faked-system-time", created] if created else []
    gpg(home, *faked, *UNPROTECTED, "--quick-generate-key", name, kind, usage, expire)
    listed = gpg(home, "--with-colons", "--list-keys", f"={name}").stdout.decode()
    primary = re.search(r"^fpr:+([0-9A-F]{40}):", listed, re.M).group(1)
    if subkey:
        gpg(home, *faked, *UNPROTECTED, "--quick-add-key", primary, subkey, "sign", subkey_expires)
    return primary


def past(days):
    return gpg_time(time.time() - days * DAY)


def revoke_subkey(home, fingerprint):
    run = subprocess.run(["gpg", "--homedir", home, "--no-tty", "--command-fd", "0", "--status-fd", "2", *UNPROTECTED,
                          "--edit-key", fingerprint], input=b"key 1\nrevkey\ny\n0\n\ny\nsave\n", capture_output=True,
                         timeout=60)
    assert b":r:" in gpg(home, "--with-colons", "--list-keys", fingerprint).stdout.replace(b"sub:r:", b":r:"), run.stderr


@pytest.fixture(scope="module")
def ring(tmp_path_factory):
    """Keys of every kind, with the signatures that the rows below ask for."""
    home = tmp_path_factory.mktemp("ring")
    home.chmod(0o700)
    names = types.SimpleNamespace(home=home)
    names.good = make(home, "good", subkey="ed25519")
    names.certifies = make(home, "certifies", usage="cert", subkey="ed25519")
    names.rsa = make(home, "rsa", "rsa2048")
    names.weak = make(home, "weak", "rsa1024")
    names.expired = make(home, "expired", expire="seconds=864000", created=past(30))
    names.subkey_expired = make(home, "subkey expired", created=past(30), subkey="ed25519", subkey_expires="seconds=864000")
    names.revoked = make(home, "revoked")
    names.subkey_revoked = make(home, "subkey revoked", subkey="ed25519")
    names.liar = make(home, f"[GNUPG:] VALIDSIG {names.good} 2026-11-21 1795301929 0 4 0 22 10 00 {names.good}")
    yield names
    stop_agents(home)


@pytest.fixture
def place(tmp_path):
    """The shipped settings, with a registry that somebody is about to sign."""
    for source in ("policy/registry/government.domains", "policy/rules/khatm.rules", "contrib/khatm/khatm.conf"):
        shutil.copy(TOP / source, tmp_path)
    for source in ("policy/lists", "policy/markings", "policy/notices"):
        shutil.copytree(TOP / source, tmp_path / source.rpartition("/")[2])
    return tmp_path


def pin(place, ring, fingerprint, key=None):
    with open(place / "khatm.conf", "a") as conf:
        conf.write(f'authority = "{fingerprint}"\nstate = "{place}/state"\n')
    (place / "authority.asc").write_bytes(gpg(ring.home, "--export", fingerprint).stdout if key is None else key)


def sign(place, ring, signer, *options, armour=True, how="--detach-sign"):
    return gpg(ring.home, *(["--armor"] if armour else []), *options, "--local-user", signer, "--output", "-", how,
               place / "government.domains").stdout


def check(place, signature):
    if signature is not None:
        (place / "government.domains.asc").write_bytes(signature)
    return subprocess.run([BUILD / "khatm", "domains", "check", "--config", place / "khatm.conf"], capture_output=True,
                          text=True, timeout=60)


# name, pinned key, function of (place, ring) that gives the signature
ACCEPTED = [
    ("by the primary key", "good", lambda p, r: sign(p, r, r.good + "!")),
    ("by the signing subkey", "good", lambda p, r: sign(p, r, r.good)),
    ("by the subkey of a key that only certifies", "certifies", lambda p, r: sign(p, r, r.certifies)),
    ("binary", "good", lambda p, r: sign(p, r, r.good, armour=False)),
    ("RSA with SHA-256", "rsa", lambda p, r: sign(p, r, r.rsa, "--digest-algo", "SHA256")),
    ("by the primary, its subkey expired", "subkey_expired", lambda p, r: sign(p, r, r.subkey_expired + "!")),
    ("one that expires tomorrow", "good", lambda p, r: sign(p, r, r.good, "--default-sig-expire", "1d")),
]

REFUSED = [
    ("none", "good", lambda p, r: None, "government.domains: is not signed"),
    ("empty", "good", lambda p, r: b"", "holds no detached OpenPGP signature"),
    ("garbage", "good", lambda p, r: b"\x88\x75\x04\x00\xff" * 40, "holds no detached"),
    ("a key in its place", "good", lambda p, r: gpg(r.home, "--armor", "--export", r.good).stdout, "holds no detached"),
    ("by another key", "good", lambda p, r: sign(p, r, r.rsa), "is by the key"),
    ("by a key whose name imitates gpg's status", "good", lambda p, r: sign(p, r, r.liar), "is by the key"),
    ("two, both good", "good", lambda p, r: sign(p, r, r.good, armour=False) * 2, "several signatures"),
    ("two, the authority's first", "good",
     lambda p, r: sign(p, r, r.good, armour=False) + sign(p, r, r.rsa, armour=False), "several signatures"),
    ("signed in one piece", "good", lambda p, r: sign(p, r, r.good, how="--sign"), "holds no detached"),
    ("signed in the clear", "good", lambda p, r: sign(p, r, r.good, how="--clearsign"), "holds no detached"),
    ("SHA-1", "rsa", lambda p, r: sign(p, r, r.rsa, "--digest-algo", "SHA1"), "made with SHA1"),
    ("SHA-224", "rsa", lambda p, r: sign(p, r, r.rsa, "--digest-algo", "SHA224"), "made with SHA224"),
    ("1024 bits", "weak", lambda p, r: sign(p, r, r.weak, "--digest-algo", "SHA256"), "has 1024 bits"),
    ("expired key", "expired",
     lambda p, r: sign(p, r, r.expired, "--faked-system-time", past(25)), "authority.asc: the authority's key expired on"),
    ("expired subkey", "subkey_expired",
     lambda p, r: sign(p, r, r.subkey_expired, "--faked-system-time", past(25)), "the key that signed expired on"),
]


@pytest.mark.parametrize("pinned, signature", [row[1:] for row in ACCEPTED], ids=[row[0] for row in ACCEPTED])
def test_accepted(place, ring, pinned, signature):
    pin(place, ring, getattr(ring, pinned))
    run = check(place, signature(place, ring))
    assert run.returncode == 0 and getattr(ring, pinned) in run.stdout and not run.stderr, run


@pytest.mark.parametrize("pinned, signature, words", [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_refused(place, ring, pinned, signature, words):
    pin(place, ring, getattr(ring, pinned))
    run = check(place, signature(place, ring))
    assert run.returncode == 78 and len(run.stderr.splitlines()) == 1 and words in run.stderr, run


def test_a_changed_byte_is_seen(place, ring):
    pin(place, ring, ring.good)
    signature = sign(place, ring, ring.good)
    registry = place / "government.domains"
    registry.write_bytes(registry.read_bytes().replace(b"max-level = 3", b"max-level = 2", 1))
    run = check(place, signature)
    assert run.returncode == 78 and "does not fit the file" in run.stderr, run


def test_a_revoked_key_counts_no_more(place, ring):
    signature = sign(place, ring, ring.revoked)
    revoke_key(ring.home, ring.revoked)
    pin(place, ring, ring.revoked)
    run = check(place, signature)
    assert run.returncode == 78 and "authority.asc: the authority's key" in run.stderr and "revoked" in run.stderr, run


def test_a_revoked_subkey_counts_no_more(place, ring):
    signature = sign(place, ring, ring.subkey_revoked)
    revoke_subkey(ring.home, ring.subkey_revoked)
    pin(place, ring, ring.subkey_revoked)
    run = check(place, signature)
    assert run.returncode == 78 and "revoked" in run.stderr, run


KEY_FILES = [
    ("two keys", lambda r: gpg(r.home, "--export", r.good, r.rsa).stdout, "holds 2 keys"),
    ("another key", lambda r: gpg(r.home, "--export", r.rsa).stdout, "but 'authority' names"),
    ("a secret key", lambda r: gpg(r.home, *UNPROTECTED, "--export-secret-keys", r.good).stdout, "holds a secret key"),
    ("no key", lambda r: b"hello\n", "holds no OpenPGP key"),
]


@pytest.mark.parametrize("key, words", [row[1:] for row in KEY_FILES], ids=[row[0] for row in KEY_FILES])
def test_the_key_file_holds_the_pinned_key_alone(place, ring, key, words):
    pin(place, ring, ring.good, key(ring))
    run = check(place, sign(place, ring, ring.good))
    assert run.returncode == 78 and "authority.asc: " in run.stderr and words in run.stderr, run


def test_a_key_file_that_is_missing_is_named(place, ring):
    pin(place, ring, ring.good)
    (place / "authority.asc").unlink()
    run = check(place, sign(place, ring, ring.good))
    assert run.returncode == 78 and "authority-key: there is no file" in run.stderr, run


# --- the last good one, as the state directory holds it -----------------------------------------------------------

def put_kept(place, authority, registry, signature):
    (place / "state").mkdir(mode=0o700)
    serial = re.search(rb"(?m)^serial\s*=\s*(\d+)", registry)[1].decode()
    head = (f"khatm-accepted-registry 1\nauthority {authority}\nserial {serial}\nsha256 {hashlib.sha256(registry).hexdigest()}\n"
            f"registry {len(registry)}\nsignature {len(signature)}\n\n")
    (place / "state" / "registry.accepted").write_bytes(head.encode() + registry + signature)
    (place / "state" / "registry.accepted").chmod(0o600)


def expire(place):
    registry = place / "government.domains"
    registry.write_text(registry.read_text().replace('"2099-12-31"', '"2020-12-31"', 1))


# name, what is done to the registry before it is kept, its signer, whose authority it is kept for, words
KEPT = [
    ("good", None, "good", "good", "until then the last good one stays in force"),
    ("expired meanwhile", expire, "good", "good", "the last good one does not do either: "),
    ("signed by another", None, "rsa", "good", "the last good one does not do either: "),
    ("of another authority", None, "rsa", "rsa", "does not fit the file"),
]


@pytest.mark.parametrize("change, signer, owner, words", [row[1:] for row in KEPT], ids=[row[0] for row in KEPT])
def test_the_kept_one_is_verified_anew(place, ring, change, signer, owner, words):
    pin(place, ring, ring.good)
    original = (place / "government.domains").read_bytes()
    if change:
        change(place)
    put_kept(place, getattr(ring, owner), (place / "government.domains").read_bytes(),
             sign(place, ring, getattr(ring, signer), armour=False))
    (place / "government.domains").write_bytes(original)
    signature = sign(place, ring, ring.good)
    (place / "government.domains").write_bytes(original + b"# changed\n")
    run = check(place, signature)
    assert run.returncode == 78 and "does not fit the file" in run.stderr and words in run.stderr, run
    assert ("last good" in run.stdout + run.stderr) == (owner == "good")


def test_without_authority_there_is_a_warning_and_no_more(place):
    for words in (("domains", "check"), ("check",)):
        run = subprocess.run([BUILD / "khatm", *words, "--config", place / "khatm.conf"], capture_output=True, text=True,
                             timeout=60)
        assert run.returncode == 0 and "no authority is pinned" in run.stderr, run
        assert len(run.stderr.splitlines()) == 1


# --- khatm domains sign, lint, list -------------------------------------------------------------------------------

def domains(place, *words, home=None):
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", **({"GNUPGHOME": str(home)} if home else {})}
    return subprocess.run([BUILD / "khatm", "domains", *words], capture_output=True, text=True, timeout=60, cwd=place,
                          env=environment)


CONSUMERS = ("--consumers", "lists/consumer.domains")


def test_what_it_signs_a_gateway_takes(place, ring):
    pin(place, ring, ring.good)
    run = domains(place, "sign", "--key", ring.good, *CONSUMERS, "government.domains", home=ring.home)
    assert run.returncode == 0 and "serial 2026112101 signed by" in run.stdout, run
    assert check(place, None).returncode == 0


def test_it_signs_nothing_that_is_not_good(place, ring):
    with open(place / "government.domains", "a") as registry:
        registry.write('domain "yahoo.tn" { }\n')
    for words in (("lint",), ("sign", "--key", ring.good)):
        run = domains(place, *words, *CONSUMERS, "government.domains", home=ring.home)
        assert run.returncode == 65 and re.search(r"government\.domains:\d+: 'yahoo.tn' is consumer mail", run.stderr), run
    assert not (place / "government.domains.asc").exists()


@pytest.mark.parametrize("key, words", [("weak", "1024 bits"), ("expired", "failed")], ids=["weak key", "expired key"])
def test_it_leaves_nothing_that_no_gateway_would_take(place, ring, key, words):
    run = domains(place, "sign", "--key", getattr(ring, key), *CONSUMERS, "government.domains", home=ring.home)
    assert run.returncode == 73 and words in run.stderr, run
    assert not list(place.glob("*.asc*"))


USAGE = [
    ("nothing", (), "list, check, lint, sign or test?"),
    ("an unknown word", ("tset",), "there is no 'tset'"),
    ("lint of nothing", ("lint",), "which registry?"),
    ("sign without key", ("sign", "government.domains"), "--key is missing"),
    ("a short key", ("sign", "--key", "ABCD", "government.domains"), "hexadecimal digits"),
    ("one word too many", ("check", "x"), "one word too many"),
]


@pytest.mark.parametrize("words, says", [row[1:] for row in USAGE], ids=[row[0] for row in USAGE])
def test_wrong_words(place, words, says):
    run = domains(place, *words)
    assert run.returncode == 64 and says in run.stderr, run
