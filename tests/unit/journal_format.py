#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A second reading of docs/journal-format.md: recomputes every leaf hash, every commitment and every index of a journal,
with nothing of Khatm's. journal_format.py [--erased] STORE; exits 1 with the first thing that does not fit."""

import hashlib
import hmac
import json
import sqlite3
import sys

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

DECISION = {"alert", "basis", "caveats", "client", "content", "detail", "documents", "envelope_from", "from", "kind",
            "lacks", "level", "login", "message_id", "node", "observed", "policy", "queue_id", "rcpts", "reason", "reference",
            "role", "rule", "schema", "sealed_sha256", "sender", "time", "verdict"}
RCPT = {"address", "class", "reason", "rule", "verdict"}
DOCUMENT = {"ambiguous", "caveats", "kind", "level", "name", "numbers", "opaque", "path", "path_inside", "sha256",
            "size", "unread"}
SETTLED = {"kind", "schema", "sequences", "time"}
PERSONS = {"login", "envelope_from", "from", "address"}


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
    found += [(f"/rcpts/{i}/address", "address", rcpt["address"]) for i, rcpt in enumerate(leaf["rcpts"])]
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


def check_decision(db, secret, sequence, leaf, leaf_hash, erased):
    if set(leaf) != DECISION or any(set(rcpt) != RCPT for rcpt in leaf["rcpts"]) or \
            any(set(document) != DOCUMENT for document in leaf["documents"]):
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


main()
