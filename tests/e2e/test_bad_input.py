# SPDX-License-Identifier: Apache-2.0
"""Strangers' messages that are broken on purpose, and settings that are broken by accident."""

import base64
import binascii
import pathlib
import re
import shutil
import subprocess
import time

import pytest
from gateway import BUILD, SANITIZED
from letters import AGENT, FINANCES, GMAIL, mail, plain, raw_mail
from messages import pdf

BOUND_SECONDS = 60  # one on a machine that does nothing else


# --- settings ------------------------------------------------------------------------------------------------------
# name, which file, pattern, replacement (the line it ends up on must be named)
BROKEN = [
    ("unknown setting", "khatm.conf", r"\Z", "\nno-such-setting = 1\n"),
    ("unclosed section", "khatm.conf", r"\Z", '\nattach "x" { role = inbound\n'),
    ("unknown role", "khatm.conf", r"role\s*=\s*submission", "role = departure"),
    ("bad number", "khatm.conf", r"inspector \{", "inspector {\n\tworkers = many"),
    ("unknown mode", "khatm.conf", r"mode\s*=\s*\w+", "mode = perhaps"),
    ("bad socket", "khatm.conf", r'socket\s*=\s*"[^"]*"', 'socket = "carrier-pigeon:1"'),
    ("egress, and nobody seals there", "khatm.conf", r"seal-at\s*=\s*submission", "seal-at = egress"),
    ("egress without keys", "khatm.conf", r"seal-at\s*=\s*submission", 'seal-at = egress\nattach "e" { role = egress }'),
    ("registry: unclosed entry", "registry", r"\Z", '\ndomain "x.gov.example" {\n'),
    ("registry: bad fingerprint", "registry", r'key\s*=\s*"[^"]*"', 'key = "XYZ"'),
    ("registry: unknown proof", "registry", r"proof\s*=\s*\w+", "proof = honour"),
    ("registry: same domain twice", "registry", r"\Z",
     '\ndomain "finances.gov.example" { proof = either }\n'),
    ("registry: no-break space", "registry", r"\Z", '\ndomain "a\u00a0b.gov.example" { proof = either }\n'),
    ("rules: unknown action", "rules", r"action\s*=\s*reject", "action = shrug"),
    ("rules: unknown reason", "rules", r"reason\s*=\s*CONSUMER", "reason = WHIM"),
    ("rules: same id twice", "rules", r"\Z", '\nrule "twice" { action = pass }\nrule "twice" { action = pass }\n'),
]


FILES = {"khatm.conf": "khatm.conf", "registry": "government.domains", "rules": "khatm.rules"}


def copy_settings(lab, tmp_path):
    """The lab's settings in a folder of their own, without the authority that would have to sign them; returns it."""
    folder = tmp_path / "etc"
    shutil.copytree(lab.path("CONF").parent, folder, ignore=shutil.ignore_patterns("passwd", "*.json"))
    conf = folder / "khatm.conf"
    conf.write_text(re.sub(r"(?m)^authority\b.*\n", "", conf.read_text()))
    return folder


def broken_copy(lab, tmp_path, which, pattern, replacement):
    """One thing broken; returns khatm.conf and the file that is broken."""
    folder = copy_settings(lab, tmp_path)
    target = folder / FILES[which]
    changed, count = re.subn(pattern, lambda match: replacement, target.read_text(), count=1)
    assert count == 1, f"nothing to break: {pattern}"
    target.write_text(changed)
    return folder / "khatm.conf", target


