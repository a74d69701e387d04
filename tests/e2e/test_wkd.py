# SPDX-License-Identifier: Apache-2.0
"""khatm keys export --wkd: what a ministry's web server hands out, found by gpg itself over HTTPS."""

import pathlib
import re
import shutil
import subprocess
import tempfile

import pytest
from peer import Peer
from pgp import gpg, stop_agent
from rig import keys
from web import Web, certificate, run_among

PEER = "finances.gov.example"
HOST = f"openpgpkey.{PEER}"
GATEWAY, PERSON, STAFF = f"gateway@{PEER}", f"Directrice.Adjointe@{PEER}", f"caisse@{PEER}"
UNPROTECTED = ("--pinentry-mode", "loopback", "--passphrase", "")
WKS = "/usr/lib/gnupg/gpg-wks-client"


class World:
    def __init__(self, lab, home):
        self.lab, self.home = lab, home
        self.key = lab.env["PEER_FINGERPRINT"]

    def khatm(self, *words):
        command = [self.lab.path("BIN") / "khatm", "keys", *words, "--config", self.lab.env["PEER_CONF"]]
        return subprocess.run(list(map(str, command)), capture_output=True, timeout=120)

    def make(self, address):
        return keys.generate(self.home, address, who="Somebody")

    def certify(self, address, *more, others=()):
        """A key of somebody there, which the domain's key certifies; more: further user ids."""
        key = self.make(address)
        for user_id in (*more, *others):
            gpg(self.home, *UNPROTECTED, "--quick-add-uid", key, user_id)
        with_secret = self.lab.env["PEER_UNSEALING"]
        gpg(with_secret, "--import", stdin=gpg(self.home, "--export", key).stdout)
        gpg(with_secret, *UNPROTECTED, "--yes", "--default-key", self.key, "--quick-sign-key", key,
            f"Somebody <{address}>", *more)
        for path in pathlib.Path(with_secret).iterdir():  # gpg ran as root there
            if path.is_file():
                shutil.chown(path, pathlib.Path(with_secret).stat().st_uid, pathlib.Path(with_secret).stat().st_gid)
        return key


@pytest.fixture(scope="module")
def world(labs, tmp_path_factory):
    lab, home = labs.fresh_of(Peer, "--peer-unseal", "open"), tmp_path_factory.mktemp("owners")
    home.chmod(0o700)
    registry = pathlib.Path(lab.env["PEER_CONF"]).parent / "government.domains"
    text = registry.read_text().replace(f'domain "{PEER}" {{', f'domain "{PEER}" {{\n\tuser-keys = prefer')
    registry.write_text(re.sub(r"(?m)^(serial\s*=\s*)\d+", r"\g<1>3000000000", text))
    gpg(lab.env["AUTHORITY_HOME"], "--yes", "--armor", "--local-user", lab.env["AUTHORITY"], "--output", f"{registry}.asc",
        "--detach-sign", registry)
    yield World(lab, home)
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
    tls = pathlib.Path(world.lab.env["CA"]).parent
    address = world.lab.env["LAB_BLOCK"] + ".77"
    for host, there in ((HOST, {HOST: address}), (PEER, {PEER: address})):
        web = Web(address, root, certificate(tmp_path, host, tls))
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
