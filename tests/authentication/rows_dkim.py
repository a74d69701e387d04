# SPDX-License-Identifier: Apache-2.0
"""What a signature must be like. sante.gov.example demands DKIM; unless a row says otherwise its letters come from its own
server, so that SPF passes and does not help."""

from table import (ALIEN_DKIM, AUTH, BAD_DKIM, GOVERNMENT, LATER, NO_DKIM, NOW, at_the_end, below, by, instead, on_top,
                   one_more_part, row, without)
from world import FINANCES, STRANGER, STRANGER6

SANTE = "sante.gov.example"
NAMES = ["from", "to", "subject", "date", "mime-version", "content-type"]
OVERSIGNED = NAMES + ["from", "subject", "content-type", "reply-to"]


def whole_length(raw, own):
    """l= that covers all of the body."""
    return by(length=len(raw.partition(b"\r\n\r\n")[2]), canonical="relaxed/simple")(raw, own)


ALGORITHMS = [
    row(f"{algorithm}, {head}/{body}", SANTE, GOVERNMENT, by(selector, canonical=f"{head}/{body}"), client=STRANGER)
    for selector, algorithm in (("rsa", "rsa-sha256"), ("ed", "ed25519-sha256"))
    for head in ("simple", "relaxed") for body in ("simple", "relaxed")
]

