# SPDX-License-Identifier: Apache-2.0
"""What other programs seal for this gateway's key: opened when the key signed that the registry pins, or unsigned where that is
taken; else refused for that reason."""

import email
import email.policy

import foreign_seals as foreign
import pytest
from letters import Mail, raw_mail
from peer import Peer
from pgp import make_key, stop_agent
from shapes import NOTE

LINE = "Texte confidentiel du dossier 4711, à Köln."
OUTSIDE = "..."


@pytest.fixture(scope="module")
def takes_unsigned(labs):
    lab = labs.fresh_of(Peer, "--peer-unseal", "open")
    yield lab
    labs.stop_one(lab)


@pytest.fixture(scope="module")
def strict(labs):
    lab = labs.fresh_of(Peer, "--peer-unseal", "refuse")
    yield lab
    labs.stop_one(lab)


class Signers:
    """Of a lab: the gateway whose key is pinned, and somebody else."""

    def __init__(self, lab, folder):
        self.lab, self.folder, self.keys = lab, folder, {}

    def get(self, who):
        if who not in self.keys:
            folder = self.folder / who
            folder.mkdir(parents=True)
            home = self.lab.env["GNUPGHOME_OWN"]
            if who == "stranger":
                home = folder / "gnupg"
                home.mkdir(mode=0o700)
                make_key(home, "Inconnu <inconnu@autre.example>")
            self.keys[who] = foreign.Key(folder, home, self.lab)
        return self.keys[who]


@pytest.fixture(scope="module")
def signers(tmp_path_factory, takes_unsigned, strict):
    both = {lab: Signers(lab, tmp_path_factory.mktemp("signers")) for lab in (takes_unsigned, strict)}
    yield both
    for one in both.values():
        for who, key in one.keys.items():
            if who == "stranger":
                stop_agent(key.home)


def opened(lab, sent, state, subject):
    reply = lab.hand(sent.raw)
    assert reply.code == 250, (reply, lab.peer_log()[-600:])
    raw, record = lab.delivered(sent)
    assert (record["verdict"], record["rule"]) == ("unseal", "R15-sealed")
    assert f"policy.khatm-seal={state}".encode() in raw.replace(b"\r\n\t", b" ")
    got = email.message_from_bytes(raw, policy=email.policy.SMTP)
    assert got.get_body().get_content().replace("\r\n", "\n").strip() == LINE
    assert str(got["Subject"]) == subject and got["MIME-Version"] == "1.0"
    assert not {"hp", "protected-headers"} & got["Content-Type"].params.keys()
    assert raw.partition(b"\r\n\r\n")[2].count(b"\r\n") == raw.partition(b"\r\n\r\n")[2].count(b"\n")
    return got


def refused(lab, sent, why):
    reply = lab.hand(sent.raw)
    assert (reply.code, reply.reason) == (550, "SEAL-BROKEN"), (reply, lab.peer_log()[-600:])
    assert why in reply.text, reply.text
    assert not lab.in_peer_mailbox(sent.message_id)


PROGRAMS = {"gpg": foreign.by_gpg, "sqop": foreign.by_sqop, "rnp": foreign.by_rnp}


@pytest.mark.parametrize("program", PROGRAMS)
def test_sealed_by_a_program(program, takes_unsigned, strict, signers):
    subject, entity = foreign.protected(LINE)

    def mail(lab, who, sign):
        return raw_mail(*foreign.thunderbird(PROGRAMS[program](signers[lab].get(who), entity, sign)), subject=OUTSIDE)

    for lab in (strict, takes_unsigned):
        opened(lab, mail(lab, "gateway", True), "verified", "Réunion à Köln")
        refused(lab, mail(lab, "stranger", True), "does not pin")
    opened(takes_unsigned, mail(takes_unsigned, "stranger", False), "unsigned", "Réunion à Köln")
    refused(strict, mail(strict, "gateway", False), "nobody signed")


def test_a_subject_and_nothing_else(takes_unsigned, signers):
    """An empty body takes the place of the ciphertext, too."""
    entity = b"Content-Type: text/plain; protected-headers=\"v1\"\r\nSubject: Dossier 4711 clos\r\n\r\n"
    armour = foreign.by_gpg(signers[takes_unsigned].get("gateway"), entity, True)
    sent = raw_mail(*foreign.thunderbird(armour), subject=OUTSIDE)
    assert takes_unsigned.hand(sent.raw).code == 250
    raw, record = takes_unsigned.delivered(sent)
    head, _, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    assert (record["verdict"], body.strip()) == ("unseal", b"") and b"\nSubject: Dossier 4711 clos" in head


