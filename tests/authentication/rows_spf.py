# SPDX-License-Identifier: Apache-2.0
"""Entries that demand SPF, both proofs, or either of them; null senders."""

from table import (AUTH, BAD_SPF, GOVERNMENT, LATER, NO_DKIM, NO_SPF, CHAT, by, instead, on_top, row)
from world import DOMAINS, FAILS, PECHE, STRANGER, STRANGER6

SPF, BOTH, EITHER = "education.gov.example", "transport.gov.example", "culture.gov.example"
LATE = "panne.energie.gov.example"
ATTACKER = DOMAINS["attaquant.example"]


def below(label, wants, name, *signatures, **more):
    """A sub-domain of peche.gov.example with a policy of its own; the client is the server of the parent."""
    more.setdefault("client", PECHE.server)
    return row(f"SPF: {name}", f"{label}.peche.gov.example", wants, *signatures, **more)


POLICIES = [
    below("inclut", NO_SPF, "of the envelope alone, From of a sister", mail_from="directeur@doux.peche.gov.example"),
    below("doux", GOVERNMENT, "pass of a policy that ends in ~all"),
    below("doux", NO_SPF, "softfail", client=STRANGER),
    below("neutre", GOVERNMENT, "pass of a policy that ends in ?all"),
    below("neutre", NO_SPF, "neutral", client=STRANGER),
    below("ouvert", GOVERNMENT, "pass of a policy without an end"),
    below("ouvert", NO_SPF, "neutral, since the policy has no end", client=STRANGER),
    below("sans", NO_SPF, "none: no policy"),
    below("sans", NO_SPF, "none, and the DKIM that nobody demands", by(domain="peche.gov.example")),
    below("malade", BAD_SPF, "permerror: unknown mechanism before the match"),
    below("double", BAD_SPF, "permerror: two policies"),
    below("panne", LATER, "temperror: the server of an include fails"),
    below("muet", LATER, "temperror: the server of an include is silent"),
    below("tardif", GOVERNMENT, "the match comes before the include that fails"),
    below("redirige", GOVERNMENT, "redirect"),
    below("redirige", NO_SPF, "redirect, fail", client=STRANGER),
    below("perdu", BAD_SPF, "permerror: redirect to nowhere"),
    below("inclut", GOVERNMENT, "include"),
    below("inclut", NO_SPF, "include that fails is no match", client=STRANGER),
    below("inclutrien", BAD_SPF, "permerror: include of nothing"),
    below("cercle", BAD_SPF, "permerror: include of itself"),
    below("dix", GOVERNMENT, "ten look-ups"),
    below("onze", BAD_SPF, "permerror: eleven look-ups"),
    below("vide", GOVERNMENT, "two void look-ups"),
    below("videvide", BAD_SPF, "permerror: three void look-ups"),
    below("mx", GOVERNMENT, "mx"),
    below("mx", GOVERNMENT, "mx over IPv6", client=PECHE.server6),
    below("mx", NO_SPF, "mx, fail", client=STRANGER),
    below("a", GOVERNMENT, "a of another name"),
    below("a", GOVERNMENT, "a of another name, over IPv6", client=PECHE.server6),
    below("macro", GOVERNMENT, "exists with a macro"),
    below("macro", NO_SPF, "exists with a macro, no such name", client=STRANGER),
    below("tous", BAD_SPF, "a policy that lets everybody proves nothing", client=STRANGER),
    below("tous", BAD_SPF, "nor for its own server"),
    below("vaste", BAD_SPF, "nor one that lets half the Internet", client=STRANGER),
    below("parinclusion", BAD_SPF, "nor by way of another", client=STRANGER),
    below("avant", GOVERNMENT, "its own server, named before everybody else"),
    below("avant", BAD_SPF, "and anybody else", client=STRANGER),
    below("large", NO_SPF, "ip4 of all there is: two readers disagree", client=STRANGER),
    below("deuxchaines", GOVERNMENT, "a record of two strings"),
]

