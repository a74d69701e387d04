# SPDX-License-Identifier: Apache-2.0
"""Khatm's own DKIM signatures: over what leaves, sealed or not, as it leaves; of what our people wrote and of nothing that passes
through; without one nothing of theirs leaves."""

import concurrent.futures
import contextlib
import os
import re
import signal
import subprocess
import time

import pytest

from dkimkeys import DOMAIN, SELECTORS, Keys, as_it_came, make_pem, public_part, record_name, signatures
from gateway import Lab, children_of, wait_until
from letters import AGENT, FINANCES, GMAIL, mail, plain, raw_mail
from messages import pdf
from peer import Peer
from pgp import open_sealed

BOTH = sorted(SELECTORS.values())
OUTSIDER = "citoyen@gmail.com"
HURRY = ("deadline = 3s", "wait = 3s")
LINES, APART_S = 10_000, 0.4  # a body that takes a moment to sign; messages that come one after the other


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return Keys(tmp_path_factory.mktemp("dkim"))


@pytest.fixture(scope="module")
def egress(labs, keys):
    made = labs.fresh_of(Lab, "--egress", *keys.options)
    keys.use(made, *HURRY)
    yield made
    labs.stop_one(made)


@pytest.fixture(scope="module")
def submission(labs, keys):
    made = labs.fresh_of(Lab, *keys.options)
    keys.use(made, *HURRY, "processes = 1")
    yield made
    labs.stop_one(made)


@pytest.fixture(params=["egress", "submission"])
def lab(request):
    return request.getfixturevalue(request.param)


def letter(**how):
    return mail(documents=[("arrete.pdf", pdf(**how))])


def test_sealed_mail_verifies_and_opens(lab, keys):
    sent = mail(subject="Mouvement é à ü " * 8, documents=[("arrete.pdf", pdf(size=200_000))])
    with lab.new_records() as fresh:
        assert lab.send(sent, FINANCES).code == 250
        raw = as_it_came(lab.arrived("finances.gov.example", sent))
    assert keys.good(raw) == BOTH, raw[:2500]
    assert fresh[-1]["verdict"] == "seal" and len(fresh) <= 2
    assert raw.lower().index(b"dkim-signature:") == 0 and b"l=" not in b"".join(line.encode() for line in signatures(raw))
    assert keys.good(raw.replace(b"Version: 1", b"Version: 2")) == []
    assert keys.good(raw.replace(b"From: agent", b"From: chef")) == []
    assert keys.good(raw.replace(b"\r\n\r\n", b"\r\nReply-To: a@gmail.com\r\n\r\n", 1)) == []
    opened = open_sealed(raw, lab.env["GNUPGHOME_PEER"])
    assert opened.inner["Subject"].startswith("Mouvement é") and opened.attachments().keys() == {"arrete.pdf"}


RECEIVED = "".join(f"Received: from a{i}.example (a{i}.example [192.0.2.{i}])\r\n\tby b.example; Sat, 21 Nov 2026 10:00:00 +0000\r\n"
                   for i in range(1, 5))
TALK = {
    "plain": plain(),
    "no body": raw_mail(b"", b"", to=GMAIL),
    "a long subject, folded": plain(subject="Dejeuner " * 20 + "\r\n\tdemain " + "ou  plus tard " * 8),
    "an encoded subject": plain(subject="=?utf-8?B?2LPZhNin2YU=?=\r\n =?utf-8?Q?_d=C3=A9jeuner?="),
    "dots": plain(text=".\r\n..\r\n.a\r\nFrom here\r\n"),
    "8-bit": raw_mail(b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n",
                      "Déjeuner à midi ?\r\n".encode(), to=GMAIL),
    "blanks at the ends of lines": plain(text="a  \r\nb\t \r\n \r\n\r\n\r\n"),
    "a CR that ends no line": raw_mail(b"", b"a\rb \r\n", to=GMAIL),
    "several Received": raw_mail(RECEIVED.encode(), b"a\r\n", to=GMAIL),
    "a field twice": raw_mail(b"Cc: a@gmail.com\r\nCc: b@gmail.com\r\n", b"a\r\n", to=GMAIL),
}


