# SPDX-License-Identifier: Apache-2.0
"""The end of a key is announced 60, 30 and 7 days ahead, in the log, by `khatm keys check` and in `khatm report`; on the day
the refusal names the key and the day; the prolonged key, once imported, mends it while khatmd runs. So is that of the key
that signs, and in the report that of a partner."""

import contextlib
import csv
import datetime
import io
import json
import os
import pathlib
import re
import shlex
import signal
import subprocess
import time

import jsonschema
import pytest
from gateway import TOP, wait_until
from letters import FINANCES, mail
from messages import pdf
from page import Page
from pgp import gpg, make_key, stop_agent

DAY = 86_400
LIFE = 100  # days
DOMAIN = "finances.gov.example"
OWN, PARTNER = "interieur.gov.example", "partner.example"
SCHEMA = json.loads((TOP / "docs" / "report.schema.json").read_text())


WORDS = {
    "fr": {"news": "à traiter sur", "nothing": "rien", "unusable": "inutilisable", "7-days": "7 jours ou moins", "30-days": "30 jours ou moins",
           "60-days": "60 jours ou moins", "good": "plus de 60 jours", "none": "sans objet", "unknown": "inconnue"},
    "ar": {"news": "تتطلب إجراء من", "nothing": "لا شيء", "unusable": "غير صالح", "7-days": "7 أيام أو أقل", "30-days": "30 يوما أو أقل",
           "60-days": "60 يوما أو أقل", "good": "أكثر من 60 يوما", "none": "لا ينطبق", "unknown": "غير معروف"},
}


def shown_day(row):
    """Of an end at midnight, the last day that counts."""
    if not row["usable_until"]:
        return "–"
    end = datetime.datetime.strptime(row["usable_until"], "%Y-%m-%dT%H:%M:%S.%fZ")
    return f"{end - datetime.timedelta(seconds=1) if end.time() == datetime.time() else end:%Y-%m-%d}"


def in_groups(fingerprint):
    """As it is read out."""
    return " ".join(re.findall("....", fingerprint)) if fingerprint else "–"


class Clocked:
    """A lab whose first gateway lives on another day than everybody else."""

    def __init__(self, lab, home):
        self.lab, self.home, self.fingerprint = lab, home, make_key(home, f"{DOMAIN} <sceau@{DOMAIN}>", expire=f"{LIFE}d")
        subkeys = gpg(home, "--with-colons", "--list-keys", self.fingerprint).stdout.decode()
        self.end = min(int(line.split(":")[6]) for line in subkeys.splitlines() if re.match("pub|sub", line))

    def day(self, days_before_end):
        """Moves the gateway's clock to half a day before so many days are left."""
        offset = int(self.end - days_before_end * DAY - DAY / 2 - time.time())
        self.lab.path("CLOCK").write_text(f"{offset:+d}s\n")

    def khatm(self, *words, stdin=None):
        """At the gateway's own hour."""
        variables = shlex.split(re.search(r"exec env (.*?) /usr/bin/gpg", self.lab.path("GPG").read_text()).group(1))
        preload = dict(word.split("=", 1) for word in variables)
        process = pathlib.Path(f"/proc/{self.lab.pid()}/environ").read_bytes().split(b"\0")
        preload["LD_PRELOAD"] = next(word for word in process if word.startswith(b"LD_PRELOAD=")).decode().partition("=")[2]
        command = [self.lab.path("BIN") / "khatm", words[0], "--config", self.lab.env["CONF"], *words[1:]]
        return subprocess.run(command, input=stdin, capture_output=True, timeout=120, env={**os.environ, **preload})

    def import_key(self):
        return self.khatm("keys", "import", "-", stdin=gpg(self.home, "--armor", "--export", self.fingerprint).stdout)

    def renew_signing_key(self, life):
        """By its owner, as always: in the ordinary time."""
        user = f"--reuid={self.lab.env['KHATM_UID']}", f"--regid={self.lab.env['KHATM_UID']}", "--clear-groups"
        for subkeys in ((), ("*",)):
            subprocess.run(["setpriv", *user, "gpg", "--homedir", self.lab.env["SIGNING_HOME"], "--batch", "--pinentry-mode", "loopback",
                            "--passphrase", "", "--quick-set-expire", self.signing, f"seconds={life}", *subkeys],
                           check=True, capture_output=True)

    def reported(self):
        """The report's rows about what ends, by (subject, name), after it was seen that all forms tell the same."""
        run = self.khatm("report", "--format", "json")
        assert run.returncode == 0 and not run.stderr, run
        whole = json.loads(run.stdout)
        jsonschema.Draft7Validator(SCHEMA).validate(whole)
        section = whole["keys"]
        assert section["trouble"] is None
        rows = section["rows"]
        news = [row for row in rows if row["why"]]
        assert rows[:len(news)] == news and section["to_be_seen_to"] == len(news)
        table = list(csv.DictReader(io.StringIO(self.khatm("report", "--format", "csv", "--table", "keys").stdout.decode())))
        assert [(row["subject"], row["name"], row["fingerprint"], row["step"], row["days_left"], row["why"], row["what_to_do"]) for row in table] == [
            tuple("" if value is None else str(value) for value in
                  (row["subject"], row["name"], row["fingerprint"], row["step"], row["days_left"], row["why"], row["what_to_do"]))
            for row in rows]
        text = re.sub(r"\s+", " ", self.khatm("report").stdout.decode())
        assert f": {len(news)} to be seen to, {len(rows)} in all" in text, text
        for row in rows:
            shown = (row["step"], row["state"], shown_day(row) if row["usable_until"] else (row["since"] or "-")[:10],
                     "-" if row["days_left"] is None else str(row["days_left"]))
            assert " ".join(shown) in text and row["name"] in text and (row["fingerprint"] or "") in text, (shown, text)
            assert (row["why"] or "") in text and (row["what_to_do"] or "") in text, (row, text)
        for language, direction in (("fr", "ltr"), ("ar", "rtl")):
            run = self.khatm("report", "--format", "html", "--language", language)
            assert run.returncode == 0 and not run.stderr, run
            page = Page(run.stdout.decode())
            assert (page.language, page.direction) == (language, direction)
            assert f"{len(news)} {WORDS[language]['news']} {len(rows)}." in page.text["keys"], page.text["keys"]
            assert [(cells[0], cells[2], cells[4], cells[5], cells[7]) for cells in page.tables["keys"][1:]] == [
                (WORDS[language][row["step"]], row["name"], shown_day(row), "–" if row["days_left"] is None else str(row["days_left"]),
                 in_groups(row["fingerprint"])) for row in rows], page.tables["keys"]
            for cells, row in zip(page.tables["keys"][1:], rows):
                assert (cells[6] == WORDS[language]["nothing"]) == (not row["why"]), cells
                assert (row["since"] or "")[:10] in cells[3], cells
        return {(row["subject"], row["name"]): row for row in rows}

    def send(self):
        return self.lab.send(mail(to=FINANCES, documents=[("acte.pdf", pdf())]), FINANCES)

    def date(self):
        return datetime.datetime.fromtimestamp(self.end, datetime.timezone.utc).strftime("%Y-%m-%d")


