# SPDX-License-Identifier: Apache-2.0
"""A certificate authority that lives as long as the lab, and the one certificate it signs."""

import subprocess

from . import names


def write(layout, address):
    """Returns the file with key and chain for Postfix; tls/ca.pem is what clients trust."""
    folder = layout.path("tls")
    folder.mkdir()
    _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
             "-subj", "/CN=Khatm lab CA", "-addext", "basicConstraints=critical,CA:TRUE",
             "-addext", "keyUsage=critical,keyCertSign",
             "-keyout", folder / "ca.key", "-out", folder / "ca.pem")
    (folder / "server.ext").write_text(
        f"subjectAltName=DNS:{names.NODE},DNS:localhost,IP:{address},IP:127.0.0.1,IP:::1\n"
        "basicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n")
    _openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
             "-subj", f"/CN={names.NODE}", "-keyout", folder / "server.key", "-out", folder / "server.csr")
    _openssl("x509", "-req", "-in", folder / "server.csr", "-CA", folder / "ca.pem", "-CAkey", folder / "ca.key",
             "-set_serial", "2", "-days", "30", "-extfile", folder / "server.ext", "-out", folder / "server.crt")
    chain = folder / "chain.pem"
    chain.write_text((folder / "server.key").read_text() + (folder / "server.crt").read_text())
    chain.chmod(0o600)
    return chain


def _openssl(*words):
    subprocess.run(["openssl", *map(str, words)], check=True, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
