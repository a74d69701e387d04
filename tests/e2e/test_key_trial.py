# SPDX-License-Identifier: Apache-2.0
"""Keys that gpg lists as good and cannot encrypt to: they are found before a message needs them, named in every place
where a key is, and harm no other; a gpg that fails while keys are tried takes none away."""

import json

import jsonschema
import pytest
from fake_gpg import FakeGpg
from gateway import TOP, wait_until
from letters import FINANCES, mail, plain
from messages import pdf
from odd_keys import armoured, make
from pgp import open_sealed

SCHEMA = json.loads((TOP / "docs" / "keys.schema.json").read_text())
PEER = "finances.gov.example"
# name: what is said of it. The second makes gpg end itself.
ODD = {"kdf-md5": "gpg refuses it: Bad public key", "p256-point-of-another-curve": "gpg: ", "p192": "a session-key packet is not one"}
SOUND = "honest-p256"
# What gpg encrypts to, and anybody can undo.
WEAK = {"cv25519-low-order": "(its point on the curve is of low order, so it protects nothing)",
        "primary-rsa-exponent-1": "(the primary key: its RSA exponent is 0, 1 or even, so it protects nothing)"}


def domain(name):
    return f"{name}.gov.example"


@pytest.fixture(scope="module")
def world(labs):
    lab = labs.fresh("--set", "sealing.deadline=4s")
    entries = "".join(f'domain "{domain(name)}" {{\n\tproof = either\n\tkey = "{make(name)[0]}"\n}}\n' for name in (*ODD, *WEAK, SOUND))
    with lab.edited(lab.registry, lambda text: text + "\n" + entries):
        yield lab
    labs.stop_one(lab)


def take_in(lab, name, **how):
    before = len(lab.khatmd_log())
    run = lab.khatm("keys", "import", "-", stdin=armoured(make(name, **how)[1]).encode())
    if run.returncode in (0, 20):
        lab.wait_for_log("a new ring is in use", before)
    return run


def document(*to):
    return mail(to=list(to), documents=[("acte.pdf", pdf(size=3000))])


def send(lab, *to):
    return lab.send(document(*to), *to)


def keys_of(lab, *words):
    run = lab.khatm("keys", *words, "--json")
    answer = json.loads(run.stdout)
    jsonschema.Draft7Validator(SCHEMA).validate(answer)
    return run.returncode, {key["domain"]: key for key in answer["keys"]}


def test_a_key_that_gpg_cannot_even_read_is_not_taken_in(world):
    run = take_in(world, "unknown-curve")
    assert run.returncode in (65, 75) and b"not taken in" in run.stderr, run


def test_a_broken_key_is_named_and_refused_and_the_sound_ones_are_sealed_to(world):
    lab = world
    assert take_in(lab, SOUND).returncode == 0
    for name, why in ODD.items():
        before = len(lab.khatmd_log())
        taken = take_in(lab, name)
        said = f"the key {make(name)[0]} of {domain(name)} cannot be encrypted to ("
        assert taken.returncode == 20 and f"taken in, but {said}" in taken.stdout.decode() and why in taken.stdout.decode(), taken
        lab.wait_for_log(f"alert: keys: {said}", before)
        # Refused with the reason, and nobody else's key is worse for it.
        with lab.nothing_leaves():
            refused = send(lab, f"greffe@{domain(name)}")
            both = send(lab, FINANCES, f"greffe@{domain(name)}")
        assert (refused.code, refused.reason) == (550, "NO-KEY") and why in refused.text, refused
        assert (both.code, both.reason) == (550, "NO-KEY") and why in both.text, both
        assert send(lab, f"greffe@{domain(SOUND)}").code == 250
        sent = document(FINANCES)
        assert lab.send(sent, FINANCES).code == 250
        assert open_sealed(lab.arrived(PEER, sent), lab.env["GNUPGHOME_PEER"]).attachments().keys() == {"acte.pdf"}


def test_every_command_says_it(world, tmp_path):
    lab = world
    code, listed = keys_of(lab, "list")
    tested_code, tested = keys_of(lab, "test")
    check = lab.khatm("keys", "check").stdout.decode()
    assert (code, tested_code) == (0, 20)
    for name, why in ODD.items():
        key = listed[domain(name)]
        assert (key["state"], key["tried"], key["outlook"]) == ("broken", "failed", "unusable") and why in key["why"], key
        assert tested[domain(name)]["test"]["result"] == "failed" and why in tested[domain(name)]["test"]["text"]
        assert f"of {domain(name)} cannot be encrypted to (" in check
        letter = tmp_path / "letter.eml"
        letter.write_bytes(document(f"greffe@{domain(name)}").raw)
        words = ("explain", "--login", lab.env["LOGIN"], "--from", lab.env["LOGIN"], "--rcpt", f"greffe@{domain(name)}", letter)
        explained = lab.khatm(*words).stdout.decode()
        assert "; key broken (" in explained and why in explained, explained
    for language, words in (("fr", "défectueuse"), ("ar", "معيب")):
        page = lab.khatm("report", "--format", "html", "--language", language).stdout.decode()
        assert page.count(f"<td>{words}") == len(ODD) and "<td>broken" not in page
    for good in (PEER, domain(SOUND)):
        assert (listed[good]["state"], listed[good]["tried"], listed[good]["why"]) == ("usable", "good", None)
        assert tested[good]["test"] == {"result": "good", "text": "encrypted to it and signed"}
    rows = {line.split()[1]: line for line in lab.khatm("keys", "test").stdout.decode().splitlines()}
    assert rows[PEER].split()[0] == "good" and "broken: gpg refuses it" in rows[domain("kdf-md5")], rows


