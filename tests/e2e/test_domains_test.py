# SPDX-License-Identifier: Apache-2.0
"""`khatm domains test`: what a domain publishes, asked of a real DNS server, and whether that can show what the registry's
entry demands."""

import base64
import re
import subprocess

import pytest
from domains import BOTH, DKIM, GOOD_SPF, MET, NOT_MET, OWN, PARTNER, ask, key, settings, spf, texts


def rsa(bits):
    made = subprocess.run(["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", f"rsa_keygen_bits:{bits}"], check=True,
                          capture_output=True).stdout
    der = subprocess.run(["openssl", "pkey", "-pubout", "-outform", "DER"], input=made, check=True, capture_output=True).stdout
    return base64.b64encode(der).decode()


RSA2048, RSA1024, RSA768 = rsa(2048), rsa(1024), rsa(768)
ED25519 = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="


GOOD_KEY = f"v=DKIM1; k=rsa; p={RSA2048}"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return settings(tmp_path_factory.mktemp("place"))


def includes(count):
    """A policy of so many look-ups."""
    names = {OWN: texts("v=spf1 " + " ".join(f"include:i{n}.example" for n in range(count)) + " -all")}
    names.update({f"i{n}.example": texts("v=spf1 ip4:192.0.2.1 ?all") for n in range(count)})
    return names


# name, what is in DNS, state, what `why` must say, other members
SPF = [
    ("a network", spf(GOOD_SPF), "good", "", {"lookups": 0, "all": "-", "lets_some": True}),
    ("beside other texts", spf("something else", GOOD_SPF, "v=spf10 -all"), "good", "", {}),
    ("in two strings", spf("v=spf1 " + "ip4:192.0.2.1 " * 30 + "-all"), "good", "", {}),
    ("upper case", spf("V=SPF1 MX -ALL", MX=["10 mx.example."]) | {"mx.example": {"A": ["192.0.2.1"]}}, "good", "",
     {"lookups": 1, "voids_ipv4": 0, "voids_ipv6": 1}),
    ("address and mail servers", spf("v=spf1 a mx ~all", A=["192.0.2.1"], MX=["10 mx.example."]) |
     {"mx.example": {"AAAA": ["2001:db8::1"]}}, "good", "", {"lookups": 2, "voids_ipv4": 1, "voids_ipv6": 1, "all": "~"}),
    ("redirect", spf("v=spf1 redirect=r.example") | {"r.example": texts(GOOD_SPF)}, "good", "", {"lookups": 1, "all": "-"}),
    ("ten look-ups", includes(10), "good", "", {"lookups": 10}),
    ("macros of the client", spf("v=spf1 exists:%{i}.x.example include:%{ir}.y.example -all"), "good", "",
     {"lookups": 2, "depends_on_client": True}),
    ("macros of the domain", spf("v=spf1 include:%{d2}.y.example -all") | {"gov.example.y.example": texts(GOOD_SPF)}, "good", "",
     {"lookups": 1, "depends_on_client": False}),
    ("what follows all is not looked at", spf("v=spf1 ip4:192.0.2.1 -all include:nowhere.example"), "good", "", {"lookups": 0}),
    ("none", {OWN: {"A": ["192.0.2.1"]}}, "absent", "no SPF record", {"record": None}),
    ("no such name", {}, "absent", "no SPF record", {}),
    ("two", spf(GOOD_SPF, "v=spf1 -all"), "bad", "more than one SPF record", {"record": None}),
    ("a wrong term", spf("v=spf1 ip4:192.0.2.0/99 -all"), "bad", "wrong term: ip4:192.0.2.0/99", {}),
    ("an unknown mechanism", spf("v=spf1 ipv4:192.0.2.1 -all"), "bad", "wrong term: ipv4", {}),
    ("bytes that are no text", spf("v=spf1 \\200\\027[31m -all"), "bad", "wrong term: ??[31m", {}),
    ("eleven look-ups", includes(11), "bad", "11 of its terms ask DNS, and 10 are allowed", {"lookups": 11}),
    ("sixty look-ups", includes(60), "bad", "at least 40 of its terms", {"lookups": 40}),
    ("three that find nothing", spf("v=spf1 a:x1.example a:x2.example mx:x3.example -all"), "bad", "3 of its look-ups find nothing",
     {"voids_ipv4": 3, "voids_ipv6": 3}),
    ("eleven mail servers", spf("v=spf1 mx -all", MX=[f"10 m{n}.example." for n in range(11)]), "bad", "more than ten mail servers", {}),
    ("an included domain without policy", spf("v=spf1 include:nowhere.example -all"), "bad", "without a policy: nowhere.example", {}),
    ("an included policy that is wrong", spf("v=spf1 include:i.example -all") | {"i.example": texts("v=spf1 ip4:x -all")}, "bad",
     "i.example: the record has a wrong term", {}),
    ("a loop", spf("v=spf1 include:i.example -all") | {"i.example": texts(f"v=spf1 include:{OWN} -all")}, "bad",
     "include each other", {}),
    ("everybody", spf("v=spf1 ip4:192.0.2.1 +all"), "bad", "the whole Internet", {"lets_everybody": True}),
    ("everybody, by an include", spf("v=spf1 include:i.example -all") | {"i.example": texts("v=spf1 all")}, "bad",
     "the whole Internet", {"lets_everybody": True}),
    ("everybody, by a prefix", spf("v=spf1 ip4:0.0.0.0/0 -all"), "bad", "the whole Internet", {}),
    ("a prefix of seven bits", spf("v=spf1 ip4:64.0.0.0/7 -all"), "bad", "a good part of it", {"lets_everybody": True}),
    ("a large network", spf("v=spf1 ip4:10.0.0.0/8 -all"), "good", "", {"lets_everybody": False}),
    ("nobody", spf("v=spf1 -all"), "bad", "lets nobody send", {"lets_some": False}),
    ("nobody but what is forbidden", spf("v=spf1 -ip4:192.0.2.1 ~all"), "bad", "lets nobody send", {}),
    ("too many records", {OWN: {"TXT": "MANY"}}, "bad", "more records than any honest name", {}),
    ("too large", {OWN: {"TXT": "BIG"}}, "bad", "larger than any honest one", {}),
]


