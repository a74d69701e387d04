#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The lab itself: mail flows as the contract says, by the routes that Khatm has to close. Most of it without khatmd,
whose own tests are elsewhere; the last part with it, as a part of the lab."""

import json
import re
import smtplib
import subprocess
import sys
from pathlib import Path

import dns.message
import dns.query
import pytest

sys.path.insert(0, str(Path(__file__).parent))

import client  # noqa: E402
import messages  # noqa: E402
from rig.processes import Processes  # noqa: E402

ROUTES = [
    # name, typed recipient, sink or mailbox where it ends, final recipient
    ("direct consumer", "ami@gmail.com", "gmail.com", "ami@gmail.com"),
    ("direct, unlisted", "x@partner.example", "partner.example", "x@partner.example"),
    ("ministry without key", "greffe@justice.gov.example", "justice.gov.example", "greffe@justice.gov.example"),
    ("local alias", "chef@interieur.gov.example", "gmail.com", "ex.chef@gmail.com"),
    ("virtual alias", "secretariat@interieur.gov.example", "gmail.com", "perso@gmail.com"),
    (".forward", "renvoi@interieur.gov.example", "hotmail.com", "perso@hotmail.com"),
    ("Sieve redirect", "filtre@interieur.gov.example", "yahoo.fr", "perso@yahoo.fr"),
    ("Sieve redirect, by LMTP", "tri@interieur.gov.example", "yahoo.fr", "perso@yahoo.fr"),
]


@pytest.fixture(scope="module", name="lab")
def fixture_lab():
    with client.running("--no-khatmd", "--ipv6") as lab:
        yield lab


@pytest.fixture(autouse=True)
def clean(lab):
    lab.forget()


@pytest.mark.parametrize("name,typed,domain,final", ROUTES, ids=[row[0] for row in ROUTES])
def test_route(lab, name, typed, domain, final):
    answer = lab.submit(messages.plain(to=typed), [typed])
    assert answer.code == 250, answer
    message = lab.wait_sink(domain)[0]
    assert message.recipients == [final], name


@pytest.mark.parametrize("user", ["agent", "adjoint", "bureau.ordre"])
def test_mailbox(lab, user):
    assert lab.submit(messages.plain(), [f"{user}@interieur.gov.example"]).code == 250
    assert b"demain" in lab.wait_mailbox(user)[0]


def test_peer_gets_mail_through_its_own_gateway(lab):
    assert lab.submit(messages.plain(), ["un.inconnu@finances.gov.example"]).code == 250
    raw = lab.wait_mailbox("un.inconnu", place="PEER_MAILBOX")[0]
    assert raw.startswith(b"Return-Path: <agent@interieur.gov.example>\r\nDelivered-To: un.inconnu@")
    assert b"by mx.finances.gov.example" in raw


def test_sink_keeps_every_byte(lab):
    body = b"..two dots\r\n.\tone\r\ntail \t\r\n" + "é".encode() + b"x" * 1500 + b"\r\n\r\n\r\n"
    raw = messages.plain(text="") + body
    assert lab.submit(raw, ["a@gmail.com", "b@gmail.com"]).code == 250
    message = lab.wait_sink("gmail.com")[0]
    assert message.body == body
    assert message.raw.endswith(raw)
    assert (message.sender, message.recipients) == ("agent@interieur.gov.example", ["a@gmail.com", "b@gmail.com"])
    assert message.path.read_bytes().startswith(
        b"X-Envelope-From: <agent@interieur.gov.example>\r\nX-Envelope-To: <a@gmail.com>\r\nX-Envelope-To: <b@gmail.com>\r\n")


def test_sink_mends_nothing(lab):
    # Past Postfix, which replaces a stray CR or LF (cleanup_replace_stray_cr_lf).
    raw = b"Subject: x\r\n\r\nbare\rCR bare\nLF \n.\n NUL \0 \r\n..\r\n" + b"y" * 70000 + b"\r\n"
    talk = client.Conversation(lab["DNS"].rpartition(".")[0] + ".11:25")
    talk.ehlo()
    assert talk.transaction("", ["a@gmail.com"], raw).code == 250
    assert lab.wait_sink("gmail.com")[0].raw == raw


def test_sink_keeps_25_megabytes(lab):
    raw = messages.document(messages.pdf(size=25_000_000))
    assert lab.submit(raw, ["a@gmail.com"]).code == 250
    assert lab.wait_sink("gmail.com")[0].raw.endswith(raw)


def test_wrong_password_is_refused(lab):
    answer = lab.submit(messages.plain(), ["a@gmail.com"], login=(lab["LOGIN"], "wrong"))
    assert (answer.stage, answer.code) == ("auth", 535), answer


def test_nobody_relays_without_a_login(lab):
    without = lab.submit(messages.plain(), ["a@gmail.com"], login=False)
    for answer in (without, lab.deliver(messages.plain(), ["a@gmail.com"])):
        assert (answer.stage, answer.code) == ("rcpt", 554), answer


def test_the_internet_reaches_local_users_as_any_client(lab):
    client_claimed = {"ADDR": "192.0.2.7", "NAME": "mail.example.net"}
    answer = lab.deliver(messages.plain(), ["agent@interieur.gov.example"], xclient=client_claimed)
    assert answer.code == 250, answer
    assert b"(mail.example.net [192.0.2.7])" in lab.wait_mailbox("agent")[0]


def test_an_ipv6_client(lab):
    answer = lab.deliver(messages.plain(), ["agent@interieur.gov.example"], xclient={"ADDR": "IPV6:2001:db8:2::25"})
    assert answer.code == 250, answer
    assert b"[IPv6:2001:db8:2::25]" in lab.wait_mailbox("agent")[0]


def test_nobody_is_another_client_where_staff_hand_in(lab):
    talk = client.Conversation(lab["SUBMISSION"])
    talk.ehlo()
    talk.xclient({"ADDR": "192.0.2.7"})
    assert talk.answer.said("xclient")[0][0] == 550, talk.answer


def test_zones_of_the_caller(tmp_path):
    """Records beside the lab's own, a zone of its own, and one that fails."""
    (tmp_path / "root").write_text('plus.example. TXT "oui"\nmx.gmail.com. TXT "oui"\n')
    (tmp_path / "own").write_text("@ SOA ns hostmaster 1 3600 600 86400 5\n@ NS ns.lab.\nwww TXT oui\n")
    zones = [f".={tmp_path}/root", f"propre.example={tmp_path}/own", "panne.example=/dev/null"]
    lab = client.up(tmp_path / "lab", "--no-khatmd", "--sink-peer", *(word for zone in zones for word in ("--zone", zone)))
    try:
        server = lab["DNS"].partition("@")[0]
        names = ["plus.example.", "mx.gmail.com.", "www.propre.example.", "panne.example.", "nulle.example."]
        queries = [dns.message.make_query(name, "TXT") for name in names]
        replies = [dns.query.udp(query, server, timeout=10) for query in queries]
        assert [reply.rcode().name for reply in replies] == ["NOERROR"] * 3 + ["SERVFAIL", "NXDOMAIN"]
        assert all("oui" in str(reply.answer[0]) for reply in replies[:3])
    finally:
        lab.down()


