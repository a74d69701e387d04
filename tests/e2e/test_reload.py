# SPDX-License-Identifier: Apache-2.0
"""A changed configuration: taken in by itself, whole or not at all, and `khatm reload`, which says what came of it."""

import contextlib
import os
import pathlib
import re
import signal
import subprocess
import threading
import time

import pytest
from gateway import PATIENCE, SANITIZED, wait_until
from letters import FINANCES, mail
from messages import pdf

NEW = "nouveau.gov.example"
QUIET, GONE = 1.0, 5.0  # seconds that khatmd waits for
TRIES = 5  # for what proves nothing when the test itself was held up
MET = (250, None)


@pytest.fixture(scope="module")
def gate(labs):
    """A lab of its own that watches its files; serials only grow, and the daemon is stopped here."""
    lab = labs.fresh("--set", "reload=auto")
    yield lab
    labs.stop_one(lab)


def entry(lab, domain=NEW):
    return f'\ndomain "{domain}" {{\n\tproof = either\n\tkey = "{lab["PEER_FINGERPRINT"]}"\n}}\n'


def verdict(lab, *rcpts):
    # A document of its own: one that has left before is refused for another reason.
    reply = lab.send(mail(to=list(rcpts), documents=[("note.pdf", pdf(seed=time.monotonic_ns(), size=2000))]), *rcpts)
    return reply.code, reply.reason


def signature(lab):
    return lab.registry.with_name("government.domains.asc")


class Since:
    """What the daemon says about its files from now on."""

    def __init__(self, lab):
        self.lab, self.start = lab, len(lab.khatmd_log())

    def lines(self):
        return [line for line in self.lab.khatmd_log()[self.start:].splitlines() if "reload" in line]

    def wait(self, text, patience=PATIENCE):
        wait_until(lambda: any(text in line for line in self.lines()), f"{text!r} in the log", patience)


@contextlib.contextmanager
def restored(lab, *paths):
    """Contents as they were, and taken in; a registry is signed anew."""
    kept = [(path, path.read_bytes()) for path in paths]
    try:
        yield
    finally:
        for path, raw in kept:
            path.write_bytes(raw)
        if lab.registry in paths:
            lab.sign_registry()
        lab.reload()


def replace(path, text):
    """As editors do that write beside and rename."""
    beside = path.with_name(f".{path.name}.swp")
    beside.write_text(text)
    os.replace(beside, path)


def issue(lab, text):
    """A new registry and its signature, made elsewhere: (path, bytes) of both."""
    old, old_signature = lab.registry.read_bytes(), signature(lab).read_bytes()
    lab.registry.write_text(text)
    lab.sign_registry()
    pair = [(lab.registry, lab.registry.read_bytes()), (signature(lab), signature(lab).read_bytes())]
    lab.registry.write_bytes(old)
    signature(lab).write_bytes(old_signature)
    return pair


# --- by itself -------------------------------------------------------------------------------------------------

def with_consumer(text):
    return text + "partner.example\t# of this test\n"


def consumers(lab):
    return lab.path("CONF").parent / "lists" / "consumer.domains"


@pytest.mark.parametrize("write", [lambda path, text: path.write_text(text), replace], ids=["in place", "by rename"])
def test_a_changed_file_is_taken_in(gate, write):
    path = consumers(gate)
    assert verdict(gate, "x@partner.example") == (550, "UNLISTED")
    with restored(gate, path):
        since = Since(gate)
        write(path, with_consumer(path.read_text()))
        since.wait("reloaded: its files changed")
        assert verdict(gate, "x@partner.example") == (550, "CONSUMER")
        assert len(since.lines()) == 1
    assert verdict(gate, "x@partner.example") == (550, "UNLISTED")


