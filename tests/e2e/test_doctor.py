# SPDX-License-Identifier: Apache-2.0
"""`khatm doctor` on the lab's real Postfix: each planted mistake is named, the line that it gives mends it, and on a right
system there is nothing to mend."""

import pathlib
import re
import shutil
import subprocess

import pytest
from patient import CONFIG, FOUND, RIGHT, USAGE, for_one_test, mended, spread


@pytest.fixture(scope="module")
def healthy(labs):
    with mended(labs.get()) as patient:
        yield patient


@pytest.fixture(scope="module")
def two_hops(labs):
    """All remote mail passes a hop that seals."""
    with mended(labs.get("--egress")) as patient:
        yield patient


@pytest.fixture
def patient(healthy):
    with for_one_test(healthy) as patient:
        yield patient


@pytest.fixture
def sealed_at_egress(two_hops):
    with for_one_test(two_hops) as patient:
        yield patient


def test_a_right_system(healthy):
    """What the lab does not care for is found at first; then nothing."""
    assert healthy.first == {"bounce-content", "bare-newline", "size-growth"}
    assert healthy.findings() == []
    done = healthy.ask()
    assert (done.returncode, done.stdout, done.stderr) == (RIGHT, "nothing to mend\n", "")


def service(patient, daemon_name="submission"):
    """The lab's service of that role, "127.0.0.1:587/inet"."""
    said = subprocess.run(["postconf", "-c", patient.etc, "-P"], capture_output=True, text=True, check=True).stdout
    return re.search(rf"(?m)^(\S+/inet)/milter_macro_daemon_name = khatm-{daemon_name}$", said)[1]


def main(name, value):
    return lambda patient: patient.postconf("-e", f"{name}={value}")


def at(role, name, value):
    return lambda patient: patient.postconf("-P", f"{service(patient, role)}/{name}={value}")


def relaying(networks):
    """As Debian lays it out, and with the office's network beside the machine's own."""
    def plant(patient):
        at("inbound", "smtpd_relay_restrictions", "permit_mynetworks,reject_unauth_destination")(patient)
        patient.postconf("-e", f"mynetworks=127.0.0.0/8 {networks}")
    return plant


def another_service(patient):
    patient.postconf("-M", "2525/inet=2525 inet n - n - - smtpd -o smtpd_milters= -o smtpd_sasl_auth_enable=no"
                     " -o milter_macro_daemon_name=khatm-inbound")


def file_of(name, text):
    def plant(patient):
        (patient.etc / name).write_text(text)
        patient.postconf("-e", f"{name}=regexp:{patient.etc / name}")
    return plant


def ours(patient):
    return subprocess.run(["postconf", "-c", patient.etc, "-h", "smtpd_milters"], capture_output=True, text=True, check=True).stdout.strip()


def list_of(name, form):
    return lambda patient: patient.postconf("-e", f"{name}={form.replace('OURS', ours(patient))}")


def jailed(role, path):
    """One chrooted service more or less, and a socket that it looks for at another place than khatmd's."""
    def plant(patient):
        socket = re.search(r'socket\s*=\s*"unix:([^"]*)"', patient.conf.read_text())[1]
        name = "cleanup/unix" if role == "local" else service(patient, role)
        patient.postconf("-e", f"{'non_smtpd_milters' if role == 'local' else 'smtpd_milters'}=unix:{path or socket}")
        said = subprocess.run(["postconf", "-c", patient.etc, "-F", "*/*/chroot"], capture_output=True, text=True, check=True).stdout
        for jail in re.findall(r"(?m)^(\S+)/chroot = ", said):
            patient.postconf("-F", f"{jail}/chroot={'y' if (jail == name) != bool(path) else 'n'}")
    return plant


def without(list_name, macro):
    def plant(patient):
        value = subprocess.run(["postconf", "-c", patient.etc, "-h", list_name], capture_output=True, text=True, check=True).stdout
        patient.postconf("-e", f"{list_name}={' '.join(word for word in value.split() if word != macro)}")
    return plant


