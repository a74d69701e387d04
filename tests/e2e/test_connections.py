# SPDX-License-Identifier: Apache-2.0
"""The same job over every kind of connection Postfix knows, and a reload in the middle of it."""

import concurrent.futures
import pathlib
import re
import threading

import pytest
from gateway import SANITIZED
from letters import FINANCES, GMAIL, mail, plain
from messages import pdf
from pgp import open_sealed

WAYS = [
    ("unix socket", ("--milter", "unix")),
    ("inet socket", ("--milter", "inet")),
    ("inet6 socket", ("--milter", "inet6")),
    ("IPv6 clients", ("--ipv6",)),
    ("chrooted smtpd", ("--chroot",)),
]


@pytest.mark.parametrize("options", [row[1] for row in WAYS], ids=[row[0] for row in WAYS])
def test_main_job_over(labs, options):
    lab = labs.fresh(*options)
    try:
        document = pdf(size=100_000)
        sealed = mail(to=FINANCES, documents=[("acte.pdf", document)])
        place = "SUBMISSION6" if "--ipv6" in options else "SUBMISSION"
        assert lab.send(sealed, FINANCES, place=place).code == 250
        opened = open_sealed(lab.arrived("finances.gov.example", sealed), lab.env["GNUPGHOME_PEER"])
        assert opened.attachments() == {"acte.pdf": document}
        reply = lab.send(mail(to=GMAIL, documents=[("acte.pdf", document)]), GMAIL, place=place)
        assert reply.code == 550 and reply.reference, reply
        chat = plain()
        assert lab.send(chat, GMAIL, place=place).code == 250
        left = lab.arrived("gmail.com", chat)
        assert (b"IPv6:::1" in left) == ("--ipv6" in options)
    finally:
        labs.stop_one(lab)


def test_reload_under_load_loses_nothing(lab):
    """Eight clients, a reload every 100 ms: every message accepted arrives once and is recorded once."""
    count, done, problems = (100 if SANITIZED else 200), threading.Event(), []
    sent = [mail(documents=[("acte.pdf", pdf(size=2000))]) if n % 2 else plain() for n in range(count)]

    def keep_reloading():
        while not done.wait(0.1):
            lab.signal_reload()

    def send_some(part):
        client = lab.connect()
        replies = []
        for message in part:
            rcpt = GMAIL if message.raw.count(b"\r\nTo: " + GMAIL.encode()) else FINANCES
            replies.append((message, rcpt, lab.send(message, rcpt, session=client)))
        client.quit()
        return replies

    pid = lab.pid()
    reloader = threading.Thread(target=keep_reloading)
    with lab.new_records() as fresh:
        reloader.start()
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            results = [row for part in pool.map(send_some, [sent[n::8] for n in range(8)]) for row in part]
        done.set()
        reloader.join()
    problems = [reply for _, _, reply in results if reply.code != 250]
    assert not problems, problems[:5]
    assert lab.pid() == pid
    queue_ids = [record["queue_id"] for record in fresh]
    assert sorted(queue_ids) == sorted(reply.queue_id for _, _, reply in results)
    for message, rcpt, _ in results:
        lab.arrived(rcpt.partition("@")[2], message)


def test_broken_configuration_at_reload_keeps_the_last_good_one_loudly(lab):
    for path in (lab.env["CONF"], lab.registry, lab.rules):
        before = len(lab.khatmd_log())
        with lab.edited(path, lambda text: text + "\nthis is = { not a setting\n", reload=False):
            lab.signal_reload()
            lab.wait_for_log("reload refused, what was in force stays", before)
            assert re.search(rf"{re.escape(pathlib.Path(path).name)}:\d+: ", lab.khatmd_log()[before:])
            sent = mail(documents=[("acte.pdf", pdf())])
            assert lab.send(sent, FINANCES).code == 250
            assert lab.send(mail(to=GMAIL, documents=[("acte.pdf", pdf())]), GMAIL).code == 550
        lab.reload()


def test_reload_takes_a_new_rule_book(lab):
    """A registry entry that is taken away is gone for the next message."""
    sent = mail(documents=[("acte.pdf", pdf())])
    with lab.edited(lab.registry, lambda text: text.replace('"finances.gov.example"', '"autre.gov.example"')):
        reply = lab.send(sent, FINANCES)
        assert reply.code == 550, reply
    assert lab.send(sent, FINANCES).code == 250