def test_talk_of_staff_is_signed(lab, keys):
    lab.forget()
    with contextlib.closing(lab.connect()) as session:
        for shape, sent in TALK.items():
            assert lab.send(sent, GMAIL, session=session).code == 250, shape
    for shape, sent in TALK.items():
        raw = as_it_came(lab.arrived("gmail.com", sent))
        assert keys.good(raw) == BOTH, (shape, raw)
        assert b"X-Khatm-Ticket" not in raw


def test_a_large_document(egress, keys):
    sent = letter(size=18_000_000)
    assert len(sent.raw) > 24_000_000
    assert egress.send(sent, FINANCES).code == 250
    assert keys.good(as_it_came(egress.arrived("finances.gov.example", sent))) == BOTH


# --- whose

# What an alias, a .forward, Sieve or a list sends on, and where that ends.
FORWARDS = {
    "alias": ("chef@interieur.gov.example", "gmail.com"),
    "virtual alias": ("secretariat@interieur.gov.example", "gmail.com"),
    ".forward": ("renvoi@interieur.gov.example", "hotmail.com"),
    "Sieve redirect": ("filtre@interieur.gov.example", "yahoo.fr"),
    "list": ("liste@interieur.gov.example", "gmail.com"),
}


@pytest.mark.parametrize("sender", [AGENT, OUTSIDER])
def test_what_is_sent_on_for_strangers_is_not_signed(egress, sender):
    """From is one of ours, and nobody logged in; or From is the stranger's own."""
    sent = {way: plain(to=to, sender=sender) for way, (to, _domain) in FORWARDS.items()}
    for way, (to, _domain) in FORWARDS.items():
        answer = egress.deliver(sent[way].raw, [to], sender=sender)
        assert answer.code == 250, (way, answer)
    for way, (_to, domain) in FORWARDS.items():
        raw = as_it_came(egress.arrived(domain, sent[way]))
        assert f"From: {sender}".encode() in raw and not signatures(raw), way


def test_a_ticket_of_a_strangers_own_signs_nothing(egress):
    """The field that a colleague's mail had, put on a forged message."""
    seen = plain(to="adjoint@interieur.gov.example")
    assert egress.send(seen, "adjoint@interieur.gov.example").code == 250
    [copy] = wait_until(lambda: egress.at_mailbox("adjoint", seen.message_id), "a message for a colleague")
    ticket = re.search(rb"(?m)^X-Khatm-Ticket:.*(?:\r?\n[ \t].*)*\r?\n", copy)
    assert ticket, copy
    forged = plain(to="chef@interieur.gov.example")
    forged.raw = ticket.group(0).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") + forged.raw
    assert egress.deliver(forged.raw, ["chef@interieur.gov.example"], sender=AGENT).code == 250
    assert not signatures(egress.arrived("gmail.com", forged))


def test_staff_by_an_alias_is_signed(egress, keys):
    sent = plain(to="chef@interieur.gov.example")
    assert egress.send(sent, "chef@interieur.gov.example").code == 250
    assert keys.good(as_it_came(egress.arrived("gmail.com", sent))) == BOTH


def test_programs_without_a_login_are_not_signed(lab):
    sent = plain()
    assert lab.pickup(sent.raw.replace(b"\r\n", b"\n"), [GMAIL]) == 0
    assert not signatures(lab.arrived("gmail.com", sent))


def test_a_service_is_signed_at_egress(egress, keys):
    """A machine that the configuration names, without a login."""
    scanner = 'machine "scanner" {{ client = {{ "127.0.0.1", "{}" }} from = "scanner@interieur.gov.example" }}\n'
    host = egress.env["SUBMISSION"].rpartition(":")[0]
    with egress.edited(egress.path("CONF"), lambda text: text + scanner.format(host)):
        sent = plain(sender="scanner@interieur.gov.example")
        assert egress.pickup(sent.raw.replace(b"\r\n", b"\n"), [GMAIL], sender="scanner@interieur.gov.example") == 0
        raw = as_it_came(egress.arrived("gmail.com", sent))
    assert keys.good(raw) == BOTH


