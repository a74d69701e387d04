# SPDX-License-Identifier: Apache-2.0
"""Keys of persons: certified by their domain's key, matched by the exact address, used where the registry says so; from
level 3 up nothing else will do where it says level-3."""

import contextlib
import email
import email.policy
import json
import re
import time

import jsonschema
import pytest
from gateway import TOP
from letters import mail
from messages import pdf
from pgp import gpg, make_key, open_sealed, stop_agent

DOMAIN = "finances.gov.example"
PERSON, OTHER = f"directeur@{DOMAIN}", f"caisse@{DOMAIN}"
SCHEMA = json.loads((TOP / "docs" / "keys.schema.json").read_text())
ORDINARY, CONFIDENTIAL = {"subject": "Note"}, {"subject": "[CONFIDENTIEL] Note"}
UNPROTECTED = ("--pinentry-mode", "loopback", "--passphrase", "")


class Persons:
    """The ministry's domain key, and people who have it certify theirs."""

    def __init__(self, lab, home):
        self.lab, self.home, self.domain_home, self.domain_key = lab, home, lab.env["GNUPGHOME_PEER"], lab.env["PEER_FINGERPRINT"]

    def make(self, user_id, **how):
        return make_key(self.home, user_id, **how)

    def public(self, fingerprint):
        return gpg(self.home, "--armor", "--export", fingerprint).stdout

    def certified(self, fingerprint, *options):
        """As the ministry hands it out: with the certification of its domain key."""
        gpg(self.domain_home, "--import", stdin=self.public(fingerprint))
        gpg(self.domain_home, *UNPROTECTED, "--yes", *options, "--default-key", self.domain_key, "--quick-sign-key", fingerprint)
        return gpg(self.domain_home, "--armor", "--export", fingerprint).stdout

    def take_in(self, key):
        return self.lab.khatm("keys", "import", "-", stdin=key)

    def recipients_of(self, sent):
        """Key ids that the sealed message names."""
        raw = self.lab.arrived(DOMAIN, sent)
        outer = email.message_from_bytes(raw, policy=email.policy.SMTP)
        packets = gpg(self.home, "--list-packets", "--list-only", stdin=outer.get_payload()[1].get_payload(decode=True),
                      check=False).stdout.decode()
        return {line.rpartition(" ")[2] for line in packets.splitlines() if line.startswith(":pubkey enc packet:")}

    def subkey(self, fingerprint, home=None):
        listed = gpg(home or self.home, "--with-colons", "--list-keys", fingerprint).stdout.decode()
        return next(line.split(":")[4] for line in listed.splitlines() if line.startswith("sub:"))


@pytest.fixture(scope="module")
def world(labs, tmp_path_factory):
    lab, home = labs.fresh(), tmp_path_factory.mktemp("persons")
    home.chmod(0o700)
    persons = Persons(lab, home)
    gpg(home, "--import", stdin=gpg(lab.env["GNUPGHOME_OWN"], "--export").stdout)  # what the gateway signs with
    yield persons
    stop_agent(home)
    stop_agent(persons.domain_home)
    labs.stop_one(lab)


@contextlib.contextmanager
def user_keys(lab, how):
    def edit(text):
        return text.replace(f'domain "{DOMAIN}" {{', f'domain "{DOMAIN}" {{\n\tuser-keys = {how}')
    with lab.edited(lab.registry, edit):
        yield


def send(lab, *rcpts, **how):
    sent = mail(to=list(rcpts), documents=[("acte.pdf", pdf())], **how)
    return sent, lab.send(sent, *rcpts)


def test_only_certified_keys_of_the_domain_are_taken_in(world):
    lab, key = world.lab, world.make(f"Direction <{PERSON}>")
    stranger = world.make("Someone <someone@justice.gov.example>")
    plain, good, foreign = world.public(key), world.certified(key), world.certified(stranger)
    unknown = "is in no entry of the registry, and no domain that has user-keys certified it for an address of its own"
    refused = world.take_in(good)  # the entry does not speak of persons
    assert refused.returncode == 65 and unknown in refused.stderr.decode(), refused
    with user_keys(lab, "prefer"):
        for what in (plain, foreign):
            refused = world.take_in(what)
            assert refused.returncode == 65 and unknown in refused.stderr.decode(), refused
        taken = world.take_in(good)
        assert taken.returncode == 0 and f"taken in: the key {key} of {PERSON}" in taken.stdout.decode(), taken
        answer = json.loads(lab.khatm("keys", "list", "--json").stdout)
        jsonschema.Draft7Validator(SCHEMA).validate(answer)
        rows = {(row["domain"], row["address"]): row for row in answer["keys"]}
        assert rows[DOMAIN, PERSON]["fingerprint"] == key and rows[DOMAIN, PERSON]["state"] == "usable"
        assert rows[DOMAIN, None]["fingerprint"] == world.domain_key
        tested = lab.khatm("keys", "test", DOMAIN).stdout.decode()
        assert [line.split()[:2] for line in tested.splitlines()] == [["good", DOMAIN], ["good", PERSON]], tested
    assert (DOMAIN, PERSON) not in {(row["domain"], row["address"])
                                    for row in json.loads(lab.khatm("keys", "list", "--json").stdout)["keys"]}


