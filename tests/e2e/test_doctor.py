# SPDX-License-Identifier: Apache-2.0
"""`khatm doctor` on the lab's real Postfix: each planted mistake is named, the line that it gives mends it, and on a right
system there is nothing to mend."""

import json
import pathlib
import re
import shlex
import shutil
import subprocess
import tempfile

import jsonschema
import pytest
from gateway import BUILD, TOP

SCHEMA = json.loads((TOP / "docs" / "doctor.schema.json").read_text())
RIGHT, FOUND, USAGE, CONFIG = 0, 20, 64, 78


def spread():
    """In a chroot whose root is no mount point the kernel refuses to change how mounts spread; then leave it."""
    plain = subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode == 0
    return [] if plain else ["--propagation", "unchanged"]


class Patient:
    """A copy of the lab's main.cf and master.cf, and of its khatm.conf beside the real one."""

    def __init__(self, lab, folder):
        self.lab, self.folder = lab, folder
        self.etc, self.conf = folder / "etc", pathlib.Path(lab["CONF"]).with_name(f"{folder.name}.conf")
        shutil.copytree(pathlib.Path(lab.folder) / "postfix" / "etc", self.etc)
        # The daemon's spool lies in memory that only its own namespace sees.
        self.configure(lambda text: re.sub(r'(spool \{\s*directory *= *)"[^"]*"', rf'\1"{folder / "spool"}"', text), pathlib.Path(lab["CONF"]))
        (folder / "spool").mkdir()

    def configure(self, edit, source=None):
        before = (source or self.conf).read_text()
        after = edit(before)
        assert after != before
        self.conf.write_text(after)

    def postconf(self, *words):
        subprocess.run(["postconf", "-c", self.etc, *words], check=True, capture_output=True)

    def ask(self, *words, before=()):
        return subprocess.run([*before, BUILD / "khatm", "doctor", "--config", self.conf, "--postfix", self.etc, *words],
                              capture_output=True, text=True, timeout=120)

    def findings(self):
        done = self.ask("--json")
        assert not done.stderr, done
        answer = json.loads(done.stdout)
        jsonschema.Draft7Validator(SCHEMA).validate(answer)
        assert done.returncode == (FOUND if answer["findings"] else RIGHT)
        return answer["findings"]

    def mend(self, findings):
        for one in findings:
            words = shlex.split(one["mend"])
            assert words[:3] == ["postconf", "-c", str(self.etc)], one
            subprocess.run(words, check=True, capture_output=True)


@pytest.fixture(scope="module")
def healthy(labs):
    """The lab's system once everything that the doctor says is done."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="khatm-doctor-", dir="/dev/shm"))
    patient = Patient(labs.get(), folder)
    patient.postconf("-e", "milter_content_timeout=300s")
    first = patient.findings()
    patient.mend(first)
    patient.first = {one["check"] for one in first}
    yield patient
    shutil.rmtree(folder)
    patient.conf.unlink()


@pytest.fixture
def patient(healthy):
    """The same for one test, and as it was afterwards."""
    kept, conf = healthy.folder / "kept", healthy.conf.read_text()
    shutil.copytree(healthy.etc, kept)
    yield healthy
    shutil.rmtree(healthy.etc)
    kept.rename(healthy.etc)
    healthy.conf.write_text(conf)


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
    ("a service that nobody named", at("inbound", "milter_macro_daemon_name", "smtpd"), "role-unnamed", "trusted with nothing"),
    ("staff on the inbound role", at("submission", "milter_macro_daemon_name", "khatm-inbound"), "role-wrong", "log in"),
    ("pickup on the inbound role", lambda p: p.postconf("-P", "cleanup/unix/milter_macro_daemon_name=khatm-inbound"), "role-wrong", "local"),
    ("DKIM before sealing", list_of("smtpd_milters", "inet:127.0.0.1:8891, OURS"), "milter-order", "inet:127.0.0.1:8891"),
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
