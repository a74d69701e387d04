# SPDX-License-Identifier: Apache-2.0
"""The main job on real mail, seen from outside: a document goes sealed to a ministry, is refused to a consumer
address, and a plain message is left alone."""

import email
import json
import re

import pytest
from gateway import without_transport
from leaks import find_leak
from letters import FINANCES, GMAIL, mail, plain
from messages import pdf
from pgp import gpg, open_sealed

SECRET_SUBJECT = "Mouvement préfectoral de décembre, affaire Bouskoura"
SECRET_NAME = "arrete-mouvement-prefectoral.pdf"
PROSE = "Bonjour,\r\n\r\nci-joint le projet d'arrêté, à ne pas diffuser.\r\nCordialement,\r\nl'agent\r\n"

# name of the row, subject, file name, text, octets of the document
SEALED = [
    ("small PDF", "Mouvement prefectoral de decembre", SECRET_NAME, "Bonjour,\r\n\r\nci-joint le projet.\r\n", 20_000),
    ("8-bit text", "Mouvement prefectoral de decembre", SECRET_NAME, PROSE, 20_000),
    ("umlauts in names", "Übergabe der Prüfungsunterlagen für Köln", "Prüfungsübersicht-größer.pdf", PROSE, 20_000),
    ("Arabic in names", "محضر الاجتماع بتاريخ اليوم", "محضر-اجتماع-اللجنة.pdf", "السلام عليكم\r\n", 20_000),
    ("25 MB", SECRET_SUBJECT, SECRET_NAME, PROSE, 25_000_000),
]


@pytest.mark.parametrize("subject, name, text, size", [row[1:] for row in SEALED], ids=[row[0] for row in SEALED])
def test_document_to_a_ministry_arrives_sealed(lab, subject, name, text, size):
    document = pdf(size=size, seed=size)
    sent = mail(to=FINANCES, subject=subject, text=text, documents=[(name, document)])
    reply = lab.send(sent, FINANCES)
    assert reply.code == 250, reply
    left = lab.arrived("finances.gov.example", sent)

    opened = open_sealed(left, lab.env["GNUPGHOME_PEER"])
    assert opened.attachments() == {name: document}, "the peer does not get the same bytes"
    assert opened.inner.get_body().get_content() == text
    assert str(opened.inner["Subject"]) == subject
    assert opened.inner["Content-Type"].params["hp"] == "cipher"
    assert opened.inner["Content-Type"].params["protected-headers"] == "v1"
    assert re.search(r"KH-[0-9A-Z]{4}-[0-9A-Z]{4}", opened.outer["Subject"])

    lines = left.replace(b"\r\n", b"\n").split(b"\n\n", 1)[1].split(b"\n")
    assert max(map(len, lines)) <= 76
    assert left.isascii()
    assert find_leak(left, [document, name, subject, text]) is None


def test_what_leak_scan_would_have_seen():
    """The scan itself: each encoding of eight octets is found, so that silence above means something."""
    import base64
    import urllib.parse
    document = pdf(size=4000, seed=5)
    piece = document[1501:1509]
    shifted = [base64.b64encode(b"#" * pad + document[1500:1520]) for pad in range(3)]
    rows = [piece, piece.hex().encode(), *shifted, urllib.parse.quote(piece).encode(),
            bytes(octet for pair in zip(piece, bytes(8)) for octet in pair),
            b"".join(b"=%02X" % octet for octet in piece)]
    for row in rows:
        assert find_leak(b"Subject: KH\r\n\r\nxx " + row + b" yy\r\n", [document]), row
    assert find_leak(b"Subject: KH\r\n\r\nxx " + piece[:7] + b" yy\r\n", [document]) is None


def test_document_to_a_consumer_address_is_refused_and_can_be_looked_up(lab, tmp_path):
    document = pdf(size=5000, seed=77)
    sent = mail(to=GMAIL, subject=SECRET_SUBJECT, documents=[(SECRET_NAME, document)])
    with lab.nothing_leaves():
        reply = lab.send(sent, GMAIL)
    assert (reply.code, reply.stage) == (550, "data"), reply
    assert reply.text.isascii() and all(line.startswith("5.7.1 ") for line in reply.text.splitlines())
    assert GMAIL in reply.text
    assert 2 <= len(reply.text.splitlines()) <= 4
    assert SECRET_NAME not in reply.text
    assert reply.reference, reply.text

    explained = lab.khatm("explain", "--reference", reply.reference)
    assert explained.returncode == 20, explained.stderr
    assert b"CONSUMER" in explained.stdout and GMAIL.encode() in explained.stdout
    as_json = json.loads(lab.khatm("explain", "--json", "--reference", reply.reference).stdout)
    assert (as_json["verdict"], as_json["reason"]) == ("reject", "CONSUMER")
    assert as_json["recipients"][0]["class"] == "consumer"

    traced = lab.khatm("trace", reply.reference)
    assert traced.returncode == 0 and reply.reference.encode() in traced.stdout
    file = tmp_path / "copy-under-another-name.bin"
    file.write_bytes(document)
    for key in (str(file), sent.message_id):
        found = lab.khatm("trace", key)
        assert found.returncode == 0, found.stderr
        assert reply.reference.encode() in found.stdout, key
    unknown = tmp_path / "never-sent.pdf"
    unknown.write_bytes(pdf(size=5000, seed=78))
    assert reply.reference.encode() not in lab.khatm("trace", str(unknown)).stdout

    record = [record for record in lab.records() if record["reference"] == reply.reference]
    assert len(record) == 1
    assert (record[0]["verdict"], record[0]["reason"]) == ("reject", "CONSUMER")


