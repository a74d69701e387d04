# SPDX-License-Identifier: Apache-2.0
"""Web Key Directories: what khatm keys export --wkd publishes is found by gpg itself over HTTPS, and khatm keys fetch
takes from there what the import would take, and nothing else; whatever a server does, no key gets lost."""

import contextlib
import http.server
import os
import pathlib
import pty
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

import pytest
from gateway import wait_until
from letters import mail
from messages import pdf
from odd_keys import make
from peer import Peer
from pgp import gpg, revoke_key, stop_agent
from rig import keys
from web import Silent, Web, certificate, run_among

PEER = "finances.gov.example"
HOST = f"openpgpkey.{PEER}"
GATEWAY, PERSON, STAFF = f"gateway@{PEER}", f"Directrice.Adjointe@{PEER}", f"caisse@{PEER}"
UNPROTECTED = ("--pinentry-mode", "loopback", "--passphrase", "")
SIDE_BY_SIDE = 16
DEAD = [f"dead{i}.gov.example" for i in range(SIDE_BY_SIDE + 4)]
WKS = "/usr/lib/gnupg/gpg-wks-client"


def key_of(domain):
    return make("honest-cv25519", domain, of=domain)


class World:
    """finances holds its keys and publishes; interieur, the gateway under test, asks."""

    def __init__(self, lab, home, folder):
        self.lab, self.home, self.root = lab, home, folder / "web"
        self.key, self.secret = lab.env["PEER_FINGERPRINT"], pathlib.Path(lab.env["PEER_UNSEALING"])
        self.authority = pathlib.Path(lab.env["CA"]).parent
        self.good, self.other = (certificate(folder, name, self.authority) for name in (HOST, "www.example"))
        self.address = f"{lab.env['LAB_BLOCK']}.2"  # as the MX, which HOST is an alias of

    @contextlib.contextmanager
    def served(self, harm=None, pem=None):
        web = Web(self.address, self.root / PEER, pem or self.good)
        try:
            with web.doing(harm):
                yield web
        finally:
            web.close()

    def publish(self):
        assert self.khatm("export", "--wkd", self.root).returncode == 0

    def owner(self, *words):
        """gpg where the ministry has its secret key; the files stay the daemon's."""
        gpg(self.secret, *UNPROTECTED, "--yes", *words)
        self.give_back(self.secret)

    @staticmethod
    def give_back(home):
        for path in home.iterdir():
            if path.is_file():
                shutil.chown(path, home.stat().st_uid, home.stat().st_gid)

    def fetch(self, *words):
        run = self.lab.khatm("keys", "fetch", *words)
        assert run.stderr.count(b"\n") <= 1, run
        return run.returncode, (run.stdout + run.stderr).decode()

    def ring(self):
        """Every key that the gateway under test holds of others."""
        return gpg(self.lab.env["SEALING_HOME"], "--export").stdout

    def send(self, *rcpts):
        return self.lab.send(mail(to=list(rcpts), documents=[("acte.pdf", pdf())]), *rcpts)

    def khatm(self, *words):
        command = [self.lab.path("BIN") / "khatm", "keys", *words, "--config", self.lab.env["PEER_CONF"]]
        return subprocess.run(list(map(str, command)), capture_output=True, timeout=120)

    def make(self, address, who="Somebody"):
        return keys.generate(self.home, address, who=who)

    def certify(self, address, *more, others=()):
        """A key of somebody there, which the domain's key certifies; more: further user ids."""
        key = self.make(address)
        for user_id in (*more, *others):
            gpg(self.home, *UNPROTECTED, "--quick-add-uid", key, user_id)
        self.bring(key)
        self.owner("--default-key", self.key, "--quick-sign-key", key, f"Somebody <{address}>", *more)
        return key

    def last_until(self, end):
        """The domain's key, published; `end` as gpg takes it."""
        listed = gpg(self.secret, "--with-colons", "--list-keys", self.key).stdout.decode()
        subkey = re.search(r"(?s)\nsub:.*?\nfpr:+([0-9A-F]{40}):", listed)[1]  # "*" leaves out what has ended
        for what in ((), (subkey,)):
            self.owner("--quick-set-expire", self.key, end, *what)
        self.publish()

    def bring(self, key):
        gpg(self.secret, "--import", stdin=gpg(self.home, "--export", key).stdout)
        self.give_back(self.secret)


