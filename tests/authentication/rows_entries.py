# SPDX-License-Identifier: Apache-2.0
"""What an entry of the registry says besides the proof: sub-domains, alignment, DNSSEC, last day, partners; the entries of
the lab; and what lists, forwarders and senders of newsletters make of mail."""

from table import (ALIEN_DKIM, AUTH, BAD_DKIM, BAD_SPF, CHAT, GOVERNMENT, LATER, NO_DKIM, NO_SPF, NULL, OUTSIDER, at_the_end,
                   below, by, instead, on_top, rewrapped, row)
from world import DOMAINS, FAILS, FINANCES, JUSTICE, STRANGER

SANTE, LIST, SENDER = "sante.gov.example", DOMAINS["liste.example"], "routeur.example"
FARMING, REGIONS = "agriculture.gov.example", "regions.agriculture.gov.example"
FOOTER = "-- \r\nliste@liste.example\r\n"

LABS_OWN = [  # either proof will do
    row("finances: SPF", FINANCES, GOVERNMENT),
    row("finances: DKIM", FINANCES, GOVERNMENT, by(), client=STRANGER),
    row("finances: neither", FINANCES, AUTH, client=STRANGER),
    row("justice: SPF over IPv6", JUSTICE, GOVERNMENT, client=DOMAINS[JUSTICE].server6),
    row("justice: From of finances", FINANCES, AUTH, by(domain=JUSTICE), mail_from=f"greffe@{JUSTICE}",
        client=DOMAINS[JUSTICE].server),
]

SUBDOMAINS = [
    row("sub-domain that belongs to the entry, its own signature", REGIONS, GOVERNMENT, by()),
    row("sub-domain, signed by the ministry", REGIONS, GOVERNMENT, by(domain=FARMING)),
    row("ministry, signed by its sub-domain", FARMING, GOVERNMENT, by(domain=REGIONS)),
    row("sub-domain, envelope of the ministry", REGIONS, GOVERNMENT, by(), mail_from=f"x@{FARMING}"),
    row("sub-domain, unsigned", REGIONS, NO_DKIM),
    row("sub-domain, signed by another ministry", REGIONS, ALIEN_DKIM, by(domain=SANTE)),
    row("sub-domain without policy, unsigned", "regions.energie.gov.example", AUTH, client=STRANGER),
    row("sub-domain, either: SPF", "regions.energie.gov.example", GOVERNMENT),
    row("sub-domain, either: SPF of the ministry's envelope is not enough", "regions.energie.gov.example", AUTH,
        mail_from="x@energie.gov.example", client=DOMAINS["energie.gov.example"].server),
    row("sub-domain where the entry has none", "regions.sante.gov.example", OUTSIDER, by()),
    row("sub-domain where the entry has none, envelope of the ministry", "regions.education.gov.example", OUTSIDER,
        mail_from="x@education.gov.example"),
    row("ministry without sub-domains, signed by one", SANTE, ALIEN_DKIM, by(domain="regions.sante.gov.example")),
    row("ministry without sub-domains, envelope of one", SANTE, AUTH, by(), mail_from="x@regions.sante.gov.example"),
]

STRICT = [
    row("strict: d= is the author's", "defense.gov.example", GOVERNMENT, by()),
    row("strict: d= below", "defense.gov.example", ALIEN_DKIM, by(domain="regions.defense.gov.example")),
    row("strict: d= above", "regions.defense.gov.example", ALIEN_DKIM, by(domain="defense.gov.example")),
    row("strict: sub-domain with its own signature", "regions.defense.gov.example", GOVERNMENT, by()),
    row("strict: envelope is the author's", "port.gov.example", GOVERNMENT),
    row("strict: sub-domain with its own envelope", "quais.port.gov.example", GOVERNMENT),
    row("strict: envelope below", "port.gov.example", AUTH, mail_from="x@quais.port.gov.example"),
]

DNSSEC = [
    row("DNSSEC demanded: key in a signed zone", "tresor.gov.example", GOVERNMENT, by()),
    row("DNSSEC demanded: ed25519 in a signed zone", "tresor.gov.example", GOVERNMENT, by("ed"), client=STRANGER),
    row("DNSSEC demanded: unsigned letter", "tresor.gov.example", NO_DKIM),
    row("DNSSEC demanded: key missing in a signed zone", "tresor.gov.example", NO_DKIM, by("nulle")),
    row("DNSSEC demanded: CNAME out of the signed zone", "tresor.gov.example", BAD_DKIM, by("dehors")),
    row("DNSSEC demanded: key in a zone without", "douane.gov.example", BAD_DKIM, by()),
    row("DNSSEC demanded: forged zone", "cadastre.gov.example", LATER, by()),
    row("DNSSEC demanded: policy in a signed zone", "budget.gov.example", GOVERNMENT),
    row("DNSSEC demanded: policy in a signed zone, fail", "budget.gov.example", NO_SPF, client=STRANGER),
    row("DNSSEC demanded: policy in a zone without", "impots.gov.example", BAD_SPF),
    row("DNSSEC demanded: policy in a zone without, fail", "impots.gov.example", NO_SPF, client=STRANGER),
]

