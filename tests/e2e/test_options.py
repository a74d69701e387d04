# SPDX-License-Identifier: Apache-2.0
"""What an admin types first: the ways to ask for help, and a slip of the fingers."""

import contextlib
import pathlib
import re
import subprocess
import tempfile

import pytest
from gateway import BUILD, TOP

KHATM, KHATMD = BUILD / "khatm", BUILD / "khatmd"
POSTFIX, SENDMAIL = TOP / "contrib" / "postfix" / "khatm-postfix", TOP / "contrib" / "sendmail" / "khatm-sendmail"


def run(*words):
    done = subprocess.run(words, capture_output=True, text=True, timeout=30)
    return done.returncode, done.stdout, done.stderr


COMMANDS = re.findall(r"(?m)^  (\w+) ", run(KHATM, "--help")[1])


@pytest.mark.parametrize("short", ["-h", "help"])
def test_help(short):
    whole = run(KHATM, "--help")
    assert whole[0] == 0 and len(COMMANDS) == 10 and not whole[2]
    assert run(KHATM, short) == whole


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command(command):
    whole = run(KHATM, command, "--help")
    assert whole[0] == 0 and whole[1].startswith(f"usage: khatm {command}") and not whole[2]
    assert run(KHATM, command, "-h") == run(KHATM, "help", command) == whole


@pytest.mark.parametrize("program", [KHATMD, POSTFIX, SENDMAIL], ids=["khatmd", "khatm-postfix", "khatm-sendmail"])
def test_help_of_other_programs(program):
    whole = run(program, "--help")
    assert whole[0] == 0 and whole[1].startswith(f"usage: {program.name} ") and not whole[2]
    assert run(program, "-h") == whole


@pytest.mark.parametrize("program", [KHATM, KHATMD], ids=["khatm", "khatmd"])
def test_version(program):
    whole = run(program, "--version")
    assert whole[0] == 0 and whole[1].startswith(f"{program.name} ")
    assert run(program, "-V") == whole


# Words, and the line that names what is wrong.
SLIPS = [
    ((KHATM,), "khatm: which command?"),
    ((KHATM, "chekc"), "khatm: there is no command 'chekc'"),
    ((KHATM, "help", "chekc"), "khatm: there is no command 'chekc'"),
    ((KHATM, "-x"), "khatm: there is no command '-x'"),
    ((KHATM, "check", "--confg", "x"), "khatm check: unrecognized option '--confg'"),
    ((KHATM, "check", "--config"), "khatm check: option '--config' requires an argument"),
    ((KHATM, "check", "x"), "khatm check: 'x' is one word too many"),
    ((KHATM, "explain", "--client-ip", "x"), "khatm explain: --client-ip: 'x' is no IP address"),
    ((KHATMD, "--confg", "x"), "unrecognized option '--confg'"),
    ((KHATMD, "x"), "khatmd: x: khatmd takes no arguments besides its options: see khatmd --help"),
    ((POSTFIX, "--aply"), "khatm-postfix: there is no option --aply: see khatm-postfix --help"),
    ((POSTFIX, "--apply", "-c"), "khatm-postfix: -c wants a value: see khatm-postfix --help"),
    ((POSTFIX, "--milter", ""), "khatm-postfix: --milter '': write unix:/PATH or inet:HOST:PORT"),
    ((POSTFIX, "--milter", "/run/khatm/milter.sock"), "khatm-postfix: --milter '/run/khatm/milter.sock': write unix:/PATH"),
    ((POSTFIX, "--egress", "127.0.0.1"), "khatm-postfix: --egress 127.0.0.1: write HOST:PORT"),
    ((POSTFIX, "--egress", "2603"), "khatm-postfix: --egress 2603: write HOST:PORT"),
    ((SENDMAIL, "--milter", ""), "khatm-sendmail: --milter '': write unix:/PATH or inet:PORT@ADDRESS"),
    ((SENDMAIL, "--aply"), "khatm-sendmail: there is no option --aply: see khatm-sendmail --help"),
]


@pytest.mark.parametrize("words, said", SLIPS, ids=[" ".join([row[0][0].name, *row[0][1:]]) for row in SLIPS])
def test_a_slip_is_named_and_help_is_pointed_to(words, said):
    code, out, err = run(*words)
    lines = err.splitlines()
    assert (code, out) == (64, "") and said in lines[0] and len(lines) <= 2 and "--help" in lines[-1], (code, out, err)


@pytest.fixture
def postfix():
    """As much of a configuration as khatm-postfix changes, on a disk that is full when a test makes it so."""
    etc = pathlib.Path(tempfile.mkdtemp(prefix="khatm-postfix-"))
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k,mode=0755", "khatm-test", etc], check=True)
    (etc / "main.cf").write_text("compatibility_level = 3.6\nmyhostname = mx.interieur.gov.example\n")
    services = "smtp inet n - y - - smtpd", "submission inet n - y - - smtpd", "cleanup unix n - y - 0 cleanup", "smtp unix - - y - - smtp"
    (etc / "master.cf").write_text("\n".join(services) + "\n")
    yield etc
    subprocess.run(["umount", etc], check=True)
    etc.rmdir()


def contents(etc):
    return {path.name: path.read_bytes() for path in etc.glob("*.cf*")}


def test_nothing_is_lost_on_a_full_disk(postfix):
    """Neither what stood there nor the way back to it."""
    before, full = contents(postfix), postfix / "full"
    with contextlib.suppress(OSError), open(full, "wb") as file:
        while file.write(b"x" * 4096):
            file.flush()
    code, _, err = run(POSTFIX, "-c", postfix, "--apply")
    assert code == 1 and "cannot be written" in err.splitlines()[-1], (code, err)
    assert contents(postfix) == before
    full.unlink()
    assert run(POSTFIX, "-c", postfix, "--apply")[0] == 0 and contents(postfix) != before
    assert run(POSTFIX, "-c", postfix, "--undo")[0] == 0 and contents(postfix) == before


def test_who_may_not_write_is_told_so(postfix):
    code, _, err = run("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", POSTFIX, "-c", postfix, "--apply")
    assert (code, err) == (1, f"khatm-postfix: {postfix}/main.cf: may not be written: run this as root\n")
