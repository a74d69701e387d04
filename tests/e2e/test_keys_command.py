# SPDX-License-Identifier: Apache-2.0
"""khatm keys: what it says of each key, what it takes in and refuses to, what it hands out, and that its test is real."""

import json
import os
import pathlib
import re
import shutil
import subprocess

import jsonschema
import pytest
from gateway import TOP
from peer import Peer
from pgp import gpg, make_key, revoke_key, stop_agent

SCHEMA = json.loads((TOP / "docs" / "keys.schema.json").read_text())
PEER = "finances.gov.example"


@pytest.fixture(scope="module")
def world(labs, tmp_path_factory):
    """The lab, and four more ministries whose keys their owners hold in one ring."""
    lab, home = labs.get(), tmp_path_factory.mktemp("owners")
    home.chmod(0o700)
    keys = {name: make_key(home, f"{name} <sceau@{name}.gov.example>") for name in ("sante", "culture", "sports", "stranger")}
    signonly = make_key(home, "signonly", usage="sign")
    revoke_key(home, keys["culture"])
    entries = "".join(f'domain "{name}.gov.example" {{\n\tproof = either\n\tkey = "{key}"\n}}\n'
                      for name, key in (*keys.items(), ("signonly", signonly)) if name != "stranger")
    with lab.edited(lab.registry, lambda text: text + "\n" + entries):
        yield lab, home, {**keys, "signonly": signonly}
    stop_agent(home)


def export(home, *fingerprints, armour=True):
    return gpg(home, *(["--armor"] if armour else []), "--export", *fingerprints).stdout


def secret(home, fingerprint):
    return gpg(home, "--pinentry-mode", "loopback", "--passphrase", "", "--armor", "--export-secret-keys", fingerprint).stdout


def listed(lab, *words):
    run = lab.khatm("keys", "list", "--json")
    answer = json.loads(run.stdout)
    jsonschema.Draft7Validator(SCHEMA).validate(answer)
    assert run.returncode == 0, run
    return {key["domain"]: key for key in answer["keys"]}


def test_list_says_each_key_and_its_state(world):
    lab, _, keys = world
    table = lab.khatm("keys", "list").stdout.decode()
    rows = {line.split()[0]: line.split() for line in table.splitlines()}
    assert rows[PEER][1] == "usable" and lab.env["PEER_FINGERPRINT"] in rows[PEER], table
    assert rows["justice.gov.example"][1] == "none", table
    assert rows["sante.gov.example"][1] == "missing" and keys["sante"] in rows["sante.gov.example"], table
    as_data = listed(lab)
    assert as_data[PEER]["state"] == "usable" and as_data[PEER]["outlook"] == "good"
    assert as_data[PEER]["expires"] and as_data[PEER]["algorithm"] == "cv25519"
    assert as_data["sante.gov.example"] | {"contact": None} == as_data["sante.gov.example"]
    assert as_data["sante.gov.example"]["outlook"] == "unusable"
    assert as_data["interieur.gov.example"]["own"] and not as_data[PEER]["own"]


def test_check_names_what_is_to_be_mended(world):
    lab, _, keys = world
    run = lab.khatm("keys", "check")
    assert run.returncode == 20
    assert f"the key {keys['sports']} of sports.gov.example is missing: nobody imported it" in run.stdout.decode()
    assert "khatm keys import FILE" in run.stdout.decode() and PEER not in run.stdout.decode()
    whole = lab.khatm("keys", "check", "--json")
    assert whole.returncode == 20
    jsonschema.Draft7Validator(SCHEMA).validate(json.loads(whole.stdout))