def test_a_file_that_is_named_anew_is_looked_at_too(gate):
    conf, rules = gate.path("CONF"), gate.rules
    other = rules.with_name("other.rules")
    with restored(gate, conf):
        since = Since(gate)
        conf.write_text(conf.read_text().replace('"khatm.rules"', '"other.rules"'))
        since.wait("reload refused, what was in force stays")
        assert "other.rules" in since.lines()[0]
        other.write_text(rules.read_text())
        since.wait("reloaded: its files changed")
        assert len(since.lines()) == 2
    other.unlink()


def write_slowly(path, lines):
    """Half-written again and again; how long it rested at most."""
    longest, last = 0, time.monotonic()
    with open(path, "w") as file:
        for part in range(11):
            if part == 10:
                file.seek(0)
                file.truncate()
            file.write("".join(lines[part::10]) + "half a li" if part < 10 else "".join(lines))
            file.flush()
            now = time.monotonic()
            longest, last = max(longest, now - last), now
            if part < 10:
                time.sleep(QUIET / 3)
    return longest


def test_a_file_that_is_written_slowly_is_read_once(gate):
    path = consumers(gate)
    with restored(gate, path):
        lines = with_consumer(path.read_text()).splitlines(keepends=True)
        for _ in range(TRIES):
            since = Since(gate)
            longest = write_slowly(path, lines)
            since.wait("reloaded: its files changed")
            if longest < 0.8 * QUIET:
                break
        assert verdict(gate, "x@partner.example") == (550, "CONSUMER")
        assert len(since.lines()) == 1, since.lines()


def test_a_file_that_vanishes_for_a_moment_is_waited_for(gate):
    path = gate.rules
    text = path.read_text()
    for _ in range(TRIES):
        since, began = Since(gate), time.monotonic()
        path.unlink()
        time.sleep(2.5)
        met = verdict(gate, FINANCES)
        path.write_text(text)
        away = time.monotonic() - began
        since.wait("reloaded: its files changed")
        assert met == MET
        if away < 0.8 * GONE:
            break
    assert len(since.lines()) == 1, since.lines()


def test_a_file_that_is_gone_is_missed_once(gate):
    path = gate.rules
    with restored(gate, path):
        since = Since(gate)
        path.unlink()
        since.wait("reload refused, what was in force stays")
        assert "there is no file" in since.lines()[0]
        assert verdict(gate, FINANCES) == MET
    assert verdict(gate, FINANCES) == MET


def test_broken_then_mended(gate):
    """Said once, with file and line; what was in force stays; the mended file is taken in."""
    path = gate.rules
    with restored(gate, path):
        text, since = path.read_text(), Since(gate)
        replace(path, text + "\nthis is = { not a rule\n")
        since.wait("reload refused, what was in force stays")
        assert verdict(gate, FINANCES) == MET
        time.sleep(3 * QUIET)
        assert len(since.lines()) == 1 and re.search(r"khatm\.rules:\d+: ", since.lines()[0]), since.lines()
        replace(path, text)
        since.wait("reloaded: its files changed")
        assert len(since.lines()) == 2 and verdict(gate, FINANCES) == MET


def test_who_wants_a_signal_gets_nothing_without(gate):
    conf, path = gate.path("CONF"), consumers(gate)
    with restored(gate, path, conf):
        since = Since(gate)
        conf.write_text(re.sub(r"(?m)^reload\s*=.*$", "reload = signal", conf.read_text()))
        since.wait("reloaded: its files changed")
        path.write_text(with_consumer(path.read_text()))
        time.sleep(4 * QUIET)
        assert verdict(gate, "x@partner.example") == (550, "UNLISTED") and len(since.lines()) == 1
        gate.signal_reload()
        wait_until(lambda: len(since.lines()) == 2, "the reload")
        assert verdict(gate, "x@partner.example") == (550, "CONSUMER")


# --- registry and signature are two files --------------------------------------------------------------------------

