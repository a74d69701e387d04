# SPDX-License-Identifier: Apache-2.0
"""The DNS that a ministry's mail is checked against: nsd on a loopback port, with its SPF record and its DKIM key. Signing is
python3-dkim's, through the signer of the DKIM tests."""

import os
import pathlib
import pwd
import sys

import dns.exception
import dns.message
import dns.query

from . import mail
from .processes import free_ports

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "dkim"))
import signer  # noqa: E402

SELECTOR, BITS = "s2026", 2048
NETWORK = "192.0.2.16/28"  # for documentation (RFC 5737); mail.CLIENT is of it
SIGNED = ("from", "to", "subject", "date", "message-id", "mime-version", "content-type")


class Names:
    """`folder` must not exist yet; nsd's user writes there."""

    def __init__(self, folder, processes):
        self.folder, self.processes = folder, processes
        self.key = signer.RsaKey(BITS)
        self.port = None

    @property
    def server(self):
        return f"127.0.0.1@{self.port}"

    def sign(self, text):
        """LF line ends in and out."""
        wire = text.encode("ascii").replace(b"\n", b"\r\n")
        return signer.sign(wire, self.key, SELECTOR, mail.PEER, names=list(SIGNED), fold=True).replace(b"\r\n", b"\n").decode()

    def start(self):
        self.folder.mkdir()
        owner = pwd.getpwnam("nsd")
        os.chown(self.folder, owner.pw_uid, owner.pw_gid)
        [self.port] = free_ports(1)
        (self.folder / "zone").write_text(self._zone())
        (self.folder / "nsd.conf").write_text(self._config())
        child = self.processes.start("nsd", ["nsd", "-d", "-c", self.folder / "nsd.conf"])
        self.processes.wait_for("nsd", child, self._answers)

    def _answers(self):
        try:
            reply = dns.query.udp(dns.message.make_query(mail.PEER, "TXT"), "127.0.0.1", port=self.port, timeout=0.2)
        except (OSError, dns.exception.DNSException):
            return False
        return bool(reply.answer)

    def _zone(self):
        key = f"v=DKIM1; k=rsa; p={self.key.public}"
        pieces = " ".join(f'"{key[at:at + 200]}"' for at in range(0, len(key), 200))
        return (f"$TTL 300\n$ORIGIN .\n. SOA ns.bench. hostmaster.bench. 1 3600 600 86400 300\n. NS ns.bench.\n"
                f"ns.bench. A 127.0.0.1\n{mail.PEER}. TXT \"v=spf1 ip4:{NETWORK} -all\"\n"
                f"{SELECTOR}._domainkey.{mail.PEER}. TXT {pieces}\n")

    def _config(self):
        return (f"server:\n  ip-address: 127.0.0.1@{self.port}\n  username: nsd\n  chroot: \"\"\n  zonesdir: {self.folder}\n"
                f"  database: \"\"\n  zonelistfile: {self.folder}/zones.list\n  xfrdfile: {self.folder}/xfrd.state\n"
                f"  xfrdir: {self.folder}\n  pidfile: \"\"\n  server-count: 1\nremote-control:\n  control-enable: no\n"
                f"zone:\n  name: \".\"\n  zonefile: zone\n")