@pytest.mark.parametrize("names, state, why, more", [row[1:] for row in SPF], ids=[row[0] for row in SPF])
def test_spf(place, names, state, why, more):
    code, answer, text = ask(place, names, OWN)
    assert answer["spf"]["state"] == state and why in answer["spf"]["why"], answer["spf"]
    assert {name: answer["spf"][name] for name in more} == more
    assert code == (MET if state == "good" else NOT_MET)
    assert why in text and re.search(r"^SPF +(good|missing|wrong)", text, re.M)


# name, records at the selector, state, why, other members
KEYS = [
    ("RSA", GOOD_KEY, "good", "", {"kind": "rsa", "bits": 2048, "notes": []}),
    ("RSA of 1024 bits", f"v=DKIM1; p={RSA1024}", "good", "", {"bits": 1024}),
    ("Ed25519", f"v=DKIM1; k=ed25519; p={ED25519}", "good", "", {"kind": "ed25519", "bits": 256}),
    ("for mail and SHA-256", f"v=DKIM1; s=email; h=sha1:sha256; p={RSA2048}", "good", "",
     {"services": "email", "hashes": "sha1:sha256"}),
    ("not for sub-domains", f"v=DKIM1; t=s; p={RSA2048}", "good", "", {"strict": True}),
    ("beside other text", ["hello", GOOD_KEY], "good", "", {}),
    ("revoked", "v=DKIM1; p=", "bad", "was revoked", {"revoked": True, "bits": 0}),
    ("test mode", f"v=DKIM1; t=y; p={RSA2048}", "bad", "test mode", {"testing": True, "bits": 2048}),
    ("short", f"v=DKIM1; p={RSA768}", "bad", "shorter than 1024 bits", {"bits": 768}),
    ("SHA-1 only", f"v=DKIM1; h=sha1; p={RSA2048}", "bad", "not for SHA-256", {"hashes": "sha1"}),
    ("for something else", f"v=DKIM1; s=tlsrpt; p={RSA2048}", "bad", "not for mail", {"services": "tlsrpt"}),
    ("no base64", "v=DKIM1; p=!!!!", "bad", "cannot be read", {}),
    ("base64 of nothing", "v=DKIM1; p=AAAA", "bad", "cannot be read", {}),
    ("Ed25519 said to be RSA", f"v=DKIM1; p={ED25519}", "bad", "cannot be read", {}),
    ("RSA said to be Ed25519", f"v=DKIM1; k=ed25519; p={RSA2048}", "bad", "cannot be read", {}),
    ("an unknown kind", f"v=DKIM1; k=dilithium; p={RSA2048}", "bad", "of a kind", {"kind": "other"}),
    ("an unknown version", f"v=DKIM2; p={RSA2048}", "bad", "unknown version", {}),
    ("two", [GOOD_KEY, f"v=DKIM1; p={RSA1024}"], "bad", "more than one key", {"record": None}),
    ("no key record", "v=spf1 -all", "bad", "key record cannot be read", {"record": None}),
    ("too large", f"v=DKIM1; n={'x' * 3000}; p={RSA2048}", "bad", "larger than any in use", {}),
]


