# SPDX-License-Identifier: Apache-2.0
"""What an admin types first: the ways to ask for help, and a slip of the fingers."""

import re
import subprocess

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
    ((KHATMD, "--confg", "x"), "unrecognized option '--confg'"),
    ((KHATMD, "x"), "khatmd: x: khatmd takes no arguments besides its options: see khatmd --help"),
    ((POSTFIX, "--aply"), "khatm-postfix: there is no option --aply: see khatm-postfix --help"),
    ((POSTFIX, "--apply", "-c"), "khatm-postfix: -c wants a value: see khatm-postfix --help"),
    ((SENDMAIL, "--aply"), "khatm-sendmail: there is no option --aply: see khatm-sendmail --help"),
]


@pytest.mark.parametrize("words, said", SLIPS, ids=[" ".join([row[0][0].name, *row[0][1:]]) for row in SLIPS])
def test_a_slip_is_named_and_help_is_pointed_to(words, said):
    code, out, err = run(*words)
    lines = err.splitlines()
    assert (code, out) == (64, "") and said in lines[0] and len(lines) <= 2 and "--help" in lines[-1], (code, out, err)
