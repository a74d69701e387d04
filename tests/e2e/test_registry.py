# SPDX-License-Identifier: Apache-2.0
"""The registry that decides who is government: believed only when its authority signed it, never older than before, and
taken in whole or not at all. What is refused is refused with one line, and the last good one stays in force."""

import re
import subprocess
import threading
import time

import pytest
from gateway import BUILD, SANITIZED, wait_until
from letters import AGENT, FINANCES, mail
from messages import pdf
from rig import keys

NEW = "nouveau.gov.example"
CYRILLIC_A = "\u0430"
MIXED_A_LABEL = "xn--" + f"just{CYRILLIC_A}ce".encode("punycode").decode()


@pytest.fixture(scope="module")
def gate(labs):
    """A lab of its own: serials only grow, and the daemon is restarted here."""
    lab = labs.fresh()
    yield lab
    labs.stop_one(lab)


@pytest.fixture(scope="module")
def stranger(tmp_path_factory):
    """Somebody else's key, as good as the authority's but for whose it is."""
    home = tmp_path_factory.mktemp("stranger")
    yield home, keys.generate(home, "registre@gov.example", who="Authority", encrypts=False)
    keys.stop_agents(home)


def entry(lab, domain=NEW, more=""):
    return f'\ndomain "{domain}" {{\n\tproof = either\n\tkey = "{lab["PEER_FINGERPRINT"]}"\n{more}}}\n'


def append(lab, text):
    lab.registry.write_text(lab.registry.read_text() + text)


def verdict(lab, *rcpts):
    # A document of its own: one that has left before is refused for another reason.
    reply = lab.send(mail(to=list(rcpts), documents=[("note.pdf", pdf(seed=time.monotonic_ns(), size=2000))]), *rcpts)
    return reply.code, reply.reason


def serial_of(lab):
    return int(re.search(r"(?m)^serial\s*=\s*(\d+)", lab.registry.read_text())[1])


def set_serial(lab, serial):
    lab.registry.write_text(re.sub(r"(?m)^serial.*$", f"serial = {serial}", lab.registry.read_text()))


class Kept:
    """The lab's registry as it was, put back with a greater serial."""

    def __init__(self, lab):
        self.lab = lab

    def __enter__(self):
        self.text = self.lab.registry.read_text()
        return self

    def __exit__(self, *_):
        self.lab.registry.write_text(self.text)
        self.lab.sign_registry()
        self.lab.reload()


# --- what is refused. Each: prepares the file beside the running daemon, and the words its one line must have --------

def unsigned(lab, _):
    append(lab, entry(lab))
    lab.path("REGISTRY").with_name("government.domains.asc").unlink()


def not_signed_again(lab, _):
    append(lab, entry(lab))


def signed_by_another(lab, stranger):
    append(lab, entry(lab))
    lab.sign_registry(home=stranger[0], key=stranger[1])


def signature_expired(lab, _):
    append(lab, entry(lab))
    lab.sign_registry(options=("--default-sig-expire", "seconds=1"))
    time.sleep(2.1)


def older_serial(lab, _):
    append(lab, entry(lab))
    set_serial(lab, serial_of(lab) - 1)
    lab.sign_registry(greater=False)


def same_serial(lab, _):
    append(lab, entry(lab))
    lab.sign_registry(greater=False)


def registry_expired(lab, _):
    lab.registry.write_text(lab.registry.read_text().replace("2099-12-31", "2020-12-31") + entry(lab))
    lab.sign_registry()


def signed(text):
    def prepare(lab, _):
        append(lab, entry(lab) + text)
        lab.sign_registry()
    return prepare


