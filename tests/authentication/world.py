# SPDX-License-Identifier: Apache-2.0
"""Who publishes what in the DNS of the table of authentication, and what the registry says of them. Keys are made anew for
each run."""

import pathlib
import subprocess
from dataclasses import dataclass

from signer import EdKey, RsaKey

OWN, FINANCES, JUSTICE = "interieur.gov.example", "finances.gov.example", "justice.gov.example"


@dataclass(frozen=True)
class Domain:
    """A domain with a network that its SPF record lets send: /28 in IPv4, /64 in IPv6. `entry`: its settings in the
    registry; None: it is in none."""

    name: str
    network: str
    network6: str
    entry: str = None
    kind: str = "domain"

    @property
    def server(self):
        """An address of that network."""
        head, _, last = self.network.rpartition(".")
        return f"{head}.{int(last) + 5}"

    @property
    def server6(self):
        return f"{self.network6}25"

    @property
    def spf(self):
        return f"v=spf1 ip4:{self.network}/28 ip6:{self.network6}/64 -all"


def _named(prefix, networks, rows):
    return {name: Domain(name, f"{networks}.{16 * number}", f"2001:db8:{prefix}{number:02x}::", *rest)
            for number, (name, *rest) in enumerate(rows)}


def a_labels(name):
    return name if name.isascii() else ".".join(part if part.isascii() else "xn--" + part.encode("punycode").decode()
                                                for part in name.split("."))


WITH_ACCENT, IN_ARABIC = "équipement.gov.example", "صحة.gov.example"
# In the registry that the table adds to the lab's: name, settings.
MINISTRIES = _named("f", "198.51.100", [
    ("sante.gov.example", "proof = dkim"),
    ("education.gov.example", "proof = spf"),
    ("transport.gov.example", "proof = both"),
    ("culture.gov.example", "proof = either"),
    ("agriculture.gov.example", "proof = dkim subdomains = yes"),
    ("peche.gov.example", "proof = spf subdomains = yes"),
    ("energie.gov.example", "proof = either subdomains = yes"),
    ("defense.gov.example", "proof = dkim subdomains = yes alignment = strict"),
    ("port.gov.example", "proof = spf subdomains = yes alignment = strict"),
    ("tresor.gov.example", "proof = dkim dnssec = yes"),
    ("budget.gov.example", "proof = spf dnssec = yes"),
    ("douane.gov.example", "proof = dkim dnssec = yes"),
    ("impots.gov.example", "proof = spf dnssec = yes"),
    ("cadastre.gov.example", "proof = dkim dnssec = yes"),
    (WITH_ACCENT, "proof = dkim"),
    (IN_ARABIC, "proof = dkim"),
])
OTHERS = _named("e", "203.0.113", [
    # The lab's own: gmail.com, yahoo.fr, hotmail.com, partner.example have the first four networks.
    *[(f"lab{number}.example",) for number in range(4)],
    ("attaquant.example",),
    ("liste.example",),
    ("routeur.example",),
    ("croissant-rouge.example", 'proof = dkim reason = "secours" expires = "2099-12-31"', "partner"),
    ("ancien.example", 'proof = dkim reason = "projet fini" expires = "2020-12-31"', "partner"),
    ("habitat.gov.example", 'proof = dkim expires = "2020-12-31"'),
    ("gov.example",),
    ("evilgov.example",),
    ("interieur.gov.example.attaquant.example",),
    ("finances.gov.example.attaquant.example",),
    ("flnances.gov.example",),
    ("bureau.finances.gov.example",),
])
LAB = {name: Domain(name, network, network6) for name, network, network6 in (
    (OWN, "192.0.2.0", "2001:db8:1::"), (FINANCES, "192.0.2.16", "2001:db8:2::"), (JUSTICE, "192.0.2.32", "2001:db8:3::"),
    ("gmail.com", "203.0.113.0", "2001:db8:a::"), ("yahoo.fr", "203.0.113.16", "2001:db8:b::"))}
# Sub-domains that send from the network of their ministry.
BELOW = {name: Domain(name, MINISTRIES[parent].network, MINISTRIES[parent].network6) for name, parent in (
    (f"{label}.{ministry}.gov.example", f"{ministry}.gov.example") for label, ministry in (
        ("regions", "agriculture"), ("regions", "energie"), ("panne", "energie"), ("regions", "defense"), ("quais", "port"),
        ("regions", "sante"), ("regions", "education")))}
