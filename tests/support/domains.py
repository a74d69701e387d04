# SPDX-License-Identifier: Apache-2.0
"""`khatm domains test` as the tests call it: settings in a folder, a zone on a real DNS server, the answer against its schema."""

import json
import re
import shutil
import subprocess

import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
import jsonschema
from dns_server import Server
from gateway import BUILD, TOP

SCHEMA = json.loads((TOP / "docs" / "domains-test.schema.json").read_text())
OWN = "finances.gov.example"  # either
BOTH, DKIM, PARTNER = "interieur.gov.example", "justice.gov.example", "avocats-etat.example"
MET, NOT_MET, USAGE, LATER, CONFIG = 0, 20, 64, 75, 78
FAULTS = ("SERVFAIL", "SILENCE", "GARBAGE", "MANY", "BIG")


class Zone:
    """name → type → values; a fault in place of the values."""

    def __init__(self, names):
        self.names = {name.lower(): kinds for name, kinds in names.items()}

    def answer(self, query, _tcp):
        question = query.question[0]
        name, kind = question.name.to_text().rstrip(".").lower(), dns.rdatatype.to_text(question.rdtype)
        reply = dns.message.make_response(query, recursion_available=True)
        if name not in self.names:
            reply.set_rcode(dns.rcode.NXDOMAIN)
            return reply
        values = self.names[name].get(kind, [])
        if values == "SERVFAIL":
            reply.set_rcode(dns.rcode.SERVFAIL)
        elif values == "SILENCE":
            return None
        elif values == "GARBAGE":
            return query.to_wire()[:2] + b"\xff" * 40
        elif values == "MANY":
            values = [f"v=spf1 ip4:192.0.2.{number} -all" for number in range(200)]
        elif values == "BIG":
            values = ["v=spf1 " + "ip4:192.0.2.1 " * 3000 + "-all"]
        for value in values if values not in FAULTS else []:
            reply.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, quoted(value) if kind == "TXT" else value))
        return reply


def quoted(text):
    return " ".join(f'"{text[at:at + 250]}"' for at in range(0, len(text), 250))


def settings(folder):
    """The shipped settings, with little patience, in an empty folder."""
    for source in ("policy/registry/government.domains", "policy/rules/khatm.rules", "contrib/khatm/khatm.conf"):
        shutil.copy(TOP / source, folder)
    for source in ("policy/lists", "policy/markings", "policy/notices"):
        shutil.copytree(TOP / source, folder / source.rpartition("/")[2])
    with open(folder / "khatm.conf", "a") as conf:
        conf.write("resolver { deadline = 2s  dnssec = off }\n")
    with open(folder / "government.domains", "a") as registry:
        registry.write('domain "sure.example" { proof = spf  dnssec = yes }\n'
                       'partner "gone.example" { reason = "x"  proof = spf  expires = "2020-01-01" }\n'
                       'domain "wide.example" { proof = spf  subdomains = yes }\n')
    return folder


def run(place, *words, conf="khatm.conf"):
    return subprocess.run([BUILD / "khatm", "domains", "test", "--config", place / conf, *words], capture_output=True,
                          text=True, timeout=60)


def ask(place, names, domain, *words):
    """Exit code and the answer as data, which must fit its schema and be what the text says too."""
    server = Server(Zone(names).answer)
    done = run(place, "--json", "--server", server.name, *words, domain)
    assert done.stdout.isascii() and not done.stderr, done
    answer = json.loads(done.stdout)
    jsonschema.Draft7Validator(SCHEMA).validate(answer)
    text = run(place, "--server", server.name, *words, domain)
    assert text.returncode == done.returncode and re.fullmatch(r"[ -~\n]*", text.stdout), text
    return done.returncode, answer, text.stdout


def texts(*values):
    return {"TXT": list(values)}


def spf(*values, **more):
    return {OWN: {"TXT": list(values), **more}}


def key(record, selector="s1", domain=OWN):
    return {f"{selector}._domainkey.{domain}": texts(*([record] if isinstance(record, str) else record))}


GOOD_SPF = "v=spf1 ip4:192.0.2.0/24 -all"