def test_whose_key_a_document_is_sealed_to(world):
    lab = world.lab
    key = world.make(f"<{PERSON}>")
    own, domains = world.subkey(key), world.subkey(world.domain_key, world.domain_home)
    with user_keys(lab, "prefer"):
        assert world.take_in(world.certified(key)).returncode == 0
        lab.reload()
        # His own where he has one, the domain's for everybody else; letters of the address may be written either way.
        for rcpts, wanted in (((PERSON,), {own}), ((PERSON.replace("d", "D", 1),), {own}), ((OTHER,), {domains}),
                              ((PERSON, OTHER), {own, domains})):
            sent, reply = send(lab, *rcpts, **ORDINARY)
            assert reply.code == 250, (rcpts, reply)
            assert world.recipients_of(sent) == wanted, rcpts
    with user_keys(lab, "level-3"):
        sent, reply = send(lab, PERSON, **ORDINARY)
        assert reply.code == 250 and world.recipients_of(sent) == {domains}
        sent, reply = send(lab, PERSON, **CONFIDENTIAL)
        assert reply.code == 250 and world.recipients_of(sent) == {own}, reply
        assert open_sealed(lab.arrived(DOMAIN, sent), world.home).attachments() == {"acte.pdf": pdf()}
        # Nobody's own key will do for somebody else, and the domain's not for this level.
        for rcpts in ((OTHER,), (PERSON, OTHER)):
            with lab.nothing_leaves():
                _, reply = send(lab, *rcpts, **CONFIDENTIAL)
            assert (reply.code, reply.reason) == (550, "NO-KEY"), reply
            assert f"Level 3 CONFIDENTIEL is sealed to a person's own key, and there is none for {OTHER}" in reply.text, reply
    # Where persons do not count, the key lies there unused.
    sent, reply = send(lab, PERSON, **CONFIDENTIAL)
    assert reply.code == 250 and world.recipients_of(sent) == {domains}


def test_a_certification_taken_back_no_longer_counts(world):
    lab, key = world.lab, world.make(f"<{OTHER}>")
    with user_keys(lab, "level-3"):
        assert world.take_in(world.certified(key)).returncode == 0
        lab.reload()
        assert send(lab, OTHER, **CONFIDENTIAL)[1].code == 250
        gpg(world.domain_home, *UNPROTECTED, "--yes", "--default-key", world.domain_key, "--command-fd", "0", "--no-batch",
            "--edit-key", key, stdin=b"1\nrevsig\ny\ny\n0\n\ny\nsave\n")
        again = gpg(world.domain_home, "--armor", "--export", key).stdout
        taken = world.take_in(again)
        assert taken.returncode == 20 and b"nobody vouches for the key" in taken.stdout, taken
        lab.reload()
        with lab.nothing_leaves():
            _, reply = send(lab, OTHER, **CONFIDENTIAL)
        assert reply.reason == "NO-KEY" and OTHER in reply.text, reply


def test_an_expired_key_of_a_person_is_named_and_mended(world):
    lab, address = world.lab, f"greffe@{DOMAIN}"
    key, stranger = world.make(f"<{address}>"), world.make(f"<{address}>.")
    with user_keys(lab, "level-3"):
        assert world.take_in(world.certified(key)).returncode == 0
        gpg(world.home, *UNPROTECTED, "--quick-set-expire", key, "seconds=1")
        listed = gpg(world.home, "--with-colons", "--list-keys", key).stdout.decode()
        day = time.strftime("%Y-%m-%d", time.gmtime(int(re.search(r"(?m)^pub:(?:[^:]*:){5}(\d+):", listed)[1])))
        time.sleep(2.1)
        # What its owner hands out himself bears no certification; the one that we have holds.
        taken = world.take_in(world.public(key))
        assert taken.returncode == 20 and f"taken in, but the key {key} of {address} expired on {day}" in taken.stdout.decode(), taken
        lab.reload()
        _, reply = send(lab, address, **CONFIDENTIAL)
        assert reply.reason == "NO-KEY" and f"The key {key} of {address} has been expired since {day}" in reply.text, reply
        assert send(lab, address, **ORDINARY)[1].code == 250
        # Nobody else's key profits from that.
        assert world.take_in(world.public(stranger)).returncode == 65
        gpg(world.home, *UNPROTECTED, "--quick-set-expire", key, "2y")
        assert world.take_in(world.public(key)).returncode == 0
        lab.reload()
        assert send(lab, address, **CONFIDENTIAL)[1].code == 250