@pytest.fixture(scope="module")
def world(labs, tmp_path_factory):
    folder, home = tmp_path_factory.mktemp("server"), tmp_path_factory.mktemp("owners")
    home.chmod(0o700)
    zone = folder / "zone"
    zone.write_text("".join(f"{name}. CNAME mx.{PEER}.\n" for name in (HOST, "openpgpkey.gmail.com")) +
                    "".join(f"openpgpkey.{name}. CNAME mx.justice.gov.example.\n" for name in DEAD))
    lab = labs.fresh_of(Peer, "--peer-unseal", "open", "--zone", f".={zone}", "--set", "wkd.fetch=yes", "--set",
                        'wkd.private-networks={ "127.0.0.0/8" }', "--set", "wkd.deadline=30s")
    dead = "".join(f'domain "{name}" {{\n\tproof = either\n\tkey = "{key_of(name)[0]}"\n}}\n' for name in DEAD)
    persons = (f'domain "{PEER}" {{', f'{dead}domain "{PEER}" {{\n\tuser-keys = prefer')
    for registry in (lab.registry, pathlib.Path(lab.env["PEER_CONF"]).parent / "government.domains"):
        text = registry.read_text().replace(*persons)
        registry.write_text(re.sub(r"(?m)^(serial\s*=\s*)\d+", r"\g<1>3000000000", text))
        gpg(lab.env["AUTHORITY_HOME"], "--yes", "--armor", "--local-user", lab.env["AUTHORITY"], "--output",
            f"{registry}.asc", "--detach-sign", registry)
    conf = lab.path("CONF")
    conf.write_text(conf.read_text().replace("wkd {", f'wkd {{\n\tca-file = "{lab.env["CA"]}"'))
    lab.reload()
    yield World(lab, home, folder)
    stop_agent(home)
    stop_agent(lab.env["PEER_UNSEALING"])
    labs.stop_one(lab)


def user_ids(home, key):
    listed = gpg(home, "--with-colons", "--list-keys", key, check=False).stdout.decode()
    return re.findall(r"^uid:(?:[^:]*:){8}([^:]*):", listed, re.M)


def test_gpg_finds_what_was_published(world, tmp_path):
    private = f"Anne <{PERSON.lower().replace('finances.gov', 'home')}>"
    person = world.certify(PERSON, others=(private,))
    stranger = world.make(STAFF)
    gpg(world.home, *UNPROTECTED, "--yes", "--default-key", stranger, "--quick-sign-key", person)
    root = tmp_path / "web"
    run = world.khatm("export", "--wkd", root)
    assert run.returncode == 0 and not run.stderr, run
    said = dict(line.split() for line in run.stdout.decode().splitlines())
    assert set(said) == {GATEWAY, PERSON.lower()}
    for address, url in said.items():  # as the reference implementation writes them
        want = subprocess.run([WKS, "--print-wkd-url", address], capture_output=True, text=True, check=True).stdout.strip()
        assert url.partition("?")[0] == want.partition("?")[0], (url, want)
    files = {str(path.relative_to(root)): path for path in root.rglob("*") if path.is_file()}
    names = [subprocess.run([WKS, "--print-wkd-hash", address], capture_output=True, text=True, check=True).stdout.split()[0]
             for address in (GATEWAY, PERSON)]
    methods = (f"{PEER}/.well-known/openpgpkey", f"{PEER}/.well-known/openpgpkey/{PEER}")
    assert set(files) == {f"{method}/{name}" for method in methods for name in ("policy", *(f"hu/{name}" for name in names))}
    assert all(path.stat().st_mode & 0o777 == 0o644 for path in files.values())
    assert all(path.stat().st_mode & 0o777 == 0o755 for path in root.rglob("*") if path.is_dir())
    # One user id, the owner's word and the ministry's; nobody else's.
    key = files[f"{methods[0]}/hu/{names[1]}"].read_bytes()
    assert key[0] & 0x80 and private.encode() not in key
    packets = gpg(tmp_path, "--list-packets", stdin=key).stdout.decode()
    issuers = set(re.findall(r"signature packet: .*keyid (\w+)", packets))
    assert issuers == {person[-16:], world.key[-16:]}, packets
    fetch_with_gpg(world, tmp_path, root / PEER, {GATEWAY: world.key, PERSON: person})


