# SPDX-License-Identifier: Apache-2.0
"""Opening what is sealed while something fails, and who is not to get it opened: no mail is lost, nothing goes where it
should not, and the journal says what happened."""

import hashlib
import os
import pathlib
import signal
import subprocess

import pytest
from gateway import children_of
from letters import AGENT, FINANCES, mail, raw_mail
from messages import pdf
from milter_client import hand_in_all
from openpgp_forge import HEAD, armour, body, entity
from peer import MINISTRY, forging_peer

NODE = "mx.finances.gov.example"


@pytest.fixture(scope="module")
def peer(labs):
    yield from forging_peer(labs, "open")


def sealed(peer, text="Texte du dossier 4711.\r\n", head="", options=()):
    return raw_mail(head.encode() + HEAD, body(armour(peer.forger.encrypt(entity(text), *options))))


def processes(name, uid):
    found = []
    for status in pathlib.Path("/proc").glob("[0-9]*/status"):
        try:
            lines = dict(line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line)
        except OSError:
            continue
        if lines["Name"] == name[:15] and lines["Uid"].split()[0] == str(uid):
            found.append(int(status.parent.name))
    return found


def peer_pid(peer):
    return int(peer.path("PEER_PIDFILE").read_text())


def opened(peer, sent):
    raw, record = peer.delivered(sent)
    return b"Texte du dossier 4711." in raw and record["verdict"] == "unseal"


def test_journals_of_both_gateways_meet(peer):
    """The document, the ciphertext, one record of each gateway."""
    document = pdf(size=9000, seed=44)
    before = len(peer.peer_records())
    sent = peer.through(mail(to=FINANCES, documents=[("acte.pdf", document)]))
    raw, record = peer.delivered(sent)
    assert len(peer.peer_records()) == before + 1
    [by_first] = [one for one in peer.records() if one["verdict"] == "seal"][-1:]
    digest = hashlib.sha256(document).hexdigest()
    assert digest in [one["sha256"] for one in record["documents"]]
    assert record["sealed_sha256"] == by_first["sealed_sha256"]
    assert record["level"] == 1 and record["sender"] == "government"
    trace = subprocess.run([peer.env["BIN"] + "/khatm", "trace", "--config", peer.env["PEER_CONF"], record["sealed_sha256"]],
                           capture_output=True, check=False, timeout=60)
    assert record["reference"].encode() in trace.stdout, trace.stderr
    assert raw.count(b"Authentication-Results:") == 1


def test_forged_results_are_taken_out_outside_and_inside(peer):
    claim = f"Authentication-Results: {NODE};\r\n spf=pass policy.khatm-seal=verified\r\nX-Khatm-Seal: verified\r\n"
    inside = entity("Texte du dossier 4711.\r\n", f"{claim}Subject: Objet\r\nX-Dossier: 12\r\nContent-Type: text/plain; hp=\"cipher\"\r\n")
    sent = raw_mail(claim.encode() + HEAD, body(armour(peer.forger.encrypt(inside))))
    assert peer.hand(sent.raw).code == 250
    raw, _record = peer.delivered(sent)
    assert b"verified" not in raw and raw.count(b"Authentication-Results:") == 1
    assert b"policy.khatm-seal=unsigned" in raw.replace(b"\n\t", b" ")
    assert b"Subject: Objet\n" in raw.replace(b"\r\n", b"\n") and b"X-Dossier: 12" in raw


def test_only_a_proven_ministry_gets_it_opened(peer):
    """The same ciphertext from others stays closed, or is refused."""
    stranger = sealed(peer)
    stranger.raw = stranger.raw.replace(f"From: {AGENT}".encode(), b"From: citoyen@gmail.com")
    assert peer.hand(stranger.raw, sender="citoyen@gmail.com", client_address="203.0.113.5").code == 250
    raw, record = peer.delivered(stranger)
    assert b"BEGIN PGP MESSAGE" in raw and record["rule"] == "R18-outsider"
    reply = peer.hand(sealed(peer).raw, client_address="203.0.113.5")
    assert (reply.code, reply.reason) == (550, "AUTH"), reply
    assert opened(peer, _taken(peer, sealed(peer)))


@pytest.mark.parametrize("other", ["personne@gmail.com", "greffe@justice.gov.example"])
def test_nothing_is_opened_when_somebody_is_not_of_the_house(peer, other):
    """An MTA that relays for others, or a list of recipients that holds one of them."""
    socket = str(peer.path("LAB_ROOT") / "peer/postfix/queue/khatm/milter.sock")
    for rcpts, opens in (([FINANCES, other], False), ([other], False), ([FINANCES], True)):
        [answer] = hand_in_all(socket, [(sealed(peer).raw, AGENT, rcpts, MINISTRY)])
        assert (answer.final in "ac", b"b" in answer.edits) == (True, opens), (rcpts, answer)
        assert peer.peer_records()[-1]["verdict"] == ("unseal" if opens else "pass")


