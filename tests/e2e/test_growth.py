# SPDX-License-Identifier: Apache-2.0
"""Sealing makes a message larger by a third and more. What would then not fit is refused at once, with both sizes, where it is
sealed and where a later hop seals it; what fits leaves, and is as large as was said."""

import json
import re

import pytest
from gateway import Lab
from letters import CHAT, FINANCES, GMAIL, mail, plain
from messages import pdf

LIMIT = 200 * 1024
COLLEAGUE = "adjoint@interieur.gov.example"


@pytest.fixture(scope="module", params=["--single-hop", "--egress"], ids=["sealed at submission", "sealed at egress"])
def lab(request, labs):
    lab = labs.fresh_of(Lab, request.param)
    yield lab
    labs.stop_one(lab)


def limited(lab, limit=LIMIT):
    return lab.edited(lab.path("CONF"), lambda text: text.replace("sealing {", f"sealing {{ size-limit = {limit} ", 1))


def letter(size, to=FINANCES):
    """With a document that makes it about `size` octets."""
    return mail(to=to, documents=[("acte.pdf", pdf(seed=size, size=int(size * 57 / 78)))])


def told(reply):
    said = " ".join(reply.text.replace("5.3.4 ", "").splitlines())
    numbers = re.search(r"(?:from|de) ([\d ]+) (?:to|a) ([\d ]+) (?:bytes|octets) ?;.*?(\d[\d ]*\d)", said).groups()
    assert all(re.fullmatch(r"\d{1,3}( \d{3})+", number) for number in numbers), said
    return [int(number.replace(" ", "")) for number in numbers], said


def test_too_big_once_sealed(lab):
    large = letter(LIMIT * 8 // 10)
    assert len(large.raw) < LIMIT
    with limited(lab), lab.nothing_leaves():
        reply = lab.send(large, FINANCES)
        assert (reply.code, reply.reason) == (552, "TOO-BIG"), reply
        (size, sealed, limit), said = told(reply)
        assert abs(size - len(large.raw)) < 1000 and limit == LIMIT < sealed, said
        past = json.loads(lab.khatm("explain", "--json", "--reference", reply.reference).stdout)
        assert (past["verdict"], past["reason"]) == ("reject", "TOO-BIG"), past
        path = lab.path("CONF").parent / "large.eml"
        path.write_bytes(large.raw)
        run = lab.khatm("explain", "--json", "--login", "agent", "--from", "agent@interieur.gov.example", "--rcpt", FINANCES, str(path))
        assert run.returncode == 20 and json.loads(run.stdout)["reason"] == "TOO-BIG", run


def test_what_fits_leaves(lab):
    fits = letter(LIMIT * 13 // 20)
    with limited(lab):
        assert lab.send(fits, FINANCES).code == 250
        assert len(lab.arrived("finances.gov.example", fits)) <= LIMIT
    # It is as large as its sender would have been told.
    with limited(lab, 64 * 1024):
        (_, sealed, _), said = told(lab.send(letter(LIMIT * 13 // 20), FINANCES))
    arrived = len(lab.arrived("finances.gov.example", fits))
    assert arrived <= sealed <= arrived * 1.02 + 10000, (arrived, said)


def test_what_nobody_seals_does_not_grow(lab):
    size = LIMIT * 8 // 10
    with limited(lab):
        assert lab.send(letter(size, COLLEAGUE), COLLEAGUE).code == 250
        talk = plain(to=FINANCES, text=CHAT * (size // len(CHAT)))
        assert lab.send(talk, FINANCES).code == 250
        reply = lab.send(letter(size + 7, GMAIL), GMAIL)  # another document
        assert (reply.code, reply.reason) == (550, "CONSUMER"), reply


def test_a_rule_that_only_watches_seals_nothing(lab):
    """What is refused is refused for what happens, and not for the size of a seal that nobody would make."""
    def watched(text):
        return re.sub(r'(rule "R1[12]-seal" \{)', r"\1\n\tmode = monitor", text)

    with lab.edited(lab.rules, watched), limited(lab), lab.new_records() as records, lab.nothing_leaves():
        reply = lab.send(letter(LIMIT * 8 // 10 + 11), FINANCES)
        assert (reply.code, reply.reason) in [(550, "UNDECIDED"), (250, None)], reply
    assert [one["reason"] for one in records if one["verdict"] == "reject"] == ["UNDECIDED"], records


def test_without_a_limit_it_is_for_others_to_say(lab):
    large = letter(LIMIT * 8 // 10)
    assert lab.send(large, FINANCES).code == 250
    assert len(lab.arrived("finances.gov.example", large)) > LIMIT
