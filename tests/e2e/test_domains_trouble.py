# SPDX-License-Identifier: Apache-2.0
"""`khatm domains test` where DNS is slow, broken, forged or hostile, with DNSSEC, and called with wrong words."""

import json
import os
import re
import socket
import subprocess
import time

import dns.exception
import dns.message
import dns.query
import jsonschema
import pytest
from dns_server import Server
from domains import BOTH, CONFIG, GOOD_SPF, LATER, MET, NOT_MET, OWN, SCHEMA, USAGE, Zone, ask, run, settings, spf, texts
from gateway import BUILD, TOP, wait_until

HAS_KEY = {f"s1._domainkey.{OWN}": texts("v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return settings(tmp_path_factory.mktemp("place"))


# --- DNS that does not answer as it should ---------------------------------------------------------------------------

TROUBLE = [
    ("SERVFAIL", {OWN: {"TXT": "SERVFAIL"}}, LATER),
    ("silence", {OWN: {"TXT": "SILENCE"}}, LATER),
    ("garbage", {OWN: {"TXT": "GARBAGE"}}, LATER),
    ("SERVFAIL for what is included", spf("v=spf1 include:i.example -all") | {"i.example": {"TXT": "SERVFAIL"}}, LATER),
    ("SERVFAIL for an address", spf("v=spf1 a -all", A="SERVFAIL"), LATER),
    ("trouble with SPF, and a good key", {OWN: {"TXT": "SERVFAIL"}} | HAS_KEY, MET),
    ("trouble with the key, and a good SPF", spf(GOOD_SPF) | {f"s1._domainkey.{OWN}": {"TXT": "SERVFAIL"}}, MET),
    ("trouble with the key, and no SPF", {f"s1._domainkey.{OWN}": {"TXT": "SILENCE"}}, LATER),
]


@pytest.mark.parametrize("names, wanted", [row[1:] for row in TROUBLE], ids=[row[0] for row in TROUBLE])
def test_trouble_is_try_later(place, names, wanted):
    code, answer, text = ask(place, names, OWN, "--selector", "s1")
    assert code == wanted, answer["demand"]
    assert "unknown" in (answer["spf"]["state"], answer["dkim"][0]["state"]) and "unknown" in text


def test_trouble_does_not_excuse_what_is_missing(place):
    """Both are demanded, the key is not there: whatever SPF is, the demand is not met."""
    assert ask(place, {BOTH: {"TXT": "SERVFAIL"}}, BOTH, "--selector", "s1")[0] == NOT_MET


@pytest.mark.parametrize("listens", [True, False], ids=["mute", "nobody there"])
def test_a_dead_server_is_try_later_in_time(place, listens):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mute:
        mute.bind(("127.0.0.1", 0))
        port = mute.getsockname()[1]
        if not listens:
            mute.close()
        started = time.monotonic()
        done = run(place, "--server", f"127.0.0.1@{port}", OWN)
    assert done.returncode == LATER and "no DNS server answers" in done.stdout, done
    assert time.monotonic() - started < 60


def test_a_misbehaving_server(place):
    """tests/support/dns_faults.py: forged ids, ten megabytes over TCP, loops; none is a proof, none a crash."""
    faults = subprocess.Popen([TOP / "tests" / "support" / "dns_faults.py"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        server = faults.stdout.readline().strip()
        for label in ("wrongid", "endless", "enormous", "loop", "chain40", "othername", "many"):
            done = run(place, "--json", "--server", server, "--selector", "s1", f"{label}.example")
            answer = json.loads(done.stdout)
            jsonschema.Draft7Validator(SCHEMA).validate(answer)
            assert done.returncode in (NOT_MET, LATER) and answer["spf"]["state"] != "good" and not done.stderr, done
    finally:
        faults.stdin.close()
        faults.wait()


# --- DNSSEC, over a real nsd ---------------------------------------------------------------------------------------

NSD = """server:
  ip-address: {address}@53
  username: ""
  chroot: ""
  database: ""
  zonesdir: {folder}
  pidfile: {folder}/pid
  zonelistfile: {folder}/list
  xfrdfile: {folder}/xfrd
  xfrdir: {folder}
  logfile: {folder}/log
  server-count: 1
remote-control:
  control-enable: no
zone:
  name: sure.example
  zonefile: {zone}
"""
SIGNED = """$ORIGIN sure.example.
$TTL 60
@ SOA ns hostmaster 1 3600 600 86400 60
@ NS ns
ns A 127.0.0.1
@ TXT "v=spf1 a:mail.sure.example -all"
mail A 192.0.2.1
"""


def own_address():
    """On loopback, where nobody else is: neither a lab (127.64 to 127.191) nor this test of another run."""
    return f"127.200.{os.getpid() // 254 % 256}.{os.getpid() % 254 + 1}"


def answers(address):
    try:
        return dns.query.udp(dns.message.make_query("sure.example", "SOA"), address, timeout=1).answer
    except (OSError, dns.exception.Timeout):
        return None


# zone, whether its key is trusted, exit, dnssec
DNSSEC = [("signed", True, MET, "secure"), ("signed", False, NOT_MET, "unchecked"), ("forged", True, LATER, "unchecked")]


@pytest.mark.parametrize("zone, trusted, wanted, status", DNSSEC, ids=["signed", "not validated here", "forged"])
def test_dnssec_is_demanded_and_shown(place, tmp_path, zone, trusted, wanted, status):
    (tmp_path / "plain").write_text(SIGNED)
    name = subprocess.run(["ldns-keygen", "-a", "ECDSAP256SHA256", "-k", "sure.example"], cwd=tmp_path, check=True,
                          capture_output=True, text=True).stdout.strip()
    subprocess.run(["ldns-signzone", "-o", "sure.example", "-f", "signed", "plain", name], cwd=tmp_path, check=True)
    (tmp_path / "forged").write_text((tmp_path / "signed").read_text().replace("192.0.2.1", "192.0.2.9"))
    address = own_address()
    (tmp_path / "conf").write_text(NSD.format(address=address, folder=tmp_path, zone=zone))
    conf = (place / "khatm.conf").read_text()
    if trusted:
        conf = conf.replace("dnssec = off", f'dnssec = allow  trust-anchors = "{tmp_path}/{name}.ds"')
    (place / "other.conf").write_text(conf)
    server = subprocess.Popen(["/usr/sbin/nsd", "-d", "-c", tmp_path / "conf"], stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: answers(address), "nsd")
        done = run(place, "--json", "--server", f"{address}@53", "sure.example", conf="other.conf")
    finally:
        server.terminate()
        server.wait()
    answer = json.loads(done.stdout)
    jsonschema.Draft7Validator(SCHEMA).validate(answer)
    assert done.returncode == wanted and answer["demand"]["dnssec"], answer
    assert answer["spf"]["dnssec"] == status or wanted == LATER, answer["spf"]
    assert "DNSSEC" in answer["spf"]["why"] + answer["demand"]["spf_why"] or wanted == MET


# --- how it is called ------------------------------------------------------------------------------------------------

WRONG = [
    ("no domain", (), USAGE, "which domain?"),
    ("two domains", (OWN, BOTH), USAGE, "one word too many"),
    ("no name", ("a b.example",), USAGE, "is not a domain"),
    ("an address", ("a@b.example",), USAGE, "is not a domain"),
    ("a selector that is none", ("--selector", "a b", OWN), USAGE, "is no selector"),
    ("seventeen selectors", tuple(word for n in range(17) for word in ("--selector", f"s{n}")) + (OWN,), USAGE, "16 selectors"),
    ("a server by name", ("--server", "dns.example", OWN), USAGE, "is no DNS server"),
    ("nine servers", ("--server", "192.0.2.1") * 9 + (OWN,), USAGE, "8 servers"),
    ("an unknown option", ("--proof", "spf", OWN), USAGE, "Try"),
]


@pytest.mark.parametrize("words, code, says", [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_wrong_words(place, words, code, says):
    done = run(place, *words)
    assert done.returncode == code and says in done.stderr and not done.stdout, done


def test_a_wrong_configuration(place):
    (place / "broken.conf").write_text((place / "khatm.conf").read_text() + "nonsense = 1\n")
    done = run(place, OWN, conf="broken.conf")
    assert done.returncode == CONFIG and "unknown setting" in done.stderr and not done.stdout, done


def test_the_configured_servers_are_asked(place):
    server = Server(Zone(spf(GOOD_SPF)).answer)
    (place / "servers.conf").write_text((place / "khatm.conf").read_text().replace(
        "resolver {", f'resolver {{ servers = {{ "{server.name}" }}'))
    done = run(place, OWN, conf="servers.conf")
    assert done.returncode == MET and re.search("^SPF +good", done.stdout, re.M), done


def test_the_lab(lab):
    """nsd with the lab's zone."""
    done = lab.khatm("domains", "test", "--server", f"{lab['DNS'].partition('@')[0]}", "finances.gov.example")
    assert done.returncode == MET and b"v=spf1 " in done.stdout and b"mx.finances.gov.example" in done.stdout, done


def test_a_terminal_gets_colours_and_nothing_else(place):
    """What strangers publish cannot move the cursor, in colours or without."""
    server = Server(Zone(spf("v=spf1 \\027]0;x\\007 -all")).answer)
    command = f"{BUILD}/khatm domains test --config {place}/khatm.conf --server {server.name} {OWN}"
    done = subprocess.run(["script", "-qec", command, "/dev/null"], capture_output=True, text=True, timeout=60,
                          env={"TERM": "xterm", "PATH": "/usr/bin:/bin"}, stdin=subprocess.DEVNULL)
    assert "\033[1;31mwrong\033[0m" in done.stdout, done
    assert not re.search(r"\033(?!\[[0-9;]{1,4}m)|\x07", done.stdout), repr(done.stdout)