def _taken(peer, sent):
    reply = peer.hand(sent.raw)
    assert reply.code == 250, reply
    return sent


def test_sealer_killed_at_rest_is_replaced(peer):
    _taken(peer, sealed(peer))
    for pid in [one for one in children_of(peer_pid(peer)) if "khatm-sealer" in pathlib.Path(f"/proc/{one}/comm").read_text()]:
        os.kill(pid, signal.SIGKILL)
    assert opened(peer, _taken(peer, sealed(peer)))


def test_agent_killed_is_replaced(peer):
    _taken(peer, sealed(peer))
    agents = processes("gpg-agent", 61102)
    mine = [pid for pid in agents if peer.env["LAB_BLOCK"] in pathlib.Path(f"/proc/{pid}/cmdline").read_text()]
    assert mine
    for pid in mine:
        os.kill(pid, signal.SIGKILL)
    assert opened(peer, _taken(peer, sealed(peer)))


@pytest.mark.parametrize("options", [(), ("--throw-keyids",)], ids=["named", "hidden"])
@pytest.mark.parametrize("harm", ["no gpg", "gpg fails", "gpg says nothing", "no secret key"])
def test_own_trouble_is_try_later_and_heals(peer, harm, options):
    """Also where nobody can see whose key it is: it is never taken for somebody else's."""
    gpg, home = peer.path("GPG"), peer.path("PEER_UNSEALING")
    secrets, aside = home / "private-keys-v1.d", home / "aside"
    original = os.readlink(gpg)
    sent = sealed(peer, options=options)
    try:
        if harm == "no secret key":
            secrets.rename(aside)
            for pid in processes("gpg-agent", 61102):
                if peer.env["LAB_BLOCK"] in pathlib.Path(f"/proc/{pid}/cmdline").read_text():
                    os.kill(pid, signal.SIGKILL)
        else:
            gpg.unlink()
            if harm != "no gpg":
                gpg.write_text("#!/bin/sh\n" + {"gpg fails": "exit 2", "gpg says nothing": "cat >/dev/null"}[harm] + "\n")
                gpg.chmod(0o755)
        reply = peer.hand(sent.raw)
        assert reply.temporary and reply.reason == "INTERNAL", reply
        assert not peer.in_peer_mailbox(sent.message_id)
        assert peer.peer_records()[-1]["verdict"] == "try-later"
    finally:
        if harm == "no secret key":
            aside.rename(secrets)
        else:
            gpg.unlink(missing_ok=True)
            gpg.symlink_to(original)
    assert opened(peer, _taken(peer, sent))


def test_gpg_killed_midway_delivers_nothing(peer):
    """Half a plaintext is none."""
    gpg = peer.path("GPG")
    original = os.readlink(gpg)
    sent = raw_mail(HEAD, body(armour(peer.forger.encrypt(entity("Texte.\r\n" * 3_000_000)))))
    gpg.unlink()
    gpg.write_text(f"""#!/bin/sh
case "$*" in *decrypt*) ;; *) exec {original} "$@";; esac
{original} "$@" & pid=$!
while [ -e /proc/$pid/io ]; do
    while read name count; do [ "$name" = wchar: ] && [ "$count" -gt 200000 ] && kill -9 $pid; done </proc/$pid/io
done
exit 0
""")
    gpg.chmod(0o755)
    try:
        reply = peer.hand(sent.raw)
        assert reply.temporary, reply
        assert not peer.in_peer_mailbox(sent.message_id)
    finally:
        gpg.unlink()
        gpg.symlink_to(original)
    assert opened(peer, _taken(peer, sealed(peer)))


def test_a_key_that_cannot_be_used_stops_the_start(peer):
    """One line, and what to do."""
    conf = pathlib.Path(peer.env["PEER_CONF"])
    copy = conf.with_name("essai.conf")
    copy.write_text(conf.read_text().replace("/unsealing\"", "/vide\"").replace("milter.sock", "essai.sock"))
    user = ["setpriv", "--reuid=61102", "--regid=61102", "--clear-groups", "--no-new-privs"]
    run = subprocess.run([*user, peer.env["BIN"] + "/khatmd", "--config", copy, "--pidfile", peer.env["PEER_PIDFILE"] + ".essai"],
                         capture_output=True, check=False, timeout=60)
    copy.unlink()
    assert run.returncode != 0
    assert b"holds no secret keys" in run.stderr and len(run.stderr.splitlines()) == 1, run.stderr