# name, what is done to the system, the check that must name it and nothing else, what it must say
PLANTED = [
    ("no milter at all", main("smtpd_milters", ""), "milter-missing", "smtpd_milters"),
    ("another's milter only", main("smtpd_milters", "inet:127.0.0.1:8891"), "milter-missing", "smtpd_milters"),
    ("a service without", another_service, "milter-missing", "2525/inet"),
    ("the sendmail command without", main("non_smtpd_milters", ""), "local-missing", "sendmail"),
    ("a cleanup without", lambda p: p.postconf("-P", "cleanup/unix/non_smtpd_milters="), "local-missing", "cleanup/unix"),
    ("no_milters everywhere", main("receive_override_options", "no_header_body_checks,no_milters"), "no-milters", "no mail passes"),
    ("no_milters at a service", at("inbound", "receive_override_options", "no_milters"), "no-milters", "master.cf:"),
    ("clients with other milters", main("smtpd_milter_maps", "cidr:/etc/postfix/milters"), "milter-maps", "cidr:"),
    ("a chrooted service and a socket outside", jailed("submission", ""), "socket-access", "is chrooted: it looks for khatmd at"),
    ("a chrooted cleanup and a socket outside", jailed("local", ""), "socket-access", "cleanup/unix is chrooted"),
    ("a socket in the jail, and one service outside", jailed("submission", "/khatm/milter.sock"), "socket-access", "is not chrooted"),
    ("accept when away", main("milter_default_action", "accept"), "default-action", "accept"),
    ("reject when away", main("milter_default_action", "reject"), "default-action", "reject"),
    ("accept at a service", at("submission", "milter_default_action", "accept"), "default-action", "master.cf:"),
    ("accept in the list", list_of("smtpd_milters", "{ OURS, default_action=accept }"), "default-action", "of its own"),
    ("an old protocol", main("milter_protocol", "2"), "protocol", "6"),
    ("no name of the service", without("milter_connect_macros", "{daemon_name}"), "macros", "role"),
    ("no word of TLS", without("milter_helo_macros", "{tls_version}"), "macros", "protected"),
    ("no login", without("milter_mail_macros", "{auth_authen}"), "macros", "logged in"),
    ("no queue id", without("milter_end_of_data_macros", "i"), "macros", "queue id"),
    ("too little time", main("milter_content_timeout", "30s"), "timeout", "30s"),
    ("filtered bounces", main("internal_mail_filter_classes", "bounce"), "internal-classes", "bounce"),
    ("bounces with content", main("bounce_size_limit", "50000"), "bounce-content", "50000"),
    ("bare newlines", main("smtpd_forbid_bare_newline", "no"), "bare-newline", "smtpd_forbid_bare_newline"),
    ("no room for growth", at("submission", "message_size_limit", "75000000"), "size-growth", "37 %"),
    ("no room in cleanup", lambda p: p.postconf("-P", "cleanup/unix/message_size_limit=60000000"), "size-growth", "60000000"),
    ("refusals that are tried again", main("soft_bounce", "yes"), "soft-bounce", "yes"),
    ("refusals of a service that are tried again", at("inbound", "soft_bounce", "yes"), "soft-bounce", "master.cf:"),
    ("a service that nobody named", at("inbound", "milter_macro_daemon_name", "smtpd"), "role-unnamed", "trusted with nothing"),
    ("staff on the inbound role", at("submission", "milter_macro_daemon_name", "khatm-inbound"), "role-wrong", "log in"),
    ("pickup on the inbound role", lambda p: p.postconf("-P", "cleanup/unix/milter_macro_daemon_name=khatm-inbound"), "role-wrong", "local"),
    ("DKIM before sealing", list_of("smtpd_milters", "inet:127.0.0.1:8891, OURS"), "milter-order", "inet:127.0.0.1:8891"),
    ("a network that may relay", relaying("10.0.0.0/8"), "relay-undecided", "25/inet has the role inbound and relays for 10.0.0.0/8"),
    ("a filter after us", main("content_filter", "smtp:[127.0.0.1]:10025"), "content-filter", "10025"),
    ("a filter of a service", at("inbound", "content_filter", "scan:"), "content-filter", "scan:"),
]


@pytest.mark.parametrize("name, plant, check, said", PLANTED, ids=[row[0] for row in PLANTED])
def test_planted(patient, name, plant, check, said):
    plant(patient)
    found = patient.findings()
    assert {one["check"] for one in found} == {check}, found
    assert said in found[0]["what"]
    text = patient.ask().stdout
    assert all(f"{one['what']} ({check})\n        {one['mend']}\n" in text for one in found)
    patient.mend(found)
    assert patient.findings() == []


