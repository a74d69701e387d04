# SPDX-License-Identifier: Apache-2.0
"""The rows handed in at the lab's inbound Postfix, several at once, each by the client it names; then what came of each: the
reply, the message in the mailbox, the record in the journal."""

import concurrent.futures
import re
import smtplib
import sys
import threading
from dataclasses import dataclass

import dns.query
import world
from table import TESTS, TO

sys.path.insert(0, str(TESTS / "support"))
import dns_server  # noqa: E402
from gateway import Reply  # noqa: E402

AT_ONCE = 6
# What Postfix and its delivery put on top.
TRACE = re.compile(rb"(?i)(return-path|x-original-to|delivered-to|received|authentication-results):")


class Relay(dns_server.Server):
    """Passes on what it is asked, but for the domain whose servers are silent."""

    def __init__(self):
        self.upstream = None
        super().__init__(self.pass_on)

    def pass_on(self, query, _tcp):
        if query.question[0].name.to_text().lower().rstrip(".").endswith(world.SILENT):
            return None
        return dns.query.udp_with_fallback(query, self.upstream, timeout=10)[0]


@dataclass
class Outcome:
    reply: Reply
    copies: list
    records: list

    @property
    def status(self):
        found = re.match(r"[245]\.\d+\.\d+", self.reply.text)
        return found.group() if found else ""


class Conversations:
    def __init__(self, lab):
        self.lab, self.local = lab, threading.local()

    def run(self, rows):
        """{name: Outcome}"""
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            replies = list(pool.map(self.hand_in, rows))
        self.lab.wait_drained()
        mailbox, records = {}, {}
        for raw in self.lab.mailbox(TO.partition("@")[0]):
            found = re.search(rb"(?m)^Message-ID: (<[0-9a-f]{32}@[^>]+>)", raw)
            mailbox.setdefault(found and found.group(1).decode(), []).append(raw)
        for record in self.lab.records():
            for key in (record.get("reference"), record.get("queue_id")):
                records.setdefault(key, []).append(record)
        return {row.name: Outcome(reply, mailbox.get(row.message_id, []),
                                  records.get(reply.reference or reply.queue_id, []) if reply.stage == "data" else [])
                for row, reply in zip(rows, replies)}

    def hand_in(self, row):
        session = self._connect() if row.client is None else self._session()
        if row.client is not None:
            address = f"IPV6:{row.client}" if ":" in row.client else row.client
            code, text = session.docmd("XCLIENT", f"ADDR={address} NAME=[UNAVAILABLE]")
            assert code == 220, (row.name, code, text)
        session.ehlo(row.helo)
        options = " ".join(("BODY=8BITMIME", *row.options))
        steps = (("mail", f"MAIL FROM:<{row.mail_from}> {options}"), ("rcpt", f"RCPT TO:<{TO}>"), ("data", "DATA"))
        for stage, command in steps:
            code, text = session.docmd(command)
            if code >= 400:
                session.docmd("RSET")  # smtplib's own forgets the encoding
                return Reply(code, text.decode(), stage)
        session.send((b"\r\n" + row.raw).replace(b"\r\n.", b"\r\n..")[2:] + b".\r\n")
        code, text = session.getreply()
        return Reply(code, text.decode())

    def _session(self):
        if not hasattr(self.local, "session"):
            self.local.session = self._connect()
        return self.local.session

    def _connect(self):
        host, _, port = self.lab["INBOUND"].rpartition(":")
        session = smtplib.SMTP(host, int(port), timeout=200)
        session.command_encoding = "utf-8"
        session.ehlo("poste")  # XCLIENT is an extension
        return session


def split_trace(raw, sent):
    """What stands above the message as it was sent; None when it did not arrive as it was."""
    arrived, original = raw.replace(b"\r\n", b"\n"), sent.replace(b"\r\n", b"\n")
    if not arrived.endswith(original):
        return None
    return [field for field in re.split(rb"\n(?![ \t])", arrived[:len(arrived) - len(original)]) if field]