def test_a_key_that_protects_nothing_is_named_and_refused(world, tmp_path):
    lab = world
    for name, why in WEAK.items():
        before, to = len(lab.khatmd_log()), f"greffe@{domain(name)}"
        said = f"the key {make(name)[0]} of {domain(name)} is too weak {why}"
        taken = take_in(lab, name)
        assert taken.returncode == 20 and f"taken in, but {said}" in taken.stdout.decode(), taken
        lab.wait_for_log(f"alert: keys: {said}", before)
        with lab.nothing_leaves():
            refused, both = send(lab, to), send(lab, FINANCES, to)
        assert (refused.code, refused.reason, both.code, both.reason) == (550, "NO-KEY", 550, "NO-KEY") and why in refused.text, refused
        _code, listed = keys_of(lab, "list")
        key = listed[domain(name)]
        assert (key["state"], key["tried"], key["why"], key["outlook"]) == ("weak", "no", why[1:-1], "unusable"), key
        checked = lab.khatm("keys", "check")
        assert checked.returncode == 20 and said in checked.stdout.decode(), checked
        assert f"weak: {why[1:-1]}" in " ".join(lab.khatm("keys", "test").stdout.decode().split())
        letter = tmp_path / "letter.eml"
        letter.write_bytes(document(to).raw)
        explained = lab.khatm("explain", "--login", lab.env["LOGIN"], "--from", lab.env["LOGIN"], "--rcpt", to, letter).stdout.decode()
        assert f"; key weak {why}" in explained, explained
    assert send(lab, FINANCES).code == 250
    # A sound subkey under a sound primary key mends it; nothing mends a primary key.
    assert take_in(lab, "cv25519-low-order", mended=True).returncode == 0
    assert send(lab, f"greffe@{domain('cv25519-low-order')}").code == 250
    assert take_in(lab, "primary-rsa-exponent-1", mended=True).returncode == 20


def test_a_sound_copy_mends_it_at_once(world):
    lab, name, pid = world, "kdf-md5", world.pid()
    before = len(lab.khatmd_log())
    taken = take_in(lab, name, mended=True)
    assert taken.returncode == 0, taken
    lab.wait_for_log(f"keys: the key {make(name)[0]} of {domain(name)} is good again", before)
    assert send(lab, f"greffe@{domain(name)}").code == 250
    assert lab.pid() == pid


@pytest.fixture(scope="module")
def faked(world):
    return FakeGpg(world)


@pytest.mark.parametrize("mode", ["dead", "once", "stopped", "empty", "empty-success"])
def test_gpg_that_fails_at_the_trial_takes_no_key_away(world, faked, mode):
    lab, before = world, len(world.khatmd_log())
    faked.mode(mode)
    # The homes are looked at when gpg is another one, and at a reload at the latest.
    (lab.path("GPG").resolve()).touch()
    lab.signal_reload()
    lab.wait_for_log("the keys cannot be tried: ", before)
    faked.mode("ok")
    for good in (FINANCES, f"greffe@{domain(SOUND)}"):
        assert send(lab, good).code == 250
    assert "reload refused" in lab.khatmd_log()[before:] or "the keys known so far stay in use" in lab.khatmd_log()[before:]
    assert send(lab, f"greffe@{domain('p192')}").reason == "NO-KEY"


def test_at_the_start_nothing_is_refused_for_what_gpg_cannot_do(world, faked):
    """No ring was ever tried: what must be sealed waits, the rest goes, and it all goes once gpg works."""
    lab, before = world, len(world.khatmd_log())
    faked.mode("dead")
    try:
        assert lab.restart()
        lab.wait_for_log("alert: keys: what must be sealed is put off: the keys cannot be tried", before)
        with lab.nothing_leaves():
            for to in (FINANCES, f"greffe@{domain('p192')}"):
                assert send(lab, to).temporary
        assert lab.send(plain(), "personne@gmail.com").code == 250
        run = lab.khatm("keys", "list")
        assert run.returncode == 75 and b"the keys cannot be tried" in run.stderr and b"unknown" in run.stdout, run
        assert lab.khatm("keys", "check").returncode == 75
    finally:
        faked.mode("ok")
    lab.reload()
    wait_until(lambda: send(lab, FINANCES).code == 250, "gpg that works again")
    assert send(lab, f"greffe@{domain('p192')}").reason == "NO-KEY"