DOMAINS = {**MINISTRIES, **OTHERS, **BELOW, **LAB}
SIGNED = ("tresor.gov.example", "budget.gov.example", "cadastre.gov.example")  # zones of their own, with DNSSEC
STRANGER, STRANGER6 = "198.18.7.7", "2001:db8:dead::7"  # in nobody's policy
FAILS, SILENT = "panne.example", "muet.example"  # domains whose servers answer SERVFAIL, or nothing

KEYS = {"rsa": RsaKey(2048), "court": RsaKey(1024), "faible": RsaKey(512), "ed": EdKey(), "faux": RsaKey(1024)}


def record(key, more="", kind=None):
    return f"v=DKIM1; k={kind or KEYS[key].kind}; {more}p={KEYS[key].public}"


# Selectors that only sante.gov.example has; those of KEYS every domain has, but for "faux", which none publishes.
ODD_SELECTORS = {
    "essai": record("rsa", "t=y; "),
    "sansfils": record("rsa", "t=s; "),
    "telephone": record("rsa", "s=telephony; "),
    "vieux": record("rsa", "h=sha1; "),
    "revoque": "v=DKIM1; k=rsa; p=",
    "casse": "v=DKIM1; k=rsa; p=!!!!",
    "nu": f"p={KEYS['rsa'].public}",
}
CNAMES = {
    "alias._domainkey.sante.gov.example": "rsa._domainkey.routeur.example",
    "chaine._domainkey.sante.gov.example": "c1.routeur.example",
    "c1.routeur.example": "c2.routeur.example",
    "c2.routeur.example": "c3.routeur.example",
    "c3.routeur.example": "rsa._domainkey.routeur.example",
    "boucle._domainkey.sante.gov.example": "b1.routeur.example",
    "b1.routeur.example": "b2.routeur.example",
    "b2.routeur.example": "b1.routeur.example",
    "panne._domainkey.sante.gov.example": f"cle.{FAILS}",
    "muet._domainkey.sante.gov.example": f"cle.{SILENT}",
    "dehors._domainkey.tresor.gov.example": "rsa._domainkey.routeur.example",
    "panne._domainkey.transport.gov.example": f"cle.{FAILS}",
    "panne._domainkey.culture.gov.example": f"cle.{FAILS}",
}
PECHE = MINISTRIES["peche.gov.example"]
_GOOD = f"ip4:{PECHE.network}/28"
# Policies below peche.gov.example, which demands SPF of all its sub-domains.
POLICIES = {
    "doux": f"v=spf1 {_GOOD} ~all",
    "neutre": f"v=spf1 {_GOOD} ?all",
    "ouvert": f"v=spf1 {_GOOD}",
    "sans": None,
    "malade": f"v=spf1 ip5:1.2.3.4 {_GOOD} -all",
    "double": [f"v=spf1 {_GOOD} -all", "v=spf1 +all"],
    "panne": f"v=spf1 include:spf.{FAILS} -all",
    "tardif": f"v=spf1 {_GOOD} include:spf.{FAILS} -all",
    "muet": f"v=spf1 include:spf.{SILENT} -all",
    "redirige": "v=spf1 redirect=_spf.peche.gov.example",
    "perdu": "v=spf1 redirect=nulle.peche.gov.example",
    "inclut": "v=spf1 include:_spf.peche.gov.example -all",
    "inclutrien": "v=spf1 include:nulle.peche.gov.example -all",
    "cercle": "v=spf1 include:cercle.peche.gov.example -all",
    "_spf": f"v=spf1 {_GOOD} -all",
    "dix": "v=spf1 " + " ".join(f"include:n{number}.peche.gov.example" for number in range(9)) +
           " include:_spf.peche.gov.example -all",
    "onze": "v=spf1 " + " ".join(f"include:n{number}.peche.gov.example" for number in range(10)) +
            " include:_spf.peche.gov.example -all",
    **{f"n{number}": "v=spf1 -all" for number in range(10)},
    "vide": f"v=spf1 a:v1.peche.gov.example a:v2.peche.gov.example {_GOOD} -all",
    "videvide": "v=spf1 " + " ".join(f"a:v{number}.peche.gov.example" for number in range(3)) + f" {_GOOD} -all",
    "mx": "v=spf1 mx -all",
    "a": "v=spf1 a:relais.peche.gov.example -all",
    "macro": "v=spf1 exists:%{i}._ok.peche.gov.example -all",
    "deuxchaines": f"v=spf1 {_GOOD}\" \" -all",
    "large": "v=spf1 ip4:0.0.0.0/0 -all",
    "tous": "v=spf1 +all",
    "vaste": "v=spf1 ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all",
    "parinclusion": "v=spf1 include:tous.peche.gov.example -all",
    "avant": f"v=spf1 {_GOOD} +all",
}