@pytest.mark.parametrize("limit, found", [("64M", []), ("4G", ["size-growth"])], ids=["that fits", "that does not"])
def test_a_size_limit_of_khatmd(patient, limit, found):
    """What would not fit once sealed is then refused before it is sealed."""
    at("submission", "message_size_limit", "75000000")(patient)
    patient.configure(lambda text: text.replace("sealing {", f"sealing {{ size-limit = {limit} ", 1))
    assert [one["check"] for one in patient.findings()] == found


OUTSIDE = "smtp:[192.0.2.1]"


def client(name, setting, value):
    return lambda patient: patient.postconf("-P", f"{name}/unix/{setting}={value}")


def table_of(setting, text, kind="texthash"):
    """A table beside main.cf, and compiled where its kind is."""
    def plant(patient):
        path = patient.etc / setting
        path.write_text(text)
        if kind == "hash":
            subprocess.run(["postmap", "-c", patient.etc, f"hash:{path}"], check=True)
        patient.postconf("-e", f"{setting}={kind}:{path}")
    return plant


def access_of(text):
    def plant(patient):
        (patient.etc / "access").write_text(text)
        subprocess.run(["postmap", "-c", patient.etc, f"hash:{patient.etc / 'access'}"], check=True)
        patient.postconf("-e", "smtpd_sender_restrictions=reject_non_fqdn_sender, { check_sender_access { "
                         f"hash:{patient.etc / 'access'} }} }}")
    return plant


def filter_of_service(patient):
    (patient.etc / "helo").write_text(f"poste.example FILTER {OUTSIDE}\n")
    patient.postconf("-P", f"{service(patient, 'inbound')}/smtpd_helo_restrictions=check_helo_access,texthash:{patient.etc / 'helo'}")


def filter_of_cleanup(patient):
    (patient.etc / "cleanup_headers").write_text(f"/^Subject: x/ FILTER {OUTSIDE}\n")
    patient.postconf("-P", f"cleanup/unix/header_checks=regexp:{patient.etc / 'cleanup_headers'}")


def probing(patient):
    patient.postconf("-e", "smtpd_recipient_restrictions=reject_unverified_recipient", "address_verify_relay_transport=$relay_transport")


