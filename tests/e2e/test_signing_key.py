# SPDX-License-Identifier: Apache-2.0
"""What `khatm keys list|check` and `khatm doctor` say of the key that signs: each way in which it does not do, and nothing
when it does. No daemon is asked: each row has a home, a registry and a khatm.conf of its own."""

import json
import pathlib
import re
import shutil
import subprocess

import jsonschema
import pytest
from gateway import BUILD, TOP
from patient import for_one_test, mended
from pgp import gpg, revoke_key, stop_agent

OWN, PEER = "interieur.gov.example", "finances.gov.example"
SCHEMA = json.loads((TOP / "docs" / "keys.schema.json").read_text())
STRANGER = "0123456789ABCDEF0123" * 2


@pytest.fixture(scope="module")
def healthy(labs):
    with mended(labs.get()) as patient:
        yield patient


class World:
    """A healthy gateway's configuration, with a key that signs which a row may spoil."""

    def __init__(self, patient):
        self.patient, self.home, self.registry = patient, patient.folder / "signing", patient.folder / "government.domains"
        self.home.mkdir(mode=0o700)
        conf = patient.conf.read_text()
        home, self.key = (re.search(rf'{name} = "([^"]*)"', conf)[1] for name in ("sign-homedir", "signing-key"))
        self.registry.write_text(pathlib.Path(patient.lab["REGISTRY"]).read_text())
        patient.configure(lambda text: re.sub(r'(?m)^(registry *= *)"[^"]*"', rf'\1"{self.registry}"',
                                              re.sub(r"(?m)^authority.*\n", "", text)).replace(f'"{home}"', f'"{self.home}"'))

    def make(self, life, *, usage="sign", shape="ed25519", faked=()):
        gpg(self.home, *faked, "--pinentry-mode", "loopback", "--passphrase", "", "--quick-generate-key",
            f"Sceau <sceau@{OWN}>", shape, usage, life)
        listing = gpg(self.home, "--with-colons", "--list-keys").stdout.decode()
        self.use(re.search(r"^fpr:+([0-9A-F]{40}):", listing, re.M)[1])

    def use(self, key):
        """In khatm.conf and in the registry."""
        self.patient.configure(lambda text: text.replace(self.key, key))
        self.pin(key)
        self.key = key

    def pin(self, key):
        self.registry.write_text(self.registry.read_text().replace(self.key, key))

    def keys(self, word, *more):
        return subprocess.run([BUILD / "khatm", "keys", word, "--config", self.patient.conf, *more], capture_output=True,
                              text=True, timeout=120)


@pytest.fixture
def world(healthy):
    with for_one_test(healthy) as patient:
        world = World(patient)
        yield world
        stop_agent(world.home)
        shutil.rmtree(world.home)


def revoked(world):
    world.make("2y")
    revoke_key(world.home, world.key)


def without_secret(world):
    world.make("2y")
    shutil.rmtree(world.home / "private-keys-v1.d")


def missing(world):
    world.make("2y")
    world.use(STRANGER)


def unpinned(world):
    world.make("2y")
    world.pin(STRANGER)


def unused(world):
    world.make("2y")
    world.patient.configure(lambda text: re.sub(r"\tsign(ing-key|-homedir).*\n", "", text))


def not_signing_and_not_wanted(world):
    unused(world)
    world.registry.write_text(re.sub(r"\tsigning-key.*\n", "", world.registry.read_text()))


LONG_AGO = ("--faked-system-time", "20240101T000000!")
# What the key is, its state and outlook as `keys list --json` has them, what `keys check` says, the doctor's check.
ROWS = [
    ("two years", lambda world: world.make("2y"), "usable", "good", None, None),
    ("without end", lambda world: world.make("0"), "usable", "good", None, None),
    ("RSA", lambda world: world.make("2y", shape="rsa2048"), "usable", "good", None, None),
    ("61 days", lambda world: world.make("61d"), "usable", "good", None, None),
    ("59 days", lambda world: world.make("59d"), "usable", "60-days", "in 5[89] days", None),
    ("29 days", lambda world: world.make("29d"), "usable", "30-days", "in 2[89] days", "signing-ends"),
    ("2 days", lambda world: world.make("2d"), "usable", "7-days", "in [12] days?\n", "signing-ends"),
    ("expired", lambda world: world.make("10d", faked=LONG_AGO), "expired", "unusable", "expired on 2024-01-11", "signing-unusable"),
    ("revoked", revoked, "revoked", "unusable", "is revoked", "signing-unusable"),
    ("missing", missing, "missing", "unusable", f"holds no key {STRANGER}", "signing-unusable"),
    ("no keys at all", lambda world: None, "unreadable", "unusable", "holds no keys that we may read", "signing-unusable"),
    ("no secret half", without_secret, "no-secret", "unusable", "the secret half of", "signing-unusable"),
    ("not one that signs", lambda world: world.make("2y", usage="cert"), "not-signing", "unusable", "is not one that signs",
     "signing-unusable"),
    ("too weak", lambda world: world.make("2y", shape="rsa1024"), "weak", "unusable", "is too weak to sign with", "signing-unusable"),
    ("another than the registry names", unpinned, "unpinned", "unusable", f"the registry pins {STRANGER} for it", "signing-registry"),
    ("named by the registry alone", unused, "unused", "unusable", f"as what signs for {OWN}", "signing-registry"),
    ("none, and none named", not_signing_and_not_wanted, None, None, None, None),
]


@pytest.mark.parametrize("spoil, state, outlook, said, check", [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_key_that_signs(world, spoil, state, outlook, said, check):
    spoil(world)
    stop_agent(world.home)
    # To be read by programs.
    listed = world.keys("list", "--json")
    answer = json.loads(listed.stdout)
    jsonschema.Draft7Validator(SCHEMA).validate(answer)
    rows = [row for row in answer["signing"] if row["outlook"] != "good"] or answer["signing"]
    assert [(row["state"], row["outlook"]) for row in rows] == ([(state, outlook)] if state else []), answer["signing"]
    # By people.
    table = [line.split() for line in world.keys("list").stdout.splitlines() if line.endswith("signs")]
    assert [row[1] for row in table if not state or row[1] == state] == ([state] if state else [])
    # By cron, which is silent when there is nothing to do.
    told = world.keys("check")
    code = 0 if not said else 20 if outlook == "unusable" else 10
    assert told.returncode == code and not told.stderr, told
    assert (re.search(said, told.stdout) and told.stdout.startswith(outlook) and told.stdout.count("\n") == 2) if said else not told.stdout, told
    # What is sealed to somebody is signed, or not sealed.
    tested = world.keys("test", PEER)
    rows = [line.split(None, 2) for line in tested.stdout.splitlines()]
    how = "encrypted to it" if spoil in (unused, not_signing_and_not_wanted) else "encrypted to it and signed"
    if state in (None, "usable", "unpinned", "unused"):
        assert (tested.returncode, rows) == (0, [["good", PEER, how]]), tested
    else:
        assert tested.returncode == 20 and rows[0][:2] == ["failed", PEER] and re.search(said, rows[0][2] + "\n"), tested
    # And by whoever looks after the machine.
    assert [one["check"] for one in world.patient.findings() if one["check"].startswith("signing")] == ([check] if check else [])
