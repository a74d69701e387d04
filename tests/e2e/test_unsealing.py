# SPDX-License-Identifier: Apache-2.0
"""A document sealed by one ministry's gateway is opened by the other's: its people read it in clear, the journal knows
what is inside, and what is not to be taken for a seal is refused by name."""

import email
import email.policy

import pytest

from letters import FINANCES, mail
from messages import pdf
from peer import Peer

CASES = [
    ("small PDF", "Mouvement prefectoral", "arrete.pdf", "Bonjour,\r\n\r\nci-joint le projet.\r\n", 20_000),
    ("8-bit text", "Mouvement prefectoral", "arrete.pdf", "Bonjour,\r\n\r\nà ne pas diffuser.\r\n", 20_000),
    ("accents in names", "Übergabe der Prüfungsunterlagen für Köln", "Prüfungsübersicht-größer.pdf", "Oui.\r\n", 20_000),
    ("Arabic in names", "محضر الاجتماع بتاريخ اليوم", "محضر-اجتماع-اللجنة.pdf", "السلام عليكم\r\n", 20_000),
]


@pytest.fixture(scope="module")
def peer(labs):
    lab = labs.fresh_of(Peer, "--peer-unseal", "open")
    yield lab
    labs.stop_one(lab)


@pytest.mark.parametrize("subject, name, text, size", [row[1:] for row in CASES], ids=[row[0] for row in CASES])
def test_sealed_document_is_read_in_clear(peer, subject, name, text, size):
    document = pdf(size=size, seed=size)
    sent = peer.through(mail(to=FINANCES, subject=subject, text=text, documents=[(name, document)]))
    raw, record = peer.delivered(sent)
    got = email.message_from_bytes(raw, policy=email.policy.SMTP)
    assert str(got["Subject"]) == subject
    assert {part.get_filename(): part.get_payload(decode=True) for part in got.walk() if part.get_filename()} == {name: document}
    assert got.get_body().get_content() == text
    assert not {"hp", "protected-headers"} & got["Content-Type"].params.keys()
    assert (record["verdict"], record["rule"]) == ("unseal", "R15-sealed")
