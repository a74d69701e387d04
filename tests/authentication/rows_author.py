# SPDX-License-Identifier: Apache-2.0
"""Who the author is: From in every shape, lookalikes, our own domain, and the shapes by which parts of one mail system were
made to disagree about it (espoofer, "Composition Kills")."""

import base64

from table import (ALIEN_DKIM, AUTH, GOVERNMENT, NO_DKIM, OUTSIDER, SYNTAX, CHAT, by, instead, on_top, row)
from world import DOMAINS, FINANCES, IN_ARABIC, JUSTICE, OWN, STRANGER, WITH_ACCENT, a_labels

SANTE, ATTACKER = "sante.gov.example", "attaquant.example"
BOSS, EVIL = f"directeur@{SANTE}", f"pdg@{ATTACKER}"


def author(name, value, wants=GOVERNMENT, *signatures, **more):
    """From as `value` says, signed by sante.gov.example unless told otherwise."""
    return row(f"From: {name}", SANTE, wants, *(signatures or (by(),)), author=value, **more)


def attack(name, value, wants=AUTH, **more):
    """The attacker's own letter, his SPF and DKIM in order; From as `value` says."""
    more = {"author": value, "mail_from": EVIL, "helo": f"mx.{ATTACKER}", **more}
    return row(f"attack: {name}", ATTACKER, wants, by(), **more)


def many(count, first=0):
    return ",\r\n ".join(f"a{number}@b.example" for number in range(first, first + count))


def encoded(text):
    return f"=?utf-8?b?{base64.b64encode(text.encode()).decode()}?="


SHAPES = [
    author("address alone", BOSS),
    author("address in brackets", f"<{BOSS}>"),
    author("display name in quotes", f'"Direction, bureau 12" <{BOSS}>'),
    author("display name encoded", f"{encoded('Direction générale')} <{BOSS}>"),
    author("display name in two encoded words", f"{encoded('Direction ')} {encoded('générale')} <{BOSS}>"),
    author("display name in Arabic", f"{encoded('وزارة الصحة')} <{BOSS}>"),
    author("comment behind the address", f"{BOSS} (Direction)"),
    author("comment behind the brackets", f"<{BOSS}> (Direction)"),
    author("the address as display name too", f"{BOSS} <{BOSS}>"),
    author("the address as display name in quotes", f'"{BOSS}" <{BOSS}>'),
    author("folded", f"Direction\r\n <{BOSS}>"),
    author("in capitals", "Direction <Directeur@SANTE.GOV.EXAMPLE>"),
    author("trailing dot", f"Direction <{BOSS}.>"),
    author("two mailboxes of the ministry", f"{BOSS}, secretaire@{SANTE}", AUTH),
    author("the ministry and another", f"{BOSS}, greffe@{JUSTICE}", AUTH),
    author("two mailboxes, and Sender", f"{BOSS}, secretaire@{SANTE}", AUTH, fields=[f"Sender: {BOSS}"]),
    author("Sender of an attacker", f"Direction <{BOSS}>", GOVERNMENT, fields=[f"Sender: {EVIL}"]),
    author("group", f"Ministere: {BOSS};", AUTH),
    author("empty group", "undisclosed-recipients:;", AUTH),
    author("two fields", BOSS, AUTH, fields=[f"From: secretaire@{SANTE}"]),
    author("two fields, both signed", BOSS, AUTH, by(names=["from", "from", "content-type"]), fields=[f"From: {BOSS}"]),
    author("none at all", None, AUTH),
    author("empty", "", AUTH),
    author("no address in it", "Direction", AUTH),
    author("comment in the local part", f"directeur(@{ATTACKER})@{SANTE}", AUTH),
    author("comment before the domain", f"directeur@({ATTACKER}){SANTE}", AUTH),
    author("comment before the address", f"(a) {BOSS}", AUTH),
    author("comment with an address behind", f"<{BOSS}> ({EVIL})", AUTH),
    author("route", f"<@{ATTACKER}:{BOSS}>", AUTH),
    author("quoted local part with an @", f'"directeur@{ATTACKER}"@{SANTE}', AUTH),
    author("quoted local part without a reason", f'"directeur"@{SANTE}'),
    author("address literal", "directeur@[198.51.100.5]", OUTSIDER),  # an outsider's, by a list of the ministry
    author("percent", f"directeur%{ATTACKER}@{SANTE}", AUTH),
    author("8-bit display name", f"Dirección <{BOSS}>", AUTH),
    author("8-bit in the address", f"Direction <directéur@{SANTE}>", AUTH),
    author("NUL", f"Direction\0 <{BOSS}>", AUTH),
    author("encoded word that hides an address", f"{encoded(f'{EVIL}>')} <{BOSS}>", AUTH),
    author("encoded word within brackets", f"<{encoded(BOSS)}>", AUTH),
    author("encoded word instead of an address", encoded(BOSS), AUTH),
    author("two brackets", f"<{BOSS}> <{EVIL}>", AUTH),
    author("other address as display name", f"{EVIL} <{BOSS}>", AUTH),
    author("other address as display name in quotes", f'"{EVIL}" <{BOSS}>'),
]