ROWS = POLICIES + [
    # proof spf
    row("SPF pass", SPF, GOVERNMENT),
    row("SPF pass over IPv6", SPF, GOVERNMENT, client=DOMAINS[SPF].server6),
    row("SPF pass, unsigned, no document", SPF, GOVERNMENT, document=False),
    row("SPF fail", SPF, NO_SPF, client=STRANGER),
    row("SPF fail over IPv6", SPF, NO_SPF, client=STRANGER6),
    row("SPF fail, no document", SPF, CHAT, client=STRANGER, document=False),
    row("SPF fail, with the DKIM that nobody demands", SPF, NO_SPF, by(), client=STRANGER),
    row("SPF pass, with a broken signature that nobody demands", SPF, GOVERNMENT, by(key="faux")),
    row("SPF pass, with a key that cannot be asked for and nobody demands", SPF, GOVERNMENT, by("k", domain=FAILS)),
    row("SPF pass of a foreign envelope", SPF, AUTH, mail_from="directeur@attaquant.example", client=ATTACKER.server),
    row("SPF pass of another ministry's envelope", SPF, AUTH, mail_from="x@culture.gov.example",
        client=DOMAINS[EITHER].server),
    row("the attacker's server, our envelope", SPF, NO_SPF, client=ATTACKER.server, helo="mx.attaquant.example"),
    row("HELO of the ministry alone", SPF, AUTH, mail_from="directeur@attaquant.example", client=STRANGER,
        helo="mx.education.gov.example"),
    row("null sender, HELO that passes", SPF, NO_SPF, mail_from="", helo=SPF),
    row("null sender, HELO that passes, no document", SPF, CHAT, mail_from="", helo=SPF, document=False),
    row("null sender, signed", SPF, NO_SPF, by(), mail_from="", helo=SPF),
    row("from a program of this machine: SPF says nothing", SPF, NO_SPF, client=None),
    row("HELO of nonsense", SPF, GOVERNMENT, helo="[198.51.100.21]"),
    row("envelope in capitals", SPF, GOVERNMENT, mail_from="Directeur@EDUCATION.GOV.EXAMPLE"),
    row("changed on the way, as SPF does not see", SPF, GOVERNMENT, by(), after=[instead("la note", "la nota")]),
    row("forged: Received-SPF says pass", SPF, NO_SPF, client=STRANGER, after=[on_top(
        "Received-SPF: pass (mx.interieur.gov.example: domain of directeur@education.gov.example) client-ip=198.51.100.21")]),

    # proof both
    row("both", BOTH, GOVERNMENT, by()),
    row("both, ed25519 over IPv6", BOTH, GOVERNMENT, by("ed"), client=DOMAINS[BOTH].server6),
    row("both: DKIM missing", BOTH, NO_DKIM),
    row("both: DKIM broken on the way", BOTH, NO_DKIM, by(), after=[instead("la note", "la nota")]),
    row("both: SPF missing", BOTH, NO_SPF, by(), client=STRANGER),
    row("both: SPF missing, null sender", BOTH, NO_SPF, by(), mail_from=""),
    row("both: both missing", BOTH, AUTH, client=STRANGER),
    row("both: both missing, no document", BOTH, CHAT, client=STRANGER, document=False),
    row("both: the key cannot be asked for", BOTH, LATER, by("panne")),
    row("both: the key cannot be asked for, but SPF fails for good", BOTH, NO_SPF, by("panne"), client=STRANGER),
    row("both: a stranger's key cannot be asked for", BOTH, NO_DKIM, by("k", domain=FAILS)),

    # proof either
    row("either: SPF", EITHER, GOVERNMENT),
    row("either: DKIM", EITHER, GOVERNMENT, by(), client=STRANGER),
    row("either: both", EITHER, GOVERNMENT, by()),
    row("either: none", EITHER, AUTH, client=STRANGER),
    row("either: none, no document", EITHER, CHAT, client=STRANGER, document=False),
    row("either: DKIM broken on the way, SPF passes", EITHER, GOVERNMENT, by(), after=[instead("la note", "la nota")]),
    row("either: DKIM broken on the way, SPF fails", EITHER, AUTH, by(), after=[instead("la note", "la nota")],
        client=STRANGER),
    row("either: SPF of a foreign envelope", EITHER, AUTH, mail_from="x@attaquant.example", client=ATTACKER.server),
    row("either: null sender, DKIM", EITHER, GOVERNMENT, by(), mail_from=""),
    row("either: null sender, unsigned", EITHER, AUTH, mail_from="", helo=EITHER),
    row("either: from a program of this machine, unsigned", EITHER, AUTH, client=None),
    row("either: from a program of this machine, signed", EITHER, GOVERNMENT, by(), client=None),
    row("either: SPF pass, the key cannot be asked for", EITHER, GOVERNMENT, by("panne")),
    row("either: SPF fail, the key cannot be asked for", EITHER, LATER, by("panne"), client=STRANGER),
    row("either: SPF cannot be asked for, DKIM passes", LATE, GOVERNMENT, by(domain="energie.gov.example")),
    row("either: SPF cannot be asked for, unsigned", LATE, LATER),
    row("either: SPF cannot be asked for, unsigned, no document", LATE, CHAT, document=False),
]
