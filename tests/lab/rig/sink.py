#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""sink.py PLAN: an SMTP server that keeps every byte it is given, and an LMTP one for the peer's mailboxes.

Written by hand because it must add and mend nothing: bare CR, bare LF, NUL and lines of any length are stored as they
came (RFC 5321 4.5.2 dot stuffing undone, nothing else). One thread a connection; lab traffic only, so nothing here
defends against a hostile client.
"""

import itertools
import json
import os
import re
import socketserver
import sys
import threading
import time

ADDRESS = re.compile(rb"<([^<>]*)>")
COUNTER = itertools.count(1)


class Message:
    """A transaction: the envelope, then the bytes in a file under tmp/ that a rename makes visible whole."""

    def __init__(self, sender):
        self.sender = sender
        self.recipients = []

    def store(self, folder, recipients, head, blob):
        for part in ("tmp", "new", "cur"):
            os.makedirs(os.path.join(folder, part), exist_ok=True)
        name = f"{time.time_ns()}.{os.getpid()}_{next(COUNTER)}.lab"
        draft = os.path.join(folder, "tmp", name)
        with open(draft, "wb") as file:
            file.write(head(self.sender, recipients))
            file.write(blob)
        os.rename(draft, os.path.join(folder, "new", name))


def envelope_lines(sender, recipients):
    lines = [b"X-Envelope-From: <" + sender + b">\r\n"]
    return b"".join(lines + [b"X-Envelope-To: <" + recipient + b">\r\n" for recipient in recipients])


def delivery_lines(sender, recipients):
    return b"Return-Path: <" + sender + b">\r\n" + b"".join(b"Delivered-To: " + one + b"\r\n" for one in recipients)


class Session(socketserver.StreamRequestHandler):
    """The common half of SMTP and LMTP. Subclasses say who is accepted and where a message goes."""

    greeting = b"HELO"
    message = None

    def say(self, line):
        self.wfile.write(line + b"\r\n")
        self.wfile.flush()

    def handle(self):
        try:
            self.say(b"220 " + self.name() + b" ready")
            while (line := self.rfile.readline(65536)) and self.command(line.rstrip(b"\r\n")):
                pass
        except (ConnectionError, BrokenPipeError):
            pass

    def command(self, line):
        verb = line[:4].upper()
        if verb in (b"EHLO", b"LHLO"):
            self.extensions()
        elif verb == b"MAIL":
            self.message = Message(ADDRESS.search(line).group(1))
            self.say(b"250 2.1.0 Ok")
        elif verb == b"RCPT":
            self.recipient(ADDRESS.search(line).group(1))
        elif verb == b"DATA":
            self.data()
        elif verb == b"QUIT":
            self.say(b"221 2.0.0 Bye")
            return False
        elif verb in (b"RSET", b"HELO", b"NOOP"):
            self.message = None
            self.say(b"250 2.0.0 Ok")
        else:
            self.say(b"502 5.5.1 Not here")
        return True

    def extensions(self):
        for word in (self.name(), b"PIPELINING", b"SIZE", b"8BITMIME", b"SMTPUTF8", b"DSN"):
            self.wfile.write(b"250-" + word + b"\r\n")
        self.say(b"250 ENHANCEDSTATUSCODES")

    def recipient(self, address):
        if self.message is None or not self.accepts(address):
            self.say(b"550 5.1.1 Not a recipient here")
            return
        self.message.recipients.append(address)
        self.say(b"250 2.1.5 Ok")

    def data(self):
        if self.message is None or not self.message.recipients:
            self.say(b"503 5.5.1 No recipients")
            return
        self.say(b"354 End with a dot")
        lines, after_crlf = [], True
        while line := self.rfile.readline():
            if after_crlf and line == b".\r\n":
                break
            lines.append(line[1:] if after_crlf and line.startswith(b".") else line)
            after_crlf = line.endswith(b"\r\n")
        else:
            return
        self.deliver(b"".join(lines))
        self.message = None


class Smtp(Session):
    def name(self):
        return b"mx." + self.server.domain.encode()

    def accepts(self, address):
        return address.rpartition(b"@")[2].lower() == self.server.domain.encode()

    def deliver(self, blob):
        folder = os.path.join(self.server.plan["sink"], self.server.domain)
        self.message.store(folder, self.message.recipients, envelope_lines, blob)
        self.say(b"250 2.0.0 Kept")


class Lmtp(Session):
    def name(self):
        return b"mailboxes"

    def accepts(self, address):
        user = address.partition(b"@")[0]
        return bool(user) and b"/" not in user and not user.startswith(b".")

    def deliver(self, blob):
        for address in self.message.recipients:
            user = address.partition(b"@")[0].decode("utf-8", "replace")
            folder = os.path.join(self.server.plan["lmtp"]["mailbox"], user)
            self.message.store(folder, [address], delivery_lines, blob)
            self.say(b"250 2.0.0 Kept")


class TcpServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
    request_queue_size = 128


class UnixServer(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


def main(path):
    with open(path) as file:
        plan = json.load(file)
    servers = []
    for address, domain in plan["smtp"].items():
        servers.append(TcpServer((address, 25), Smtp))
        servers[-1].domain = domain
        for part in ("tmp", "new", "cur"):
            os.makedirs(os.path.join(plan["sink"], domain, part), exist_ok=True)
            os.chown(os.path.join(plan["sink"], domain, part), plan["uid"], plan["uid"])
        os.chown(os.path.join(plan["sink"], domain), plan["uid"], plan["uid"])
    if "lmtp" in plan:
        servers.append(UnixServer(plan["lmtp"]["path"], Lmtp))
        os.chmod(plan["lmtp"]["path"], 0o666)
    os.setgroups([])
    os.setgid(plan["uid"])
    os.setuid(plan["uid"])
    for server in servers:
        server.plan = plan
        threading.Thread(target=server.serve_forever, daemon=True).start()
    threading.Event().wait()


if __name__ == "__main__":
    main(sys.argv[1])
