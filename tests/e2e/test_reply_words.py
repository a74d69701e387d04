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


def recipients_of(lab, reply):
    """As the journal has them."""
    told = json.loads(lab.khatm("explain", "--json", "--reference", reply.reference).stdout)
    return [(one["address"], one["class"], one["verdict"], one["reason"]) for one in told["recipients"]]


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


def told_in_a_report(lab, sent):
    report = lab.wait_mailbox("agent", lambda raw: b"multipart/report" in raw and sent.message_id.encode() in raw)[0]
    return re.sub(r"\s+", " ", report.decode(errors="replace"))


def test_mail_of_a_program_comes_back_in_whole_sentences(lab):
    """Of a reply of several lines Postfix's report would show the codes and line ends among the words."""
    sent = mail(to=GMAIL, documents=unknown(91))
    assert lab.pickup(sent.raw, [GMAIL]) == 0
    told = told_in_a_report(lab, sent)
    assert f"{GMAIL} is a consumer mail address; documents are not sent there. Use the work address;" in told, told
    assert re.search(r"can go as it is\. Reference KH-\w{4}-\w{4} \(CONSUMER\)", told) and "550-" not in told, told


def test_what_does_not_fit_a_report_is_left_out_in_whole_sentences_and_counted(lab):
    rcpts = ["x!y@gmail.com", GMAIL, "directeur@finance.gov.example", JUSTICE, "x@inconnu.example"]
    sent = mail(to=rcpts, documents=unknown(92))
    assert lab.pickup(sent.raw, rcpts) == 0
    told = told_in_a_report(lab, sent)
    assert re.search(r"[.)] Recipients refused for other reasons: [1-4]\. Write to each separately: the reply will give the reason\. "
                     r"Reference KH-\w{4}-\w{4} \(\w", told), told
    assert not re.search(r"[^.]\.\. |\.\.\.", told), told


def test_who_shares_a_reason_in_a_report_is_counted(lab):
    rcpts = [f"quelqu.un.de.tres.long.nom.{number}@yahoo.fr" for number in range(9)]
    sent = mail(to=rcpts[0], documents=unknown(93))
    assert lab.pickup(sent.raw, rcpts) == 0
    told = told_in_a_report(lab, sent)
    named, more = re.search(r"Idem: ((?:\S+@yahoo\.fr,? )+)\(\+(\d)\) ", told).groups()
    assert len(named.split(", ")) + int(more) == len(rcpts) - 1, told
    assert re.search(r" can go as it is\. Reference KH-\w{4}-\w{4} \(CONSUMER\)", told), told


def test_texts_that_are_too_long_for_a_report_end_with_a_word(lab):
    """A house's own, as long as a line may be."""
    rcpt = "a" * 60 + "@gmail.com"
    texts = lab.path("CONF").parent / "notices" / "en" / "replies"
    block = f"[CONSUMER]\nwhat: {{address}} {'etiam ' * 31}.\nremedy: {'semper ' * 28}.\n"
    with lab.edited(texts, lambda text: re.sub(r"\[CONSUMER\]\n.*\n.*\n", block, text)):
        sent = mail(to=rcpt, documents=unknown(96))
        assert lab.pickup(sent.raw, [rcpt]) == 0
        told = told_in_a_report(lab, sent)
    assert re.search(r" semper \.\.\. Reference KH-\w{4}-\w{4} \(CONSUMER\)", told), told


def test_each_lookalike_is_told_what_it_resembles(lab):
    rcpts = ["x@finance.gov.example", "x@justise.gov.example"]
    with lab.nothing_leaves():
        reply = lab.send(mail(to=rcpts, documents=unknown(94)), *rcpts)
    assert "x@finance.gov.example is not known and looks like finances.gov.example" in reply.text, reply
    assert "x@justise.gov.example is not known and looks like justice.gov.example" in reply.text, reply


def test_recipients_of_more_reasons_than_a_reply_tells_are_counted(lab):
    rcpts = ["x!y@gmail.com", GMAIL, "x@finance.gov.example", "x@justise.gov.example", JUSTICE, "x@inconnu.example"]
    with lab.nothing_leaves():
        reply = lab.send(mail(to=rcpts, documents=unknown(95)), *rcpts)
    assert "Recipients refused for other reasons: 2." in reply.text and "Reference KH-" in reply.text.splitlines()[-1], reply


def test_too_big_names_the_limit(lab):
    limited = lab.edited(lab.path("CONF"), lambda text: text.replace("spool {", "spool { message-limit = 64K ", 1))
    big = plain(text="Bonjour,\r\n" + "x" * 70 + "\r\n" * 1 + ("y" * 70 + "\r\n") * 1200)
    with limited, lab.nothing_leaves():
        reply = lab.send(big, GMAIL)
    assert (reply.code, reply.reason) == (552, "TOO-BIG"), reply
    assert "takes at most 65 536 bytes" in spoken(reply) and "several messages" in spoken(reply), reply
    assert recipients_of(lab, reply) == [(GMAIL, "consumer", "reject", "TOO-BIG")]
    assert lab.send(big, GMAIL).code == 250


def test_a_header_section_that_is_too_big_is_not_called_a_message(lab):
    with lab.nothing_leaves():
        reply = lab.send(raw_mail(MANY_FIELDS, b"Bonjour.\r\n", to=GMAIL), GMAIL)
    assert (reply.code, reply.reason) == (552, "TOO-BIG"), reply
    assert "The header section of this message" in spoken(reply) and "bytes" not in spoken(reply), reply
    told = json.loads(lab.khatm("explain", "--json", "--reference", reply.reference).stdout)
    assert (told["verdict"], told["reason"]) == ("reject", "TOO-BIG")
    assert recipients_of(lab, reply) == [(GMAIL, "consumer", "reject", "TOO-BIG")]


def test_more_recipients_than_fit_come_back(lab):
    """Were one of them refused by itself, Postfix would keep mail of the sendmail command, try it again and again, and tell nobody."""
    sent = plain(to="tous@interieur.gov.example")
    with lab.new_records() as fresh, lab.nothing_leaves():
        assert lab.pickup(sent.raw, [f"p{number}@gmail.com" for number in range(2001)]) == 0
        report = lab.wait_mailbox("agent", lambda raw: b"multipart/report" in raw and sent.message_id.encode() in raw)[0]
    told = re.sub(r"\s+", " ", report.decode(errors="replace"))
    assert re.search(r"too many recipients\. Send it in several messages, each to a part of them\. Reference KH-\w{4}-\w{4} \(TOO-BIG\)", told)
    assert [(one["verdict"], one["reason"], len(one["rcpts"])) for one in fresh] == [("reject", "TOO-BIG", 2000)]
