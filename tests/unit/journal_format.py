#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A second reading of docs/journal-format.md: recomputes every leaf hash, every commitment and every index of a journal,
with nothing of Khatm's. journal_format.py [--erased] [--text=SHA256:SKETCH] STORE; exits 1 with the first thing that does not fit."""

import hashlib
import hmac
import json
import sqlite3
import struct
import sys

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

DECISION = {"alert", "basis", "caveats", "client", "content", "detail", "documents", "envelope_from", "forward", "from", "kind",
            "lacks", "level", "login", "message_id", "node", "observed", "policy", "proven", "queue_id", "rcpts", "reason", "reference",
            "role", "rule", "schema", "sealed_sha256", "sender", "ticket", "time", "verdict"}
RCPT = {"address", "class", "reason", "rule", "typed", "verdict"}
DOCUMENT = {"ambiguous", "caveats", "kind", "known", "level", "name", "numbers", "opaque", "path", "path_inside", "sha256",
            "size", "unread"}
KNOWN = {"by", "reference", "share"}
SETTLED = {"kind", "schema", "sequences", "time"}
PERSONS = {"login", "envelope_from", "from", "address", "typed"}


def fail(*words):
    sys.exit("journal_format: " + " ".join(str(word) for word in words))


def canonical(value):
    """RFC 8785, for what a leaf holds: ASCII names, integers below 2^53, strings, no floats."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def no_floats(text):
    fail("a float:", text)


def committed(leaf):
    """(pointer, member, commitment) of every identity that is there and not empty."""
    found = [(f"/{name}", name, leaf[name]) for name in ("client", "envelope_from", "from", "login", "message_id")]
    found += [(f"/rcpts/{i}/{name}", name, rcpt[name]) for i, rcpt in enumerate(leaf["rcpts"]) for name in ("address", "typed")]
    for i, document in enumerate(leaf["documents"]):
        found += [(f"/documents/{i}/{name}", name, document[name]) for name in ("name", "path_inside")]
    return [entry for entry in found if entry[2]]


def normalised(member, value):
    if value[:1] == b"<" and value[-1:] == b">" and len(value) >= 2:
        value = value[1:-1]
    return value.lower() if member in PERSONS else value


def check_identity(db, secret, sequence, leaf_hash, pointer, member, commitment):
    row = db.execute("SELECT nonce, box, tag, key FROM identity JOIN identity_key ON id = key_id"
                     " WHERE sequence = ? AND field = ?", (sequence, pointer)).fetchone()
    if row is None:
        fail(sequence, pointer, "has no value beside it")
    nonce, box, tag, key = row
    opened = AESGCM(key).decrypt(nonce, box, leaf_hash + pointer.encode())
    salt, value = opened[:16], opened[16:]
    if hashlib.sha256(salt + pointer.encode() + b"\0" + value).hexdigest() != commitment:
        fail(sequence, pointer, "does not open its commitment")
    label = b"person" if member in PERSONS else b"message-id" if member == "message_id" else None
    expected = hmac.digest(secret, label + b"\0" + normalised(member, value), "sha256") if label else None
    if tag != expected:
        fail(sequence, pointer, "has another index")


def read_hashes(hashes):
    counts = struct.unpack(">16H", hashes[:32])
    values = list(struct.unpack(f">{sum(counts)}I", hashes[32:]))
    return counts, [values[sum(counts[:place]):sum(counts[:place + 1])] for place in range(16)]


def check_texts(db, records):
    """What can be told without the texts: rows belong to documents, and the index is exactly what they say."""
    index = set()
    for number, tag, sequence, document, administrative, origin, share, sampled, hashes, rare in db.execute(
            "SELECT id, tag, sequence, document, administrative, origin, share, sampled, hashes, rare FROM text"):
        if not 0 <= document < len(records[sequence]["documents"]) or administrative not in (0, 1):
            fail("text", number, "is of no document")
        if tag is not None and len(tag) != 32 or not 0 <= share <= 100 or not 0 < origin <= number:
            fail("text", number, "is odd")
        if hashes is None:
            continue
        counts, places = read_hashes(hashes)
        values = [int.from_bytes(rare[i:i + 6], "big") for i in range(0, len(rare), 6)]
        if not administrative or sum(counts) > 256 or any(place != sorted(place) for place in places) or \
                not 0 < len(values) <= 16 or values != sorted(set(values)) or not 0 < sampled <= 1 << 48:
            fail("text", number, "has odd hashes")
        if {value >> 16 for value in values} - set(sum(places, [])) and sum(counts) < 128:
            fail("text", number, "is found by what it has not")
        index |= {(value, number) for value in values}
    if index != set(db.execute("SELECT hash, text FROM shingle")):
        fail("shingle is not what text says")


def check_tags(db, secret, texts):
    """TEXT-SHA-256 and sketch, in hexadecimal: the keys are what the format says."""
    key = hmac.digest(secret, b"sketch\0", "sha256")
    for sha256, sketch in texts:
        tag = hmac.digest(secret, b"text\0" + bytes.fromhex(sha256), "sha256")
        rows = db.execute("SELECT hashes FROM text WHERE tag = ?", (tag,)).fetchall()
        if not rows:
            fail("no row for the text", sha256)
        cipher = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
        keyed = []
        for said in (int(sketch[i:i + 12], 16) for i in range(0, len(sketch), 12)):
            block = (said - said % 16).to_bytes(6, "big") + bytes(10)
            keyed.append((int.from_bytes(cipher.update(block)[:6], "big"), said % 16))
        smallest = sorted(keyed)[:256]
        if [sorted(value >> 16 for value, where in smallest if where == place) for place in range(16)] != \
                read_hashes(rows[0][0])[1]:
            fail("hashes of", sha256, "are of another text")


def check_decision(db, secret, sequence, leaf, leaf_hash, erased):
    if set(leaf) != DECISION or any(set(rcpt) != RCPT for rcpt in leaf["rcpts"]) or \
            any(set(document) != DOCUMENT for document in leaf["documents"]) or \
            any(set(document["known"] or KNOWN) != KNOWN for document in leaf["documents"]):
        fail(sequence, "has other members than the format says")
    identities = committed(leaf)
    for pointer, member, commitment in identities:
        if not erased:
            check_identity(db, secret, sequence, leaf_hash, pointer, member, commitment)
    n_kept = db.execute("SELECT count(*) FROM identity WHERE sequence = ?", (sequence,)).fetchone()[0]
    if n_kept != (0 if erased else len(identities)):
        fail(sequence, "keeps", n_kept, "values, the leaf has", len(identities))


def main():
    erased = "--erased" in sys.argv
    db = sqlite3.connect(sys.argv[-1])
    meta = dict(db.execute("SELECT name, value FROM meta"))
    if meta["schema"] != 1 or len(meta["secret"]) != 32:
        fail("meta", meta)
    rows = db.execute("SELECT sequence, reference, time_ms, leaf, leaf_hash FROM record ORDER BY sequence").fetchall()
    if not rows:
        fail("no record")
    records = {}
    for expected, (sequence, reference, time_ms, line, leaf_hash) in enumerate(rows):
        if sequence != expected:
            fail(sequence, "where", expected, "should be")
        if hashlib.sha256(b"\0" + line.encode()).digest() != leaf_hash:
            fail(sequence, "has another leaf hash")
        leaf = json.loads(line, parse_float=no_floats)
        if canonical(leaf) != line.encode():
            fail(sequence, "is not canonical:", line)
        if leaf["schema"] != 1 or leaf["time"] != time_ms or leaf.get("reference") != reference:
            fail(sequence, "differs from its columns")
        if leaf["kind"] == "settled":
            if set(leaf) != SETTLED:
                fail(sequence, "has other members than the format says")
        else:
            check_decision(db, meta["secret"], sequence, leaf, leaf_hash, erased)
            records[sequence] = leaf
    check_texts(db, records)
    check_tags(db, meta["secret"], [arg[7:].split(":") for arg in sys.argv if arg.startswith("--text=")])


main()