def end_agents(clock):
    """Those that khatm started at the lab's hour: they look once a minute whether their home is still there, and never know
    when a minute is over."""
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (process / "comm").read_text() == "gpg-agent\n" and os.fsencode(clock) in (process / "environ").read_bytes():
                os.kill(int(process.name), signal.SIGKILL)


@pytest.fixture(scope="module")
def clocked(labs, tmp_path_factory):
    """A lab of its own; its registry pins a key that is not there yet."""
    if pathlib.Path(os.environ.get("KHATM_BUILD", "")).name == "threads":
        pytest.skip("libfaketime waits for conditions in its own way, which ThreadSanitizer does not see")
    lab, home = labs.fresh("--clock"), tmp_path_factory.mktemp("finances")
    home.chmod(0o700)
    world = Clocked(lab, home)
    registry = lab.registry.read_text()
    world.signing = re.search(r'signing-key = "(\w+)"', registry)[1]
    world.renew_signing_key(int(world.end + DAY * 2 / 5 - time.time()))
    last = datetime.datetime.fromtimestamp(world.end - DAY, datetime.timezone.utc)
    lab._write(lab.registry, registry.replace(lab.env["PEER_FINGERPRINT"], world.fingerprint)
               + f'partner "{PARTNER}" {{\n\treason = "convention"\n\texpires = "{last:%Y-%m-%d}"\n}}\n')
    lab.reload()
    yield world
    stop_agent(home)
    labs.stop_one(lab)
    end_agents(lab.path("CLOCK"))
    # What libfaketime could not take back: it belonged to root before the process became somebody else.
    for left in pathlib.Path("/dev/shm").glob("*faketime_*"):
        if not pathlib.Path("/proc", left.name.rpartition("_")[2]).exists():
            left.unlink(missing_ok=True)


def told_of_all(clocked, days, word):
    """The report, and the log for the key that signs."""
    lab, rows = clocked.lab, clocked.reported()
    row = rows["gateway", DOMAIN]
    assert (row["fingerprint"], row["step"], row["days_left"]) == (clocked.fingerprint, word or "good", days), row
    assert row["usable_until"][:10] == clocked.date() and row["state"] == "usable"
    assert bool(word) == bool(row["why"]) == bool(row["what_to_do"]), row
    signing = rows["signing", OWN]
    assert (signing["fingerprint"], signing["step"]) == (clocked.signing, word or "good") and signing["days_left"] in (days, days + 1), rows
    if days:  # On its last day, the partner's has come or not, by the hour.
        assert rows["partner", PARTNER]["step"] == (word or "good"), rows
    if word:
        said = rf"alert: signing: the signing key {clocked.signing} in \S+ ends on \S+, in ({days}|{days + 1}) days?: renew it there"
        wait_until(lambda: re.search(said, lab.khatmd_log()), said)
        assert f"in {days} day" in row["why"] and f"ask rssi@{DOMAIN} for the key" in row["what_to_do"], row
    assert rows["registry", str(lab.registry)]["step"] == "good"