REFUSED = [
    ("unsigned", unsigned, ("government.domains: is not signed", "get the file and its signature")),
    ("changed after signing", not_signed_again, ("government.domains.asc: the signature does not fit the file",)),
    ("signed by another key", signed_by_another, ("government.domains.asc: the signature is by the key", "not by the")),
    ("signature expired", signature_expired, ("government.domains.asc: the signature expired on 20",)),
    ("older serial", older_serial, ("government.domains: serial", "is older than", "get the newest issue")),
    ("same serial, other contents", same_serial, ("government.domains: serial", "with other contents")),
    ("registry expired", registry_expired, ("government.domains:3: the registry expired, its last day was 2020-12-31",)),
    ("overlap", signed('domain "gov.example" { subdomains = yes }\n'), ("domains:@: 'gov.example'", "takes in")),
    ("twice", signed('domain "JUSTICE.gov.example" { }\n'), ("domains:@: 'justice.gov.example' is there twice",)),
    ("no-break space in a domain", signed('domain "a\u00a0b.gov.example" { }\n'), ("domains:@: a no-break space",)),
    ("no-break space in a key", signed('domain "x.gov.example" { key = "0123\u00a0" }\n'), ("@: a no-break space",)),
    ("zero-width space", signed('domain "a\u200bb.gov.example" { }\n'), ("domains:@: a zero-width space",)),
    ("direction mark", signed('domain "x.gov.example" { name-fr = "\u202eX" }\n'), ("domains:@: a direction mark",)),
    ("mixed scripts", signed(f'domain "just{CYRILLIC_A}ce.gov.example" {{ }}\n'),
     ("domains:@: 'just", "Latin and Cyrillic")),
    ("mixed scripts, as A-labels", signed(f'domain "{MIXED_A_LABEL}.gov.example" {{ }}\n'), ("domains:@: 'just", "Cyrillic")),
    ("consumer mail", signed('domain "yahoo.tn" { }\n'), ("domains:@: 'yahoo.tn' is consumer mail",)),
    ("unknown setting", signed('domain "x.gov.example" { prof = dkim }\n'), ("@: unknown setting 'prof'", "'proof'?")),
    ("unclosed entry", signed('domain "x.gov.example" {\n'), ("domains:@: a '{' that is never closed",)),
]


@pytest.mark.parametrize("prepare, words", [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_refused_with_one_line_and_the_last_good_one_stays(gate, stranger, prepare, words):
    with Kept(gate):
        prepare(gate, stranger)
        last_line = len(gate.registry.read_text().splitlines())
        before = len(gate.khatmd_log())
        gate.signal_reload()
        gate.wait_for_log("reload", after=before)
        lines = [line for line in gate.khatmd_log()[before:].splitlines() if "reload" in line or "registry" in line]
        assert len(lines) == 1 and "reload refused, what was in force stays" in lines[0], lines
        for word in words:
            assert word.replace("@", str(last_line)) in lines[0], lines[0]
        assert verdict(gate, f"x@{NEW}") == (550, "UNLISTED")
        assert verdict(gate, FINANCES) == (250, None)
    assert verdict(gate, FINANCES) == (250, None)


def test_a_good_one_is_taken_in(gate):
    with Kept(gate):
        signed("")(gate, None)
        gate.reload()
        assert verdict(gate, f"x@{NEW}") == (250, None)
    assert verdict(gate, f"x@{NEW}") == (550, "UNLISTED")


def test_arabic_names_are_no_mixture(gate):
    with Kept(gate):
        signed('domain "\u0648\u0632\u0627\u0631\u0629.gov.example" { name-ar = "\u0648\u0632\u0627\u0631\u0629" }\n')(
            gate, None)
        gate.reload()


def test_an_end_is_told_a_month_ahead(gate):
    with Kept(gate):
        soon = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 20 * 86_400))
        gate.registry.write_text(gate.registry.read_text().replace("2099-12-31", soon))
        gate.sign_registry()
        before = len(gate.khatmd_log())
        gate.restart_khatmd()
        gate.wait_for_log("alert: registry: from 20", after=before)


# --- a start beside a bad file -----------------------------------------------------------------------------------

def test_a_restart_goes_on_with_the_last_good_one_and_says_so(gate):
    serial = serial_of(gate)
    with Kept(gate):
        not_signed_again(gate, None)
        before = len(gate.khatmd_log())
        gate.restart_khatmd()
        assert f"registry refused, the last good one (serial {serial}) is in force: " in gate.khatmd_log()[before:]
        assert verdict(gate, FINANCES) == (250, None)
        assert verdict(gate, f"x@{NEW}") == (550, "UNLISTED")
        check = gate.khatm("check")
        assert check.returncode == 78
        assert b"does not fit the file" in check.stderr and b"the last good registry, serial" in check.stderr
        explained = gate.khatm("explain", "--login", AGENT, "--from", AGENT, "--rcpt", FINANCES, "-",
                               stdin=mail(to=[FINANCES], documents=[("a.pdf", pdf())]).raw)
        assert explained.returncode == 10 and b"does not fit the file" in explained.stderr, explained.stderr


