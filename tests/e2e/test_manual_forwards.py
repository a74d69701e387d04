# SPDX-License-Identifier: Apache-2.0
"""A document came sealed from a ministry, was opened by the gateway, and staff who read it send it on by hand: in whatever
wrapping, to a consumer address it does not go, and the journal has the whole way: from whom it arrived, who sent it on, to
whom it was refused. To another ministry it goes, sealed; and what is theirs alone goes its way."""

import email
import email.policy
import io
import json
import subprocess
import zipfile

import milter_client
import pytest
from known_letters import FRENCH, PRIVATE
from letters import FINANCES, GMAIL, mail
from messages import pdf
from peer import Peer

LETTER = "\r\n".join(FRENCH) + "\r\n"
DOCUMENT = pdf("Note de service 2026/114", seed="sent on by hand", size=4000)


@pytest.fixture(scope="module")
def peer(labs):
    lab = labs.fresh_of(Peer, "--peer-unseal", "open")
    yield lab
    labs.stop_one(lab)


@pytest.fixture(scope="module")
def opened(peer):
    """As it lies in the reader's mailbox, and the record of its arrival."""
    sent = peer.through(mail(to=FINANCES, text="Bonjour,\r\n\r\nci-joint.\r\n",
                             documents=[("note.pdf", DOCUMENT), ("lettre.txt", LETTER.encode(), "text/plain")]))
    raw, record = peer.delivered(sent)
    assert (record["verdict"], record["rule"]) == ("unseal", "R15-sealed")
    return raw, record


def khatm(peer, *words):
    return subprocess.run([peer["BIN"] + "/khatm", words[0], "--config", peer["PEER_CONF"], *words[1:]], capture_output=True,
                          timeout=120, check=False)


def send(peer, sent, rcpt=GMAIL):
    """By the reader, logged in; the answer and the records."""
    before = len(peer.peer_records())
    [answer] = milter_client.hand_in_all(peer["PEER_MILTER"].removeprefix("unix:"),
                                         [(sent.raw, FINANCES, [rcpt], "127.0.0.1", "khatm-submission", FINANCES)])
    return answer, peer.peer_records()[before:]


def zipped(name, content):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


def by_hand(*documents, **how):
    return mail(to=GMAIL, sender=FINANCES, subject="Pour toi", documents=documents, **how)


def redirected(raw):
    sent = by_hand()
    fields = f"Resent-From: {FINANCES}\r\nResent-To: {GMAIL}\r\nResent-Date: Sat, 21 Nov 2026 11:00:00 +0000\r\n"
    sent.raw = fields.encode() + raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return sent


def inline(raw):
    """What a client makes of "forward": the text quoted, the attachments taken over."""
    return by_hand(("note.pdf", DOCUMENT), text="Voici.\r\n\r\n-------- Message transfere --------\r\nSujet : Note\r\n\r\n> Bonjour,\r\n")


WAYS = {
    "as it came": lambda raw: by_hand(("note.pdf", DOCUMENT)),
    "renamed": lambda raw: by_hand(("vacances.jpg", DOCUMENT, "image/jpeg")),
    "in a zip": lambda raw: by_hand(("photos.zip", zipped("IMG_1.jpg", DOCUMENT), "application/zip")),
    "inline, as clients forward": inline,
    "as an attached message": lambda raw: by_hand(("TR.eml", raw, "application/octet-stream")),
    "as an attached message in a zip": lambda raw: by_hand(("m.zip", zipped("m.eml", raw), "application/zip")),
    "as pasted text": lambda raw: by_hand(text="Salut,\r\n\r\n" + LETTER),
    "as quoted text": lambda raw: by_hand(text="Salut,\r\n\r\n" + "".join(f"> {line}\r\n" for line in FRENCH)),
}


@pytest.mark.parametrize("way", WAYS)
def test_sent_on_by_hand(peer, opened, way):
    raw, arrival = opened
    answer, records = send(peer, WAYS[way](raw))
    assert answer.final == "y" and answer.text.startswith("550") and "(FORWARD)" in answer.text, answer
    [record] = records
    known = {document["known"]["reference"] for document in record["documents"] if document["known"]}
    assert (record["reason"], record["sender"], known) == ("FORWARD", "staff", {arrival["reference"]}), record
    check_lineage(peer, arrival, record)


def check_lineage(peer, arrival, record):
    """From either end: whom it came from, who sent it on, to whom it was refused."""
    for asked in (record, arrival):
        short = khatm(peer, "trace", asked["reference"]).stdout.decode().partition("In short:\n\n")[2].splitlines()
        came, refused = (next(line for line in short if line.strip().startswith(one["reference"])) for one in (arrival, record))
        assert f"arrived from agent@interieur.gov.example to {FINANCES}: unsealed" in came, short
        assert f"sent on by {FINANCES} to {GMAIL}: refused FORWARD" in refused, short
    said = json.loads(khatm(peer, "explain", "--json", "--reference", record["reference"]).stdout)
    assert arrival["reference"] in {document["resembles"] for document in said["documents"]}


def test_redirected_with_all_its_fields(peer, opened):
    """From is the first sender's, whom this login may not write as: refused before anything else is asked."""
    answer, [record] = send(peer, redirected(opened[0]))
    assert answer.text.startswith("550") and record["verdict"] == "reject"
    assert record["reason"] in ("SENDER", "REPLY-TO", "FORWARD") and set(record["forward"]) >= {"resent"}


def test_what_is_theirs_goes_its_way(peer, opened):
    """The same words around it, and nothing of it."""
    sent = by_hand(text="Salut,\r\n\r\n" + "\r\n".join(PRIVATE) + "\r\n")
    answer, [record] = send(peer, sent)
    assert answer.final in "ac" and (record["verdict"], record["documents"]) == ("pass", []), answer
    assert send(peer, by_hand(text="Tu as vu la note 2026/114 ? On en parle demain.\r\n"))[0].final in "ac"


def test_their_own_document_is_refused_for_what_it_is(peer, opened):
    answer, [record] = send(peer, by_hand(("a.pdf", pdf(seed="of their own", size=3000))))
    assert "(CONSUMER)" in answer.text and not any(document["known"] for document in record["documents"])


def test_the_attached_message_is_the_one_that_arrived(opened):
    """What the rows above send on is what the reader has, in clear."""
    message = email.message_from_bytes(opened[0], policy=email.policy.SMTP)
    assert DOCUMENT in [part.get_payload(decode=True) for part in message.walk()]
