#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A DNS server that misbehaves by the first label of the name asked for: dns_faults.py. Writes its ADDRESS@PORT on one line
and serves until its standard input closes."""

import pathlib
import sys
import time

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from dns_server import Framed, Server  # noqa: E402

LATE_S = 30


def txt(name, *strings):
    return dns.rrset.from_text(name, 60, "IN", "TXT", " ".join(f'"{text}"' for text in strings))


def answer(query, tcp):
    name = query.question[0].name
    label = name.labels[0].decode("latin-1").lower()
    reply = dns.message.make_response(query, recursion_available=True)
    if label in ("nowhere", ""):
        reply.set_rcode(dns.rcode.NXDOMAIN)
    elif label == "servfail":
        reply.set_rcode(dns.rcode.SERVFAIL)
    elif label == "refused":
        reply.set_rcode(dns.rcode.REFUSED)
    elif label == "silent":
        return None
    elif label == "late":
        time.sleep(LATE_S)
        reply.answer.append(txt(name, "late"))
    elif label == "garbage":
        return query.to_wire()[:2] + b"\xff" * 40
    elif label == "wrongid":
        reply.id ^= 0xffff
        reply.answer.append(txt(name, "forged"))
    elif label == "othername":
        reply.answer.append(txt("victim.example.", "forged"))
    elif label == "large":
        reply.answer.append(txt(name, *["x" * 200] * 25))
    elif label == "enormous":
        reply.answer.append(txt(name, *["x" * 250] * 200))
    elif label == "many":
        for number in range(300):
            reply.answer.append(txt(name, str(number)))
    elif label == "endless":
        if not tcp:
            reply.flags |= dns.flags.TC
            return reply
        reply.answer.append(txt(name, *["x" * 250] * 200))
        wire = reply.to_wire(max_size=65535)
        return Framed(b"\xff\xff" + wire + b"x" * 10_000_000)
    elif label.startswith("chain"):
        number = int(label[5:])
        reply.answer.append(dns.rrset.from_text(name, 60, "IN", "CNAME", f"chain{number - 1}.example." if number else "good.example."))
    elif label == "loop":
        reply.answer.append(dns.rrset.from_text(name, 60, "IN", "CNAME", "loop2.example."))
    elif label == "loop2":
        reply.answer.append(dns.rrset.from_text(name, 60, "IN", "CNAME", "loop.example."))
    elif label != "nodata":
        reply.answer.append(txt(name, "first ", "second"))
    return reply


print(Server(answer).name, flush=True)
sys.stdin.read()