@pytest.mark.parametrize("first", [0, 1], ids=["registry first", "signature first"])
def test_the_moment_between_registry_and_signature_raises_no_alarm(gate, first):
    with restored(gate, gate.registry):
        pair, since = issue(gate, gate.registry.read_text() + entry(gate)), Since(gate)
        pair[first][0].write_bytes(pair[first][1])
        time.sleep(4 * QUIET)
        assert verdict(gate, FINANCES) == MET and verdict(gate, f"x@{NEW}") == (550, "UNLISTED")
        assert not since.lines(), since.lines()
        pair[1 - first][0].write_bytes(pair[1 - first][1])
        since.wait("reloaded: its files changed")
        assert verdict(gate, f"x@{NEW}") == MET
        assert len(since.lines()) == 1, since.lines()


def test_half_a_pair_that_stays_is_said(gate):
    with restored(gate, gate.registry):
        since = Since(gate)
        gate.registry.write_text(gate.registry.read_text() + entry(gate))
        time.sleep(10)
        assert not since.lines()
        since.wait("reload refused, what was in force stays", patience=120)
        assert "the signature does not fit the file" in since.lines()[0] and len(since.lines()) == 1
        assert verdict(gate, FINANCES) == MET and verdict(gate, f"x@{NEW}") == (550, "UNLISTED")


def test_a_whole_pair_that_is_wrong_is_said_at_once(gate):
    with restored(gate, gate.registry):
        pair = issue(gate, gate.registry.read_text() + entry(gate))
        since = Since(gate)
        gate.registry.write_bytes(pair[0][1] + b"# changed\n")
        signature(gate).write_bytes(pair[1][1])
        since.wait("reload refused, what was in force stays", patience=25)  # half a pair has thirty
        assert "the signature does not fit the file" in since.lines()[0]


def test_a_start_beside_a_refused_file_ends_when_it_is_mended(gate):
    """The last good one is in force; the status says that the file is refused."""
    with restored(gate, gate.registry):
        good = gate.registry.read_bytes()
        gate.registry.write_bytes(good + b"# changed\n")
        gate.restart_khatmd()
        status = (gate.path("STATE") / "khatmd.status").read_text()
        assert "\noutcome refused\n" in status and "does not fit the file" in status
        assert verdict(gate, FINANCES) == MET
        since = Since(gate)
        gate.registry.write_bytes(good)
        since.wait("reloaded: its files changed")
        assert "\noutcome in-force\n" in (gate.path("STATE") / "khatmd.status").read_text()


def test_no_message_sees_half_of_a_changed_file(gate):
    """Two issues, each with one of two ministries: every message to both is refused for exactly one of them."""
    pair = [f"x@un.{NEW}", f"x@deux.{NEW}"]
    base, seen, stop = gate.registry.read_text(), [], threading.Event()

    def issue_one(number):
        since = Since(gate)
        replace(gate.registry, base + entry(gate, pair[number].partition("@")[2]))
        gate.sign_registry()
        since.wait("reloaded: its files changed")
        assert not [line for line in since.lines() if "refused" in line], since.lines()

    def send():
        with gate.connect() as session:
            while not stop.is_set():
                reply = gate.send(mail(to=pair, documents=[("note.pdf", pdf())]), *pair, session=session)
                seen.append((reply.code, tuple(rcpt in reply.text for rcpt in pair)))

    with restored(gate, gate.registry):
        issue_one(0)
        senders = [threading.Thread(target=send) for _ in range(4)]
        for sender in senders:
            sender.start()
        for number in [1, 0] * (2 if SANITIZED else 3):
            count = len(seen)
            wait_until(lambda: len(seen) >= count + 4, "messages between two issues")
            issue_one(number)
        stop.set()
        for sender in senders:
            sender.join()
    halves = [one for one in seen if one not in ((550, (True, False)), (550, (False, True)))]
    assert not halves, halves[:3]
    assert {one[1] for one in seen} == {(True, False), (False, True)}, "the reloads changed nothing"


# --- khatm reload --------------------------------------------------------------------------------------------------

