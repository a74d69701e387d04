# SPDX-License-Identifier: Apache-2.0
"""The second gateway of a lab, which opens what is sealed for it: mail from the first, or handed to it by the test as any
client, and what its people and its journal then have."""

import json
import os
import pathlib
import signal
import sqlite3

from gateway import Lab, Reply, wait_until
from letters import AGENT, FINANCES
from openpgp_forge import Forger

MINISTRY = "192.0.2.1"  # may send for interieur.gov.example
ON_THE_WAY = f"Received: from poste.interieur.gov.example (unknown [{MINISTRY}])\r\n\tby relais.interieur.gov.example; "\
             "Sat, 21 Nov 2026 10:00:00 +0000\r\n"


class Peer(Lab):
    """A lab whose second gateway is no sink."""

    FAR_END = ()

    def through(self, mail):
        """From staff of the first ministry through its gateway, which seals; the second takes it or does not."""
        mail.raw = ON_THE_WAY.encode() + mail.raw
        reply = self.send(mail, FINANCES)
        assert reply.code == 250, reply
        return mail

    def hand(self, raw, *rcpts, sender=AGENT, client_address=MINISTRY):
        """To the second gateway, as that client."""
        answer = self.deliver(raw, rcpts or [FINANCES], sender=sender, place="PEER_INBOUND",
                              xclient={"ADDR": client_address, "NAME": "[UNAVAILABLE]"})
        return Reply(answer.code, answer.text)

    def peer_records(self):
        journal = sqlite3.connect(f"file:{self.env['PEER_JOURNAL']}?mode=ro", uri=True)
        try:
            return [json.loads(leaf) for leaf, in journal.execute("SELECT leaf FROM record ORDER BY sequence")]
        finally:
            journal.close()

    def in_peer_mailbox(self, message_id, user="directeur"):
        return [raw for raw in self.mailbox(user, "PEER_MAILBOX") if message_id.encode() in raw]

    def delivered(self, mail, before=None):
        """The one copy that arrived, and the one record that the second gateway made of it."""
        [raw] = wait_until(lambda: self.in_peer_mailbox(mail.message_id), "a message in the peer's mailbox")
        return raw, self.peer_records()[-1]

    def demand_dkim(self):
        """Of the first ministry, by the second one's registry, signed anew and taken in."""
        registry = self.env["PEER_CONF"].replace("khatm.conf", "government.domains")
        path = pathlib.Path(registry)
        path.write_text(path.read_text().replace("proof     = either", "proof     = dkim", 1))
        ours, self.env["REGISTRY"] = self.env["REGISTRY"], registry
        self.sign_registry()
        self.env["REGISTRY"] = ours
        before = len(self.peer_log())
        os.kill(int(pathlib.Path(self.env["PEER_PIDFILE"]).read_text()), signal.SIGUSR1)
        wait_until(lambda: "reloaded" in self.peer_log()[before:], "a reload of the peer")

    def peer_log(self):
        return pathlib.Path(self.env["PEER_LOG"]).read_text(errors="replace")


def forging_peer(labs, unsigned):
    """For a fixture: one that opens, and what can forge mail sealed for it. `unsigned`: "open" or "refuse"."""
    lab = labs.fresh_of(Peer, "--peer-unseal", unsigned)
    lab.forger = Forger(lab.env["GNUPGHOME_PEER"], lab.env["PEER_FINGERPRINT"])
    yield lab
    labs.stop_one(lab)
