# SPDX-License-Identifier: Apache-2.0
"""The hop in a second Postfix instance, made by contrib/postfix/khatm-postfix for sites that route mail themselves: mail
really flows through both, the routes work, what no sender typed does not carry a document out, reports come back; and
what the script did it takes back to the last byte."""

import pathlib
import re
import subprocess

import pytest
from gateway import BUILD, TOP, wait_until
from letters import FINANCES, GMAIL, mail, plain
from messages import pdf

SCRIPT = TOP / "contrib" / "postfix" / "khatm-postfix"
CHEF = "chef@interieur.gov.example"
ROUTED = "ami@ailleurs.example"  # in no DNS: only a route leads there


class Site:
    """A lab whose Postfix was unwired, got a route of its own, and is wired anew with two instances."""

    def __init__(self, lab):
        self.lab, self.etc = lab, pathlib.Path(lab["POSTFIX_ETC"])
        self.out = self.etc.parent / "etc-out"
        host = lab["EGRESS"].rpartition(":")[0]
        self.host = host
        self.words = ["-c", self.etc, "--milter", lab["MILTER"], "--egress", f"{host}:2603", "--return", f"{host}:2604", "--inbound",
                      f"{host}:25/inet", "--submission", f"{host}:587/inet", "--bounces", SCRIPT.with_name("bounce.cf")]

    def files(self, folder=None):
        return [(folder or self.etc).joinpath(name).read_bytes() for name in ("main.cf", "master.cf")]

    def script(self, *words):
        return subprocess.run([SCRIPT, *words], capture_output=True, text=True)

    def done(self, *words):
        run = self.script(*words)
        assert run.returncode == 0, run
        return run.stdout

    def postfix(self, folder, what):
        """Where the lab's Postfix sees its own DNS and accounts."""
        master = (self.etc.parent / "queue" / "pid" / "master.pid").read_text().strip()
        subprocess.run(["nsenter", "--mount", "--root", "--target", master, "postfix", "-c", folder, what], check=True, capture_output=True)

    def waiting(self, folder):
        return subprocess.run(["postqueue", "-c", folder, "-j"], capture_output=True, text=True).stdout

    def doctor(self, folder):
        done = subprocess.run([BUILD / "khatm", "doctor", "--config", self.lab["CONF"], "--postfix", folder], capture_output=True, text=True)
        return set(re.findall(r"\((\S+)\)$", done.stdout, re.M))


@pytest.fixture(scope="module")
def site(labs):
    lab = labs.fresh("--egress")
    site = Site(lab)
    kept = site.etc / "khatm-postfix.undo"
    site.unwired = site.files(kept)
    site.done("--undo", "-c", site.etc)
    site.undone = site.files()
    site.gmail = f"{site.host.rpartition('.')[0]}.11"
    subprocess.run(["postconf", "-c", site.etc, "-e", f"transport_maps=inline:{{ailleurs.example=smtp:[{site.gmail}]}}"], check=True)
    site.before = site.files()
    site.shown = site.done("--diff", *site.words, "--instance", site.out)
    site.after_diff = site.files(), site.out.exists()
    site.done("--apply", *site.words, "--instance", site.out)
    site.postfix(site.out, "start")
    site.postfix(site.etc, "reload")
    yield site
    if site.out.exists():
        site.postfix(site.out, "stop")


def test_one_instance_is_taken_back(site):
    assert site.undone == site.unwired


def test_the_difference_is_shown_first(site):
    assert site.after_diff == (site.before, False)
    for line in ("+default_transport = egress:", f"+++ {site.out}/main.cf", "+multi_instance_directories ="):
        assert line in site.shown, line


def test_a_second_time_there_is_nothing_to_do(site):
    files = site.files(), site.files(site.out)
    assert "nothing to change" in site.done("--apply", *site.words, "--instance", site.out)
    assert (site.files(), site.files(site.out)) == files


def test_no_document_by_an_alias_and_talk_does(site):
    lab = site.lab
    sent, talk = mail(to=CHEF, documents=[("acte.pdf", pdf(seed="two instances", size=3000))]), plain(to=CHEF)
    with lab.new_records() as records:
        assert lab.send(sent, CHEF).code == 250 and lab.send(talk, CHEF).code == 250
        lab.arrived("gmail.com", talk)
        # The report comes back from the second instance to who sent it, and goes nowhere else.
        lab.wait_mailbox("agent", lambda raw: b"multipart/report" in raw and sent.message_id.encode() in raw)
    assert not lab.messages_at("gmail.com", sent.message_id)
    assert [(one["role"], one["reason"]) for one in records if one["verdict"] == "reject"] == [("egress", "FORWARD")]


