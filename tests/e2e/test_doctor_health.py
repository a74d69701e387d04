# SPDX-License-Identifier: Apache-2.0
"""`khatm doctor` on what is beside Postfix: what own domains publish in DNS, keys and registry that end, a clock that was set
back, a journal from which something was taken."""

import datetime
import pathlib
import re
import shutil
import sqlite3

import pytest
from dkimkeys import make_pem, public_part
from dns_server import Server
from domains import Zone, texts
from letters import plain
from patient import USAGE, for_one_test, mended
from pgp import make_key, stop_agent

OWN = "interieur.gov.example"
SPF, DMARC = "v=spf1 ip4:192.0.2.1 -all", "v=DMARC1; p=reject"
KEY = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="


@pytest.fixture(scope="module")
def healthy(labs):
    with mended(labs.get()) as patient:
        yield patient


@pytest.fixture
def patient(healthy):
    with for_one_test(healthy) as patient:
        yield patient


def ask_dns(patient, server, *words):
    patient.configure(lambda text: re.sub(r"servers *= *\{[^}]*\}", f'servers = {{ "{server}" }}', text))
    patient.configure(lambda text: re.sub(r"(resolver \{)", r"\1 deadline = 2s ", text))
    return patient.findings(*words)


def zone(spf=SPF, dmarc=DMARC, key=None):
    names = {OWN: {"TXT": spf if isinstance(spf, str) and spf in ("SERVFAIL", "GARBAGE") else [spf] if spf else []}}
    names |= {f"_dmarc.{OWN}": texts(dmarc)} if dmarc else {}
    return names | ({f"s1._domainkey.{OWN}": texts(key)} if key else {})


# What DNS has, more words of the command, the check and what it says, the line that mends it.
PUBLISHED = [
    ("as it should be", zone(), (), None, "", ""),
    ("with a key", zone(key=KEY), ("--selector", "s1"), None, "", ""),
    ("an old key beside", zone(key=KEY), ("--selector", "old", "--selector", "s1"), None, "", ""),
    ("softfail is an answer", zone("v=spf1 ip4:192.0.2.1 ~all"), (), None, "", ""),
    ("no SPF", zone(spf=None), (), "own-spf", "publishes no SPF", f"publish: {OWN}. IN TXT \"v=spf1 "),
    ("everybody may send", zone("v=spf1 ip4:192.0.2.1 +all"), (), "own-spf", "the whole Internet",
     f"publish: {OWN}. IN TXT \"v=spf1 ip4:192.0.2.1 -all\""),
    ("a wrong term", zone("v=spf1 ip4:x -all"), (), "own-spf", "wrong", "khatm domains test"),
    ("no DMARC", zone(dmarc=None), (), "own-dmarc", "publishes no DMARC", f"publish: _dmarc.{OWN}. IN TXT \"v=DMARC1; p=none"),
    ("a DMARC without policy", zone(dmarc="v=DMARC1; x=y"), (), "own-dmarc", "wrong DMARC", "publish: "),
    ("no key", zone(), ("--selector", "s1"), "own-dkim", "publishes no DKIM", f"publish: s1._domainkey.{OWN}. "),
    ("a revoked key", zone(key="v=DKIM1; p="), ("--selector", "s1"), "own-dkim", "wrong DKIM", ""),
    ("DNS that fails", zone("SERVFAIL"), (), "own-dns", "DNS did not say", "khatm domains test"),
    ("DNS that talks nonsense", zone("GARBAGE"), (), "own-dns", "DNS did not say", "khatm domains test"),
]


@pytest.mark.parametrize("name, names, words, check, said, mend", PUBLISHED, ids=[row[0] for row in PUBLISHED])
def test_what_own_domains_publish(patient, name, names, words, check, said, mend):
    found = ask_dns(patient, Server(Zone(names).answer).name, *words)
    assert [(one["check"], one["severity"]) for one in found] == ([(check, "warning")] if check else [])
    for one in found:
        assert OWN in one["what"] and said in one["what"] and one["mend"].startswith(mend)


# What DNS has for a selector with which Khatm signs, the mode of the key's file, and what is said of it.
SIGNING = [
    ("the very key", True, 0o600, None),
    ("no key", None, 0o600, "publishes no DKIM"),
    ("another key", KEY, 0o600, "another key than the one that signs here"),
    ("a key that all may read", True, 0o644, "chmod 600"),
]


@pytest.mark.parametrize("name, published, mode, said", SIGNING, ids=[row[0] for row in SIGNING])
def test_keys_with_which_khatm_signs(patient, name, published, mode, said):
    key = patient.folder / "key"
    make_pem(key, "ED25519")
    record = f"v=DKIM1; k=ed25519; p={public_part('ed25519', key)}"
    key.chmod(mode)
    patient.configure(lambda text: text + f'dkim-key "s1._domainkey.{OWN}" {{ file = "{key}" }}\n')
    found = ask_dns(patient, Server(Zone(zone(key=record if published is True else published)).answer).name)
    assert [one["check"] for one in found] == (["own-dkim"] if said else [])
    for one in found:
        assert said in one["what"]
        assert one["mend"] == (f'publish: s1._domainkey.{OWN}. IN TXT "{record}"' if mode == 0o600 else "khatm check")