def _txt(name, value):
    """A character-string has 255 octets at most; a quotation mark in the value parts two by hand."""
    strings = [part[at:at + 250] for part in value.split('" "') for at in range(0, len(part), 250)]
    return f"{a_labels(name)}. TXT " + " ".join(f'"{one}"' for one in strings)


def _common(domain):
    """What every domain of the world publishes."""
    yield _txt(domain.name, domain.spf)
    for selector in KEYS:
        if selector != "faux":
            yield _txt(f"{selector}._domainkey.{domain.name}", record(selector))


def _records():
    for domain in [*MINISTRIES.values(), *OTHERS.values()]:
        if domain.name not in SIGNED:
            yield from _common(domain)
    for domain in LAB.values():  # their SPF records are the lab's
        yield from list(_common(domain))[1:]
    for selector, value in ODD_SELECTORS.items():
        yield _txt(f"{selector}._domainkey.sante.gov.example", value)
    for name, target in CNAMES.items():
        if not name.endswith(SIGNED):
            yield f"{name}. CNAME {target}."
    for label, policies in POLICIES.items():
        for policy in [policies] if isinstance(policies, str) else policies or []:
            yield _txt(f"{label}.peche.gov.example", policy)
    relay = PECHE.server
    yield "mx.peche.gov.example. MX 10 relais.peche.gov.example."
    yield f"relais.peche.gov.example. A {relay}"
    yield f"relais.peche.gov.example. AAAA {PECHE.server6}"
    yield f"{relay}._ok.peche.gov.example. A 127.0.0.2"
    for domain in BELOW.values():
        yield from list(_common(domain))[domain.name.startswith("panne"):]
    yield _txt("panne.energie.gov.example", f"v=spf1 include:spf.{FAILS} -all")


def _signed_zone(folder, domain):
    """The zone in a file, and its trust anchor. One of them is forged after it was signed."""
    name, lines = domain.name, ["$TTL 5", f"{domain.name}. SOA ns.lab. hostmaster.lab. 1 3600 600 86400 5",
                                f"{domain.name}. NS ns.lab.", *_common(domain)]
    lines += [f"{one}. CNAME {target}." for one, target in CNAMES.items() if one.endswith(name)]
    if name == "budget.gov.example":
        lines.append(_txt(f"mixte.{name}", "v=spf1 include:routeur.example -all"))
    (folder / name).write_text("\n".join(lines) + "\n")
    key = subprocess.run(["ldns-keygen", "-a", "ECDSAP256SHA256", "-k", name], cwd=folder, check=True, capture_output=True,
                         text=True).stdout.strip()
    signed = folder / f"{name}.signed"
    subprocess.run(["ldns-signzone", "-o", name, "-f", signed, name, key], cwd=folder, check=True)
    if name == "cadastre.gov.example":
        signed.write_text(signed.read_text().replace("v=DKIM1;", "v=DKIM1; "))
    return signed, (folder / f"{key}.ds").read_text()


def options(folder):
    """What `lab up` is to be told so that this world is its DNS."""
    folder = pathlib.Path(folder)
    (folder / "root").write_text("\n".join(_records()) + "\n")
    words, anchors = ["--zone", f".={folder}/root", "--zone", f"{FAILS}=/dev/null"], ""
    for name in SIGNED:
        zone, anchor = _signed_zone(folder, DOMAINS[name])
        words += ["--zone", f"{name}={zone}"]
        anchors += anchor
    (folder / "anchors").write_text(anchors)
    return words + ["--set", "resolver.dnssec=allow", "--set", f'resolver.trust-anchors="{folder}/anchors"']


def registry():
    """The entries, to be added to the lab's registry."""
    return "".join(f'\n{one.kind} "{one.name}" {{\n\t{one.entry}\n}}\n' for one in DOMAINS.values() if one.entry)
