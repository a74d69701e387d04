# SPDX-License-Identifier: Apache-2.0
"""A DKIM signer that does what it is told, abuses included; the hashing and the RSA are python3-dkim's."""

import base64
import hashlib
import pathlib
import subprocess
import tempfile

import dkim.crypto
import nacl.signing
from dkim.canonicalization import CanonicalizationPolicy


class RsaKey:
    kind = "rsa"

    def __init__(self, bits):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "key.pem")
            subprocess.run(["openssl", "genrsa", "-traditional", "-out", path, str(bits)], check=True, capture_output=True)
            self.pem = path.read_bytes()
            der = subprocess.run(["openssl", "rsa", "-in", path, "-pubout", "-outform", "DER"], check=True,
                                 capture_output=True).stdout
        self.private = dkim.crypto.parse_pem_private_key(self.pem)
        self.public = base64.b64encode(der).decode()

    def sign(self, digest):
        return dkim.crypto.RSASSA_PKCS1_v1_5_sign(digest, self.private)


class EdKey:
    kind = "ed25519"

    def __init__(self):
        self.private = nacl.signing.SigningKey.generate()
        self.public = base64.b64encode(bytes(self.private.verify_key)).decode()

    def sign(self, digest):
        return self.private.sign(digest.digest()).signature


def split(message):
    head, body = message.split(b"\r\n\r\n", 1)
    fields = []
    for line in head.split(b"\r\n"):
        if line[:1] in b" \t" and fields:
            fields[-1] += b"\r\n" + line
        else:
            fields.append(line)
    return [field.split(b":", 1) for field in fields], body


def chosen(fields, names):
    """From the bottom up, as RFC 6376 5.4.2 says."""
    left, out = list(fields), []
    for name in names:
        for at in range(len(left) - 1, -1, -1):
            if left[at][0].strip().lower() == name.strip().lower().encode():
                out.append(left.pop(at))
                break
    return out


def sign(message, key, selector, domain, algorithm=None, canonical="relaxed/relaxed", names=None, extra="", length=None,
         drop=(), replace=None, hash_name="sha256", body_hash=None, fold=False):
    """`extra`: more tags as text; `drop`: tags left out; `replace`: tag → value."""
    names = names or ["from", "to", "subject", "date", "content-type", "mime-version"]
    policy = CanonicalizationPolicy.from_c_value(canonical.encode())
    fields, body = split(message)
    canonical_body = policy.canonicalize_body(body)
    hashed = canonical_body if length is None else canonical_body[:length]
    tags = {"v": "1", "a": algorithm or f"{key.kind}-sha256", "c": canonical, "d": domain, "s": selector,
            "h": ":".join(names), "bh": body_hash or base64.b64encode(hashlib.new(hash_name, hashed).digest()).decode()}
    if length is not None:
        tags["l"] = str(length)
    tags.update(replace or {})
    glue = ";\r\n\t" if fold else "; "
    value = " " + glue.join(f"{tag}={text}" for tag, text in tags.items() if tag not in drop)
    value += (glue + extra if extra else "") + glue + "b="
    own = [b"DKIM-Signature", value.encode()]
    digest = hashlib.new(hash_name)
    for name, text in policy.canonicalize_headers([[name, text + b"\r\n"] for name, text in chosen(fields, names)]):
        digest.update(name + b":" + text)
    name, text = policy.canonicalize_headers([[own[0], own[1] + b"\r\n"]])[0]
    digest.update(name + b":" + text.removesuffix(b"\r\n"))
    return own[0] + b":" + own[1] + base64.b64encode(key.sign(digest)) + b"\r\n" + message
