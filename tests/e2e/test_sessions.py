# SPDX-License-Identifier: Apache-2.0
"""The many ways an SMTP session can go."""

import pytest
from gateway import transaction
from letters import AGENT, FINANCES, GMAIL, mail, plain
from messages import pdf

DOCUMENT = [("acte.pdf", pdf())]


# --- sessions ------------------------------------------------------------------------------------------------------
def test_many_messages_over_one_connection(lab):
    client = lab.connect()
    rows = [(mail(documents=DOCUMENT), FINANCES, 250), (mail(to=GMAIL, documents=DOCUMENT), GMAIL, 550),
            (plain(), GMAIL, 250), (mail(to=GMAIL, documents=DOCUMENT), GMAIL, 550), (plain(), GMAIL, 250)] * 4
    for sent, rcpt, wanted in rows:
        assert lab.send(sent, rcpt, session=client).code == wanted
    client.quit()


def test_reset_forgets_the_transaction_before(lab):
    client = lab.connect()
    client.mail(AGENT)
    client.rcpt(GMAIL)
    client.rset()
    sent = mail(documents=DOCUMENT)
    assert transaction(client, sent.raw, [FINANCES]).code == 250
    client.mail(AGENT)
    client.rcpt(FINANCES)
    client.rset()
    assert transaction(client, mail(to=GMAIL, documents=DOCUMENT).raw, [GMAIL]).code == 550
    client.quit()


def test_recipient_that_postfix_refused_does_not_count(lab):
    """One bad recipient of two: the other one's message is judged for the other one."""
    client = lab.connect()
    client.mail(AGENT)
    assert client.rcpt("nobody-of-that-name@interieur.gov.example")[0] >= 500
    assert client.rcpt(FINANCES)[0] == 250
    sent = mail(documents=DOCUMENT)
    assert client.data(sent.raw)[0] == 250
    lab.arrived("finances.gov.example", sent)
    client.quit()


class Wire:
    """SMTP by hand, for what smtplib cannot say."""

    def __init__(self, lab):
        client = lab.connect()
        self.client, self.socket, self.file = client, client.sock, client.sock.makefile("rb")

    def say(self, data):
        self.socket.sendall(data)

    def reply(self):
        lines = []
        while True:
            line = self.file.readline()
            assert line, f"connection closed after {lines}"
            lines.append(line)
            if line[3:4] != b"-":
                return int(line[:3]), b"".join(lines)


def dotted(raw):
    return raw.replace(b"\r\n.", b"\r\n..") + b".\r\n"


def test_two_pipelined_transactions(lab):
    wire = Wire(lab)
    assert wire.client.has_extn("pipelining")
    first, second = plain(), mail(to=GMAIL, documents=DOCUMENT)
    envelope = f"MAIL FROM:<{AGENT}>\r\nRCPT TO:<{GMAIL}>\r\nDATA\r\n".encode()
    wire.say(envelope)
    assert [wire.reply()[0] for _ in range(3)] == [250, 250, 354]
    wire.say(dotted(first.raw) + b"RSET\r\n" + envelope)
    assert [wire.reply()[0] for _ in range(5)] == [250, 250, 250, 250, 354]
    wire.say(dotted(second.raw) + b"QUIT\r\n")
    assert wire.reply()[0] == 550
    lab.arrived("gmail.com", first)
    assert not lab.messages_at("gmail.com", second.message_id)


def test_chunking(lab):
    wire = Wire(lab)
    assert wire.client.has_extn("chunking")
    rows = [(mail(documents=DOCUMENT), FINANCES, 250), (mail(to=GMAIL, documents=DOCUMENT), GMAIL, 550),
            (plain(), GMAIL, 250)]
    for sent, rcpt, wanted in rows:
        wire.say(f"MAIL FROM:<{AGENT}> BODY=8BITMIME\r\n".encode())
        assert wire.reply()[0] == 250
        wire.say(f"RCPT TO:<{rcpt}>\r\n".encode())
        assert wire.reply()[0] == 250
        half = len(sent.raw) // 2
        wire.say(b"BDAT %d\r\n" % half + sent.raw[:half])
        assert wire.reply()[0] == 250
        wire.say(b"BDAT %d LAST\r\n" % (len(sent.raw) - half) + sent.raw[half:])
        assert wire.reply()[0] == wanted


# name, recipient, what becomes of a document for it
INTERNATIONAL = [
    ("ASCII recipient", FINANCES, None),
    ("Arabic recipient", "مدير@finances.gov.example", None),
    ("Arabic consumer", "شخص@gmail.com", "CONSUMER"),
]


@pytest.mark.parametrize("rcpt, reason", [row[1:] for row in INTERNATIONAL], ids=[row[0] for row in INTERNATIONAL])
def test_internationalised_mail(lab, rcpt, reason):
    sent = mail(to="x@y.example", documents=[("acte.pdf", pdf(seed=rcpt, size=2000))])
    wire = Wire(lab)
    assert wire.client.has_extn("smtputf8")
    wire.say(f"MAIL FROM:<{AGENT}> SMTPUTF8 BODY=8BITMIME\r\nRCPT TO:<{rcpt}>\r\nDATA\r\n".encode())
    assert [wire.reply()[0] for _ in range(3)] == [250, 250, 354]
    wire.say(dotted(sent.raw.replace(b"x@y.example", rcpt.encode())))
    code, text = wire.reply()
    assert text.isascii()
    assert (code == 250) if reason is None else (code == 550 and f"({reason})".encode() in text), text


def test_body_8bitmime_and_bare_lines_survive_sealing(lab):
    from pgp import open_sealed
    text = "Ligne à huit bits\r\n.point au début\r\n..deux points\r\n \r\nfin  \r\n"
    sent = mail(text=text, documents=DOCUMENT)
    assert lab.send(sent, FINANCES, options=["BODY=8BITMIME"]).code == 250
    opened = open_sealed(lab.arrived("finances.gov.example", sent), lab.env["GNUPGHOME_PEER"])
    body = sent.raw.partition(b"\r\n\r\n")[2]
    assert opened.payload.replace(b"\r\n", b"\n").endswith(body.replace(b"\r\n", b"\n"))


# --- observe -------------------------------------------------------------------------------------------------------
def test_observe_changes_nothing_and_records_what_would_have_been(labs):
    lab = labs.fresh("--mode", "observe")
    try:
        rows = [(mail(to=GMAIL, documents=DOCUMENT), GMAIL, "reject"), (mail(documents=DOCUMENT), FINANCES, "seal"),
                (plain(), GMAIL, "pass")]
        for sent, rcpt, verdict in rows:
            reply = lab.send(sent, rcpt)
            assert reply.code == 250, reply
            left = lab.arrived(rcpt.partition("@")[2], sent)
            assert left.replace(b"\r\n", b"\n").endswith(sent.raw.partition(b"\r\n\r\n")[2].replace(b"\r\n", b"\n"))
            record = [record for record in lab.records() if record["queue_id"] == reply.queue_id]
            assert [(row["verdict"], row["observed"]) for row in record] == [(verdict, True)]
    finally:
        labs.stop_one(lab)