@pytest.mark.parametrize("which, pattern, replacement", [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_broken_settings_name_file_line_and_remedy_and_start_nothing(lab, tmp_path, which, pattern, replacement):
    conf, target = broken_copy(lab, tmp_path, which, pattern, replacement)
    check = subprocess.run([BUILD / "khatm", "check", "--config", conf], capture_output=True, text=True, timeout=30)
    daemon = subprocess.run([BUILD / "khatmd", "--config", conf], capture_output=True, text=True, timeout=30)
    for run in (check, daemon):
        assert run.returncode == 78, (run.returncode, run.stdout, run.stderr)
        lines = run.stderr.strip().splitlines()
        assert len(lines) == 1, run.stderr
        assert re.search(rf"{re.escape(str(target))}:\d+: .+: .+", lines[0]), lines[0]


def test_settings_of_the_lab_are_fine(lab):
    run = lab.khatm("check")
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("missing", ["khatm.conf", "registry", "rules"])
def test_missing_file_is_named(lab, tmp_path, missing):
    folder = copy_settings(lab, tmp_path)
    gone = folder / FILES[missing]
    gone.unlink()
    for program in (["khatm", "check"], ["khatmd"]):
        run = subprocess.run([BUILD / program[0], *program[1:], "--config", folder / "khatm.conf"], capture_output=True,
                             text=True, timeout=30)
        assert run.returncode == 78 and str(gone) in run.stderr, (program, run.stderr)


# What stands in khatm.conf, and what is named: khatmd does not start without it, and `khatm check` knows.
ABSENT = [
    (r"inspector \{", 'inspector { reader = "/no/reader"', "inspector.reader: /no/reader", "/no/reader: "),
    (r"authenticator \{[^}]*", 'authenticator { program = "/no/program"', "authenticator.program: /no/program", "/no/program: cannot run it"),
    (r'gpg = "[^"]*"', 'gpg = "/no/gpg"', "sealing.gpg: /no/gpg", "/no/gpg: "),
    (r'homedir *= *"[^"]*"', 'homedir = "/no/keys"', "sealing.homedir: /no/keys/pubring.kbx", "/no/keys: holds no ring of public keys"),
    (r"\Z", 'unsealing { homedir = "/no/keys" }\n', "unsealing.homedir: /no/keys", "/no/keys: holds no secret keys"),
]


@pytest.mark.parametrize("pattern, replacement, said, met", ABSENT, ids=[row[2] for row in ABSENT])
def test_check_knows_what_keeps_khatmd_from_starting(lab, tmp_path, pattern, replacement, said, met):
    conf, _ = broken_copy(lab, tmp_path, "khatm.conf", pattern, replacement)
    # Nothing of what runs, and no socket that is taken.
    for name, value in (("socket", f"unix:{tmp_path}/milter.sock"), ("directory", f"{tmp_path}/spool"), ("work-directory", f"{tmp_path}/work"),
                        ("state", f"{tmp_path}/state"), ("store", f"sqlite:{tmp_path}/journal.db")):
        conf.write_text(re.sub(rf'(?m)(^|[\s{{]){name}( *= *)"[^"]*"', rf'\1{name}\2"{value}"', conf.read_text()))
    check = subprocess.run([BUILD / "khatm", "check", "--config", conf], capture_output=True, text=True, timeout=30)
    [line] = [line for line in check.stderr.splitlines() if "warning" not in line]
    assert check.returncode == 78 and f"{conf}: {said}: No such file or directory, so khatmd would not start: " in line, check
    daemon = subprocess.run([BUILD / "khatmd", "--config", conf], capture_output=True, text=True, timeout=30)
    assert daemon.returncode == 69 and met in daemon.stderr, daemon


# --- messages ------------------------------------------------------------------------------------------------------
def nested_multiparts(depth):
    opened = b"".join(b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (n, n + 1)
                      for n in range(depth))
    return (b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b0\r\n",
            opened + b"--b%d\r\nContent-Type: application/pdf\r\n\r\n%%PDF-1.4\r\n" % depth)


def nested_messages(depth):
    return (b"MIME-Version: 1.0\r\nContent-Type: message/rfc822\r\n",
            b"Content-Type: message/rfc822\r\n\r\n" * depth + b"Subject: x\r\n\r\ntext\r\n")


def many_parts(count):
    return (b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n",
            b"--b\r\n\r\nx\r\n" * count + b"--b--\r\n")


def pdf_part(headers=b"", body=b"", boundary=b"b", end=b"\r\n--b--\r\n"):
    return (b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=" + boundary + b"\r\n",
            b"--b\r\nContent-Type: text/plain\r\n\r\nci-joint\r\n--b\r\nContent-Type: application/pdf\r\n"
            b'Content-Disposition: attachment; filename="x.pdf"\r\n' + headers + b"\r\n" + body + end)


ENCODED = base64.encodebytes(pdf(size=3000)).replace(b"\n", b"\r\n")
BASE64 = b"Content-Transfer-Encoding: base64\r\n"
UUENCODED = (b"bonjour\r\nbegin 644 x.pdf\r\n"
             + b"".join(binascii.b2a_uu(pdf(size=900)[n:n + 45]) for n in range(0, 1800, 45)).replace(b"\n", b"\r\n")
             + b"`\r\nend\r\n")
PLAIN = (b"MIME-Version: 1.0\r\nContent-Type: text/plain\r\n", b"bonjour\r\n")

# name, (header, body), may it leave in clear to a consumer address? None: either verdict, but one in time
ODD = [
    ("multiparts nested 10,000 deep", nested_multiparts(10_000), False),
    ("messages nested 10,000 deep", nested_messages(10_000), False),
    ("100,000 parts", many_parts(100_000), False),
    ("no closing boundary", pdf_part(BASE64, ENCODED, end=b""), False),
    ("base64 cut in a quantum", pdf_part(BASE64, ENCODED[:1501]), False),
    ("base64 with foreign characters", pdf_part(BASE64, ENCODED.replace(b"A", b"A!*\t")), False),
    ("unknown transfer encoding", pdf_part(b"Content-Transfer-Encoding: x-rot13\r\n", ENCODED), False),
    ("two Content-Type fields", (b"MIME-Version: 1.0\r\nContent-Type: text/plain\r\n"
                                 b"Content-Type: multipart/mixed; boundary=b\r\n", pdf_part(BASE64, ENCODED)[1]), False),
    ("two boundaries", (b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=a; boundary=b\r\n',
                        pdf_part(BASE64, ENCODED)[1]), False),
    ("multipart without boundary", (b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed\r\n",
                                    pdf_part(BASE64, ENCODED)[1]), False),
    ("no MIME-Version", (b"Content-Type: multipart/mixed; boundary=b\r\n", pdf_part(BASE64, ENCODED)[1]), False),
    ("document called text", (b"MIME-Version: 1.0\r\nContent-Type: text/plain\r\n" + BASE64, ENCODED), False),
    ("uuencoded in the text", (PLAIN[0], UUENCODED), False),
    ("NUL in the text", (PLAIN[0], b"bon\0jour\r\n"), None),
    ("text of one long line", (PLAIN[0], b"x" * 2_000_000 + b"\r\n"), None),
    ("header of 400 kB in one field", (b"X-Long: " + b"y" * 400_000 + b"\r\n" + PLAIN[0], PLAIN[1]), None),
    ("20,000 header fields", (b"X-Many: 1\r\n" * 20_000 + PLAIN[0], PLAIN[1]), None),
    ("empty body", (PLAIN[0], b""), True),
    ("plain text", PLAIN, True),
]


@pytest.mark.parametrize("parts, clear", [row[1:] for row in ODD], ids=[row[0] for row in ODD])
def test_odd_message_gets_an_answer_in_time(lab, parts, clear):
    sent = raw_mail(*parts, to=GMAIL)
    before, rss, pid = lab.sink_count(), lab.memory_kb(), lab.pid()
    started = time.monotonic()
    reply = lab.send(sent, GMAIL)
    took = time.monotonic() - started
    assert took < BOUND_SECONDS, f"{took:.1f} s"
    if clear is True:
        assert reply.code == 250, reply
        lab.arrived("gmail.com", sent)
    elif clear is False:
        assert reply.code >= 400, reply
        assert lab.sink_count() == before
    assert lab.pid() == pid
    if not SANITIZED:
        assert lab.memory_kb() < rss + 20_000, "memory grew"


@pytest.mark.parametrize("parts", [row[1] for row in ODD if row[2] is False],
                         ids=[row[0] for row in ODD if row[2] is False])
def test_odd_document_never_reaches_a_ministry_in_clear(lab, parts):
    sent = raw_mail(*parts, to=FINANCES)
    before = lab.sink_count()
    reply = lab.send(sent, FINANCES)
    if reply.code == 250:
        left = lab.arrived("finances.gov.example", sent)
        assert b"multipart/encrypted" in left.partition(b"\n\n")[0].replace(b"\r", b"")
    else:
        assert lab.sink_count() == before


def test_endless_message_is_cut_off(lab):
    """A client that never stops sending is told so, and the daemon does not grow with it."""
    rss, client = lab.memory_kb(), lab.connect()
    client.mail(AGENT)
    client.rcpt(GMAIL)
    client.docmd("DATA")
    client.send(plain().raw)
    block, sent = (b"encore une ligne de texte sans fin\r\n" * 2000), 0
    try:
        while sent < 150_000_000:
            client.send(block)
            sent += len(block)
        client.send(b"\r\n.\r\n")
        code, text = client.getreply()
        assert code in (552, 550, 451, 452), (code, text)
    except OSError:
        pass
    assert lab.send(plain(), GMAIL).code == 250
    if not SANITIZED:
        assert lab.memory_kb() < rss + 20_000


def test_message_that_stops_in_the_middle(lab):
    with lab.nothing_leaves():
        client = lab.connect()
        client.mail(AGENT)
        client.rcpt(FINANCES)
        client.docmd("DATA")
        client.send(mail(documents=[("acte.pdf", pdf(size=50_000))]).raw[:40_000])
        client.close()


def test_memory_stays_flat_with_size(lab):
    lab.send(mail(documents=[("acte.pdf", pdf(size=1000))]), FINANCES)
    rss = lab.memory_kb()
    peak = lab.peak_memory_kb()
    sent = mail(documents=[("acte.pdf", pdf(size=25_000_000))])
    assert lab.send(sent, FINANCES).code == 250
    if not SANITIZED:
        assert lab.memory_kb() < rss + 10_000
        assert lab.peak_memory_kb() < peak + 10_000


CORPUS = pathlib.Path(__file__).resolve().parents[1] / "corpus/fuzz/pdf"


@pytest.mark.skipif(SANITIZED, reason="the sanitizer would report the library")
@pytest.mark.parametrize("name", ["poppler-frees-twice", "poppler-without-file"])
def test_pdf_that_the_library_dies_of_is_unread(labs, name):
    """One process dies of it, and no more: what nobody could read does not go to a stranger, and goes sealed to a ministry."""
    lab, document = labs.get(), (CORPUS / name).read_bytes()
    with lab.nothing_leaves():
        reply = lab.send(mail(to=GMAIL, documents=[("acte.pdf", document)]), GMAIL)
    assert reply.code == 550, reply
    sent = mail(to=FINANCES, documents=[("acte.pdf", document)])
    assert lab.send(sent, FINANCES).code == 250
    lab.arrived("finances.gov.example", sent)
    assert lab.records()[-1]["verdict"] == "seal"
    assert lab.send(plain(), GMAIL).code == 250