# Gateways, and what they put inside; the first three never sign.
GATEWAYS = {
    "gwmilter": (foreign.gwmilter, foreign.mixed, False),
    "Zeyple": (foreign.zeyple, foreign.mixed_lf, False),
    "JavaMail, unsigned": (foreign.java_mail, foreign.mixed, False),
    "JavaMail": (foreign.java_mail, foreign.mixed, True),
    "Thunderbird": (foreign.thunderbird, foreign.protected, True),
}


@pytest.mark.parametrize("name", GATEWAYS)
def test_sealed_in_the_manner_of(name, takes_unsigned, strict, signers):
    wrap, fill, signs = GATEWAYS[name]
    subject, entity = fill(LINE)
    shown = "Réunion à Köln" if subject else OUTSIDE

    def mail(lab, who="gateway"):
        return raw_mail(*wrap(foreign.by_gpg(signers[lab].get(who), entity, signs)), subject=OUTSIDE)

    opened(takes_unsigned, mail(takes_unsigned), "verified" if signs else "unsigned", shown)
    if signs:
        opened(strict, mail(strict), "verified", shown)
        refused(strict, mail(strict, "stranger"), "does not pin")
    else:
        refused(strict, mail(strict), "nobody signed")


@pytest.mark.parametrize("sign", [True, False], ids=["signed", "unsigned"])
def test_sealed_by_mutt(sign, takes_unsigned, strict, signers):
    def mail(lab, who):
        raw = foreign.by_mutt(signers[lab].get(who), LINE, "Réunion à Köln", NOTE, sign)
        return Mail(raw, email.message_from_bytes(raw)["Message-ID"])

    sent = mail(takes_unsigned, "gateway")
    assert "Subject: ..." in sent.raw.decode()
    got = opened(takes_unsigned, sent, "verified" if sign else "unsigned", "Réunion à Köln")
    [document] = got.iter_attachments()
    assert (document.get_filename(), document.get_content()) == ("note.pdf", NOTE)
    if sign:
        opened(strict, mail(strict, "gateway"), "verified", "Réunion à Köln")
        refused(strict, mail(strict, "stranger"), "does not pin")
    else:
        refused(strict, mail(strict, "gateway"), "nobody signed")


def nested(key, **how):
    return raw_mail(*foreign.java_mail(foreign.by_gpg(key, foreign.signed_inside(key, foreign.mixed(LINE)[1], **how), False)), subject=OUTSIDE)


def test_signed_first_and_sealed_then(takes_unsigned, strict, signers):
    for lab in (strict, takes_unsigned):
        got = opened(lab, nested(signers[lab].get("gateway")), "verified", OUTSIDE)
        assert got.get_content_type() == "multipart/signed"


def test_an_author_s_own_signature_inside_is_none_of_the_gateway(takes_unsigned, strict, signers):
    refused(strict, nested(signers[strict].get("stranger")), "nobody signed")
    opened(takes_unsigned, nested(signers[takes_unsigned].get("stranger")), "unsigned", OUTSIDE)


MARK = "; protected-headers=\"v1\"; hp=\"cipher\"\r\nSubject: Faux objet"


def test_a_signature_inside_vouches_for_no_header_field(takes_unsigned, signers):
    """Those stand outside of what is signed; where nothing is verified, they are taken as they are."""
    opened(takes_unsigned, nested(signers[takes_unsigned].get("gateway"), mark=MARK), "verified", OUTSIDE)
    opened(takes_unsigned, nested(signers[takes_unsigned].get("stranger"), mark=MARK), "unsigned", "Faux objet")


ARMOUR = b"-----BEGIN PGP SIGNATURE-----\n\n%s\n-----END PGP SIGNATURE-----\n"
FORGED = {
    "another text": {"text": b"Content-Type: text/plain\r\n\r\nUn autre."},
    "text before the parts": {"before": "Bonjour,\r\n"},
    "a third part": {"third": b"--=_s\r\nContent-Type: text/plain\r\n\r\nUn autre.\r\n"},
    "no signature": {"signature": b"rien\n"},
    "garbage": {"signature": ARMOUR % b"iHUEABYKAB0WIQQ="},
    "SHA-1": {"digest": "SHA1"},
    "nothing in it": {"signature": ARMOUR % b""},
}


@pytest.mark.parametrize("name", FORGED)
def test_forged_signature_inside_verifies_nothing(strict, signers, name):
    refused(strict, nested(signers[strict].get("gateway"), **FORGED[name]), "nobody signed")
