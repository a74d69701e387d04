# SPDX-License-Identifier: Apache-2.0
"""OpenDKIM as an administrator puts it behind Khatm: a key with its record in the lab's DNS, the daemon on one of the lab's
addresses, and a line in Postfix. Verified by dkimpy, which shares no code with it or with us."""

import pathlib
import re
import socket
import subprocess

import dkim

from gateway import TOP, wait_until

DOMAIN, SELECTOR, PORT = "interieur.gov.example", "s2026", 8891
SCRIPT = TOP / "contrib" / "opendkim" / "submitted.lua"

CONFIG = """\
Background no
UMask 007
RequireSafeKeys no
Mode s
Canonicalization relaxed/relaxed
OversignHeaders From
SignHeaders *,+content-type
Domain {domain}
Selector {selector}
KeyFile {folder}/{selector}.private
Socket inet:{port}@{host}
"""


def make_key(folder):
    """The options of a lab whose DNS has the record."""
    subprocess.run(["opendkim-genkey", "-b", "2048", "-d", DOMAIN, "-s", SELECTOR, "-D", folder], check=True)
    record = (pathlib.Path(folder) / f"{SELECTOR}.txt").read_text()
    text = "".join(re.findall(r'"([^"]*)"', record))
    parts = " ".join(f'"{text[at:at + 250]}"' for at in range(0, len(text), 250))
    zone = pathlib.Path(folder) / "zone"
    zone.write_text(f"{SELECTOR}._domainkey.{DOMAIN}. TXT {parts}\n")
    return ("--zone", f".={zone}"), text


class OpenDkim:
    """Started behind Khatm on one smtpd service of the ministry under test; `by_login`: with the script that we ship."""

    def __init__(self, lab, folder, service, by_login=False):
        self.host = service.rpartition(":")[0]
        config = pathlib.Path(folder) / "opendkim.conf"
        text = CONFIG.format(domain=DOMAIN, selector=SELECTOR, folder=folder, port=PORT, host=self.host)
        config.write_text(text + (f"SetupPolicyScript {SCRIPT}\n" if by_login else ""))
        with open(pathlib.Path(folder) / "log", "wb") as log:
            self.child = subprocess.Popen(["opendkim", "-f", "-x", config], stdout=log, stderr=log)
        wait_until(self._answers, "OpenDKIM")
        etc = lab.env["POSTFIX_ETC"]
        first = subprocess.run(["postconf", "-c", etc, "-hP", f"{service}/inet/smtpd_milters"], capture_output=True, text=True,
                               check=False).stdout.strip()
        first = first or subprocess.run(["postconf", "-c", etc, "-h", "smtpd_milters"], capture_output=True, text=True,
                                        check=True).stdout.strip()
        milters = f"{first},inet:{self.host}:{PORT}"
        subprocess.run(["postconf", "-c", etc, "-P", f"{service}/inet/smtpd_milters={milters}"], check=True)
        lab.postconf("in_flow_delay=0")

    def _answers(self):
        with socket.socket() as probe:
            return probe.connect_ex((self.host, PORT)) == 0

    def stop(self):
        self.child.terminate()
        self.child.wait(timeout=30)


def verifies(raw, record):
    """Every signature on it holds by that record, and there is one."""
    name = f"{SELECTOR}._domainkey.{DOMAIN}."
    return dkim.verify(raw, dnsfunc=lambda asked, timeout=5: record.encode() if asked.decode() == name else b"")


def is_signed(raw):
    return re.search(rb"(?mi)^DKIM-Signature:", raw.partition(b"\n\n")[0].replace(b"\r\n", b"\n")) is not None
