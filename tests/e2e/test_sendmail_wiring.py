# SPDX-License-Identifier: Apache-2.0
"""khatm-sendmail on the .mc files that Debian ships: shows before it changes, finds nothing to do a second time, takes
back what it did, touches nothing that somebody else has changed since."""

import re
import shutil
import subprocess

import pytest
from gateway import TOP

WIRING = TOP / "contrib" / "sendmail" / "khatm-sendmail"
UNPACKED = TOP / "build" / "sendmail"
CF = UNPACKED / "usr" / "share" / "sendmail" / "cf"


class Site:
    def __init__(self, folder):
        self.folder = folder
        subprocess.run([TOP / "contrib" / "debian" / "unpack-packages", UNPACKED], check=True)
        (folder / "m4").mkdir()
        for name in ("dialup", "provider"):
            (folder / "m4" / f"{name}.m4").touch()
        for name in ("sendmail.mc", "submit.mc"):
            text = (CF / "debian" / name).read_text()
            (folder / name).write_text(text.replace("/etc/mail/m4", f"{folder}/m4"))

    def run(self, *words):
        return subprocess.run([WIRING, *words, "-c", self.folder, "--cf", CF, "--queue", self.folder / "mqueue-khatm"], check=False,
                              capture_output=True, text=True)

    def files(self):
        return {path.name: path.read_text() for path in self.folder.iterdir() if path.is_file()}

    def option(self, name, file="sendmail.cf"):
        return re.findall(rf"(?m)^O {name}=(.*)$", (self.folder / file).read_text())


@pytest.fixture
def site(tmp_path):
    return Site(tmp_path)


def test_shows_and_changes_nothing(site):
    before = site.files()
    done = site.run()
    assert done.returncode == 0, done.stderr
    assert "+DAEMON_OPTIONS(`Name=khatm-submission, Family=inet, Port=submission, M=Ea')dnl" in done.stdout
    assert "-DAEMON_OPTIONS(`Family=inet,  Name=MTA-v4, Port=smtp, Addr=127.0.0.1')dnl" in done.stdout
    assert site.files() == before


def test_applies_once_and_takes_back(site):
    before = site.files()
    assert site.run("--apply").returncode == 0
    assert site.option("DaemonPortOptions") == [
        "Name=khatm-inbound, Family=inet, Port=smtp, M=A", "Name=khatm-submission, Family=inet, Port=submission, M=Ea",
        "Name=khatm-local, Family=inet, Addr=127.0.0.1, Port=2526, M=EA"]
    assert site.option("DaemonPortOptions", "khatm-egress.cf") == ["Name=khatm-egress, Family=inet, Addr=127.0.0.1, Port=2603, M=EAS"]
    for file in ("sendmail.cf", "submit.cf", "khatm-egress.cf"):
        assert "nobodyreturn" in site.option("PrivacyOptions", file)[0]
    for file in ("sendmail.cf", "khatm-egress.cf"):
        assert re.search(r"(?m)^Xkhatm, S=unix:/run/khatm/milter.sock, F=T,", site.files()[file])
    connections = set(re.findall(r"A=TCP (.*)", site.files()["sendmail.cf"]))
    assert connections == {"[127.0.0.1] 2603"}
    applied = site.files()
    again = site.run("--apply")
    assert (again.returncode, again.stdout) == (0, "khatm-sendmail: nothing to do\n")
    assert site.files() == applied
    assert site.run("--undo").returncode == 0
    assert site.files() == before
    assert site.run("--undo").stdout == "khatm-sendmail: nothing to undo\n"


def test_other_options_a_second_time(site):
    """From what stood there before, so that nothing of the first time stays."""
    assert site.run("--apply").returncode == 0
    assert site.run("--apply", "--milter", "inet:8899@127.0.0.1", "--inbound", "Family=inet6, Port=smtp").returncode == 0
    assert "S=inet:8899@127.0.0.1" in site.files()["sendmail.cf"]
    assert [one for one in site.option("DaemonPortOptions") if "inbound" in one] == ["Name=khatm-inbound, Family=inet6, Port=smtp, M=A"]


def test_routes_that_an_administrator_gave_the_hop_stay(site):
    assert site.run("--apply").returncode == 0
    hop = site.folder / "khatm-egress.mc"
    hop.write_text(hop.read_text().replace("MAILER(`local')", "define(`SMART_HOST', `relais.example')dnl\nMAILER(`local')"))
    assert site.run("--apply").returncode == 0
    assert "relais.example" in hop.read_text() and "DSrelais.example" in site.files()["khatm-egress.cf"]


@pytest.mark.parametrize("how", ("--apply", "--undo"))
def test_what_somebody_changed_since_is_left_alone(site, how):
    assert site.run("--apply").returncode == 0
    with open(site.folder / "sendmail.mc", "a") as file:
        file.write("dnl # mine\n")
    before = site.files()
    done = site.run(how)
    assert done.returncode == 1 and "changed since --apply" in done.stderr
    assert site.files() == before


def test_complaints(site):
    assert site.run("--what").returncode == 64
    (site.folder / "submit.mc").write_text("dnl # nothing\n")
    done = site.run("--apply")
    assert done.returncode == 1 and "no FEATURE(`msp')" in done.stderr
    shutil.rmtree(site.folder)
    done = site.run()
    assert done.returncode == 1 and "there is no sendmail.mc" in done.stderr
