# SPDX-License-Identifier: Apache-2.0
"""Recipients that are not what they seem, over real SMTP: what staff read, and the honest address beside it. The whole table
of addresses is tests/policy/recipients.cases."""

import json

import pytest
from letters import FINANCES, mail
from messages import pdf
from pgp import open_sealed

MINISTRY = "finances.gov.example"
READ_TWICE = "is written in a way that two servers could read differently"

# what is wrong, the address
MALFORMED = [
    ("percent hack", "x%gmail.com@finances.gov.example"),
    ("nothing but percent signs", "%" * 64 + "@finances.gov.example"),
    ("bang path", "gmail.com!x@finances.gov.example"),
    ("source route", "@relais.example:x@finances.gov.example"),
    ("two @", "x@gmail.com@finances.gov.example"),
    ("@ in quotation marks", '"x@gmail.com"@finances.gov.example'),
    ("address literal", "x@[192.0.2.1]"),
    ("comment", "x(Chef)@finances.gov.example"),
    ("two dots", "x..y@finances.gov.example"),
    ("a command in front", "|x@finances.gov.example"),
    ("half a domain", "x@finances"),
    ("full-width percent sign", "x\uff05gmail.com@finances.gov.example"),
    ("full-width @", "x\uff20gmail.com@finances.gov.example"),
    ("ideographic dot", "x@finances\u3002gov.example"),
    ("soft hyphen", "x@fin\u00adances.gov.example"),
    ("zero-width space", "x@fin\u200bances.gov.example"),
]

# what is wrong, the address, what it is taken for
LOOKALIKE = [
    ("a letter missing", "x@finance.gov.example", MINISTRY),
    ("a digit for a letter", "x@f1nances.gov.example", MINISTRY),
    ("a Cyrillic letter", "x@fin\u0430nces.gov.example", MINISTRY),
    ("the same as A-label", "x@xn--finnces-4fg.gov.example", MINISTRY),
    ("our name in front of another", "x@interieur.gov.example.attacker.example", "interieur.gov.example"),
    ("a hyphen for a dot", "x@interieur-gov.example", "interieur.gov.example"),
    ("a dot left out", "x@interieurgov.example", "interieur.gov.example"),
    ("the ending with a hyphen", "x@gov-example.com", "gov.example"),
]

HONEST = [
    ("as in the registry", "directeur@finances.gov.example"),
    ("upper case and a dot", "Directeur@FINANCES.GOV.EXAMPLE."),
    ("needless quotation marks", '"jean.dupont"@finances.gov.example'),
    ("quotation marks around a blank", '"jean dupont"@finances.gov.example'),
    ("a tag", "directeur+dossier@finances.gov.example"),
    ("letters beyond ASCII", "rémy@finances.gov.example"),
    ("Arabic letters", "محمد.علي@finances.gov.example"),
]


def send(lab, *rcpts):
    sent = mail(to=FINANCES, documents=[("acte.pdf", pdf(seed=f"{rcpts}", size=2000))])
    return sent, lab.send(sent, *rcpts, options=() if "".join(rcpts).isascii() else ("SMTPUTF8",))


def shown(address):
    """As an SMTP reply can carry it."""
    return "".join(chr(octet) if 0x20 <= octet < 0x7f else "?" for octet in address.encode())


@pytest.mark.parametrize("address", [row[1] for row in MALFORMED], ids=[row[0] for row in MALFORMED])
def test_address_that_can_be_read_in_two_ways_is_refused(lab, address):
    with lab.nothing_leaves():
        _, reply = send(lab, address)
    assert (reply.code, reply.reason) == (550, "RECIPIENT"), reply
    assert reply.text.isascii() and f"The address {shown(address)} {READ_TWICE}" in reply.text, reply.text
    assert "name@domain" in reply.text and reply.reference


@pytest.mark.parametrize("address, meant", [row[1:] for row in LOOKALIKE], ids=[row[0] for row in LOOKALIKE])
def test_lookalike_is_refused_and_the_reply_says_what_was_meant(lab, address, meant):
    with lab.nothing_leaves():
        _, reply = send(lab, address)
    assert (reply.code, reply.reason) == (550, "LOOKALIKE"), reply
    assert reply.text.isascii() and f"{shown(address)} is not known and looks like {meant};" in reply.text, reply.text
    assert f"if {meant} was meant, correct it" in reply.text
    explained = json.loads(lab.khatm("explain", "--json", "--reference", reply.reference).stdout)
    assert explained["recipients"][0]["class"] == "lookalike"


@pytest.mark.parametrize("address", [row[1] for row in HONEST], ids=[row[0] for row in HONEST])
def test_honest_address_gets_the_document_sealed(lab, address):
    sent, reply = send(lab, address)
    assert reply.code == 250, reply
    left = lab.arrived(MINISTRY, sent)
    assert open_sealed(left, lab.env["GNUPGHOME_PEER"]).attachments()


@pytest.mark.parametrize("address", ["x@mes.gov.example", "x@finances.gov.other", "x@societe.example"])
def test_foreign_domain_that_is_merely_near_is_no_lookalike(lab, address):
    with lab.nothing_leaves():
        _, reply = send(lab, address)
    assert (reply.code, reply.reason) == (550, "UNLISTED") and "looks like" not in reply.text, reply


def test_one_wrong_address_among_right_ones_is_the_one_that_is_named(lab):
    with lab.nothing_leaves():
        _, reply = send(lab, FINANCES, "x@f1nances.gov.example", "secretaire@finances.gov.example")
    assert (reply.code, reply.reason) == (550, "LOOKALIKE"), reply
    assert "x@f1nances.gov.example" in reply.text and FINANCES not in reply.text and "secretaire" not in reply.text


def test_explanation_says_how_it_looks_alike(lab, tmp_path):
    file = tmp_path / "message.eml"
    file.write_bytes(mail(to=FINANCES, documents=[("acte.pdf", pdf(size=2000))]).raw)
    rows = [("x@f1nances.gov.example", "looks like finances.gov.example: letters that look alike"),
            ("x@finance.gov.example", "looks like finances.gov.example: one letter away"),
            ("x%y@finances.gov.example", "a % in the local part is a route"),
            (FINANCES, "registry entry finances.gov.example")]
    for rcpt, why in rows:
        run = lab.khatm("explain", "--role", "submission", "--login", lab.env["LOGIN"], "--tls-version", "TLSv1.3",
                        "--client-ip", "127.0.0.1", "--from", "agent@interieur.gov.example", "--rcpt", rcpt, str(file))
        assert why in run.stdout.decode(), (rcpt, run.stdout)