def test_unsealed_mail_may_go_without(egress, keys):
    with egress.edited(egress.path("CONF"), lambda text: text.replace("dkim { ", "dkim { unsealed = no ")):
        talk, document = plain(), letter(seed=77)
        assert egress.send(talk, GMAIL).code == 250 and egress.send(document, FINANCES).code == 250
        assert not signatures(egress.arrived("gmail.com", talk))
        assert keys.good(as_it_came(egress.arrived("finances.gov.example", document))) == BOTH


# --- without a signer

def signers(lab):
    def is_one(pid):
        with contextlib.suppress(OSError), open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read().split(b"\0")[0].endswith(b"khatm-dkim-signer")
        return False
    return [pid for pid in children_of(lab.pid()) if is_one(pid)]


@contextlib.contextmanager
def stopped(lab):
    """It takes jobs and never answers. What took its place runs."""
    pids = wait_until(lambda: signers(lab), "a signer")
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    yield


@contextlib.contextmanager
def absent(lab):
    program = lab.path("BIN") / "khatm-dkim-signer"
    away = program.with_name("away")
    program.rename(away)
    for pid in signers(lab):
        os.kill(pid, signal.SIGKILL)
    try:
        yield
    finally:
        away.rename(program)


@contextlib.contextmanager
def open_keys(lab):
    """Somebody opened the key file to all, and the signer died."""
    key = lab.path("CONF").parent / "dkim" / "rsa"
    key.chmod(0o644)
    for pid in signers(lab):
        os.kill(pid, signal.SIGKILL)
    try:
        yield
    finally:
        key.chmod(0o600)


@pytest.mark.parametrize("trouble", [stopped, absent, open_keys])
def test_nothing_leaves_without_a_signature(egress, keys, trouble):
    """At the hop the client is our own Postfix, which holds the message and tries again."""
    sent = letter(seed=trouble.__name__)
    before = len(egress.khatmd_log())
    with trouble(egress):
        assert egress.send(sent, FINANCES).code == 250
        egress.wait_for_log("verdict=try-later", before)
        assert not egress.messages_at("finances.gov.example", sent.message_id)
    assert re.search("detail=.*(khatm-dkim-signer|chmod 600)", egress.khatmd_log()[before:])
    arrives_later(egress, sent)
    assert keys.good(as_it_came(egress.arrived("finances.gov.example", sent))) == BOTH


def arrives_later(lab, sent):
    def there():
        lab.flush()
        return lab.messages_at("finances.gov.example", sent.message_id)
    wait_until(there, "the message at last")


def test_a_client_hears_try_later(submission, keys):
    sent, before = letter(seed=5), submission.sink_count()
    with submission.new_records() as fresh, stopped(submission):
        answer = submission.send(sent, FINANCES)
    assert answer.code == 451 and [record["verdict"] for record in fresh] == ["try-later"], (answer, fresh)
    assert submission.sink_count() == before
    wait_until(lambda: submission.send(sent, FINANCES).code == 250, "a retry that is accepted")
    assert keys.good(as_it_came(submission.arrived("finances.gov.example", sent))) == BOTH


def test_first_come_first_served(submission, keys):
    """One process for all, which was held up: each in the order it came."""
    letters = [plain(subject=f"Note {i}", text=("x" * 70 + "\r\n") * LINES) for i in range(4)]
    with submission.new_records() as fresh, concurrent.futures.ThreadPoolExecutor() as pool:
        [signer] = wait_until(lambda: signers(submission), "a signer")
        os.kill(signer, signal.SIGSTOP)
        answers = []
        for sent in letters:
            answers.append(pool.submit(submission.send, sent, GMAIL))
            time.sleep(APART_S)
        os.kill(signer, signal.SIGCONT)
        answers = [answer.result() for answer in answers]
    assert [answer.code for answer in answers] == [250] * len(letters), answers
    assert [record["queue_id"] for record in fresh] == [answer.queue_id for answer in answers]


# --- what no signature can cover

RESENT = "".join(f"Resent-From: a{i}@example.org\r\nResent-Date: Sat, 21 Nov 2026 10:00:00 +0000\r\n" for i in range(40))
VERTICAL_TAB = "Note\x0bsuite"  # a line break of word processors