@pytest.fixture
def told(lab):
    """The shared lab: it reads its files when it is told to."""
    return lab


def reload(lab, *words):
    done = lab.khatm("reload", *words)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def test_reload_says_that_it_is_in_force(told):
    code, out, err = reload(told)
    assert code == 0 and re.fullmatch(r"in force as before: policy [0-9a-f]{64}\n", out) and not err, (out, err)
    path = consumers(told)
    with restored(told, path):
        path.write_text(with_consumer(path.read_text()))
        code, out, err = reload(told)
        assert code == 0 and out.startswith("in force now: policy ") and not err, (out, err)
        assert verdict(told, "x@partner.example") == (550, "CONSUMER")


def test_reload_leaves_the_daemon_alone_while_the_files_are_wrong(told):
    with restored(told, told.rules, told.registry):
        since = Since(told)
        told.rules.write_text(told.rules.read_text() + "\nthis is = { not a rule\n")
        code, out, err = reload(told)
        assert code == 78 and not out and re.match(r"khatm reload: \S+khatm\.rules:\d+: ", err) and err.count("\n") == 1, err
        told.rules.write_text(told.rules.read_text().replace("\nthis is = { not a rule\n", ""))
        told.registry.write_text(told.registry.read_text() + entry(told))
        code, out, err = reload(told)
        assert code == 78 and not out and "the signature does not fit the file" in err and err.count("\n") == 1, err
        assert not since.lines(), since.lines()


@pytest.mark.parametrize("name, change", [
    ("socket", lambda text: text.replace("milter.sock", "other.sock") if "milter.sock" in text else
     re.sub(r"(?m)^(socket\s*=\s*)\"[^\"]*\"", r'\1"unix:/run/khatm-other.sock"', text)),
    ("journal.store", lambda text: re.sub(r'"sqlite:[^"]*"', '"sqlite:/run/other.db"', text)),
])
def test_reload_tells_what_the_daemon_refuses(told, name, change):
    conf = told.path("CONF")
    with restored(told, conf):
        conf.write_text(change(conf.read_text()))
        code, out, err = reload(told)
        assert code == 78 and not out, (out, err)
        assert re.search(rf"khatmd refused it, what was in force stays: \S+/{conf.name}: {name} cannot change while running", err), err


def test_reload_without_a_daemon(told):
    status = told.path("STATE") / "khatmd.status"
    assert re.match(rf"khatm-status 1\npid {told.pid()}\n", status.read_text())
    try:
        told.kill_daemon()
        code, _, err = reload(told)
        assert code == 69 and "runs no more: start it" in err, err
    finally:
        told.restart()
    text = status.read_text()
    try:
        status.unlink()
        code, _, err = reload(told)
        assert code == 69 and re.search(r"no khatmd runs with state = \S+/khatm/state: start it", err), err
        status.write_text("khatm-status 1\npid x\n")
        code, _, err = reload(told)
        assert code == 69 and "is damaged" in err, err
    finally:
        status.write_text(text)
        os.chown(status, told.path("JOURNAL").stat().st_uid, -1)
    assert reload(told)[0] == 0


def test_reload_of_a_daemon_that_stopped_in_order(told):
    """Its status is gone with it."""
    os.kill(told.pid(), signal.SIGTERM)
    try:
        wait_until(lambda: not (told.path("STATE") / "khatmd.status").exists(), "the end of its status")
        assert reload(told)[0] == 69
    finally:
        told.restart()
    assert reload(told)[0] == 0