ROWS = ALGORITHMS + [
    row("unsigned", SANTE, NO_DKIM),
    row("unsigned, from anywhere", SANTE, NO_DKIM, client=STRANGER),
    row("signed, over IPv6", SANTE, GOVERNMENT, by(), client=STRANGER6),
    row("rsa of 1024 bits", SANTE, GOVERNMENT, by("court")),
    row("rsa of 512 bits", SANTE, BAD_DKIM, by("faible")),
    row("key record of p= alone", SANTE, GOVERNMENT, by("nu")),
    row("d= in capitals", SANTE, GOVERNMENT, by(domain=SANTE.upper())),
    row("signature folded over lines", SANTE, GOVERNMENT, by(fold=True)),
    row("no document in it", SANTE, GOVERNMENT, by(), document=False),

    # several signatures
    row("two algorithms", SANTE, GOVERNMENT, by("ed"), by("rsa")),
    row("first bad, second good", SANTE, GOVERNMENT, by(), by(key="faux")),
    row("first good, second bad", SANTE, GOVERNMENT, by(key="faux"), by()),
    row("both bad", SANTE, NO_DKIM, by(key="faux"), by("ed", body_hash="A" * 43 + "=")),
    row("a stranger's beside the own", SANTE, GOVERNMENT, by(), by(domain="routeur.example")),
    row("the own below a stranger's that is broken", SANTE, GOVERNMENT, by(), by(domain="routeur.example", key="faux")),
    row("a stranger's good, the own broken", SANTE, ALIEN_DKIM, by(key="faux"), by(domain="routeur.example")),
    row("eleven of no use and the own", SANTE, GOVERNMENT, by(), after=[on_top(*["DKIM-Signature: v=1"] * 11)]),
    row("two hundred of no use before the own", SANTE, NO_DKIM, by(), after=[on_top(*["DKIM-Signature: v=1"] * 200)]),

    # somebody else's
    row("signed by another ministry alone", SANTE, ALIEN_DKIM, by(domain=FINANCES)),
    row("signed by gmail alone", SANTE, ALIEN_DKIM, by(domain="gmail.com")),
    row("signed by the parent", SANTE, ALIEN_DKIM, by(domain="gov.example")),
    row("signed by an attacker", SANTE, ALIEN_DKIM, by(domain="attaquant.example"), client=STRANGER),
    row("signed by an attacker, i= of the ministry", SANTE, NO_DKIM,
        by(domain="attaquant.example", extra=f"i=directeur@{SANTE}")),
    row("signed by an attacker, d= twice", SANTE, NO_DKIM, by(domain="attaquant.example", extra=f"d={SANTE}")),
    row("signed under our name with another key", SANTE, NO_DKIM, by(key="faux")),
    row("the signature of another letter", SANTE, NO_DKIM, by(), after=[instead("Ci-joint", "Ci-jointe")]),

    # the body
    row("blanks put in, relaxed", SANTE, GOVERNMENT, by(), after=[instead("la note.", "la  note. ")]),
    row("blanks put in, simple", SANTE, NO_DKIM, by(canonical="relaxed/simple"), after=[instead("la note.", "la note. ")]),
    row("empty lines at the end", SANTE, GOVERNMENT, by(canonical="simple/simple"), after=[at_the_end("\r\n\r\n")]),
    row("one word changed", SANTE, NO_DKIM, by(), after=[instead("la note", "la nota")]),
    row("the document changed", SANTE, NO_DKIM, by(), after=[instead("JVBERi0xLjQ", "JVBERi0xLjU")]),
    row("a part appended", SANTE, NO_DKIM, by(), after=[one_more_part]),
    row("l= of the whole body", SANTE, GOVERNMENT, whole_length),
    row("l= of the whole body, a part appended behind it", SANTE, BAD_DKIM, whole_length,
        after=[at_the_end('--=_limite\r\nContent-Type: application/pdf\r\n\r\n%PDF-1.4\r\n--=_limite--\r\n')]),
    row("l= of the whole body, an outer multipart around it", SANTE, NO_DKIM, whole_length,
        after=[instead("boundary=\"=_limite\"", "boundary=\"=_autre\"")]),
    row("l=0", SANTE, BAD_DKIM, by(length=0)),
    row("l= of half the body", SANTE, BAD_DKIM, by(length=400)),
    row("l= of half, and one without l=", SANTE, GOVERNMENT, by(), by(length=400)),

    # the header section
    row("unfolded on the way, relaxed", SANTE, GOVERNMENT, by(), subject="Note\r\n de service",
        after=[instead("Note\r\n de service", "Note de service")]),
    row("unfolded on the way, simple", SANTE, NO_DKIM, by(canonical="simple/relaxed"), subject="Note\r\n de service",
        after=[instead("Note\r\n de service", "Note de service")]),
    row("subject changed", SANTE, NO_DKIM, by(), after=[instead("Note de service", "Note de frais")]),
    row("author changed", SANTE, NO_DKIM, by(), after=[instead("directeur@", "ministre@")]),
    row("trace fields on top", SANTE, GOVERNMENT, by(),
        after=[on_top("Received: from a by b; Mon, 16 Nov 2026 09:31:00 +0100", "X-Virus-Scanned: oui")]),
    # RFC 6376, 5.4: without From in h= it is no signature
    row("From not signed", SANTE, NO_DKIM, by(names=NAMES[1:])),
    row("From not signed, another ministry's put in", SANTE, NO_DKIM, by(names=NAMES[1:]),
        after=[instead("directeur@", "ministre@")]),
    row("From not over-signed, a second From on top", SANTE, AUTH, by(), after=[on_top("From: pdg@attaquant.example")]),
    row("From not over-signed, a second From below", SANTE, AUTH, by(), after=[below("From: pdg@attaquant.example")]),
    row("From over-signed, a second From on top", SANTE, AUTH, by(names=OVERSIGNED),
        after=[on_top("From: pdg@attaquant.example")]),
    row("everything over-signed", SANTE, GOVERNMENT, by(names=OVERSIGNED)),
    row("Content-Type not signed", SANTE, BAD_DKIM, by(names=NAMES[:-1])),
    row("Content-Type not signed, changed", SANTE, BAD_DKIM, by(names=NAMES[:-1]),
        after=[instead("multipart/mixed", "multipart/alternative")]),
    row("a second Content-Type on top", SANTE, BAD_DKIM, by(),
        after=[on_top('Content-Type: multipart/mixed; boundary="autre"')]),
    row("Content-Type over-signed, a second on top", SANTE, NO_DKIM, by(names=OVERSIGNED),
        after=[on_top('Content-Type: multipart/mixed; boundary="autre"')]),
    row("a second Subject on top", SANTE, BAD_DKIM, by(), after=[on_top("Subject: URGENT: nouveau RIB")]),
    row("Subject over-signed, a second on top", SANTE, NO_DKIM, by(names=OVERSIGNED),
        after=[on_top("Subject: URGENT: nouveau RIB")]),
    row("a second Date on top", SANTE, BAD_DKIM, by(), after=[on_top("Date: Sun, 22 Nov 2026 09:00:00 +0100")]),
    row("a second To on top", SANTE, BAD_DKIM, by(), after=[on_top("To: tous@interieur.gov.example")]),
    row("a second To below", SANTE, NO_DKIM, by(), after=[below("To: tous@interieur.gov.example")]),
    row("Reply-To over-signed, one put in", SANTE, NO_DKIM, by(names=OVERSIGNED),
        after=[on_top("Reply-To: directeur@attaquant.example")]),
    row("Subject signed twice, as it occurs", SANTE, GOVERNMENT, by(names=NAMES + ["subject"])),
    row("h= with a field that is not there", SANTE, GOVERNMENT, by(names=NAMES + ["x-nulle-part"])),

    # time
    row("t= and x= around now", SANTE, GOVERNMENT, by(extra=f"t={NOW - 60}; x={NOW + 3600}")),
    row("expired", SANTE, NO_DKIM, by(extra=f"t={NOW - 9000}; x={NOW - 3600}")),
    row("expired, and one that is not", SANTE, GOVERNMENT, by("ed"), by(extra=f"t={NOW - 9000}; x={NOW - 3600}")),
    row("made tomorrow", SANTE, NO_DKIM, by(extra=f"t={NOW + 86400}")),
    row("made by a clock two minutes fast", SANTE, GOVERNMENT, by(extra=f"t={NOW + 120}")),
    row("expires before it was made", SANTE, NO_DKIM, by(extra=f"t={NOW - 10}; x={NOW - 20}")),

    # algorithms and keys
    row("rsa-sha1", SANTE, NO_DKIM, by(algorithm="rsa-sha1", hash_name="sha1")),
    row("rsa-sha1, and rsa-sha256", SANTE, GOVERNMENT, by(), by(algorithm="rsa-sha1", hash_name="sha1")),
    row("unknown algorithm", SANTE, NO_DKIM, by(algorithm="rsa-sha512")),
    # RFC 6376, 3.6.1: as if it were not signed
    row("key in test mode", SANTE, NO_DKIM, by("essai")),
    row("key in test mode, and one that is not", SANTE, GOVERNMENT, by(), by("essai")),
    row("key revoked", SANTE, NO_DKIM, by("revoque")),
    row("key missing", SANTE, NO_DKIM, by("nulle")),
    row("key for telephony", SANTE, NO_DKIM, by("telephone")),
    row("key for SHA-1 alone", SANTE, NO_DKIM, by("vieux")),
    row("key that is no base64", SANTE, NO_DKIM, by("casse")),
    row("key of t=s, i= the domain", SANTE, GOVERNMENT, by("sansfils", extra=f"i=@{SANTE}")),
    row("key of t=s, i= below", SANTE, NO_DKIM, by("sansfils", extra=f"i=@bureau.{SANTE}")),
    row("key behind a CNAME", SANTE, GOVERNMENT, by("alias")),
    row("key behind four CNAMEs", SANTE, GOVERNMENT, by("chaine")),

    # DNS trouble
    row("key: the server fails", SANTE, LATER, by("panne")),
    row("key: the server is silent", SANTE, LATER, by("muet")),
    row("key: CNAMEs in a circle", SANTE, LATER, by("boucle")),
    row("key: the server fails, but another is good", SANTE, GOVERNMENT, by(), by("panne")),
    row("key: the server fails, and another is bad", SANTE, LATER, by(key="faux"), by("panne")),
    row("a stranger's key cannot be asked for, the own is good", SANTE, GOVERNMENT, by(), by("k", domain="panne.example")),
    row("a stranger's key cannot be asked for, and no other", SANTE, NO_DKIM, by("k", domain="panne.example")),
    row("MIME-Version taken out", SANTE, NO_DKIM, by(), after=[without("MIME-Version")]),
]