def test_a_typed_document_leaves_sealed(site):
    sent = mail(to=FINANCES, documents=[("acte.pdf", pdf(seed="two instances typed", size=3000))])
    assert site.lab.send(sent, FINANCES).code == 250
    assert b"BEGIN PGP MESSAGE" in site.lab.arrived("finances.gov.example", sent)


def test_routes_work(site):
    """The host that the route names is asked; it has no such domain, and the report says who refused."""
    sent = plain(to=ROUTED)
    assert site.lab.send(sent, ROUTED).code == 250
    report = site.lab.wait_mailbox("agent", lambda raw: b"multipart/report" in raw and sent.message_id.encode() in raw)[0]
    assert re.search(rb"Remote-MTA: dns; %s" % re.escape(site.gmail.encode()), report), report


def test_a_route_past_the_hop_leads_nowhere(site):
    """Were one left in the first instance, its mail would wait: the clients there cannot leave the machine."""
    sent = plain(to=GMAIL)
    site.lab.postconf(f"transport_maps=inline:{{gmail.com=smtp:[{site.gmail}]:2500}}")
    try:
        assert "egress-bypass" in site.doctor(site.etc)
        assert site.lab.send(sent, GMAIL).code == 250
        wait_until(lambda: "ailleurs" in site.waiting(site.etc) or GMAIL in site.waiting(site.etc), "mail that waits")
    finally:
        site.lab.postconf("transport_maps=")
    subprocess.run(["postsuper", "-c", site.etc, "-d", "ALL"], check=True, capture_output=True)


def test_doctor_sees_both(site):
    harmless = {"bare-newline", "size-growth", "timeout", "spool", "spool-disk"}
    assert site.doctor(site.etc) <= harmless
    assert site.doctor(site.out) <= harmless


def test_taken_back_to_the_last_byte(site):
    """Not while it runs, nor while mail waits in it."""
    lab = site.lab
    running = site.script("--undo", "-c", site.etc)
    assert running.returncode == 1 and "it runs" in running.stderr
    site.postfix(site.out, "stop")
    queue = pathlib.Path(subprocess.run(["postconf", "-c", site.out, "-h", "queue_directory"], capture_output=True, text=True,
                                        check=True).stdout.strip())
    (queue / "deferred" / "A1B2").write_text("")
    waiting = site.script("--undo", "-c", site.etc)
    assert waiting.returncode == 1 and "mail waits in it" in waiting.stderr
    (queue / "deferred" / "A1B2").unlink()
    site.done("--undo", "-c", site.etc)
    assert not site.out.exists() and not queue.exists() and not (site.etc / "khatm-postfix.undo").exists()
    assert site.files() == site.before
    site.done("--apply", *site.words)  # the lab ends as it began, with one
    lab.postconf("transport_maps=")


def jails(etc):
    said = subprocess.run(["postconf", "-c", etc, "-F", "*/*/chroot"], capture_output=True, text=True, check=True).stdout
    return dict(re.findall(r"(?m)^(\S+)/chroot = (\S+)$", said))


def debians_own(folder):
    """Its files as the package has them, but for the queue, and with a submission service."""
    etc = folder / "etc"
    etc.mkdir()
    services = pathlib.Path("/usr/share/postfix/master.cf.dist").read_text().replace("\n#submission inet", "\nsubmission inet")
    (etc / "master.cf").write_text(services)
    (etc / "main.cf").write_text(f"compatibility_level = 3.6\nqueue_directory = {folder / 'queue'}\n")
    return etc


def test_debians_jails_are_opened_where_they_hide_the_socket(tmp_path):
    etc = debians_own(tmp_path)
    before = jails(etc)
    subprocess.run([SCRIPT, "-c", etc, "--apply"], check=True, capture_output=True)
    after = jails(etc)
    asked = {"smtp/inet", "submission/inet", "cleanup/unix"}
    assert {name for name in before if before[name] != after[name]} == asked
    assert {after[name] for name in asked | {"127.0.0.1:2603/inet"}} == {"n"}
    (etc / "master.cf").write_text((etc / "master.cf").read_text() + "# by hand\n")
    subprocess.run([SCRIPT, "-c", etc, "--undo"], check=True, capture_output=True)
    assert jails(etc) == before


def test_debians_jails_stay_where_the_socket_is_in_them(tmp_path):
    (tmp_path / "queue" / "khatm").mkdir(parents=True)
    words = [SCRIPT, "-c", debians_own(tmp_path), "--milter", "unix:/khatm/milter.sock", "--egress", "none"]
    said = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    assert set(re.findall(r"(?m)^\+(?:smtp|submission) +inet +n +- +(\S)|^\+cleanup +unix +n +- +(\S)", said)) == {("y", ""), ("", "y")}
