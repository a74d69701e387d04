# SPDX-License-Identifier: Apache-2.0
"""What staff read when a message comes back: a level by its name, a limit that is the one that was passed, and a next step
that there is."""

import json
import re

import pytest
from letters import FINANCES, GMAIL, JUSTICE, mail, plain, raw_mail
from messages import pdf

DOCUMENT = [("acte.pdf", pdf())]
MANY_FIELDS = b"".join(b"X-Trace-%d: a\r\n" % number for number in range(1200))


def unknown(number):
    """A document that no other test has sent from this gateway."""
    return [("bulletin.pdf", pdf(f"Bulletin de la cantine {number}", size=4000, seed=number))]


def spoken(reply):
    return " ".join(line.removeprefix("5.7.1 ").removeprefix("5.3.4 ") for line in reply.text.splitlines())


LEVELS = [
    ("LEVEL", {"subject": "[SECRET] note", "documents": DOCUMENT}, FINANCES, "of this level (4 SECRET) does not travel"),
    ("CIRCLE", {"subject": "[SEC=CONFIDENTIEL, CAVEAT=SH:ENQUETE]", "documents": DOCUMENT}, FINANCES,
     "may get this document (level 3 CONFIDENTIEL, ENQUETE)"),
]


@pytest.mark.parametrize("reason, message, rcpt, words", LEVELS, ids=[row[0] for row in LEVELS])
def test_a_level_is_told_by_its_name(lab, reason, message, rcpt, words):
    with lab.nothing_leaves():
        reply = lab.send(mail(to=rcpt, **message), rcpt)
    assert (reply.code, reply.reason) == (550, reason), reply
    assert words in spoken(reply), reply


def test_a_reference_is_found_as_it_is_read_out(lab):
    reply = lab.send(mail(to=GMAIL, documents=DOCUMENT), GMAIL)
    for typed in (reply.reference, reply.reference.lower(), reply.reference.replace("-", ""), reply.reference.replace("0", "o").replace("1", "l")):
        told = lab.khatm("explain", "--reference", typed)
        assert (told.returncode, f"\n{reply.reference} " in told.stdout.decode()) == (20, True), told
    wrong = lab.khatm("explain", "--reference", "1715-1232/A")
    assert (wrong.returncode, b"is no reference: it looks like KH-7F3K-29QX" in wrong.stderr) == (65, True), wrong


def test_mail_of_a_program_comes_back_in_whole_sentences(lab):
    """Of a reply of several lines Postfix's report would show the codes and line ends among the words."""
    sent = mail(to=GMAIL, documents=unknown(91))
    assert lab.pickup(sent.raw, [GMAIL]) == 0
    report = lab.wait_mailbox("agent", lambda raw: b"multipart/report" in raw and sent.message_id.encode() in raw)[0]
    told = re.sub(r"\s+", " ", report.decode(errors="replace"))
    assert f"{GMAIL} is a consumer mail address; documents are not sent there. Use the work address;" in told, told
    assert re.search(r"can go as it is\. Reference KH-\w{4}-\w{4} \(CONSUMER\)", told) and "550-" not in told, told


def test_what_does_not_fit_a_report_is_seen_to_be_cut(lab):
    rcpts = [GMAIL, JUSTICE, "directeur@finance.gov.example"]  # three causes: more than one line holds
    sent = mail(to=rcpts, documents=unknown(92))
    assert lab.pickup(sent.raw, rcpts) == 0
    report = lab.wait_mailbox("agent", lambda raw: b"multipart/report" in raw and sent.message_id.encode() in raw)[0]
    told = re.sub(r"\s+", " ", report.decode(errors="replace"))
    assert GMAIL in told and re.search(r"[\w,;]\.\. Reference KH-\w{4}-\w{4} \(\w", told), told


def test_too_big_names_the_limit(lab):
    limited = lab.edited(lab.path("CONF"), lambda text: text.replace("spool {", "spool { message-limit = 64K ", 1))
    big = plain(text="Bonjour,\r\n" + "x" * 70 + "\r\n" * 1 + ("y" * 70 + "\r\n") * 1200)
    with limited, lab.nothing_leaves():
        reply = lab.send(big, GMAIL)
    assert (reply.code, reply.reason) == (552, "TOO-BIG"), reply
    assert "takes at most 65536 bytes" in spoken(reply) and "several messages" in spoken(reply), reply
    assert lab.send(big, GMAIL).code == 250


def test_a_header_section_that_is_too_big_is_not_called_a_message(lab):
    with lab.nothing_leaves():
        reply = lab.send(raw_mail(MANY_FIELDS, b"Bonjour.\r\n", to=GMAIL), GMAIL)
    assert (reply.code, reply.reason) == (552, "TOO-BIG"), reply
    assert "The header section of this message" in spoken(reply) and "bytes" not in spoken(reply), reply
    told = json.loads(lab.khatm("explain", "--json", "--reference", reply.reference).stdout)
    assert (told["verdict"], told["reason"]) == ("reject", "TOO-BIG")