# The same, on a system that seals at egress.
BYPASSES = [
    ("the default route", main("default_transport", "smtp"), "egress-bypass", "default_transport = smtp:"),
    ("the hop's client without the hop", main("default_transport", "egress"), "egress-bypass", "default_transport = egress:"),
    ("the route of relayed domains", main("relay_transport", "relay:[192.0.2.1]"), "egress-bypass", "relay_transport"),
    ("another port", main("default_transport", "egress:[127.0.0.1]:2525"), "egress-bypass", "2525"),
    ("a second nexthop", lambda p: p.postconf("-e", f"default_transport=egress:{nexthop(p)}, [192.0.2.1]"), "egress-bypass",
     "192.0.2.1"),
    ("a program", main("default_transport", "uucp:far"), "egress-bypass", "uucp:far"),
    ("the route of trivial-rewrite", client("rewrite", "default_transport", OUTSIDE), "egress-bypass", "master.cf:"),
    ("mailboxes elsewhere", main("mailbox_transport", OUTSIDE), "egress-bypass", "mailbox_transport"),
    ("unknown users elsewhere", main("fallback_transport", OUTSIDE), "egress-bypass", "fallback_transport"),
    ("virtual mailboxes elsewhere", main("virtual_transport", "lmtp:inet:192.0.2.1:24"), "egress-bypass", "virtual_transport"),
    ("local mail elsewhere", main("local_transport", OUTSIDE), "egress-bypass", "local_transport"),
    ("a route of a domain", table_of("transport_maps", f"# x\nministere.example {OUTSIDE}\nb.example error:no\n"),
     "egress-bypass", "transport_maps:2"),
    ("a compiled route", table_of("transport_maps", f"a.example :\nministere.example {OUTSIDE}\n", "hash"), "egress-bypass", "transport_maps:2"),
    ("another nexthop alone", table_of("transport_maps", "ministere.example :[192.0.2.1]\n"), "egress-bypass", "ministere.example"),
    ("the hop's client to a domain", table_of("transport_maps", "ministere.example egress:\n"), "egress-bypass", "egress:"),
    ("a route in main.cf", main("transport_maps", "inline:{ministere.example=smtp:}"), "egress-bypass", "ministere.example"),
    ("a route of a sender", table_of("sender_dependent_default_transport_maps", f"a@b.example DUNNO\nchef@b.example {OUTSIDE}\n"),
     "egress-bypass", "chef@b.example"),
    ("a route of a user", table_of("mailbox_transport_maps", f"agent lmtp:unix:private/x\nchef {OUTSIDE}\n"), "egress-bypass", "for chef goes"),
    ("the hop is down", client("egress", "smtp_fallback_relay", "[192.0.2.1]"), "egress-bypass", "smtp_fallback_relay"),
    ("a filter elsewhere", main("content_filter", "smtp:[192.0.2.1]:10025"), "egress-bypass", "content_filter"),
    ("a filter here", main("content_filter", "smtp:[127.0.0.1]:10025"), "content-filter", "10025"),
    ("routes that cannot be listed", main("transport_maps", "ldap:/etc/postfix/routes.cf"), "table-unread", "transport_maps"),
    ("no guard", main("smtp_bind_address", ""), "egress-guard", "smtp/unix"),
    ("no guard of one client", client("relay", "smtp_bind_address", "192.0.2.2"), "egress-guard", "relay/unix"),
    ("no guard by IPv6", client("smtp", "inet_protocols", "all"), "egress-guard", "IPv6"),
    ("it comes back", lambda p: p.postconf("-PX", f"{service(p, 'egress')}/content_filter"), "egress-loop", "comes back"),
    ("it comes back to the hop", lambda p: p.postconf("-P", f"{service(p, 'egress')}/content_filter=khatm-out:{nexthop(p)}"),
     "egress-loop", "comes back"),
    ("a smart host that does not count", main("relayhost", "[192.0.2.1]"), "egress-relayhost", "192.0.2.1"),
    ("recipients after the hop", at("egress", "receive_override_options", "no_header_body_checks"), "egress-mappings", "no_address_mappings"),
    ("strangers at the hop", at("egress", "mynetworks", "127.0.0.0/8,10.0.0.0/8"), "egress-open", "10.0.0.0/8"),
    ("a filter of a client", main("smtpd_client_restrictions", f"check_client_access inline:{{{{192.0.2.7 = FILTER {OUTSIDE}}}}}"),
     "egress-bypass", "FILTER smtp:"),
    ("a filter of a sender", access_of(f"a@b.example OK\nchef@b.example FILTER {OUTSIDE}\n"), "egress-bypass", "access:2"),
    ("a filter of a service", filter_of_service, "egress-bypass", "helo:1"),
    ("a filter of a header", table_of("header_checks", f"/^Subject: x/ FILTER {OUTSIDE}\n", "regexp"), "egress-bypass", "header_checks:1"),
    ("a filter of a cleanup's headers", filter_of_cleanup, "egress-bypass", "cleanup_headers:1"),
    ("long lines folded", client("egress", "smtp_line_length_limit", "998"), "egress-changes", "998"),
    ("headers changed on the way", client("egress-relay", "smtp_header_checks", "regexp:/etc/postfix/x"), "egress-changes", "smtp_header_checks"),
    ("reports lost", main("notify_classes", "resource, software"), "reports-lost", "resource, software"),
    ("programs of users", main("allow_mail_to_commands", "alias, forward"), "programs", "alias, forward"),
    ("probes", probing, "egress-probes", "address_verify_relay_transport"),
    ("signed before it is sealed", lambda p: p.postconf("-P", f"{service(p, 'egress')}/smtpd_milters=inet:127.0.0.1:8891,{p.lab['MILTER']}"),
     "milter-order", "8891"),
    ("a proxy that hides content", at("submission", "smtpd_proxy_filter", "127.0.0.1:10025"), "proxy-filter", "content"),
    ("a program without a milter", another_service, "milter-missing", "2525/inet"),
]


def nexthop(patient):
    host, _, port = service(patient, "egress").removesuffix("/inet").rpartition(":")
    return f"[{host}]:{port}"


@pytest.mark.parametrize("name, plant, check, said", BYPASSES, ids=[row[0] for row in BYPASSES])
def test_planted_with_a_hop(sealed_at_egress, name, plant, check, said):
    patient = sealed_at_egress
    plant(patient)
    found = patient.findings()
    assert {one["check"] for one in found} == {check}, found
    assert said in found[0]["what"], found
    patient.mend(found)
    assert patient.findings() == []


