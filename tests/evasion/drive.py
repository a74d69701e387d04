# SPDX-License-Identifier: Apache-2.0
"""The rows handed in as staff do, several sessions at once, many messages each; then what came of each: the reply, what
arrived at the consumer's server, what the journal says, and the causes that the command line tells for it."""

import concurrent.futures
import json
import pathlib
import tempfile
import threading
from dataclasses import dataclass

from gateway import SANITIZED, Reply
from tricks import AGENT, GMAIL

AT_ONCE = 4


@dataclass
class Outcome:
    reply: Reply
    copies: list
    records: list
    causes: list  # why of each document, and what made the message incomplete; None: not asked


class Drive:
    def __init__(self, lab):
        self.lab, self.local, self.sessions = lab, threading.local(), []

    def run(self, rows):
        """{name: Outcome}"""
        before = len(self.lab.records())
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool, tempfile.TemporaryDirectory() as folder:
            replies = list(pool.map(self.hand_in, rows))
            causes = list(pool.map(lambda row: self.explain(row, pathlib.Path(folder)), rows))
        for session in self.sessions:
            session.quit()
        self.lab.wait_drained()
        everything = self.lab.messages_at("gmail.com")
        by_reference = {}
        for record in self.lab.records()[before:]:
            for key in (record.get("reference"), record.get("queue_id")):
                by_reference.setdefault(key, []).append(record)
        return {row.name: Outcome(reply, [raw for raw in everything if row.message_id.encode() in raw],
                                  by_reference.get(reply.reference or reply.queue_id, []), why)
                for row, reply, why in zip(rows, replies, causes)}

    def hand_in(self, row):
        """As it is: nothing is added, and only dots are doubled."""
        session = self._session()
        for stage, command in (("mail", f"MAIL FROM:<{AGENT}> BODY=8BITMIME"), ("rcpt", f"RCPT TO:<{GMAIL}>"), ("data", "DATA")):
            code, text = session.docmd(command)
            if code >= 400:
                session.docmd("RSET")
                return Reply(code, text.decode(), stage)
        end = b"" if row.raw.endswith(b"\r\n") else b"\r\n"
        session.send((b"\r\n" + row.raw + end).replace(b"\r\n.", b"\r\n..")[2:] + b".\r\n")
        code, text = session.getreply()
        return Reply(code, text.decode())

    def explain(self, row, folder):
        if SANITIZED or not row.wants.why:
            return None
        path = folder / f"{row.message_id[1:33]}.eml"
        path.write_bytes(row.raw)
        told = json.loads(self.lab.khatm("explain", "--json", "--role", "submission", "--login", AGENT, "--tls-version", "TLSv1.3",
                                         "--from", AGENT, "--rcpt", GMAIL, str(path)).stdout)
        return [one.get("why") or "" for one in told["documents"]] + [told["detail"] or ""]

    def _session(self):
        if not hasattr(self.local, "session"):
            self.local.session = self.lab.connect()
            self.sessions.append(self.local.session)
        return self.local.session