ATTACKS = [  # espoofer's names; the letter is the attacker's, who owns his SPF and DKIM
    attack("A1 envelope of a sub-domain that is not there", BOSS, mail_from=f"any@nulle.{SANTE}", client=STRANGER),
    attack("A2 null envelope, HELO of the attacker", BOSS, ALIEN_DKIM, mail_from=""),
    attack("A3 d= cut by a NUL", BOSS, after=[instead(f"d={ATTACKER}", f"d={SANTE}\\x00.{ATTACKER}")]),
    attack("A4 d= with a quotation mark", BOSS, after=[instead(f"d={ATTACKER}", f"d={SANTE}'a.{ATTACKER}")]),
    attack("A5 envelope with a parenthesis", BOSS, mail_from=f"any@{SANTE}(.{ATTACKER}"),
    attack("A6 envelope with a quotation mark", BOSS, SYNTAX, mail_from=f"any@{SANTE}'a.{ATTACKER}"),
    attack("A7 envelope with a route", BOSS, mail_from=f"@{SANTE},@any.com:any@{ATTACKER}"),
    attack("A8 two From", EVIL, fields=[f"From: {BOSS}"]),
    attack("A8 two From, the other way round", BOSS, fields=[f"From: {EVIL}"]),
    attack("A9 second From begins with a blank", EVIL, OUTSIDER, fields=[f" From: {BOSS}"]),
    attack("A10 blank before the colon", EVIL, fields=[f"From : {BOSS}"]),
    # Without a colon on its line it is no field: the header section ends above it, and nobody has a From.
    attack("A11 From folded before the colon", EVIL, OUTSIDER, fields=[f"From\r\n : {BOSS}"],
           arrives=instead("\r\nFrom\r\n", "\r\n\r\nFrom\r\n")),
    attack("A12 Sender of the ministry", EVIL, OUTSIDER, fields=[f"Sender: {BOSS}"]),
    attack("A12 Sender of the attacker, From of the ministry", BOSS, fields=[f"Sender: {EVIL}"]),
    attack("A13 Resent-From", EVIL, OUTSIDER, fields=[f"Resent-From: {BOSS}"]),
    attack("A14 two addresses", f"<{EVIL}>, <{BOSS}>"),
    attack("A14 two addresses, the other way round", f"<{BOSS}>, <{EVIL}>"),
    attack("A15 encoded address before the own", f"{encoded(f'<{BOSS}>')},<{EVIL}>"),
    attack("A15 encoded whole list", encoded(f"{BOSS}, {EVIL}")),
    attack("A16 route", f"<@{ATTACKER},@any.com:{BOSS}>"),
    attack("A16 route of the ministry", f"<@{SANTE}:{EVIL}>"),
    attack("A17 quoted pair", f"<{BOSS}>\\,<{EVIL}>"),
    attack("A18 precedence of special characters", f"{BOSS},<{EVIL}>"),
    attack("A18 unclosed bracket", f"<{BOSS}"),
    attack("A19 display name and address", f"<{BOSS}>{EVIL}"),
    attack("A19 display name, parenthesis", f"{BOSS}(<{EVIL}>"),
    attack("other address as display name", f"{BOSS} <{EVIL}>"),
    attack("other address as display name in quotes", f'"{BOSS}" <{EVIL}>', OUTSIDER),
    attack("signature valid for the attacker, From of the ministry", BOSS),
]

