# SPDX-License-Identifier: Apache-2.0
"""The lab's DNS: nsd, authoritative for everything.

One zone, the root, holds the whole little Internet: what is not in it does not exist, and no name leaks out. Not
unbound: it answers `example.` itself (RFC 6761) and refuses to ask loopback servers unless told otherwise.
"""

import os
import pwd
import socket
import struct

from . import names

TTL = 5


def start(layout):
    folder = layout.path("dns")
    folder.mkdir()
    account = pwd.getpwnam("nsd")
    os.chown(folder, account.pw_uid, account.pw_gid)
    layout.path("dns", "root.zone").write_text(_zone(layout))
    layout.path("dns", "nsd.conf").write_text(_config(layout, folder))
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


def _zone(layout):
    server = layout.address(names.DNS_HOST)
    lines = [f"$TTL {TTL}", "$ORIGIN .", f". SOA ns.lab. hostmaster.lab. 1 3600 600 86400 {TTL}",
             ". NS ns.lab.", f"ns.lab. A {server}"]
    for domain, host in names.MX_HOST.items():
        address = layout.address(host)
        reverse = ".".join(reversed(address.split(".")))
        lines += [
            f"{domain}. MX 10 mx.{domain}.",
            f"mx.{domain}. A {address}",
            f'{domain}. TXT "v=spf1 ip4:{address} -all"',
            f'mx.{domain}. TXT "v=spf1 a -all"',
            f"{reverse}.in-addr.arpa. PTR mx.{domain}.",
        ]
    return "\n".join(lines) + "\n"


def _config(layout, folder):
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
zone:
  name: "."
  zonefile: root.zone
"""