def test_ipv6(lab):
    assert lab.submit(messages.plain(), ["a@gmail.com"], place="SUBMISSION6").code == 250
    assert lab.deliver(messages.plain(), ["agent@interieur.gov.example"], place="INBOUND6").code == 250
    lab.wait_sink("gmail.com")
    lab.wait_mailbox("agent")


def test_pickup(lab):
    assert lab.pickup(messages.plain(), ["a@gmail.com"]) == 0
    lab.wait_sink("gmail.com")


def test_env_is_shell(lab):
    names = ("SUBMISSION INBOUND PEER_INBOUND LOGIN PASSWORD CA CONF SINK MAILBOX PEER_MAILBOX GNUPGHOME_PEER"
             " PIDFILE JOURNAL DNS")
    script = f". {lab.directory}/env && " + " && ".join(f'test -n "${name}"' for name in names.split())
    subprocess.run(["sh", "-eu", "-c", script], check=True)


def test_labs_do_not_meet(lab, tmp_path):
    # tmp_path is 0700 all the way up: the lab must not mind.
    other = client.up(tmp_path / "lab", "--no-khatmd", "--sink-peer")
    try:
        assert other["LAB_BLOCK"] != lab["LAB_BLOCK"]
        assert other.submit(messages.plain(), ["a@gmail.com", "x@finances.gov.example"]).code == 250
        other.wait_sink("gmail.com")
        other.wait_sink("finances.gov.example")
        assert not lab.sink("gmail.com")
    finally:
        other.down(purge=True)
        # Down again, when the block may be someone else's, touches nobody.
        assert lab_command("down", other.directory).returncode == 1
    assert not list((tmp_path / "lab").iterdir())
    assert Path(lab["LAB_ROOT"]).is_dir() and not Path(other["LAB_ROOT"]).exists()