ALIKE = [
    row("lookalike: a suffix of another's", "evilgov.example", OUTSIDER, by()),
    row("lookalike: our name in front", f"{OWN}.attaquant.example", OUTSIDER, by()),
    row("lookalike: finances in front", f"{FINANCES}.attaquant.example", OUTSIDER, by()),
    row("lookalike: one letter", "flnances.gov.example", OUTSIDER, by()),
    row("lookalike: unsigned, from anywhere", "flnances.gov.example", OUTSIDER, client=STRANGER),
    row("the parent is no ministry", "gov.example", OUTSIDER, by()),
    row("below a ministry that does not vouch", "bureau.finances.gov.example", OUTSIDER, by()),
    row("below a ministry that does not vouch, signed by the ministry", "bureau.finances.gov.example", OUTSIDER,
        by(domain=FINANCES)),
    row("lookalike's envelope, From of the ministry", FINANCES, AUTH, by(domain="flnances.gov.example"),
        mail_from="directeur@flnances.gov.example", client=DOMAINS["flnances.gov.example"].server),
]

OURS = [
    row("our own domain, no login", OWN, AUTH, client=STRANGER),
    row("our own domain, no login, no document", OWN, CHAT, client=STRANGER, document=False),
    row("our own domain, from the attacker", OWN, AUTH, by(domain=ATTACKER), mail_from=EVIL, client=DOMAINS[ATTACKER].server),
    row("our own domain comes home by a list of our own server", OWN, GOVERNMENT),
    row("our own domain, signed", OWN, GOVERNMENT, by(), client=STRANGER),
    row("our own domain from a program of this machine", OWN, AUTH, client=None),
]

INTERNATIONAL = [
    row("IDN as A-labels", WITH_ACCENT, GOVERNMENT, by()),
    row("IDN in Arabic as A-labels", IN_ARABIC, GOVERNMENT, by()),
    row("IDN as A-labels, unsigned", WITH_ACCENT, NO_DKIM),
    row("IDN as U-labels in the envelope", WITH_ACCENT, GOVERNMENT, by(), mail_from=f"directeur@{WITH_ACCENT}",
        options=("SMTPUTF8",)),
    row("IDN as U-labels in From", WITH_ACCENT, AUTH, by(), author=f"Direction <directeur@{WITH_ACCENT}>",
        options=("SMTPUTF8",)),
    row("IDN in capitals", WITH_ACCENT, GOVERNMENT, by(), author=f"<directeur@{a_labels(WITH_ACCENT).upper()}>"),
]

FORGED = [
    row(f"forged: {name}", SANTE, NO_DKIM, client=STRANGER, after=[on_top(*fields)]) for name, fields in (
        ("Authentication-Results of ours says pass", [
            f"Authentication-Results: mx.{OWN}; dkim=pass header.d={SANTE}; spf=pass smtp.mailfrom={SANTE}"]),
        ("Authentication-Results of ours, three times", [f"Authentication-Results: mx.{OWN}; dkim=pass header.d={SANTE}"] * 3),
        ("Authentication-Results of another", [f"Authentication-Results: mx.google.com; dkim=pass header.d={SANTE}"]),
        ("Received-SPF", [f"Received-SPF: pass client-ip=198.51.100.5; envelope-from=directeur@{SANTE}"]),
        ("ARC chain", [
            f"ARC-Authentication-Results: i=1; mx.{OWN}; dkim=pass header.d={SANTE}",
            f"ARC-Seal: i=1; a=rsa-sha256; cv=none; d={SANTE}; s=rsa; t=1; b=AAAA",
            f"ARC-Message-Signature: i=1; a=rsa-sha256; c=relaxed/relaxed; d={SANTE}; s=rsa; h=from; bh=AAAA; b=AAAA"]),
        ("DMARC and Khatm fields", ["X-DMARC: pass", "X-Khatm-Sender: government", "X-Khatm-Ticket: AAAA"]),
    )
]

TOO_MUCH = [  # a header section that the readers of addresses are not given
    attack("five thousand commas", f"{BOSS}{',' * 5000} <{EVIL}>"),
    attack("three hundred parentheses", f"{'(' * 300}{')' * 300} {BOSS}"),
    attack("parentheses, and the name within", f"{BOSS} {'(' * 300}{')' * 300}"),
    attack("far to the right", ("\r\n" + " " * 900) * 30 + BOSS),
    attack("many addresses", f"{many(1100)},\r\n {BOSS}"),
    attack("many fields", EVIL, fields=[f"From: {many(900, 2 * number)}" for number in range(5)] + [f"From: {BOSS}"]),
    attack("thousands of addresses before it", f"Direction <{BOSS}>",
           fields=[f"Reply-To: {many(3900)}", f"Cc: {many(3900)}"]),
    row("citizen: thousands of recipients", "gmail.com", OUTSIDER, document=False,
        fields=[f"Cc: {many(2000)}"]),
]

ROWS = TOO_MUCH + SHAPES + ATTACKS + ALIKE + OURS + INTERNATIONAL + FORGED