@pytest.mark.parametrize("record, state, why, more", [row[1:] for row in KEYS], ids=[row[0] for row in KEYS])
def test_key(place, record, state, why, more):
    code, answer, text = ask(place, key(record), OWN, "--selector", "s1")
    found = answer["dkim"][0]
    assert found["state"] == state and why in found["why"], found
    assert {name: found[name] for name in more} == more
    assert code == (MET if state == "good" else NOT_MET)
    assert re.search(rf"^DKIM +(good|wrong) +s1:.*{why}", text, re.M), text


def test_a_short_key_is_advised_against(place):
    answer = ask(place, key(f"v=DKIM1; p={RSA1024}"), OWN, "--selector", "s1")[1]
    assert "2048 bits that are recommended" in answer["dkim"][0]["notes"][0]


def test_a_key_that_is_not_there(place):
    code, answer, text = ask(place, {}, OWN, "--selector", "s1")
    assert code == NOT_MET and answer["dkim"][0]["state"] == "absent" and "not in DNS" in text


def test_one_good_key_is_enough(place):
    code, answer, _ = ask(place, key("v=DKIM1; p=", "old") | key(GOOD_KEY, "new"), OWN, "--selector", "old", "--selector", "new")
    assert code == MET and [one["state"] for one in answer["dkim"]] == ["bad", "good"]
    assert not [one for one in answer["suggestions"] if "_domainkey" in one["name"]]


# name, records, state, policy, why
DMARC = [
    ("reject", {f"_dmarc.{OWN}": texts("v=DMARC1; p=reject; rua=mailto:a@b.example")}, "good", "reject", ""),
    ("none", {f"_dmarc.{OWN}": texts("v=DMARC1;p=none")}, "good", "none", ""),
    ("of the domain above", {"_dmarc.gov.example": texts("v=DMARC1; p=reject; sp=quarantine")}, "good", "quarantine", ""),
    ("missing", {}, "absent", None, "no policy is published"),
    ("two", {f"_dmarc.{OWN}": texts("v=DMARC1; p=none", "v=DMARC1; p=reject")}, "bad", None, "more than one"),
    ("no policy", {f"_dmarc.{OWN}": texts("v=DMARC1; rua=mailto:a@b.example")}, "bad", None, "p="),
    ("an unknown policy", {f"_dmarc.{OWN}": texts("v=DMARC1; p=refuse")}, "bad", None, "p="),
    ("no tags", {f"_dmarc.{OWN}": texts("v=DMARC1; ; ;")}, "bad", None, "tags cannot be read"),
    ("another case of the version is none", {f"_dmarc.{OWN}": texts("v=dmarc1; p=reject")}, "absent", None, ""),
    ("no answer", {f"_dmarc.{OWN}": {"TXT": "SERVFAIL"}}, "unknown", None, "could not answer"),
]