def refused_files(home, keys):
    """name: bytes, what the one line says."""
    good = export(home, keys["sante"])
    return {
        "unknown fingerprint": (export(home, keys["stranger"]), f"its fingerprint {keys['stranger']} is in no entry of the registry"),
        "secret key": (secret(home, keys["sante"]), "it holds a secret key"),
        "secret key, binary": (gpg(home, "--dearmor", stdin=secret(home, keys["sante"])).stdout, "it holds a secret key"),
        "secret key in a public key's armour": (secret(home, keys["sante"]).replace(b"PRIVATE", b"PUBLIC"), "it holds a secret key"),
        "two keys": (export(home, keys["sante"], keys["sports"]), "it holds more than one key"),
        "two keys, binary": (export(home, keys["sante"], keys["sports"], armour=False), "it holds more than one key"),
        "two armours": (good + export(home, keys["sports"]), "something follows the armour"),
        "letter around it": (b"Bonjour,\n\n" + good, "it does not begin as a public key does"),
        "cut off": (good[:len(good) // 2], "the armour ends in the middle"),
        "cut off, binary": (export(home, keys["sante"], armour=False)[:-30], "it is cut off or damaged"),
        "changed": (export(home, keys["sante"], armour=False).replace(b"sceau@sante", b"sceau@sports"[:11]), "gpg does not take it"),
        "no key": (b"not a key\n", "it is no OpenPGP public key"),
        "nothing": (b"", "it is empty"),
        "revocation alone": (gpg(home, "--dearmor", stdin=(home / "openpgp-revocs.d" / f"{keys['culture']}.rev").read_bytes()
                                 .replace(b":-----BEGIN", b"-----BEGIN")).stdout, "it is a signature or a revocation, not a key"),
    }


def test_import_refuses(world, tmp_path):
    lab, home, keys = world
    before = export(lab.env["SEALING_HOME"])
    for name, (content, why) in refused_files(home, keys).items():
        file = tmp_path / "key.asc"
        file.write_bytes(content)
        run = lab.khatm("keys", "import", file)
        said = run.stderr.decode()
        assert run.returncode == 65 and f"{file}: not taken in: " in said and why in said, (name, run)
        assert said.count("\n") == 1 and not run.stdout, (name, run)
    assert lab.khatm("keys", "import", tmp_path / "absent").returncode == 65
    assert export(lab.env["SEALING_HOME"]) == before


def test_import_takes_pinned_keys(world, tmp_path):
    lab, home, keys = world
    owner = lab.path("SEALING_HOME").stat().st_uid
    for armour in (True, False):
        run = lab.khatm("keys", "import", "-", stdin=export(home, keys["sante"], armour=armour))
        assert run.returncode == 0 and f"taken in: the key {keys['sante']} of sante.gov.example" in run.stdout.decode(), run
    assert listed(lab)["sante.gov.example"]["state"] == "usable"
    # What it is, not what one wishes it were.
    for name, words in (("culture", "was revoked on"), ("signonly", "can sign and not encrypt")):
        run = lab.khatm("keys", "import", "-", stdin=export(home, keys[name]))
        assert run.returncode == 20 and words in run.stdout.decode(), run
    another = "for one that can be used; the registry must have its fingerprint, if that is another, then: khatm keys import FILE"
    assert lab.khatm("keys", "check").stdout.decode().count(another) == 2
    page = lab.khatm("report", "--format", "html").stdout.decode()
    assert page.count("Demander une autre clé à son titulaire, la faire inscrire au registre, puis l’importer.") == 2
    # A copy from before the revocation does not take that back.
    assert listed(lab)["culture.gov.example"]["state"] == "revoked"
    # khatmd can still read its home.
    assert {path.stat().st_uid for path in lab.path("SEALING_HOME").rglob("*") if path.is_file()} == {owner}


def test_a_key_that_was_disabled_here_is_enabled_here(world):
    """Its owner could send it ever so often."""
    lab, _, keys = world
    kept = lab.path("SEALING_HOME").stat()
    ours = ["setpriv", f"--reuid={kept.st_uid}", f"--regid={kept.st_gid}", "--clear-groups"]
    subprocess.run([*ours, "gpg", "--homedir", lab.env["SEALING_HOME"], "--batch", "--edit-key", keys["sante"], "disable", "quit"],
                   check=True, capture_output=True)
    assert listed(lab)["sante.gov.example"]["state"] == "disabled"
    told = re.search(rf"as the user khatm: (gpg --homedir \S+ --edit-key {keys['sante']} enable quit)", lab.khatm("keys", "check").stdout.decode())
    subprocess.run([*ours, *told[1].replace("gpg ", "gpg --batch ", 1).split()], check=True, capture_output=True)
    assert listed(lab)["sante.gov.example"]["state"] == "usable"


def test_an_older_copy_does_not_undo_a_revocation(world):
    lab, home, keys = world
    older = export(home, keys["sports"])
    assert lab.khatm("keys", "import", "-", stdin=older).returncode == 0
    revoke_key(home, keys["sports"])
    assert lab.khatm("keys", "import", "-", stdin=export(home, keys["sports"])).returncode == 20
    assert lab.khatm("keys", "import", "-", stdin=older).returncode == 20
    assert listed(lab)["sports.gov.example"]["state"] == "revoked"


def test_test_encrypts(world):
    lab, _, _ = world
    run = lab.khatm("keys", "test", PEER)
    assert run.returncode == 0 and run.stdout.decode().split()[:2] == ["good", PEER], run
    every = lab.khatm("keys", "test")
    rows = {line.split()[1]: line.split() for line in every.stdout.decode().splitlines()}
    assert every.returncode == 20 and rows[PEER][0] == "good" and rows["signonly.gov.example"][:3:2] == ["failed", "sign-only"], every
    assert "justice.gov.example" not in rows
    assert lab.khatm("keys", "test", "nowhere.example").returncode == 65


def test_a_home_that_gpg_wrote_to_as_root_is_told(world):
    lab, home, keys = world
    ring = lab.path("SEALING_HOME") / "pubring.kbx"
    owner = ring.stat()
    os.chown(ring, 0, 0)
    try:
        run = lab.khatm("keys", "import", "-", stdin=export(home, keys["sante"]))
    finally:
        os.chown(ring, owner.st_uid, owner.st_gid)
    assert run.returncode == 75 and b"chown --reference=" in run.stderr and run.stderr.count(b"\n") == 1, run


def test_usage(world):
    lab, _, _ = world
    for words in (("keys",), ("keys", "forge"), ("keys", "import"), ("keys", "list", "more")):
        assert lab.khatm(*words).returncode == 64, words


class Opening:
    def __init__(self, lab):
        self.lab = lab

    def khatm(self, *words):
        command = [self.lab.path("BIN") / "khatm", words[0], "--config", self.lab.env["PEER_CONF"], *words[1:]]
        return subprocess.run(command, capture_output=True, timeout=120)


@pytest.fixture(scope="module")
def opening(labs):
    """The gateway that holds a secret key."""
    lab = labs.fresh_of(Peer, "--peer-unseal", "open")
    yield Opening(lab)
    labs.stop_one(lab)


def test_export_hands_out_our_own_key(opening, tmp_path):
    home = tmp_path / "theirs"
    home.mkdir(mode=0o700)
    run = opening.khatm("keys", "export")
    assert run.returncode == 0 and run.stdout.startswith(b"-----BEGIN PGP PUBLIC KEY BLOCK-----"), run
    gpg(home, "--import", stdin=run.stdout)
    known = gpg(home, "--with-colons", "--list-keys").stdout.decode()
    assert opening.lab.env["PEER_FINGERPRINT"] in known and known.count("\npub:") == 1
    assert opening.khatm("keys", "export", PEER).stdout == run.stdout
    other = opening.khatm("keys", "export", "interieur.gov.example")
    assert other.returncode == 65 and b"is not a domain of ours" in other.stderr, other


def test_test_opens_what_is_sealed_to_our_own_key(opening):
    run = opening.khatm("keys", "test", PEER)
    assert run.returncode == 0 and b"encrypted to it, and opened again" in run.stdout, run
    # Without the secret key it is not enough that one can encrypt.
    home = opening.lab.path("PEER_UNSEALING")
    away = home.with_name("away")
    shutil.move(home / "private-keys-v1.d", away)
    try:
        run = opening.khatm("keys", "test", PEER)
    finally:
        shutil.move(away, home / "private-keys-v1.d")
    assert run.returncode == 20 and b"failed" in run.stdout, run


def test_a_gateway_that_signs_opens_what_is_sealed_to_it_too(opening):
    """With a copy of the other gateway's key, which a home of this one's user holds."""
    lab, conf = opening.lab, pathlib.Path(opening.lab.env["PEER_CONF"])
    before, theirs = conf.read_text(), lab.path("CONF").read_text()
    home, key = (re.search(rf'(?m)^\s*{name} *= *"([^"]*)"', theirs)[1] for name in ("sign-homedir", "signing-key"))
    own = lab.path("PEER_UNSEALING").with_name("sealing-signs")
    shutil.copytree(home, own, ignore=shutil.ignore_patterns("S.*", "*.lock"))
    owner = lab.path("PEER_UNSEALING").stat()
    for path in (own, *own.rglob("*")):
        os.chown(path, owner.st_uid, owner.st_gid)
    assert "sign-homedir" not in before
    conf.write_text(re.sub(r"(?m)^sealing \{", f'sealing {{\n\tsign-homedir = "{own}"\n\tsigning-key = "{key}"', before))
    try:
        run = opening.khatm("keys", "test", PEER)
    finally:
        conf.write_text(before)
    assert run.returncode == 0 and b"encrypted to it, and opened again" in run.stdout, run
    assert opening.khatm("keys", "test", PEER).returncode == 0
