# SPDX-License-Identifier: Apache-2.0
"""A recipient we cannot encrypt to is refused, and the reply says which of the many reasons it is and since when."""

import re
import subprocess
import time

import pytest
from letters import JUSTICE, mail, plain
from messages import pdf
from pgp import copy_public, gpg_time, make_key, revoke_key, stop_agent

DAY = 86_400


@pytest.fixture(scope="module")
def peers(labs, tmp_path_factory):
    """Four more ministries, whose keys are each unusable in a way of its own, and one whose key is good."""
    lab, home = labs.get(), tmp_path_factory.mktemp("peers")
    home.chmod(0o700)
    past = gpg_time(time.time() - 30 * DAY)
    keys = {
        "expired": make_key(home, "expired", expire="seconds=864000", created=past),
        "revoked": make_key(home, "revoked"),
        "signonly": make_key(home, "signonly", usage="sign"),
        "good": make_key(home, "good"),
    }
    revoke_key(home, keys["revoked"])
    for fingerprint in keys.values():
        copy_public(home, lab.env["SEALING_HOME"], fingerprint)
    subprocess.run(["chown", "-R", lab.env["KHATM_UID"], lab.env["SEALING_HOME"]], check=True)
    entries = "".join(f'domain "{name}.gov.example" {{\n\tproof = either\n\tkey = "{key}"\n}}\n'
                      for name, key in keys.items())
    entries += 'domain "absent.gov.example" {\n\tproof = either\n\tkey = "%s"\n}\n' % ("0123456789ABCDEF0123" * 2)
    with lab.edited(lab.registry, lambda text: text + "\n" + entries):
        yield lab, home
    stop_agent(home)


# domain, words that the reply must hold (any of each tuple)
UNUSABLE = [
    ("justice", ("no key", "no encryption key", "without key")),
    ("absent", ("not in", "missing", "no key", "no encryption key")),
    ("expired", ("expired",)),
    ("revoked", ("revoked",)),
    ("signonly", ("sign",)),
]


@pytest.mark.parametrize("ministry, words", UNUSABLE, ids=[row[0] for row in UNUSABLE])
def test_document_to_a_ministry_without_usable_key_is_refused(peers, ministry, words):
    lab, _ = peers
    rcpt = f"greffe@{ministry}.gov.example"
    with lab.nothing_leaves():
        reply = lab.send(mail(to=rcpt, documents=[("acte.pdf", pdf())]), rcpt)
    assert reply.code == 550 and rcpt in reply.text, reply
    assert any(word in reply.text.lower() for word in words), reply
    assert reply.reason == "NO-KEY"
    if ministry in ("expired", "revoked"):
        assert re.search(r"since 20\d\d-\d\d-\d\d", reply.text), reply


def test_each_reason_has_words_of_its_own(peers):
    lab, _ = peers
    texts = set()
    for ministry, _ in UNUSABLE[1:]:
        rcpt = f"greffe@{ministry}.gov.example"
        reply = lab.send(mail(to=rcpt, documents=[("acte.pdf", pdf())]), rcpt)
        texts.add(re.sub(r"KH-\S+|\S+@\S+", "", reply.text))
    assert len(texts) == len(UNUSABLE) - 1, texts


def test_conversation_needs_no_key(peers):
    lab, _ = peers
    for rcpt, domain in ((JUSTICE, "justice.gov.example"),):
        assert lab.send(plain(to=rcpt), rcpt).code == 250, domain


def test_document_to_a_ministry_with_a_good_key_beside_them_is_accepted(peers):
    lab, _ = peers
    rcpt = "greffe@good.gov.example"
    assert lab.send(mail(to=rcpt, documents=[("acte.pdf", pdf())]), rcpt).code == 250


def test_one_unusable_key_of_two_refuses_the_whole(peers):
    lab, _ = peers
    rcpts = ["greffe@expired.gov.example", "directeur@finances.gov.example"]
    with lab.nothing_leaves():
        reply = lab.send(mail(to=rcpts, documents=[("acte.pdf", pdf())]), *rcpts)
    assert reply.code == 550 and rcpts[0] in reply.text and rcpts[1] not in reply.text, reply