def test_reload_signals_nobody_else(told):
    """Neither a number that is another process by now, nor, as root, somebody else's process."""
    status, uid = told.path("STATE") / "khatmd.status", told.path("JOURNAL").stat().st_uid
    text = status.read_text()
    bystanders = [subprocess.Popen(["sleep", "60"]), subprocess.Popen(["setpriv", f"--reuid={uid}", "sleep", "60"])]
    try:
        for bystander, started in zip(bystanders, (True, False)):
            wait_until(lambda: pathlib.Path(f"/proc/{bystander.pid}/comm").read_text() == "sleep\n", "a bystander")
            ticks = pathlib.Path(f"/proc/{bystander.pid}/stat").read_text().rpartition(")")[2].split()[19]
            lie = re.sub(r"pid \d+", f"pid {bystander.pid}", text)
            status.write_text(re.sub(r"started \d+", f"started {ticks}", lie) if started else lie)
            os.chown(status, uid, -1)
            code, _, err = reload(told)
            assert code == 69 and "runs no more" in err and bystander.poll() is None, err
    finally:
        status.write_text(text)
        for bystander in bystanders:
            bystander.kill()
            bystander.wait()
    assert reload(told)[0] == 0


def test_reload_of_a_daemon_that_does_not_answer(told):
    os.kill(told.pid(), signal.SIGSTOP)
    try:
        started = time.monotonic()
        code, _, err = reload(told, "--wait", "2")
        assert code == 75 and "did not answer in time" in err and time.monotonic() - started < 20, err
    finally:
        os.kill(told.pid(), signal.SIGCONT)
    assert reload(told)[0] == 0


def test_reload_that_is_overtaken_says_so(told):
    """The files change once more after they were checked: what is in force is not what was checked."""
    path = consumers(told)
    pending = re.compile(r"(?m)^ShdPnd:\s*[0-9a-f]*[2367abef][0-9a-f]{2}$")  # SIGUSR1 is bit 9

    def is_told():
        return pending.search(pathlib.Path(f"/proc/{told.pid()}/status").read_text())

    def is_idle():
        before = (told.path("STATE") / "khatmd.status").read_text()
        time.sleep(1)
        return not is_told() and (told.path("STATE") / "khatmd.status").read_text() == before

    with restored(told, path):
        wait_until(is_idle, "the end of what an earlier test wanted")
        os.kill(told.pid(), signal.SIGSTOP)
        try:
            run = subprocess.Popen([f"{told['BIN']}/khatm", "reload", "--config", told["CONF"]], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
            wait_until(is_told, "the signal")
            path.write_text(with_consumer(path.read_text()))
        finally:
            os.kill(told.pid(), signal.SIGCONT)
        out, err = run.communicate(timeout=120)
        assert run.returncode == 75 and not out and "changed while they were read" in err, (out, err)
        assert reload(told)[0] == 0


def test_reload_by_somebody_else(told):
    done = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", f"{told['BIN']}/khatm", "reload", "--config",
                           told["CONF"]], capture_output=True, text=True, timeout=60, cwd="/")
    assert done.returncode == 77 and "khatmd.status: Permission denied" in done.stderr, done


def test_several_at_once(told):
    runs = [subprocess.Popen([f"{told['BIN']}/khatm", "reload", "--config", told["CONF"]], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True) for _ in range(5)]
    ends = [(run.communicate(timeout=120), run.returncode) for run in runs]
    assert [code for _, code in ends] == [0] * 5, ends


@pytest.mark.parametrize("words", [("--wait", "0"), ("--wait", "601"), ("--wait", "1x"), ("now",), ("--force",)])
def test_wrong_words(told, words):
    code, out, err = reload(told, *words)
    assert code == 64 and not out and "Try 'khatm reload --help'" in err


def test_a_status_that_cannot_be_written_stops_nothing(told):
    """The daemon goes on, and says so."""
    state = told.path("STATE")
    draft = state / "khatmd.status.new"
    draft.mkdir()
    try:
        before = len(told.khatmd_log())
        told.reload()
        told.wait_for_log("khatm reload will not learn what comes of it", after=before)
        assert reload(told, "--wait", "2")[0] == 75
        assert verdict(told, FINANCES) == MET
    finally:
        draft.rmdir()
    assert reload(told)[0] == 0
