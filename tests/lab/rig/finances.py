# SPDX-License-Identifier: Apache-2.0
"""The peer's gateway: a second Postfix with its own khatmd; its mail ends in a Maildir a user, whoever the user is."""

from . import names
from .mta import INBOUND, Mta


def write(layout, milter):
    """`milter`: a function from the Mta to Postfix's name of the socket, or None."""
    mta = Mta(layout, "finances", "peer/postfix", names.PEER_HOST)
    place = f"{layout.address(names.PEER_HOST)}:25"
    mta.write({
        "myhostname": names.PEER_NODE,
        "mydomain": names.PEER,
        "myorigin": names.PEER,
        "mydestination": "",
        "local_transport": "error:no local users here",
        "alias_maps": "",
        "virtual_mailbox_domains": names.PEER,
        "virtual_mailbox_maps": "static:all",
        "virtual_transport": f"lmtp:unix:{layout.path('peer', 'lmtp.sock')}",
        "smtpd_relay_restrictions": "reject_unauth_destination",
    }, [f"{place} inet n - n - 100 smtpd{INBOUND}"])
    name = milter(mta)
    if name:
        with open(mta.etc / "main.cf", "a") as main:
            main.write(f"smtpd_milters = {name}\nnon_smtpd_milters = {name}\n")
    return mta


def start(layout, mta):
    mta.start({"/etc/resolv.conf": layout.path("dns", "resolv.conf")})