HONEST_ROUTES = [
    ("refused and thrown away", main("default_transport", "error:no mail leaves here")),
    ("the hop by another client", lambda p: p.postconf("-e", f"default_transport=smtp:{nexthop(p)}")),
    ("routes to the hop", lambda p: table_of("transport_maps", f"a.example egress:{nexthop(p)}\nb.example :{nexthop(p)}\n")(p)),
    ("routes to mailboxes", table_of("transport_maps", "a.example lmtp:unix:private/dovecot\nb.example local:\nc.example virtual:\n"
                                     "d.example error:5.7.1 no\ne.example discard:\nf.example :\n")),
    ("a mailbox server of the house", main("virtual_transport", "lmtp:inet:boites.interieur.gov.example:24")),
    ("a mailbox server at a private address", main("mailbox_transport", "lmtp:inet:[10.0.0.5]:24")),
    ("a smart host of the hop", lambda p: (p.postconf("-e", "relayhost=[192.0.2.1]"),
                                           p.postconf("-P", f"{service(p, 'egress')}/content_filter=khatm-out:[192.0.2.1]"))),
    ("an access table that leads nowhere", access_of("a@b.example OK\nb@b.example REJECT FILTER smtp:x\n")),
    ("a filter here", table_of("header_checks", "/^Subject: x/ WARN FILTER smtp:[192.0.2.1]\n", "regexp")),
    ("probes that go directly", lambda p: p.postconf("-e", "smtpd_recipient_restrictions=reject_unverified_recipient")),
    ("a program on this machine", lambda p: p.postconf("-M", "127.0.0.1:2526/inet=127.0.0.1:2526 inet n - n - - smtpd -o smtpd_milters="
                                                       " -o smtpd_sasl_auth_enable=no -o milter_macro_daemon_name=khatm-local")),
    ("a scanner of spam before the hop", lambda p: p.postconf("-P", f"{service(p, 'submission')}/smtpd_milters=inet:127.0.0.1:11332,"
                                                             f"{p.lab['MILTER']}")),
    ("signed once it is sealed", lambda p: p.postconf("-P", f"{service(p, 'egress')}/smtpd_milters={p.lab['MILTER']},inet:127.0.0.1:8891")),
]


@pytest.mark.parametrize("name, change", HONEST_ROUTES, ids=[row[0] for row in HONEST_ROUTES])
def test_right_in_another_way(sealed_at_egress, name, change):
    change(sealed_at_egress)
    assert sealed_at_egress.findings() == []


@pytest.mark.parametrize("signer", ["inet:127.0.0.1:8891", "unix:/run/opendkim/opendkim.sock"])
def test_signed_before_the_hop(sealed_at_egress, signer):
    patient = sealed_at_egress
    patient.postconf("-P", f"{service(patient, 'submission')}/smtpd_milters={patient.lab['MILTER']},{signer}")
    found = patient.findings()
    assert [one["check"] for one in found] == ["signs-early"] and signer in found[0]["what"] and "behind" in found[0]["mend"]


def test_no_hop_at_all(sealed_at_egress):
    """khatm.conf says that it seals there; the line that mends it is the script that makes the hop."""
    patient = sealed_at_egress
    patient.postconf("-MX", service(patient, "egress"))
    found = patient.findings()
    assert [(one["severity"], one["check"]) for one in found] == [("leak", "egress-missing")]
    assert found[0]["mend"].startswith(f"/usr/share/khatm/postfix/khatm-postfix --apply -c '{patient.etc}'")
    patient.postconf("-e", "multi_instance_directories=/nonexistent")
    assert [one["check"] for one in patient.findings()] == ["instance-unread", "egress-missing"]


def test_a_right_system_with_a_hop(two_hops):
    assert two_hops.first == {"bare-newline", "size-growth"}
    assert two_hops.findings() == []


def test_a_machine_that_relays_for_itself(patient):
    relaying("[::1]/128")(patient)
    assert patient.findings() == []


def test_a_network_that_is_known_as_machines(patient):
    """By a service of their own, where what they send is decided."""
    relaying("10.0.0.0/8")(patient)
    at("inbound", "milter_macro_daemon_name", "khatm-submission")(patient)
    assert patient.findings() == []


