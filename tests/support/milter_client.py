# SPDX-License-Identifier: Apache-2.0
"""The MTA's side of the milter protocol, version 6 (libmilter/mfdef.h), for many connections at once: one message a
connection, and what the milter said to it."""

import asyncio
import struct
import time
from dataclasses import dataclass

VERSION, ALL_ACTIONS, ALL_STEPS = 6, 0x1FF, 0x1FFFFF
# Steps that are answered, unless the milter says that it never answers them: command, its SMFIP_NR_ bit, its SMFIP_NO bit.
STEPS = {b"C": (0x1000, 0x1), b"H": (0x2000, 0x2), b"M": (0x4000, 0x4), b"R": (0x8000, 0x8), b"T": (0x10000, 0x200),
         b"L": (0x80, 0x20), b"N": (0x40000, 0x40), b"B": (0x80000, 0x10), b"E": (0, 0)}
BODY_CHUNK = 65535
EDITS = b"+-bhime2qOA"  # come before the end-of-message answer


@dataclass
class Answer:
    """`final`: of enum smfir; "y" with `text` for a reply in the milter's own words, "lost" when it hung up."""

    final: str
    text: str
    took_s: float
    edits: bytes = b""  # a letter of enum smfir for each

    @property
    def temporary(self):
        return self.final == "t" or (self.final == "y" and self.text.startswith("4"))


class Connection:
    def __init__(self, reader, writer):
        self.reader, self.writer, self.steps, self.edits = reader, writer, 0, b""

    async def receive(self):
        size, = struct.unpack(">I", await self.reader.readexactly(4))
        packet = await self.reader.readexactly(size)
        return packet[:1], packet[1:]

    def send(self, command, data=b""):
        self.writer.write(struct.pack(">I", len(data) + 1) + command + data)

    async def step(self, command, data=b""):
        """The answer, b"c" (go on) where there is none."""
        never_answered, not_wanted = STEPS[command]
        if self.steps & not_wanted:
            return b"c", b""
        self.send(command, data)
        if self.steps & never_answered:
            return b"c", b""
        answer, text = await self.receive()
        while command == b"E" and answer in [bytes([edit]) for edit in EDITS]:
            self.edits += answer
            answer, text = await self.receive()
        return answer, text

    async def negotiate(self):
        self.send(b"O", struct.pack(">III", VERSION, ALL_ACTIONS, ALL_STEPS))
        command, data = await self.receive()
        assert command == b"O", command
        self.steps = struct.unpack(">III", data[:12])[2]

    def macros(self, command, **values):
        words = b"".join(f"{name}\0{value}\0".encode() for name, value in values.items())
        self.send(b"D", command + words)


def _text(*words):
    return b"".join(word.encode("utf-8", "surrogateescape") + b"\0" for word in words)


def _steps(raw, sender, rcpts, client):
    head, _, body = raw.partition(b"\r\n\r\n")
    yield b"C", b"mx.example\0004" + struct.pack(">H", 25) + _text(client)
    yield b"H", _text("mx.example")
    yield b"M", _text(f"<{sender}>")
    for rcpt in rcpts:
        yield b"R", _text(f"<{rcpt}>")
    yield b"T", b""
    for field in head.replace(b"\r\n ", b"\n ").replace(b"\r\n\t", b"\n\t").split(b"\r\n"):
        name, _, value = field.partition(b":")
        yield b"L", name + b"\0" + value + b"\0"
    yield b"N", b""
    for at in range(0, len(body), BODY_CHUNK):
        yield b"B", body[at:at + BODY_CHUNK]
    yield b"E", b""


async def hand_in(socket, raw, sender, rcpts, client, daemon_name="khatm-inbound", login=None, waits=True):
    """One message over a connection of its own; `login`: of somebody who gave his password over TLS. `waits`: for the answer."""
    began = time.monotonic()
    reader, writer = await asyncio.open_unix_connection(socket)
    connection = Connection(reader, writer)
    answer, text = b"", b""
    try:
        await connection.negotiate()
        connection.macros(b"C", **{"{daemon_name}": daemon_name, "j": "mx.interieur.gov.example"})
        for command, data in _steps(raw, sender, rcpts, client):
            if command == b"M" and login:
                connection.macros(b"H", **{"{tls_version}": "TLSv1.3"})
                connection.macros(b"M", **{"{auth_authen}": login})
            if command == b"E":
                connection.macros(b"E", i="4XyZ")
            if command == b"E" and not waits:
                connection.send(command)
                break
            answer, text = await connection.step(command, data)
            if answer != b"c":
                break
        if waits:
            connection.send(b"Q")
    except (asyncio.IncompleteReadError, ConnectionError):
        answer, text = b"lost", b""
    writer.close()
    return Answer(answer.decode(), text.rstrip(b"\0").decode("utf-8", "replace"), time.monotonic() - began, connection.edits)


def hang_up(socket, message):
    """One message, as hand_in takes it, of an MTA that is gone before it has an answer."""
    asyncio.run(hand_in(socket, *message, waits=False))


async def _all(socket, messages, ready):
    tasks = [asyncio.create_task(hand_in(socket, *message)) for message in messages]
    if ready:
        ready()
    return await asyncio.gather(*tasks)


def hand_in_all(socket, messages, ready=None):
    """All at once: (raw, sender, rcpts, client), and what else hand_in takes, each. `ready` is called when they are on their way."""
    return asyncio.run(_all(socket, messages, ready))
