# SPDX-License-Identifier: Apache-2.0
"""Sendmail 8.17: what staff send on by hand is refused in every wrapping, catch-alls lead no document out, what left passes the
hop again and again unchanged, and nothing goes round or waits for ever."""

import pytest
from gateway import without_transport
from known_letters import FRENCH, PRIVATE
from letters import AGENT, FINANCES, GMAIL, mail, plain
from messages import pdf
from reports import is_without_content, wait_report
from sendmail_lab import SendmailLab
from test_egress import unwrapped
from test_manual_forwards import zipped

LETTER = "\r\n".join(FRENCH) + "\r\n"
DOCUMENT = pdf("Note de service 2026/115", seed="sendmail, sent on by hand", size=4000)
NOBODY = "ancien.agent@interieur.gov.example"


@pytest.fixture(scope="module")
def lab(labs):
    held = labs.fresh_of(SendmailLab)
    yield held
    labs.stop_one(held)


@pytest.fixture(scope="module")
def filed(lab):
    """Sent to a ministry and to a colleague, who has it as it was written."""
    sent = mail(to=FINANCES, documents=[("note.pdf", DOCUMENT), ("lettre.txt", LETTER.encode(), "text/plain")])
    assert lab.send(sent, FINANCES, "adjoint@interieur.gov.example").code == 250
    lab.arrived("finances.gov.example", sent)
    return lab.wait_mailbox("adjoint", lambda raw: sent.message_id.encode() in raw)[0]


def by_hand(*documents, **how):
    return mail(to=GMAIL, subject="Pour toi", documents=documents, **how)


WAYS = {
    "as it came": lambda raw: by_hand(("note.pdf", DOCUMENT)),
    "renamed": lambda raw: by_hand(("vacances.jpg", DOCUMENT, "image/jpeg")),
    "in a zip": lambda raw: by_hand(("photos.zip", zipped("IMG_1.jpg", DOCUMENT), "application/zip")),
    "as an attached message": lambda raw: by_hand(("TR.eml", raw, "application/octet-stream")),
    "as pasted text": lambda raw: by_hand(text="Salut,\r\n\r\n" + LETTER),
    "as quoted text": lambda raw: by_hand(text="Salut,\r\n\r\n" + "".join(f"> {line}\r\n" for line in FRENCH)),
}


@pytest.mark.parametrize("way", WAYS)
def test_sent_on_by_hand(lab, filed, way):
    with lab.nothing_leaves(), lab.new_records() as records:
        answer = lab.send(WAYS[way](filed), GMAIL)
    assert answer.code == 550 and answer.reason == "FORWARD", answer
    assert any(document["known"] for document in records[0]["documents"]), records


def test_private_words_go_their_way(lab, filed):
    sent = by_hand(text="Salut,\r\n\r\n" + "\r\n".join(PRIVATE) + "\r\n")
    assert lab.send(sent, GMAIL).code == 250
    lab.arrived("gmail.com", sent)


def test_catch_all(lab):
    lab.virtusertable({AGENT: "agent", "adjoint@interieur.gov.example": "adjoint", "@interieur.gov.example": "tout@gmail.com"})
    sent, talk = mail(to=NOBODY, documents=[("acte.pdf", pdf(seed="sendmail catch", size=3000))]), plain(to=NOBODY)
    assert lab.send(sent, NOBODY).code == 250 and lab.send(talk, NOBODY).code == 250
    assert is_without_content(wait_report(lab, "agent", sent))
    lab.arrived("gmail.com", talk)
    lab.wait_drained()
    assert not lab.messages_at("gmail.com", sent.message_id)


@pytest.mark.parametrize("what", ("document", "talk"))
def test_five_hops_change_nothing_after_the_first(lab, what):
    sent = plain(to=FINANCES) if what == "talk" else mail(to=FINANCES, documents=[("acte.pdf", pdf(seed="sendmail hops", size=3000))])
    assert lab.send(sent, FINANCES).code == 250
    left = lab.arrived("finances.gov.example", sent)
    for hop in range(4):
        before = len(lab.messages_at("finances.gov.example", sent.message_id))
        again = lab.deliver(unwrapped(left), [FINANCES], sender=AGENT, place="EGRESS")
        assert again.code == 250, (hop, again)
        copies = lab.wait_sink("finances.gov.example", lambda one: sent.message_id.encode() in one.raw, before + 1)
        assert without_transport(copies[-1].raw) == without_transport(left)
        left = copies[-1].raw


def test_nothing_goes_round_for_ever(lab):
    """What comes back from a ministry that an alias leads to: a sealed document not once, talk until the count of its hops (25)."""
    talk = plain(to=NOBODY, sender="citoyen@gmail.com")
    lab.virtusertable({NOBODY: FINANCES})
    sealed = mail(to=FINANCES, documents=[("acte.pdf", pdf(seed="sendmail round", size=3000))])
    assert lab.send(sealed, FINANCES).code == 250
    back = lab.deliver(unwrapped(lab.arrived("finances.gov.example", sealed)), [NOBODY], sender=AGENT)
    assert back.code == 550, back
    left, turns = talk.raw, 0
    while turns < 20:
        lab.deliver(left, [NOBODY], sender="citoyen@gmail.com")
        lab.wait_drained()
        copies = lab.messages_at("finances.gov.example", talk.message_id)
        if len(copies) == turns:
            break
        turns, left = len(copies), unwrapped(copies[-1])
    assert 1 < turns < 20
    assert without_transport(copies[-1]) == talk.raw.replace(b"\r\n", b"\n")