def test_a_hop_decides_what_a_network_relays(sealed_at_egress):
    relaying("10.0.0.0/8")(sealed_at_egress)
    assert sealed_at_egress.findings() == []


def test_actions_of_checks(patient):
    file_of("header_checks", "/^a/ WARN FILTER\n/^X-Out/ FILTER smtp:[192.0.2.1]\n/^X-To/ REDIRECT a@gmail.com\n/^X/ REJECT BCC\n")(patient)
    found = patient.findings()
    assert [(one["check"], f"{patient.etc}/header_checks:{line}: " in one["what"]) for one, line in zip(found, (2, 3), strict=True)] == [
        ("filter-action", True), ("redirect-action", True)]
    for one in found:
        subprocess.run(one["mend"], shell=True, check=True)
    assert patient.findings() == []


def test_a_socket_that_nobody_answers_at(patient):
    patient.configure(lambda text: re.sub(r'(?m)^socket *= *"unix:[^"]*"', 'socket = "unix:/dev/shm/nobody"', text))
    for name in ("smtpd_milters", "non_smtpd_milters"):
        patient.postconf("-e", f"{name}=unix:/dev/shm/nobody")
    assert [one["check"] for one in patient.findings()] == ["socket-silent"]


def test_a_socket_for_everybody(patient):
    path = pathlib.Path(patient.lab["MILTER"].partition(":")[2])
    mode = path.stat().st_mode & 0o777
    path.chmod(0o666)
    found = patient.findings()
    path.chmod(0o600)
    closed = patient.findings()
    path.chmod(mode)
    assert [one["check"] for one in found] == ["socket-open"]
    assert [one["check"] for one in closed] == ["socket-access"]


def test_spool(patient):
    patient.configure(lambda text: re.sub(r'(spool \{\s*directory *= *)"[^"]*"', r'\1"/var/tmp"', text))
    assert [one["check"] for one in patient.findings()] == ["spool-disk"]
    patient.configure(lambda text: text.replace('"/var/tmp"', '"/nonexistent"'))
    assert [one["check"] for one in patient.findings()] == ["spool"]
    patient.configure(lambda text: text.replace('"/nonexistent"', f'"{patient.folder / "spool"}"'))
    small = f"mount -t tmpfs -o size=64M tmpfs '{patient.folder / 'spool'}' && exec \"$@\""
    done = patient.ask(before=["unshare", "--mount", *spread(), "sh", "-c", small, "sh"])
    assert done.returncode == FOUND and "(spool-size)" in done.stdout and len(done.stdout.splitlines()) == 2


def test_registry_nobody_signed(patient):
    patient.configure(lambda text: re.sub(r"(?m)^authority.*\n", "", text))
    assert [one["check"] for one in patient.findings()] == ["registry-unsigned"]


def test_keys(patient):
    """None imported yet; then all but one: the ministry whose key is missing is named."""
    home, source = patient.folder / "gnupg", re.search(r'homedir *= *"([^"]*)"', patient.conf.read_text())[1]
    patient.configure(lambda text: text.replace(f'"{source}"', f'"{home}"'))
    home.mkdir(mode=0o700)
    none = [one["check"] for one in patient.findings()]
    home.rmdir()
    shutil.copytree(source, home, ignore=shutil.ignore_patterns("S.*"))
    subprocess.run(["gpg", "--homedir", home, "--batch", "--yes", "--delete-keys", patient.lab["PEER_FINGERPRINT"]], check=True,
                   capture_output=True)
    found = patient.findings()
    shutil.rmtree(home)
    assert none == ["keys-unknown"]
    assert [one["check"] for one in found] == ["key-unusable"] and "finances.gov.example is missing" in found[0]["what"]


def test_journal_that_is_not_there(patient):
    patient.configure(lambda text: re.sub(r'store *= *"[^"]*"', 'store = "sqlite:/nonexistent/journal.db"', text))
    assert [one["check"] for one in patient.findings()] == ["journal"]


@pytest.mark.parametrize("words, code, said", [(["x"], USAGE, "one word too many"), (["--config", "/nonexistent"], CONFIG, "/nonexistent"),
                                               (["--postfix", "/nonexistent"], CONFIG, "main.cf")])
def test_usage(healthy, words, code, said):
    done = healthy.ask(*words)
    assert done.returncode == code and said in done.stderr and not done.stdout