def fetch_with_gpg(world, tmp_path, root, keys):
    """By both methods, with the program that most of the world asks with."""
    address = world.lab.env["LAB_BLOCK"] + ".77"
    for host, there in ((HOST, {HOST: address}), (PEER, {PEER: address})):
        web = Web(address, root, certificate(tmp_path, host, world.authority))
        home = pathlib.Path(tempfile.mkdtemp(prefix="khatm-gpg-"))  # short: sockets lie in it
        (home / "dirmngr.conf").write_text("standard-resolver\ndisable-ipv6\n")
        try:
            for wanted, key in keys.items():
                run = run_among(there, world.lab.env["CA"], ["gpg", "--homedir", home, "--batch", "--no-tty",
                                "--auto-key-locate", "clear,nodefault,wkd", "--locate-external-keys", wanted])
                assert run.returncode == 0 and key.encode() in run.stdout, (run, web.asked)
                assert user_ids(home, key), wanted
            assert all(asked == host for asked, _ in web.asked) and web.asked, web.asked
        finally:
            web.close()
            subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], capture_output=True)
            shutil.rmtree(home, ignore_errors=True)


def test_what_is_left_over_is_told_and_left(world, tmp_path):
    root = tmp_path / "web"
    hu = root / PEER / ".well-known" / "openpgpkey" / PEER / "hu"
    assert world.khatm("export", "--wkd", root, PEER).returncode == 0
    (hu / "somebody-who-left").write_bytes(b"a key")
    again = world.khatm("export", "--wkd", root)
    assert again.returncode == 0 and b"somebody-who-left is there and is no key of ours" in again.stderr, again
    assert again.stderr.count(b"\n") == 1 and (hu / "somebody-who-left").exists()
    # A link that somebody put there leads nowhere.
    shutil.rmtree(hu)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    hu.symlink_to(elsewhere)
    refused = world.khatm("export", "--wkd", root)
    assert refused.returncode == 75 and refused.stderr and not list(elsewhere.iterdir()), refused


def test_usage(world, tmp_path):
    (tmp_path / "file").write_text("")
    assert world.khatm("export", "--wkd", tmp_path / "file").returncode == 73
    assert world.khatm("export", "--wkd", tmp_path / "web", "interieur.gov.example").returncode == 65
    assert world.khatm("list", "--wkd", tmp_path / "web").returncode == 64


# --- asking others --------------------------------------------------------------------------------------------------

def test_nobody_is_asked_who_need_not_be(world):
    world.publish()
    with world.served() as web:
        for words, why in ((("ami@gmail.com",), "gmail.com is in no entry of the registry: it is not asked"),
                           (("gmail.com",), "is in no entry of the registry"), (("agent@interieur.gov.example",), "is ours"),
                           (("x@justice.gov.example",), "has ended or has no key"), (("@",), "neither a domain nor an address"),
                           ((f"{'x' * 65}@{PEER}",), "neither a domain nor an address")):
            code, said = world.fetch(*words)
            assert code == 65 and why in said, (words, said)
        # A delivery never asks, whether there is a key for somebody or not.
        assert world.send(STAFF).code == 250 and world.send("x@justice.gov.example").reason == "NO-KEY"
        assert world.send("ami@gmail.com").code == 550
        assert not web.asked
        # What is asked for is what we have keys of.
        assert world.fetch() == (0, "")
        assert [host for host, _ in web.asked] == [HOST] and web.asked[0][1].endswith("?l=gateway"), web.asked
        assert world.fetch(PEER) == (0, f"nothing new: the key {world.key} of {GATEWAY}\n")
        with world.lab.edited(world.lab.path("CONF"), lambda text: text.replace("fetch = yes", "fetch = no"), reload=False):
            asked = len(web.asked)
            code, said = world.fetch()
            assert code == 78 and "fetch = yes in section wkd" in said and len(web.asked) == asked, said