def test_down_twice_does_not_touch_who_got_the_block_since(lab, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "state.json").write_text(json.dumps({"block": lab["LAB_BLOCK"]}))
    subprocess.run([client.LAB, "down", tmp_path], check=True)
    assert lab.submit(messages.plain(), ["a@gmail.com"]).code == 250
    lab.wait_sink("gmail.com")
    assert Path(lab["LAB_ROOT"], "env").exists()


def test_chrooted_smtpd(tmp_path):
    jailed = client.up(tmp_path, "--no-khatmd", "--chroot", "--sink-peer")
    try:
        assert jailed.submit(messages.plain(), ["a@gmail.com"]).code == 250
        jailed.wait_sink("gmail.com")
        with smtplib.SMTP(*jailed["SUBMISSION"].split(":")) as talk:
            found = subprocess.run(["pgrep", "-f", "smtpd -n 127"], capture_output=True, text=True, check=True)
            # By identity: names differ between mount namespaces, and when the tests themselves run in a chroot.
            roots = [Path("/proc", pid, "root") for pid in found.stdout.split()]
            queue = Path(jailed["POSTFIX_QUEUE"])
            assert any(root.exists() and root.samefile(queue) for root in roots), (talk.ehlo(), roots)
    finally:
        jailed.down()


REFUSALS = [
    ("nothing to take down", ["down"], 1, "no lab was started here"),
    ("no khatmd built", ["up", "--single-hop"], 1, "khatmd is missing; run make"),
    ("a zone without a file", ["up", "--single-hop", "--no-khatmd", "--zone", "gov.example"], 64, "write NAME=FILE"),
    ("a server without a port", ["up", "--single-hop", "--dns", "127.0.0.1"], 64, "write ADDRESS@PORT"),
]


@pytest.mark.parametrize("name,words,status,says", REFUSALS, ids=[row[0] for row in REFUSALS])
def test_one_clear_line(tmp_path, name, words, status, says):
    environment = {"PATH": "/usr/bin:/bin", "KHATM_BUILD": str(tmp_path)}
    done = lab_command(*words, tmp_path / "x", env=environment)
    assert done.returncode == status, name
    assert says in done.stderr and done.stderr.count("\n") == 1 and not done.stdout
    assert nothing_left_of(tmp_path)


def test_a_folder_of_someone_else_is_left_alone(tmp_path):
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "precious").touch()
    done = lab_command("up", "--single-hop", "--no-khatmd", tmp_path)
    assert done.returncode == 1 and "give a folder of its own" in done.stderr
    assert (tmp_path / "etc" / "precious").exists()


def lab_command(*words, **options):
    return subprocess.run([client.LAB, *words], capture_output=True, text=True, check=False, **options)


def nothing_left_of(folder):
    """The block is given back, and no process of the lab lives."""
    owners = [owner.read_text() for owner in Path("/run/khatm-lab").glob("*.owner")]
    return not any(owner.startswith(str(folder)) for owner in owners) and not any(
        Processes(book).alive() for book in Path(folder).rglob("run/processes"))


def test_a_wrong_setting_is_named_and_nothing_stays(tmp_path):
    done = lab_command("up", "--single-hop", "--set", "sealing.slots=many", tmp_path)
    assert done.returncode == 1
    first, second = done.stderr.splitlines()
    assert first == "lab: khatmd ended with status 78" and re.search(r"khatm\.conf:\d+: slots = many", second)
    assert nothing_left_of(tmp_path)


def test_khatmd_of_both_ministries(tmp_path):
    lab = client.up(tmp_path, "--set", "attach.khatm-submission.tls-min=none")
    try:
        pid = lab.pid()
        lab.restart_khatmd()
        assert lab.pid() != pid
        assert lab.submit(messages.document(messages.pdf()), ["directeur@finances.gov.example"], tls=False).code == 250
        assert b"multipart/encrypted" in lab.wait_mailbox("directeur", place="PEER_MAILBOX")[0]
        assert "role=inbound" in (lab.directory / "log" / "khatmd-peer.log").read_text()
    finally:
        lab.down()
    assert nothing_left_of(tmp_path)


if __name__ == "__main__":
    sys.exit(pytest.main([__file__, "-q", "-p", "no:cacheprovider"]))