def test_dead_dns_is_said_and_nothing_else_is_lost(patient):
    patient.postconf("-e", "bounce_size_limit=50000")
    assert [one["check"] for one in ask_dns(patient, "127.0.0.1@9")] == ["bounce-content", "own-dns"]


def test_a_selector_that_is_none(patient):
    done = patient.ask("--selector", "a b")
    assert done.returncode == USAGE and "--selector a b" in done.stderr


def unsigned(patient, edit):
    """A registry that nobody need sign, changed."""
    source = pathlib.Path(patient.lab["REGISTRY"])
    registry = patient.folder / "government.domains"
    text = edit(source.read_text())
    assert text != source.read_text()
    registry.write_text(text)
    patient.configure(lambda conf: re.sub(r'(?m)^(registry *= *)"[^"]*"', rf'\1"{registry}"', re.sub(r"(?m)^authority.*\n", "", conf)))
    return {one["check"] for one in patient.findings()} - {"registry-unsigned"}


def test_own_domain_in_no_entry(patient):
    """Others go by the same registry; khatm check says it, too."""
    assert unsigned(patient, lambda text: text.replace(f'domain "{OWN}"', 'domain "autre.gov.example"')) == {"own-entry"}
    check = patient.lab.khatm("check", "--config", str(patient.conf))
    said = f"local domain {OWN} is in no entry of the registry: other administrations refuse to send it documents"
    assert (check.returncode, said in check.stderr.decode()) == (0, True), check


def day(days):
    return f"{datetime.date.today() + datetime.timedelta(days):%Y-%m-%d}"


@pytest.mark.parametrize("days, checks", [(10, {"registry-ends"}), (60, set())])
def test_registry_that_ends(patient, days, checks):
    assert unsigned(patient, lambda text: re.sub('expires = "[^"]*"', f'expires = "{day(days)}"', text, count=1)) == checks


def test_registry_of_a_day_to_come(patient):
    """No configuration at all, and the line says why."""
    with pytest.raises(AssertionError, match="check this machine's clock"):
        unsigned(patient, lambda text: re.sub('issued  = "[^"]*"', f'issued = "{day(3)}"', text, count=1))


@pytest.mark.parametrize("days, checks", [(10, {"key-ends"}), (90, set())])
def test_key_that_ends(patient, days, checks):
    home = patient.folder / "gnupg"
    home.mkdir(mode=0o700)
    fingerprint = make_key(home, "finances", expire=f"{days}d")
    source = re.search(r'homedir *= *"([^"]*)"', patient.conf.read_text())[1]
    patient.configure(lambda text: text.replace(f'"{source}"', f'"{home}"'))
    found = unsigned(patient, lambda text: text.replace(patient.lab["PEER_FINGERPRINT"], fingerprint))
    stop_agent(home)
    shutil.rmtree(home, ignore_errors=True)  # its agent may still be taking its sockets away
    assert found == checks


def test_registry_that_was_changed_after_signing(patient):
    """The last good one stays in force, and that is said."""
    folder = patient.folder / "registry"
    folder.mkdir()
    source = pathlib.Path(patient.lab["REGISTRY"])
    for name in (f"{source.name}.asc", "authority.asc"):
        shutil.copy(source.with_name(name), folder)
    (folder / "government.domains").write_text(source.read_text() + "# x\n")
    patient.configure(lambda conf: re.sub(r'(?m)^(registry *= *)"[^"]*"', rf'\1"{folder / "government.domains"}"', conf))
    assert [one["check"] for one in patient.findings()] == ["registry-refused"]


def harmed(patient, statement):
    """A copy of the lab's journal, with three records at least, to which that was done."""
    for _ in range(3):
        assert patient.lab.send(plain(), "personne@gmail.com").code == 250
    path = patient.folder / "journal.db"
    with sqlite3.connect(patient.lab["JOURNAL"]) as source, sqlite3.connect(path) as copy:
        source.backup(copy)
    with sqlite3.connect(path) as copy:
        copy.execute(statement)
    copy.close()
    patient.configure(lambda text: re.sub(r'store *= *"[^"]*"', f'store = "sqlite:{path}"', text))
    found = [one["check"] for one in patient.findings()]
    path.unlink()
    return found


@pytest.mark.parametrize("statement, checks", [
    ("DELETE FROM record WHERE sequence = (SELECT max(sequence) - 1 FROM record)", ["journal-gaps"]),
    ("UPDATE record SET time_ms = time_ms + 3 * 86400000 WHERE sequence = (SELECT max(sequence) FROM record)", ["clock"]),
    ("DROP TABLE record", ["journal"]), ("ANALYZE", []),
], ids=["one taken out", "of days to come", "not a journal any more", "untouched"])
def test_journal(patient, statement, checks):
    assert harmed(patient, statement) == checks