def test_mail_that_was_resent_often_is_signed(lab, keys):
    """Over what it may have once: no other author, subject or address for answers can be put in."""
    sent = raw_mail(RESENT.encode(), b"a\r\n", to=GMAIL)
    assert lab.send(sent, GMAIL).code == 250
    raw = as_it_came(lab.arrived("gmail.com", sent))
    assert keys.good(raw) == BOTH, signatures(raw)
    for field in (b"From: chef@interieur.gov.example", b"Subject: Autre", b"Reply-To: a@gmail.com", b"Content-Type: text/html"):
        assert keys.good(raw.replace(b"\r\n\r\n", b"\r\n" + field + b"\r\n\r\n", 1)) == [], field


def test_what_can_never_be_signed_is_refused_at_once(submission):
    sent, honest = plain(subject=VERTICAL_TAB), plain(subject="Note\tsuite")
    before = submission.sink_count()
    with submission.new_records() as fresh:
        answer = submission.send(sent, GMAIL)
    [record] = fresh
    assert answer.code == 550 and "5.6.0" in answer.text and "the field Subject has a control character" in answer.text, answer
    assert (record["verdict"], record["reason"], record["reference"] in answer.text) == ("reject", "UNSIGNABLE", True), record
    assert [rcpt["verdict"] for rcpt in record["rcpts"]] == ["reject"], record
    assert submission.sink_count() == before
    assert submission.send(honest, GMAIL).code == 250


def test_at_egress_its_sender_hears_at_once(egress):
    sent = plain(subject=VERTICAL_TAB)
    assert egress.send(sent, GMAIL).code == 250
    [report] = wait_until(lambda: [raw for raw in egress.mailbox("agent") if sent.message_id.encode() in raw], "a report")
    assert b"UNSIGNABLE" in report and b"the field Subject" in re.sub(rb"\s+", b" ", report), report
    assert not egress.messages_at("gmail.com", sent.message_id)


def test_sealed_mail_may_have_it_inside(lab, keys):
    sent = mail(documents=[("arrete.pdf", pdf(seed=51))])
    sent.raw = sent.raw.replace(b"Subject: Note", b"Subject: " + VERTICAL_TAB.encode(), 1)
    assert lab.send(sent, FINANCES).code == 250
    assert keys.good(as_it_came(lab.arrived("finances.gov.example", sent))) == BOTH


# --- keys that are none

def short(path):
    make_pem(path, "RSA", "-pkeyopt", "rsa_keygen_bits:1024")


BAD_KEYS = {
    "open": (lambda path: path.chmod(0o640), "chmod 600"),
    "missing": (lambda path: path.unlink(), "No such file"),
    "short": (short, "of 1024 bits"),
    "no key": (lambda path: path.write_text("nonsense\n"), "is no private key"),
}


@pytest.mark.parametrize("case", BAD_KEYS)
def test_a_key_that_is_none_is_told_at_once(egress, keys, case):
    """By khatm check, and by the daemon, which goes on with what it had."""
    how, says = BAD_KEYS[case]
    place = keys.give(egress, name=f"bad-{case.replace(' ', '-')}")
    how(place / "rsa")
    if (place / "rsa").exists():
        os.chown(place / "rsa", int(egress.env["KHATM_UID"]), -1)
    conf = egress.path("CONF")
    good = conf.read_text()
    conf.write_text(re.sub(r'file = "[^"]*/dkim/', f'file = "{place}/', good))
    try:
        check = egress.khatm("check")
        lines = check.stderr.decode().splitlines()
        assert check.returncode == 78 and len(lines) == 1, check
        assert says in lines[0] and str(place / "rsa") in lines[0]
        before = len(egress.khatmd_log())
        egress.signal_reload()
        egress.wait_for_log("reload refused", before)
        assert says in egress.khatmd_log()[before:]
    finally:
        conf.write_text(good)
    egress.reload()
    sent = letter(seed=31)
    assert egress.send(sent, FINANCES).code == 250
    assert keys.good(as_it_came(egress.arrived("finances.gov.example", sent))) == BOTH