@pytest.mark.parametrize("names, state, policy, why", [row[1:] for row in DMARC], ids=[row[0] for row in DMARC])
def test_dmarc_is_told_and_demanded_of_nobody(place, names, state, policy, why):
    code, answer, text = ask(place, spf(GOOD_SPF) | names, OWN)
    found = answer["dmarc"]
    assert code == MET and (found["state"], found["policy"]) == (state, policy) and why in found["why"], found
    assert re.search(r"^DMARC +(good|missing|wrong|unknown)", text, re.M)


# name, records, state, why, names in order
MX = [
    ("two", {OWN: {"MX": ["20 b.example.", "10 a.example."], **texts(GOOD_SPF)}, "a.example": {"A": ["192.0.2.1"]},
             "b.example": {"AAAA": ["2001:db8::1"]}}, "good", "", ["a.example", "b.example"]),
    ("no addresses", {OWN: {"MX": ["10 a.example."], **texts(GOOD_SPF)}}, "bad", "none of its hosts", ["a.example"]),
    ("takes no mail", {OWN: {"MX": ["0 ."], **texts(GOOD_SPF)}}, "bad", "takes no mail", [""]),
    ("none, but an address", {OWN: {"A": ["192.0.2.1"], **texts(GOOD_SPF)}}, "absent", "own address", []),
    ("nothing", {OWN: texts(GOOD_SPF)}, "absent", "cannot be delivered", []),
    ("no answer", {OWN: {"MX": "SERVFAIL", **texts(GOOD_SPF)}}, "unknown", "could not answer", []),
    ("hosts unknown", {OWN: {"MX": ["10 a.example."], **texts(GOOD_SPF)}, "a.example": {"A": "SERVFAIL"}}, "unknown",
     "does not say", ["a.example"]),
]


@pytest.mark.parametrize("names, state, why, hosts", [row[1:] for row in MX], ids=[row[0] for row in MX])
def test_mx_is_told_and_demanded_of_nobody(place, names, state, why, hosts):
    code, answer, text = ask(place, names, OWN)
    found = answer["mx"]
    assert code == MET and found["state"] == state and why in found["why"], found
    assert [host["name"] for host in found["hosts"]] == hosts and re.search(r"^MX ", text, re.M)


# --- what an entry demands ---------------------------------------------------------------------------------------

SELECT = ("--selector", "s1")
# name, domain, publishes SPF, publishes a key, selector given, exit, result
DEMANDS = [
    ("both, both there", BOTH, True, True, True, MET, "met"),
    ("both, no key", BOTH, True, False, True, NOT_MET, "not-met"),
    ("both, no SPF", BOTH, False, True, True, NOT_MET, "not-met"),
    ("both, no selector", BOTH, True, True, False, NOT_MET, "untested"),
    ("dkim, key there", DKIM, False, True, True, MET, "met"),
    ("dkim, SPF does not help", DKIM, True, False, True, NOT_MET, "not-met"),
    ("either, SPF there", OWN, True, False, True, MET, "met"),
    ("either, key there", OWN, False, True, True, MET, "met"),
    ("either, neither", OWN, False, False, True, NOT_MET, "not-met"),
    ("either, no selector", OWN, False, True, False, NOT_MET, "untested"),
    ("a partner", PARTNER, True, False, False, MET, "met"),
    ("below an entry with sub-domains", "dgi.wide.example", True, False, False, MET, "met"),
    ("an entry whose last day is over", "gone.example", True, False, False, NOT_MET, "not-met"),
    ("dnssec, not validated here", "sure.example", True, False, False, NOT_MET, "not-met"),
    ("in no entry, both there", "nouveau.example", True, True, True, MET, "met"),
    ("in no entry, no key", "nouveau.example", True, False, True, NOT_MET, "not-met"),
    ("below an entry without sub-domains", f"x.{BOTH}", True, True, True, MET, "met"),
]


@pytest.mark.parametrize("domain, has_spf, has_key, select, wanted, result", [row[1:] for row in DEMANDS],
                         ids=[row[0] for row in DEMANDS])