TIME = [
    # No longer government, but its name is still nobody else's.
    row("entry past its last day, unsigned", "habitat.gov.example", NO_DKIM, client=STRANGER),
    row("entry past its last day, signed", "habitat.gov.example", OUTSIDER, by()),
    row("partner, signed", "croissant-rouge.example", GOVERNMENT, by()),
    row("partner, unsigned", "croissant-rouge.example", NO_DKIM),
    row("partner, unsigned, no document", "croissant-rouge.example", CHAT, document=False),
    row("partner past its last day, unsigned", "ancien.example", NO_DKIM, client=STRANGER),
    row("partner past its last day, signed", "ancien.example", OUTSIDER, by()),
]

ON_THE_WAY = [
    row("list: subject prefix", SANTE, AUTH, by(), after=[instead("Subject: ", "Subject: [liste] ")],
        mail_from="liste-bounces@liste.example", client=LIST.server),
    row("list: footer", SANTE, AUTH, by(), after=[at_the_end(FOOTER)], mail_from="liste-bounces@liste.example",
        client=LIST.server),
    row("list: MIME wrapped again, signed by the list", SANTE, AUTH, by(),
        after=[rewrapped, lambda raw: by(domain="liste.example")(raw, SANTE)], mail_from="liste-bounces@liste.example",
        client=LIST.server),
    row("list: nothing but the envelope changed", SANTE, AUTH, by(), mail_from="liste-bounces@liste.example",
        client=LIST.server),
    row("list: From rewritten to the list", "liste.example", OUTSIDER, by(), mail_from="liste-bounces@liste.example",
        author='"Direction via Liste" <liste@liste.example>', fields=["Reply-To: directeur@sante.gov.example"]),
    row("list of the ministry itself: footer, signed again", SANTE, GOVERNMENT, by(),
        after=[at_the_end(FOOTER), lambda raw: by()(raw, SANTE)], mail_from=f"liste-bounces@{SANTE}"),
    row("list of the ministry itself: footer, not signed again", SANTE, NO_DKIM, by(), after=[at_the_end(FOOTER)],
        mail_from=f"liste-bounces@{SANTE}"),
    row("list fields on top, nothing changed", SANTE, GOVERNMENT, by(), after=[on_top("List-Id: <liste.sante.gov.example>")]),
    row("forwarded with its envelope", SANTE, GOVERNMENT, by(), client=LIST.server),
    row("forwarded with its envelope, SPF demanded", "education.gov.example", NO_SPF, client=LIST.server),
    row("forwarded, envelope rewritten (SRS)", SANTE, AUTH, by(), mail_from="SRS0=aa=bb=sante.gov.example=x@routeur.example",
        client=DOMAINS[SENDER].server),
    row("sent by a service, its envelope, signed for the ministry", SANTE, AUTH, by(), mail_from=f"rebond@{SENDER}",
        client=DOMAINS[SENDER].server),
    row("sent by a service, envelope of the ministry, signed for it", SANTE, GOVERNMENT, by(), mail_from=f"rebond@{SANTE}",
        client=DOMAINS[SENDER].server),
    row("replayed as it is", SANTE, GOVERNMENT, by(), client=DOMAINS["attaquant.example"].server),
    row("replayed with a part appended", SANTE, NO_DKIM, by(), after=[at_the_end("--=_limite\r\n\r\nvirement\r\n")],
        client=DOMAINS["attaquant.example"].server),
    row("replayed under the attacker's envelope", SANTE, AUTH, by(), mail_from="x@attaquant.example",
        client=DOMAINS["attaquant.example"].server),
    row("Resent fields below, nothing changed", SANTE, GOVERNMENT, by(), after=[below("Resent-From: x@attaquant.example")]),
    row("a report of non-delivery, signed", SANTE, GOVERNMENT, by(), mail_from="", author=f"postmaster@{SANTE}"),
    row("a report of non-delivery, unsigned", SANTE, NO_DKIM, mail_from="", author=f"postmaster@{SANTE}"),
    row("a report of non-delivery of a citizen's server", "gmail.com", NULL, mail_from="", author="mailer-daemon@gmail.com"),
    row("a report of non-delivery of a citizen's server, DNS dead", "gmail.com", NULL, by("k", domain=FAILS), mail_from="",
        helo=f"mx.{FAILS}"),
]

ROWS = LABS_OWN + SUBDOMAINS + STRICT + DNSSEC + TIME + ON_THE_WAY