def test_a_restart_does_not_go_back_behind_what_was_accepted(gate):
    """Not even with the authority's own signature, and with the daemon stopped in between."""
    with Kept(gate):
        old, signature = gate.registry.read_bytes(), gate.registry.with_name("government.domains.asc").read_bytes()
        append(gate, entry(gate))
        gate.sign_registry()
        gate.reload()
        gate.registry.write_bytes(old)
        gate.registry.with_name("government.domains.asc").write_bytes(signature)
        before = len(gate.khatmd_log())
        gate.restart_khatmd()
        assert "is older than" in gate.khatmd_log()[before:]
        assert verdict(gate, f"x@{NEW}") == (250, None)


def test_nothing_kept_and_a_bad_file_start_nothing(gate, tmp_path):
    conf = gate.path("CONF")
    text = re.sub(r"(?m)^state.*$", f'state = "{tmp_path}/state"', conf.read_text())
    text = re.sub(r"(?m)^\s*work-directory.*$", f'work-directory = "{tmp_path}/work"', text)
    text = text.replace('"government.domains"', f'"{conf.parent}/government.domains"')
    copy = conf.with_name("other.conf")
    copy.write_text(text)
    with Kept(gate):
        not_signed_again(gate, None)
        run = subprocess.run([BUILD / "khatmd", "--config", copy], capture_output=True, text=True, timeout=60)
        assert run.returncode == 78 and len(run.stderr.strip().splitlines()) == 1, run.stderr
        assert "does not fit the file" in run.stderr
    copy.unlink()


def test_a_damaged_memory_is_refused_not_forgotten(gate):
    kept = gate.path("STATE") / "registry.accepted"
    original = kept.read_bytes()
    kept.write_bytes(original.replace(b"serial  = ", b"serial  = 1", 1))
    try:
        before = len(gate.khatmd_log())
        gate.signal_reload()
        gate.wait_for_log("reload refused", after=before)
        assert "registry.accepted: is damaged" in gate.khatmd_log()[before:]
    finally:
        kept.write_bytes(original)
        gate.reload()


def test_a_full_disk_keeps_the_registry_out(gate):
    """Who cannot remember a serial does not accept it."""
    state = gate.path("STATE")
    state.chmod(0o500)
    draft = state / "registry.accepted.new"
    draft.mkdir()
    try:
        with Kept(gate):
            signed("")(gate, None)
            before = len(gate.khatmd_log())
            gate.signal_reload()
            gate.wait_for_log("reload refused", after=before)
            assert "serial cannot be remembered" in gate.khatmd_log()[before:]
            assert verdict(gate, f"x@{NEW}") == (550, "UNLISTED")
            draft.rmdir()
            state.chmod(0o700)
    finally:
        if draft.exists():
            draft.rmdir()
        state.chmod(0o700)


def test_a_user_who_may_not_see_the_last_serial_is_told_so(gate):
    run = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", f"{gate['BIN']}/khatm", "domains",
                          "check", "--config", gate["CONF"]], capture_output=True, text=True, timeout=60, cwd="/")
    assert run.returncode == 0 and gate["AUTHORITY"] in run.stdout, run
    assert "whether the serial is older is not known" in run.stderr, run


# --- under load --------------------------------------------------------------------------------------------------

def test_no_message_sees_half_of_a_reload(gate):
    """Two issues, each with one of two ministries: every message to both is refused for exactly one of them."""
    pair = [f"x@un.{NEW}", f"x@deux.{NEW}"]
    base, seen, stop = gate.registry.read_text(), [], threading.Event()

    def issue(number):
        gate.registry.write_text(base + entry(gate, pair[number].partition("@")[2]))
        set_serial(gate, serial_of(gate))
        gate.sign_registry()
        gate.reload()

    def send():
        with gate.connect() as session:
            while not stop.is_set():
                reply = gate.send(mail(to=pair, documents=[("note.pdf", pdf())]), *pair, session=session)
                seen.append((reply.code, tuple(rcpt in reply.text for rcpt in pair)))

    with Kept(gate):
        issue(0)
        senders = [threading.Thread(target=send) for _ in range(4)]
        for sender in senders:
            sender.start()
        for number in [1, 0] * (3 if SANITIZED else 6):
            count = len(seen)
            wait_until(lambda: len(seen) >= count + 4, "messages between two reloads")
            issue(number)
        stop.set()
        for sender in senders:
            sender.join()
    halves = [one for one in seen if one not in ((550, (True, False)), (550, (False, True)))]
    assert not halves, halves[:3]
    assert {one[1] for one in seen} == {(True, False), (False, True)}, "the reloads changed nothing"