def test_explain_of_the_file_says_what_the_gateway_did(lab, tmp_path):
    sent = mail(to=GMAIL, documents=[(SECRET_NAME, pdf())])
    file = tmp_path / "message.eml"
    file.write_bytes(sent.raw)
    rows = [(GMAIL, 20, "reject"), (FINANCES, 10, "seal")]
    for rcpt, status, verdict in rows:
        run = lab.khatm("explain", "--json", "--role", "submission", "--login", lab.env["LOGIN"], "--tls-version",
                        "TLSv1.3", "--client-ip", "127.0.0.1", "--from", "agent@interieur.gov.example", "--rcpt", rcpt,
                        str(file))
        assert run.returncode == status, (rcpt, run.stdout, run.stderr)
        answer = json.loads(run.stdout)
        assert answer["verdict"] == verdict
        assert answer["documents"] and answer["rules"]


def test_plain_message_is_left_alone(lab):
    sent = plain(to=GMAIL)
    reply = lab.send(sent, GMAIL)
    assert reply.code == 250, reply
    assert without_transport(lab.arrived("gmail.com", sent)) == sent.raw.replace(b"\r\n", b"\n")


@pytest.mark.parametrize("consumer_first", [False, True], ids=["ministry first", "consumer first"])
def test_ministry_and_consumer_together_are_refused_whole(lab, consumer_first):
    rcpts = [GMAIL, FINANCES] if consumer_first else [FINANCES, GMAIL]
    sent = mail(to=rcpts, documents=[(SECRET_NAME, pdf())])
    with lab.nothing_leaves():
        reply = lab.send(sent, *rcpts)
    assert reply.code == 550, reply
    assert GMAIL in reply.text and FINANCES not in reply.text
    honest = mail(to=FINANCES, documents=[(SECRET_NAME, pdf())])
    assert lab.send(honest, FINANCES).code == 250
    lab.arrived("finances.gov.example", honest)


def test_two_ministries_addresses_get_one_sealed_message(lab):
    other = "secretaire@finances.gov.example"
    sent = mail(to=[FINANCES, other], documents=[(SECRET_NAME, pdf())])
    assert lab.send(sent, FINANCES, other).code == 250
    copies = lab.messages_at("finances.gov.example", sent.message_id) or [lab.arrived("finances.gov.example", sent)]
    open_sealed(copies[0], lab.env["GNUPGHOME_PEER"])


def test_colleague_and_ministry_together_are_to_be_sent_twice(lab):
    colleague = "adjoint@interieur.gov.example"
    sent = mail(to=[colleague, FINANCES], documents=[(SECRET_NAME, pdf())])
    with lab.nothing_leaves():
        reply = lab.send(sent, colleague, FINANCES)
    assert (reply.code, reply.reason) == (550, "MIXED") and "twice" in reply.text, reply
    assert not lab.at_mailbox("adjoint", sent.message_id)
    both = plain(to=f"{colleague}, {FINANCES}")
    assert lab.send(both, colleague, FINANCES).code == 250
    lab.arrived("finances.gov.example", both)
    alone = mail(to=colleague, documents=[(SECRET_NAME, pdf())])
    assert lab.send(alone, colleague).code == 250


def test_blind_copy_hides_whose_key_it_is(lab):
    sent = mail(to="chef-de-cabinet@finances.gov.example", documents=[(SECRET_NAME, pdf())])
    assert lab.send(sent, "chef-de-cabinet@finances.gov.example", FINANCES).code == 250
    left = lab.arrived("finances.gov.example", sent)
    outer = email.message_from_bytes(left)
    packets = gpg(lab.env["GNUPGHOME_PEER"], "--list-packets", stdin=outer.get_payload()[1].get_payload(decode=True))
    assert b"keyid 0000000000000000" in packets.stdout
    open_sealed(left, lab.env["GNUPGHOME_PEER"])