def test_life_of_a_key(clocked):
    lab = clocked.lab
    # It is not there.
    assert clocked.send().reason == "NO-KEY"
    check = clocked.khatm("keys", "check")
    assert check.returncode == 20 and f"of {DOMAIN} is missing".encode() in check.stdout, check
    row = clocked.reported()["gateway", DOMAIN]
    assert (row["state"], row["step"]) == ("missing", "unusable") and row["why"].endswith("is missing: nobody imported it"), row
    # Imported, it is used at once, and there is nothing to say.
    before = len(lab.khatmd_log())
    taken = clocked.import_key()
    assert taken.returncode == 0 and b"taken in: the key" in taken.stdout, taken
    lab.wait_for_log("a new ring is in use", before)
    assert clocked.send().code == 250
    silent = clocked.khatm("keys", "check")
    assert (silent.returncode, silent.stdout, silent.stderr) == (0, b"", b""), silent
    # Time passes.
    pid = lab.pid()
    for days, word in ((61, None), (59, "60-days"), (29, "30-days"), (6, "7-days"), (0, "7-days")):
        before = len(lab.khatmd_log())
        clocked.day(days)
        said = f"alert: keys: the key {clocked.fingerprint} of {DOMAIN} expires on {clocked.date()}, in {days} days"
        check = clocked.khatm("keys", "check")
        if word:
            lab.wait_for_log(said, before)
            assert check.returncode == 10, check
            assert re.match(rf"{word}\s+the key {clocked.fingerprint} of {DOMAIN} expires on {clocked.date()}, in {days} days",
                            check.stdout.decode()), check
        else:
            assert (check.returncode, check.stdout) == (0, b""), check
        told_of_all(clocked, days, word)
        assert clocked.send().code == 250, days
    # The day comes.
    before = len(lab.khatmd_log())
    clocked.day(-0.6)
    lab.wait_for_log(f"alert: keys: the key {clocked.fingerprint} of {DOMAIN} expired on {clocked.date()}", before)
    with lab.nothing_leaves():
        refused = clocked.send()
    assert (refused.code, refused.reason) == (550, "NO-KEY"), refused
    assert f"since {clocked.date()}" in refused.text and clocked.fingerprint[-16:] in refused.text.replace(" ", ""), refused
    check = clocked.khatm("keys", "check")
    assert check.returncode == 20 and f"expired on {clocked.date()}".encode() in check.stdout, check
    rows = clocked.reported()
    assert list(rows)[:2] == [("gateway", DOMAIN), ("partner", PARTNER)]
    row = rows["gateway", DOMAIN]
    assert (row["state"], row["step"], row["since"][:10]) == ("expired", "unusable", clocked.date()), row
    assert f"the key {clocked.fingerprint} of {DOMAIN} expired on {clocked.date()}" in row["why"], row
    assert rows["partner", PARTNER]["state"] == "expired", rows
    # Imported as it was, it mends nothing, and import says so.
    again = clocked.import_key()
    assert again.returncode == 20 and f"expired on {clocked.date()}".encode() in again.stdout, again
    # Prolonged by its owner, it does.
    for subkeys in ((), ("*",)):
        gpg(clocked.home, "--pinentry-mode", "loopback", "--passphrase", "", "--quick-set-expire", clocked.fingerprint,
            f"{2 * LIFE}d", *subkeys)
    before = len(lab.khatmd_log())
    taken = clocked.import_key()
    assert taken.returncode == 0, taken
    lab.wait_for_log("is good again", before)
    mended = mail(to=FINANCES, documents=[("acte.pdf", pdf())])
    assert lab.send(mended, FINANCES).code == 250
    assert b"multipart/encrypted" in lab.arrived(DOMAIN, mended)
    assert lab.pid() == pid
    clocked.renew_signing_key(3 * LIFE * DAY)
    lab.wait_for_log("a new ring is in use", before)
    wait_until(lambda: clocked.khatm("keys", "check").returncode == 0, "nothing to say any more")
    rows = clocked.reported()
    assert [key for key, row in rows.items() if row["why"]] == [("partner", PARTNER)], rows
    assert {rows[key]["step"] for key in (("gateway", DOMAIN), ("signing", OWN))} == {"good"}, rows
    assert lab.pid() == pid