def test_another_key_in_the_same_file_is_taken_in(egress, keys, tmp_path):
    place, name = egress.path("CONF").parent / "dkim" / "ed25519", record_name("ed25519")
    old, record = place.read_bytes(), keys.records[name]
    make_pem(tmp_path / "new", "ED25519")
    place.write_bytes((tmp_path / "new").read_bytes())
    try:
        egress.reload()
        sent = plain()
        assert egress.send(sent, GMAIL).code == 250
        raw = as_it_came(egress.arrived("gmail.com", sent))
        assert keys.good(raw) == [SELECTORS["rsa"]]
        keys.records[name] = f"v=DKIM1; k=ed25519; p={public_part('ed25519', tmp_path / 'new')}"
        assert keys.good(raw) == BOTH
    finally:
        keys.records[name] = record
        place.write_bytes(old)
        egress.reload()


# What stands in khatm.conf, and what khatm check says of it.
NONSENSE = {
    "dkim { processes = 1 }": "dkim without a key",
    'dkim-key "s2026" { file = k }': 'dkim-key "s2026": write the name of its DNS record',
    'dkim-key "._domainkey.gov.example" { file = k }': "write the name of its DNS record",
    'dkim-key "a b._domainkey.gov.example" { file = k }': "write the name of its DNS record",
    'dkim-key "s._domainkey.gov.example" { }': "'file' is missing",
    "dkim { headers = { Subject, Content-Type } }": "headers: From and Content-Type must be among them",
    "dkim { headers = { From, Content-Type, Received } }": "Received is written on the way",
    "dkim { headers = { From, Content-Type, from } }": "from is there twice",
    'dkim { headers = { From, Content-Type, "A b" } }': "'A b' is no name of a header field",
    "dkim { lifetime = 1h }": "lifetime",
}


def test_sections_that_say_nothing(egress):
    """One line each, with the line of the file."""
    good = re.sub(r"(?m)^dkim(-key \S+)? \{.*\n", "", egress.path("CONF").read_text())
    conf = egress.path("CONF").with_name("nonsense.conf")
    for section, says in NONSENSE.items():
        conf.write_text(good + section + "\n")
        check = subprocess.run([egress.path("BIN") / "khatm", "check", "--config", conf], capture_output=True, check=False)
        lines = check.stderr.decode().splitlines()
        assert check.returncode == 78 and len(lines) == 1 and says in lines[0], (section, check)
        assert f"{conf}:{len(good.splitlines()) + 1}: " in lines[0], lines


# --- what is published

def test_domains_test_compares_what_is_published(egress, keys, tmp_path):
    """Without a selector on its command line."""
    def ask(conf):
        done = subprocess.run([egress.path("BIN") / "khatm", "domains", "test", "--config", conf, DOMAIN], capture_output=True, text=True,
                              check=False)
        return re.sub(r"(?m)^ +", "", done.stdout)
    good = egress.path("CONF").read_text()
    said = ask(egress.path("CONF"))
    assert all(re.search(rf"{selector}: +good|good +{selector}", said) for selector in BOTH), said
    make_pem(tmp_path / "new", "ED25519")
    conf = egress.path("CONF").with_name("other.conf")
    conf.write_text(re.sub(r'(e2026[^"]*" \{ file = ")[^"]*', rf"\g<1>{tmp_path}/new", good))
    said = ask(conf)
    assert "another key than the one that signs here" in said
    assert re.search(rf"(?m)^{record_name('ed25519')}\. IN TXT \"v=DKIM1; k=ed25519; p=[^\"]{{44}}\"$", said), said
    conf.write_text(good.replace("r2026._", "n2026._"))
    said = ask(conf)
    published = re.search(rf'(?m)^n2026\._domainkey\.{DOMAIN}\. IN TXT ("[^\n]*")$', said)
    assert "".join(re.findall('"([^"]*)"', published.group(1))) == keys.records[record_name("rsa")], said


# --- the other end

def test_the_peer_proves_the_sender_and_opens(labs, keys):
    """Its registry demands DKIM; SPF, which the lab's addresses would pass, does not help."""
    lab = labs.fresh_of(Peer, "--egress", "--peer-unseal", "refuse", *keys.options)
    try:
        keys.use(lab)
        lab.demand_dkim()
        sent = lab.through(letter())
        raw, record = lab.delivered(sent)
        assert len(re.findall(rb"dkim=pass[^;]*header\.d=interieur\.gov\.example", raw)) == 2, raw[:1500]
        assert b"policy.khatm-seal=verified" in raw and record["verdict"] == "unseal"
    finally:
        labs.stop_one(lab)
