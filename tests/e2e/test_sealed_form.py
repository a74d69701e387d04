# SPDX-License-Identifier: Apache-2.0
"""The form of what leaves sealed, clause by clause: header protection (RFC 9788, and the older protected-headers="v1"), the
frame of RFC 3156, lines that no relay touches, names of parts, and key ids that name no blind copy."""

import email
import email.policy
import re

import pytest

from letters import FINANCES, mail
from messages import pdf
from pgp import gpg, open_sealed

CABINET, PARIS = "cabinet@finances.gov.example", "secretariat@finances.gov.example"
SECRETS = (b"Mutation", b"arrete", b"154/DGCL", b"Confidentiel")
WAY = {"x-envelope-from", "x-envelope-to", "received", "return-path", "delivered-to", "mime-version", "content-type"}


def sealed(lab, *rcpts, **how):
    sent = mail(documents=[("arrete.pdf", pdf())], **how)
    reply = lab.send(sent, *rcpts)
    assert reply.code == 250, reply
    return lab.arrived("finances.gov.example", sent)


@pytest.fixture(scope="module")
def pair(labs):
    """One message, as it left and as it opens."""
    lab = labs.get()
    raw = sealed(lab, FINANCES, CABINET, to=FINANCES, subject="Mutation de M. Xé",
                 headers=[("Cc", CABINET), ("Reply-To", "greffe@interieur.gov.example"), ("In-Reply-To", "<a@b.example>"),
                          ("References", "<a@b.example>"), ("X-Dossier", "154/DGCL"), ("Comments", "Confidentiel")])
    return lab, raw, open_sealed(raw, lab.env["GNUPGHOME_PEER"])


def fields(message):
    return [(name.lower(), re.sub(r"\r?\n", "", str(value))) for name, value in message.raw_items()]


def raw_message(data):
    return email.message_from_bytes(data, policy=email.policy.compat32.clone(linesep="\r\n"))


def test_outside_there_is_a_neutral_subject_with_the_reference(pair):
    lab, raw, opened = pair
    subject = opened.outer["Subject"]
    assert re.fullmatch(r"Pli administratif scelle \[(KH-[0-9A-Z]{4}-[0-9A-Z]{4})\]", subject), subject
    assert lab.records()[-1]["reference"] == subject[-13:-1]
    assert opened.inner["Subject"] == "Mutation de M. Xé"
    assert not any(secret in raw for secret in SECRETS)


def test_each_field_outside_is_told_inside(pair):
    """RFC 9788, 2.2: HP-Outer has what the sender left outside, and nothing else; what is inside alone was hidden."""
    _lab, _raw, opened = pair
    outside = sorted(field for field in fields(opened.outer) if field[0] not in WAY)
    inside = fields(raw_message(opened.payload))
    told = sorted((name.strip().lower(), value.strip()) for name, _, value in
                  (value.partition(":") for name, value in inside if name == "hp-outer"))
    assert told == sorted((name, value.strip()) for name, value in outside)
    assert {"from", "to", "cc", "date", "message-id", "subject", "reply-to", "in-reply-to", "references"} == {name for name, _ in told}
    kept = {name: value.strip() for name, value in inside if name != "hp-outer"}
    assert all(kept[name] == value for name, value in told if name != "subject")
    assert kept["x-dossier"] == "154/DGCL" and kept["comments"] == "Confidentiel"


def test_inside_says_that_it_is_protected(pair):
    _lab, _raw, opened = pair
    parameters = opened.inner["Content-Type"].params
    assert (parameters["hp"], parameters["protected-headers"]) == ("cipher", "v1")
    assert opened.inner["MIME-Version"] == "1.0"
    assert opened.outer["MIME-Version"] == "1.0"
    assert "hp" not in opened.outer["Content-Type"].params


def test_frame_is_that_of_rfc_3156(pair):
    _lab, _raw, opened = pair
    first, second = opened.outer.get_payload()
    assert opened.outer["Content-Type"].params["protocol"] == "application/pgp-encrypted"
    assert [part.get_content_type() for part in (first, second)] == ["application/pgp-encrypted", "application/octet-stream"]
    assert first.get_payload().strip() == "Version: 1"
    assert second.get_filename() == "encrypted.asc" and second.get_content_disposition() == "inline"
    assert first.get("Content-Transfer-Encoding", "7bit") == second.get("Content-Transfer-Encoding", "7bit") == "7bit"


def test_lines_are_short_and_of_seven_bits(pair):
    _lab, raw, _opened = pair
    body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")[2]
    assert body.isascii()
    assert max(len(line) for line in body.split(b"\n")) <= 76
    assert not any(line != line.rstrip() or line.startswith(b"From ") for line in body.split(b"\n"))


def packets(lab, raw):
    second = email.message_from_bytes(raw).get_payload()[1].get_payload(decode=True)
    listing = gpg(lab.env["GNUPGHOME_PEER"], "--list-packets", "--list-only", stdin=second, check=False).stdout.decode()
    return re.findall(r"^:pubkey enc packet: .*keyid ([0-9A-F]{16})", listing, re.M)


def test_key_ids_are_hidden_from_the_first_blind_copy_on(pair):
    lab, raw, _opened = pair
    [shown] = packets(lab, raw)
    assert shown != "0" * 16
    blind = sealed(lab, FINANCES, PARIS, to=FINANCES)
    assert packets(lab, blind) == ["0" * 16]
    opened = open_sealed(blind, lab.env["GNUPGHOME_PEER"])
    assert PARIS not in opened.payload.decode(errors="replace") and "Bcc" not in opened.outer
    named = sealed(lab, FINANCES, PARIS, to=[FINANCES, PARIS])
    assert packets(lab, named) == [shown]
