# SPDX-License-Identifier: Apache-2.0
"""Who lives in the lab and at which address: the one table that zone, Postfix, sinks and configuration share.

Every lab owns a block 127.X.Y.*; the last number says who it is. All mail goes to port 25 of the address that the MX
record gives, as on the Internet, so no transport map hides a route from the thing under test.
"""

OWN = "interieur.gov.example"
PEER = "finances.gov.example"
KEYLESS = "justice.gov.example"

OWN_HOST, PEER_HOST, DNS_HOST = 1, 2, 53
# Domain: the last number of the address its MX has.
MX_HOST = {
    OWN: OWN_HOST,
    PEER: PEER_HOST,
    KEYLESS: 3,
    "gmail.com": 11,
    "yahoo.fr": 12,
    "hotmail.com": 13,
    "partner.example": 14,
}
# The network that its SPF record lets send, /28 in IPv4 and /64 in IPv6: addresses for documentation (RFC 5737, 3849), since
# SPF says nothing about a client on loopback.
NETWORK = {
    OWN: ("192.0.2.0", "2001:db8:1::"),
    PEER: ("192.0.2.16", "2001:db8:2::"),
    KEYLESS: ("192.0.2.32", "2001:db8:3::"),
    "gmail.com": ("203.0.113.0", "2001:db8:a::"),
    "yahoo.fr": ("203.0.113.16", "2001:db8:b::"),
    "hotmail.com": ("203.0.113.32", "2001:db8:c::"),
    "partner.example": ("203.0.113.48", "2001:db8:d::"),
}
SINK_DOMAINS = (KEYLESS, "gmail.com", "yahoo.fr", "hotmail.com", "partner.example")

NODE = "mx." + OWN
PEER_NODE = "mx." + PEER
LOGIN = "agent@" + OWN
GATEWAY_KEY = "gateway@" + PEER
OWN_GATEWAY_KEY = "gateway@" + OWN
AUTHORITY_KEY = "registre@gov.example"

# Local users with a Maildir. `chef` is an alias only, so it has none.
MAILBOXES = ("agent", "adjoint", "secretariat", "filtre", "tri", "renvoi", "tuyau", "bureau.ordre", "postmaster")
ALIASES = {"chef": "ex.chef@gmail.com", "root": "postmaster", "mailer-daemon": "postmaster"}
VIRTUAL_ALIASES = {"secretariat@" + OWN: "perso@gmail.com"}
FORWARDS = {"renvoi": "perso@hotmail.com", "tuyau": "|/bin/cat"}
LIST, LIST_MEMBERS = "liste", ("adjoint@" + OWN, "membre@gmail.com")
SIEVE_REDIRECTS = {"filtre": "perso@yahoo.fr", "tri": "perso@yahoo.fr"}
# Whose mail Dovecot's LMTP server delivers; the others' its delivery agent, or Postfix.
LMTP_USERS = ("tri",)

# Numbers that no Debian package hands out; none of them is in the machine's own passwd.
KHATM_UID = 61100
SINK_UID = 61101
PEER_KHATM_UID = 61102
SMMSP_UID = 61103
FIRST_USER_UID = 61110

MESSAGE_LIMIT = 80 * 1024 * 1024
