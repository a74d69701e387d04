# SPDX-License-Identifier: Apache-2.0
"""Citizens write as they like: whatever is wrong with their mail, it comes through untouched. And mail without a document
passes, whoever it claims to be from."""

from table import (AUTH, CHAT, GOVERNMENT, LATER, NULL, OUTSIDER, at_the_end, by, instead, on_top, one_more_part, row)
from world import DOMAINS, FAILS, FINANCES, OWN, SILENT, STRANGER, STRANGER6

GMAIL = "gmail.com"
EDUCATION, SANTE = "education.gov.example", "sante.gov.example"
DEAD = {"client": STRANGER, "helo": "pc"}


def citizen(name, *signatures, wants=OUTSIDER, **more):
    return row(f"citizen: {name}", GMAIL, wants, *signatures, **more)


SHAPES = [
    citizen("signed, SPF pass", by()),
    citizen("signed with ed25519, over IPv6", by("ed"), client=DOMAINS[GMAIL].server6),
    citizen("unsigned"),
    citizen("no document", document=False),
    citizen("broken signature", by(), after=[instead("la note", "la nota")]),
    citizen("signature with l= and a part appended", by(length=100), after=[one_more_part]),
    citizen("signed by a stranger", by(domain="attaquant.example")),
    citizen("signed by a ministry", by(domain=FINANCES)),
    citizen("signature of a key that nobody has", by("nulle")),
    citizen("SPF fail", client=STRANGER),
    citizen("SPF fail over IPv6", client=STRANGER6),
    citizen("from a program of this machine", client=None),
    citizen("DNS fails for the key", by("k", domain=FAILS)),
    citizen("DNS is silent for the key", by("k", domain=SILENT)),
    citizen("two hundred signatures", after=[on_top(*["DKIM-Signature: v=1; a=rsa-sha256"] * 200)]),
    citizen("no From", author=None),
    citizen("empty From", author=""),
    citizen("From without an address", author="Moi"),
    citizen("several From mailboxes", author="a@gmail.com, b@yahoo.fr"),
    citizen("two From fields", fields=["From: autre@yahoo.fr"]),
    citizen("From is a group", author="Famille: a@gmail.com, b@yahoo.fr;"),
    citizen("8-bit From", author="José <jose@gmail.com>"),
    citizen("From with a comment inside", author="a(b)@gmail.com"),
    citizen("From of another consumer domain", author="moi@yahoo.fr"),
    citizen("encoded word that hides an address", author="=?utf-8?q?moi=40yahoo.fr?= <moi@gmail.com>"),
    citizen("a ministry's name as display name", author='"Ministre" <moi@gmail.com>'),
    citizen("a ministry's address as display name in quotes", author=f'"directeur@{FINANCES}" <moi@gmail.com>'),
    citizen("null sender", wants=NULL, mail_from=""),
    citizen("null sender, no From", wants=NULL, mail_from="", author=None),
    citizen("forged Authentication-Results of another", after=[on_top("Authentication-Results: mx.example; dkim=fail")]),
    citizen("to a list of another domain, footer", by(), after=[at_the_end("-- \r\nliste\r\n")], mail_from="l@liste.example",
            client=DOMAINS["liste.example"].server),
    row("citizen: domain whose DNS fails", GMAIL, OUTSIDER, mail_from=f"x@{FAILS}", author=f"x@{FAILS}", **DEAD),
    row("citizen: domain whose DNS is silent", GMAIL, OUTSIDER, mail_from=f"x@{SILENT}", author=f"x@{SILENT}", **DEAD),
    row("citizen: domain that does not exist", GMAIL, OUTSIDER, mail_from="x@nulle.example", author="x@nulle.example", **DEAD),
    row("citizen: an attacker as himself", "attaquant.example", OUTSIDER, by()),
    row("citizen: Reply-To of a ministry", GMAIL, OUTSIDER, by(), fields=[f"Reply-To: directeur@{FINANCES}"]),
    row("citizen: Sender of a ministry", GMAIL, OUTSIDER, by(), fields=[f"Sender: directeur@{FINANCES}"]),
]

BY_A_LIST = [  # From is a citizen's, the envelope a ministry's
    citizen("by a list of a ministry, SPF passes", mail_from=f"liste-bounces@{EDUCATION}", client=DOMAINS[EDUCATION].server),
    citizen("by a list of a ministry, signed by it", by(domain=SANTE), mail_from=f"liste-bounces@{SANTE}", client=STRANGER),
    citizen("in the name of a ministry's list, SPF fails", wants=AUTH, mail_from=f"liste-bounces@{EDUCATION}", client=STRANGER),
    citizen("in the name of a ministry's list, unsigned", wants=AUTH, mail_from=f"liste-bounces@{SANTE}", client=STRANGER),
    citizen("in the name of a ministry's list, signed by gmail", by(), wants=AUTH, mail_from=f"liste-bounces@{SANTE}",
            client=STRANGER),
    citizen("in the name of a ministry's list, DNS fails", by("panne", domain=SANTE), wants=LATER,
            mail_from=f"liste-bounces@{SANTE}", client=STRANGER),
    citizen("in the name of a ministry's list, no document", wants=CHAT, mail_from=f"liste-bounces@{SANTE}", client=STRANGER,
            document=False),
]

CONVERSATION = [
    row("conversation: unsigned of a ministry", SANTE, CHAT, client=STRANGER, document=False),
    row("conversation: two From", SANTE, CHAT, client=STRANGER, document=False, fields=["From: x@attaquant.example"]),
    row("conversation: no From", SANTE, CHAT, client=STRANGER, document=False, author=None),
    row("conversation: our own domain", OWN, CHAT, client=STRANGER, document=False),
    row("conversation: the key cannot be asked for", SANTE, CHAT, by("panne"), document=False),
    row("conversation: the key's server is silent", SANTE, CHAT, by("muet"), document=False),
    row("conversation: broken signature", SANTE, CHAT, by(key="faux"), document=False),
    row("conversation: signed", SANTE, GOVERNMENT, by(), document=False),
]

ROWS = SHAPES + BY_A_LIST + CONVERSATION
