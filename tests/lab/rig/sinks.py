# SPDX-License-Identifier: Apache-2.0
"""The remote ends that only receive: one process, a listener a domain, a Maildir each."""

import json
from pathlib import Path

from . import names
from .layout import own_folder

PROGRAM = Path(__file__).with_name("sink.py")


def start(layout, with_peer, own_mail_peer):
    """`with_peer`: finances.gov.example is a sink too. `own_mail_peer`: its Postfix hands its mail to us over LMTP."""
    domains = list(names.SINK_DOMAINS) + ([names.PEER] if with_peer else [])
    own_folder(layout.path("sink"), names.SINK_UID, mode=0o755)
    own_folder(layout.path("peer", "mailbox"), names.SINK_UID, mode=0o755)
    plan = {
        "uid": names.SINK_UID,
        "sink": str(layout.path("sink")),
        "smtp": {layout.address(names.MX_HOST[domain]): domain for domain in domains},
    }
    if own_mail_peer:
        plan["lmtp"] = {"path": str(layout.path("peer", "lmtp.sock")), "mailbox": str(layout.path("peer", "mailbox"))}
    file = layout.path("etc", "sinks.json")
    file.write_text(json.dumps(plan, indent=1))
    return layout.processes.start("sinks", ["/usr/bin/python3", PROGRAM, file], layout.log("sinks.log"))


def addresses(layout, with_peer):
    domains = list(names.SINK_DOMAINS) + ([names.PEER] if with_peer else [])
    return [layout.address(names.MX_HOST[domain]) for domain in domains]
