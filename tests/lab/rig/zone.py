# SPDX-License-Identifier: Apache-2.0
"""The lab's DNS: nsd, authoritative for everything.

One zone, the root, holds the whole little Internet: what is not in it does not exist, and no name leaks out. Not
unbound: it answers `example.` itself (RFC 6761) and refuses to ask loopback servers unless told otherwise. Who starts the
lab may add records to the root and serve more zones (--zone); one that cannot be loaded is answered with SERVFAIL.
"""

import os
import pwd
import socket
import struct
from pathlib import Path

from . import names
from .errors import LabError

TTL = 5


def start(layout, more=()):
    """`more`: NAME=FILE, a zone file; NAME "." adds to the root."""
    folder = layout.path("dns")
    folder.mkdir()
    account = pwd.getpwnam("nsd")
    os.chown(folder, account.pw_uid, account.pw_gid)
    zones = {".": _zone(layout)}
    for word in more:
        name, _, file = word.partition("=")
        zones[name] = zones.get(name, "") + _read(word, file)
    files = {name: f"{number}.zone" for number, name in enumerate(zones)}
    for name, text in zones.items():
        (folder / files[name]).write_text(text)
    (folder / "nsd.conf").write_text(_config(layout, folder, files))
    layout.path("dns", "resolv.conf").write_text(f"nameserver {layout.address(names.DNS_HOST)}\noptions timeout:2\n")
    return layout.processes.start("nsd", ["/usr/sbin/nsd", "-d", "-c", folder / "nsd.conf"], layout.log("nsd.log"))


def answers(layout):
    """True when the server knows the address of our own MX."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in names.NODE.split("."))
    query = struct.pack(">6H", 0x4B48, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">2H", 1, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ask:
        ask.settimeout(0.2)
        try:
            ask.connect((layout.address(names.DNS_HOST), 53))
            ask.send(query)
            return socket.inet_aton(layout.address(names.OWN_HOST)) in ask.recv(512)
        except OSError:
            return False


def _read(word, file):
    try:
        return Path(file).read_text()
    except OSError as error:
        raise LabError(f"--zone {word}: {error.strerror}: write NAME=FILE", status=64) from error


def _zone(layout):
    server = layout.address(names.DNS_HOST)
    lines = [f"$TTL {TTL}", "$ORIGIN .", f". SOA ns.lab. hostmaster.lab. 1 3600 600 86400 {TTL}",
             ". NS ns.lab.", f"ns.lab. A {server}"]
    for domain, host in names.MX_HOST.items():
        address = layout.address(host)
        reverse = ".".join(reversed(address.split(".")))
        network, network6 = names.NETWORK[domain]
        lines += [
            f"{domain}. MX 10 mx.{domain}.",
            f"mx.{domain}. A {address}",
            f'{domain}. TXT "v=spf1 ip4:{address} ip4:{network}/28 ip6:{network6}/64 -all"',
            f'mx.{domain}. TXT "v=spf1 a -all"',
            f"{reverse}.in-addr.arpa. PTR mx.{domain}.",
        ]
    lines.append(f'_dmarc.{names.OWN}. TXT "v=DMARC1; p=reject"')
    return "\n".join(lines) + "\n"


def _config(layout, folder, files):
    zones = "".join(f'zone:\n  name: "{name}"\n  zonefile: {file}\n' for name, file in files.items())
    return f"""server:
  ip-address: {layout.address(names.DNS_HOST)}@53
  username: nsd
  chroot: ""
  zonesdir: {folder}
  database: ""
  zonelistfile: {folder}/zones.list
  xfrdfile: {folder}/xfrd.state
  xfrdir: {folder}
  pidfile: ""
  server-count: 1
  hide-version: yes
remote-control:
  control-enable: no
{zones}"""