def answering(body, status=200, **fields):
    return lambda handler: handler.reply(body, status, **fields)


def many_signatures(world, key):
    """A key of the right fingerprint on which somebody put 10,000 words of his own."""
    whole = gpg(world.secret, "--export", key).stdout
    packets = gpg(world.home, "--list-packets", stdin=whole).stdout.decode()
    offset = int(re.search(r"# off=(\d+) ctb=\w+ tag=2 ", packets)[1])
    length = re.search(rf"# off={offset} ctb=\w+ tag=2 hlen=(\d+) plen=(\d+)", packets)
    signature = whole[offset:offset + int(length[1]) + int(length[2])]
    return whole[:offset] + signature * 10000 + whole[offset:]


def hanging(handler):
    handler.wfile.flush()
    time.sleep(8)


def dripping(handler):
    """Never quite silent."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    for _ in range(80):
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.1)


@contextlib.contextmanager
def hurried(lab):
    """The command reads it at each call."""
    conf = lab.path("CONF")
    kept = conf.read_text()
    assert "deadline = 30s" in kept
    conf.write_text(kept.replace("deadline = 30s", "deadline = 3s"))
    try:
        yield
    finally:
        conf.write_text(kept)


def test_what_a_bad_server_does(world):
    """Each has its exit code and one line, and nothing that we have changes."""
    lab, before = world.lab, world.ring()
    impostor, person = world.make(GATEWAY), world.make(STAFF, "Nobody")
    forged = gpg(world.home, "--export", impostor).stdout
    good = gpg(world.secret, "--export", world.key).stdout
    rows = {
        "another key": (answering(forged), 65, f"is not taken in: its fingerprint {impostor} is in no entry of the registry"),
        "a key that nobody certified": (answering(gpg(world.home, "--export", person).stdout), 65, f"its fingerprint {person}"),
        "a second key behind it": (answering(good + forged), 65, "more than one key"),
        "garbage": (answering(b"<html>Bonjour</html>"), 65, "it is no OpenPGP public key"),
        "nothing": (answering(b""), 65, "it is empty"),
        "cut off": (answering(good[:-20]), 65, "it is cut off or damaged"),
        "10 MB": (answering(b"x" * 10_000_000), 65, "larger than a key"),
        "10,000 signatures": (answering(many_signatures(world, world.key)), 65, "larger than a key"),
        "endless": (lambda handler: [handler.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n")] and
                    [handler.wfile.write(b"y" * 65536) for _ in range(200)], 65, "larger than a key"),
        "endless header": (lambda handler: [handler.wfile.write(b"HTTP/1.1 200 OK\r\n")] and
                           [handler.wfile.write(b"X-Y: " + b"z" * 1000 + b"\r\n") for _ in range(5000)], 65, "larger than a key"),
        "not there": (answering(b"", 404), 0, "it has no key for that address (HTTP 404)"),
        "trouble": (answering(b"", 500), 75, "it answers HTTP 500"),
        "redirect elsewhere": (answering(b"", 302, Location="https://evil.example/key"), 65, "it sends us elsewhere"),
        "redirect to itself in clear": (answering(b"", 301, Location=f"http://{HOST}/key"), 65, "it sends us elsewhere"),
        "no HTTP": (lambda handler: handler.wfile.write(b"220 smtp ready\r\n"), 75, "cannot be asked"),
        "hanging": (hanging, 75, "did not answer in time"),
        "dripping": (dripping, 75, "did not answer in time"),
    }
    with world.served() as web:
        for name, (harm, wanted, why) in rows.items():
            with web.doing(harm), hurried(lab) if "in time" in why else contextlib.nullcontext():
                code, said = world.fetch()
            assert code == wanted and why in said and said.count("\n") == 1, (name, code, said)
            assert GATEWAY in said and HOST in said, (name, said)
        with web.doing(answering(b"", 404)):
            assert world.fetch(GATEWAY)[0] == 65
        web.use(world.other)
        code, said = world.fetch()
        assert code == 65 and "its certificate is not good for that name" in said, said
        web.use(world.good)
        with lab.edited(lab.path("CONF"), lambda text: re.sub(r"(?m)^\s*ca-file.*\n", "", text), reload=False):
            assert "its certificate is not good" in world.fetch()[1]
        with lab.edited(lab.path("CONF"), lambda text: re.sub(r"(?m)^\s*private-networks.*\n", "", text), reload=False):
            asked = len(web.asked)
            code, said = world.fetch()
            assert code == 65 and "not of the Internet" in said and len(web.asked) == asked, said
        assert all(host == HOST for host, _ in web.asked)
    code, said = world.fetch()
    assert code == 75 and "cannot be asked" in said, said
    clear = http.server.HTTPServer((world.address, 443), http.server.BaseHTTPRequestHandler)  # without TLS
    threading.Thread(target=clear.serve_forever, daemon=True).start()
    code, said = world.fetch()
    clear.shutdown()
    clear.server_close()
    assert code == 75 and "cannot be asked" in said, said
    assert world.ring() == before and world.send(STAFF).code == 250


def test_a_person_is_found_by_address_alone(world):
    """Certified, for that very address; and not under somebody else's."""
    address, other = f"chef@{PEER}", f"sous-chef@{PEER}"
    key = world.certify(address)
    world.publish()
    with world.served() as web:
        code, said = world.fetch(address)
        assert code == 0 and f"taken in: the key {key} of {address}" in said, said
        before, theirs = world.ring(), gpg(world.secret, "--export", key).stdout
        with web.doing(answering(theirs)):
            code, said = world.fetch(other)
            assert code == 65 and f"the key {key} is not that of {other}, but of {address}" in said, said
            code, said = world.fetch(GATEWAY)
            assert code == 65 and f"is not that of {GATEWAY}" in said, said
        assert world.ring() == before
        # From now on it is asked for with the others.
        web.asked.clear()
        assert world.fetch() == (0, "")
        assert [path.rpartition("=")[2] for _, path in web.asked] == ["gateway", "chef"], web.asked