def test_demands(place, domain, has_spf, has_key, select, wanted, result):
    names = ({domain: texts(GOOD_SPF)} if has_spf else {}) | (key(GOOD_KEY, domain=domain) if has_key else {})
    code, answer, _ = ask(place, names, domain, *(SELECT if select else ()))
    assert (code, answer["demand"]["result"]) == (wanted, result), answer["demand"]
    registered = domain in (BOTH, DKIM, OWN, PARTNER, "gone.example", "sure.example", "dgi.wide.example")
    assert bool(answer["entry"]) == registered
    assert answer["demand"]["proof"] == {DKIM: "dkim", BOTH: "both", "nouveau.example": "both", f"x.{BOTH}": "both",
                                         OWN: "either", PARTNER: "either"}.get(domain, "spf")


def test_a_domain_in_no_entry_is_told_so(place):
    text = ask(place, {"nouveau.example": texts(GOOD_SPF)}, "nouveau.example")[2]
    assert "nouveau.example: in no entry of the registry" in text and "an entry could demand spf, either" in text


def test_names_are_compared_as_the_registry_does(place):
    code, answer, _ = ask(place, spf(GOOD_SPF), f"{OWN.upper()}.")
    assert code == MET and answer["domain"] == OWN and answer["entry"]["domain"] == OWN
    assert ask(place, {}, "وزارة.example")[1]["domain"] == "xn--mgbexc3i.example"


# --- what to publish ---------------------------------------------------------------------------------------------

def suggested(answer, name):
    return [one["value"] for one in answer["suggestions"] if one["name"] == name]


def test_suggested_records(place):
    answer = ask(place, {OWN: {"MX": ["10 a.example."]}, "a.example": {"A": ["192.0.2.1"]}}, OWN, "--selector", "s1")[1]
    assert suggested(answer, OWN) == ["v=spf1 mx -all"]
    assert suggested(answer, f"s1._domainkey.{OWN}") == ["v=DKIM1; k=rsa; p=YOUR-PUBLIC-KEY"]
    assert suggested(answer, f"_dmarc.{OWN}") == [f"v=DMARC1; p=none; rua=mailto:postmaster@{OWN}"]
    answer = ask(place, spf("v=spf1 mx:a.example ~all exp=e.example") | {"a.example": {"A": ["192.0.2.1"]}}, OWN)[1]
    assert suggested(answer, OWN) == ["v=spf1 mx:a.example -all exp=e.example"]
    answer = ask(place, key(f"v=DKIM1; t=y:s; h=sha1; p={RSA2048}"), OWN, "--selector", "s1")[1]
    assert suggested(answer, f"s1._domainkey.{OWN}") == [f"v=DKIM1; k=rsa; t=s; p={RSA2048}"]
    answer = ask(place, key("v=DKIM1; p="), OWN, "--selector", "s1")[1]
    assert suggested(answer, f"NEW-SELECTOR._domainkey.{OWN}") and not suggested(answer, f"s1._domainkey.{OWN}")


def test_what_is_suggested_is_good(place):
    """Each suggestion is published as it stands in the text, and asked for again."""
    first = {OWN: {"MX": ["10 a.example."], **texts("v=spf1 mx ?all")}, "a.example": {"A": ["192.0.2.1"]},
             **key(f"v=DKIM1; t=y; p={RSA2048}")}
    code, _, text = ask(place, first, OWN, "--selector", "s1")
    lines = re.findall(r'^(\S+)\. IN TXT ((?:"[^"]*" ?)+)$', text, re.M)
    assert len(lines) == 3 and all(len(part) <= 255 for _, line in lines for part in re.findall(r'"([^"]*)"', line))
    for name, line in lines:
        first.setdefault(name, {})["TXT"] = ["".join(re.findall(r'"([^"]*)"', line))]
    code, answer, text = ask(place, first, OWN, "--selector", "s1")
    assert code == MET and answer["could_demand"] == ["dkim", "spf", "both", "either"]
    assert not answer["suggestions"] and "To publish" not in text
