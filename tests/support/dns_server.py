# SPDX-License-Identifier: Apache-2.0
"""A small DNS server on loopback, over UDP and TCP, for tests. `answer(query, tcp)` gives a dns.message.Message, raw bytes,
or None for silence; it runs in a thread of its own for each question, so that it may take its time."""

import socket
import struct
import sys
import threading

import dns.flags
import dns.message


class Server:
    def __init__(self, answer, address="127.0.0.1"):
        self.answer = answer
        for _ in range(20):
            self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.udp.bind((address, 0))
            self.tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            try:
                self.tcp.bind(self.udp.getsockname())
                break
            except OSError:  # somebody else's TCP port: take another pair
                self.udp.close()
                self.tcp.close()
        self.tcp.listen(64)
        self.address, self.port = self.udp.getsockname()
        for work in (self.serve_udp, self.serve_tcp):
            threading.Thread(target=work, daemon=True).start()

    @property
    def name(self):
        return f"{self.address}@{self.port}"

    def wire(self, question, tcp):
        try:
            query = dns.message.from_wire(question)
            reply = self.answer(query, tcp)
            if isinstance(reply, dns.message.Message):
                wire = reply.to_wire(max_size=65535)
                if tcp or len(wire) <= 1232:
                    return wire
                short = dns.message.make_response(query, recursion_available=True)
                short.flags |= dns.flags.TC
                return short.to_wire()
            return reply
        except Exception as error:  # a reply that cannot be made is a defect of the test
            print(f"dns server: {error!r}", file=sys.stderr)
            return None

    def serve_udp(self):
        while True:
            question, peer = self.udp.recvfrom(4096)
            threading.Thread(target=self.answer_udp, args=(question, peer), daemon=True).start()

    def answer_udp(self, question, peer):
        reply = self.wire(question, False)
        if reply is not None:
            self.udp.sendto(reply, peer)

    def serve_tcp(self):
        while True:
            connection, _ = self.tcp.accept()
            threading.Thread(target=self.answer_tcp, args=(connection,), daemon=True).start()

    def answer_tcp(self, connection):
        with connection:
            while True:
                head = connection.recv(2, socket.MSG_WAITALL)
                if len(head) < 2:
                    return
                question = connection.recv(struct.unpack(">H", head)[0], socket.MSG_WAITALL)
                reply = self.wire(question, True)
                if reply is None:
                    return
                try:
                    connection.sendall(reply if getattr(reply, "framed", False) else struct.pack(">H", len(reply)) + reply)
                except OSError:
                    return


class Framed(bytes):
    """Bytes that are sent over TCP as they are, without a length before them."""
    framed = True