def test_a_key_that_ends_while_it_is_fetched(world):
    with world.served():
        for seconds in (1, 2, 3):
            world.last_until(f"seconds={seconds}")
            ended = time.monotonic() + seconds
            code, said = world.fetch()
            assert code in (10, 20) and f"taken in, but the key {world.key} of {PEER} expire" in said, said
        # Whichever of them is in use, and whichever comes next.
        wait_until(lambda: time.monotonic() > ended and world.send(STAFF).reason == "NO-KEY", "the key's end")
        world.last_until("1y")
        assert world.fetch()[0] == 0
    wait_until(lambda: world.send(STAFF).code == 250, "the renewed key in use")


def test_renewed_and_revoked_keys_arrive_without_restart(world):
    """The domain's key ends, is prolonged there and fetched here; then its owner revokes it."""
    lab = world.lab
    world.last_until("seconds=4")
    with world.served() as web:
        code, said = world.fetch()
        assert code in (10, 20) and f"taken in, but the key {world.key} of {PEER} expire" in said, said
        wait_until(lambda: world.send(STAFF).reason == "NO-KEY", "the key's end")
        reply = world.send(STAFF)
        assert world.key in reply.text and "expired" in reply.text, reply
        world.last_until("1y")
        with web.doing(answering(b"", 404)):
            assert world.fetch(GATEWAY)[0] == 65 and world.send(STAFF).reason == "NO-KEY"
        code, said = world.fetch()
        assert code == 0 and f"taken in: the key {world.key} of {PEER}, until" in said, said
        wait_until(lambda: world.send(STAFF).code == 250, "the renewed key in use")
        revoke_key(world.secret, world.key)
        world.give_back(world.secret)
        world.publish()
        code, said = world.fetch()
        assert code == 20 and f"the key {world.key} of {PEER} was revoked on" in said, said
        wait_until(lambda: world.send(STAFF).reason == "NO-KEY", "the revocation in force")
        reply = world.send(STAFF)
        assert world.key in reply.text and "revoked" in reply.text, reply
        # Nobody can hand out the old one in its place.
        assert world.fetch() == (0, "")
        assert world.send(STAFF).reason == "NO-KEY"
    assert lab.khatmd_log().count("khatmd: ready") <= 1


