# SPDX-License-Identifier: Apache-2.0
"""khatmd at its start: what keeps it from starting is said in one line, before anything is opened; what need not stop it
does not."""

import contextlib
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import time

import pytest
from letters import FINANCES, GMAIL, mail
from messages import pdf


@pytest.fixture(scope="module")
def lab(labs):
    """The daemon is stopped and started here."""
    lab = labs.fresh()
    yield lab
    labs.stop_one(lab)


def letter(rcpt):
    return mail(to=rcpt, documents=[("note.pdf", pdf(seed=time.monotonic_ns(), size=2000))])


def passes(lab):
    return lab.send(letter(FINANCES), FINANCES).code == 250


def started_by_hand(lab, conf):
    """khatmd beside the one that runs, as its user, and what it said."""
    root = ["nsenter", "--mount", "--target", str(lab.pid()), "setpriv", f"--reuid={lab.env['KHATM_UID']}", f"--regid={lab.env['KHATM_UID']}",
            "--clear-groups"]
    return subprocess.run([*root, lab.path("BIN") / "khatmd", "--config", conf], capture_output=True, text=True, timeout=100)


def test_a_second_khatmd_is_refused_and_the_first_goes_on(lab):
    """Started by hand while the service runs: it must not take the socket, which would be gone with it."""
    second = started_by_hand(lab, lab.path("CONF"))
    assert (second.returncode, "another khatmd answers there: systemctl stop khatmd" in second.stderr) == (69, True), second
    assert passes(lab)
    assert lab.restart() and passes(lab)  # its own old socket is no obstacle


@contextlib.contextmanager
def beside(lab, socket=None):
    """Settings like those in force, but for where everything is kept, which is not there yet: khatm.conf and that folder."""
    place = pathlib.Path(tempfile.mkdtemp(prefix="khatm-second-"))
    os.chown(place, int(lab.env["KHATM_UID"]), -1)
    conf = lab.path("CONF").with_name("second.conf")
    text = lab.path("CONF").read_text()
    for name, value in (("directory", "spool"), ("work-directory", "work"), ("state", "state"), ("store", "journal.db")):
        text = re.sub(rf'(?m)(^|[\s{{]){name}( *= *)"(sqlite:)?[^"]*"', rf'\1{name}\2"\g<3>{place}/{value}"', text)
    conf.write_text(re.sub(r'(?m)^socket( *= *)"[^"]*"', rf'socket\1"{socket}"', text) if socket else text)
    try:
        yield conf, place
    finally:
        conf.unlink()
        shutil.rmtree(place)


def made(place):
    """But the folder in which the registry's signature was verified."""
    return sorted(path.name for path in place.iterdir() if path.name != "work")


def test_a_second_khatmd_opens_nothing_before_it_is_refused(lab):
    """A journal that it opened would say of mail under way that a daemon died around it."""
    with beside(lab) as (conf, place):
        second = started_by_hand(lab, conf)
        assert (second.returncode, made(place)) == (69, []), second
    with socket.create_server(("127.0.0.1", 0)) as taken, beside(lab, f"inet:{taken.getsockname()[1]}@127.0.0.1") as (conf, place):
        second = started_by_hand(lab, conf)
        assert (second.returncode, made(place)) == (69, []), second
        assert "another khatmd or program has that port: end it" in second.stderr.strip().splitlines()[-1]


# The socket, and what is said of it.
UNFIT = [
    ("no such folder", "unix:/run/no-such/milter.sock", "cannot be made in /run/no-such: No such file or directory: make that folder"),
    ("a folder of others", "unix:/etc/milter.sock", "cannot be made in /etc: Permission denied"),
    ("a file", "unix:/dev/null", "something else has that name: remove it"),
    ("an address of others", "inet:8899@192.0.2.1", "this machine has no such address"),
    ("a port of root's", "inet:24@127.0.0.1", "this user may not have that port: name one above 1023"),
]


@pytest.mark.parametrize("socket, said", [row[1:] for row in UNFIT], ids=[row[0] for row in UNFIT])
def test_a_socket_that_cannot_be_had_is_named_before_anything_is_opened(lab, socket, said):
    with beside(lab, socket) as (conf, place):
        run = started_by_hand(lab, conf)
        assert (run.returncode, made(place)) == (69, []), run
        [line] = run.stderr.strip().splitlines()
        assert f"socket {socket}: {said}" in line, line


def test_replies_of_an_earlier_version_stop_nothing(lab):
    """A reason that is newer than an admin's own file is told in the words that were shipped, and that is said once."""
    replies = lab.path("CONF").parent / "notices" / "en" / "replies"
    kept = replies.read_text()
    older = re.sub(r"(?ms)^\[CONSUMER\]\n.*?\n\n", "", kept)
    assert older != kept
    said = "/notices/en/replies: no text for [CONSUMER]: what this version ships serves: add what: and remedy:"
    try:
        replies.write_text(older)
        check = lab.khatm("check")
        assert (check.returncode, check.stderr.decode().count(said)) == (0, 1), check
        since = len(lab.khatmd_log())
        assert lab.restart() and lab.khatmd_log()[since:].count(said) == 1
        reply = lab.send(letter(GMAIL), GMAIL)
        assert f"{GMAIL} is a consumer mail address; documents are not sent there." in reply.text.replace("\n5.7.1 ", " "), reply
    finally:
        replies.write_text(kept)
        lab.reload()