def on_terminal(lab, *words):
    """As lab.khatm: exit code, the standard output, and what went to a terminal as standard error."""
    terminal, far = pty.openpty()
    command = [lab.path("BIN") / "khatm", "keys", "--config", lab.path("CONF"), *words]
    run = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, stderr=far, timeout=120, check=False)
    os.close(far)
    said = b""
    with contextlib.suppress(OSError):  # which is how the end of a terminal looks
        while part := os.read(terminal, 4096):
            said += part
    os.close(terminal)
    return run.returncode, run.stdout.decode(), said.decode()


def left_on_screen(line):
    screen = ""
    for over in line.split("\r"):
        screen = over + screen[len(over):]
    return screen.rstrip()


def test_a_terminal_shows_how_far_it_is(world):
    """Until the end: what is said meanwhile stands whole in lines of its own."""
    with world.served() as web, web.doing(answering(b"", 404)):
        code, out, said = on_terminal(world.lab, "fetch", GATEWAY)
        assert code == 65 and not out, (code, out, said)
        assert "\rasked for 0 of 1 keys" in said and "\rasked for 1 of 1 keys" in said, said
        lines = [left_on_screen(line) for line in said.split("\n")]
        assert len(lines) == 2 and lines[0].endswith("no key for that address (HTTP 404)") and not lines[1], lines
        assert lines[0].startswith(f"khatm keys: {GATEWAY}: not fetched: {HOST}: "), lines


def test_an_interrupt_leaves_nothing_on_the_terminal(world):
    """The shell's next line begins at its beginning, and the shell learns that it was interrupted."""
    asked, told = threading.Event(), threading.Event()

    def silent(_):
        asked.set()
        told.wait(60)

    terminal, far = pty.openpty()
    with world.served() as web, web.doing(silent):
        command = [world.lab.path("BIN") / "khatm", "keys", "--config", world.lab.path("CONF"), "fetch", GATEWAY]
        # What a shell runs in the background ignores it, and so do all that this starts.
        run = subprocess.Popen(command, stderr=far, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
        os.close(far)
        assert asked.wait(60)
        run.send_signal(signal.SIGINT)
        code = run.wait(60)
        told.set()
    said = b""
    with contextlib.suppress(OSError):
        while part := os.read(terminal, 4096):
            said += part
    os.close(terminal)
    assert code == -signal.SIGINT and b"asked for 0 of 1 keys" in said, (code, said)
    assert not left_on_screen(said.decode()), said


def test_dead_servers_are_waited_for_side_by_side(world):
    """No more than a certain number of them; each has its line, and the one that answers has not to wait for the first."""
    lab = world.lab
    gpg(lab.env["SEALING_HOME"], "--import", stdin=b"".join(key_of(domain)[1] for domain in DEAD))
    world.give_back(lab.path("SEALING_HOME"))
    world.publish()
    before = world.ring()
    with world.served() as web:
        silent = Silent(f"{lab.env['LAB_BLOCK']}.3", SIDE_BY_SIDE, until=lambda: web.asked)
        run = lab.khatm("keys", "fetch")
        silent.close()
        assert web.asked, run
    lines = run.stderr.decode().splitlines()
    assert run.returncode == 75 and not run.stdout, run
    assert sorted(re.search(r"@(\S+): not fetched: .* cannot be asked", line)[1] for line in lines) == sorted(DEAD), lines
    assert silent.most == SIDE_BY_SIDE, silent.most
    assert world.ring() == before
