# SPDX-License-Identifier: Apache-2.0
"""The section of `khatm report` about keys, partners and the registry for those who may not see all of it: it says what it could
not look at, never that keys are missing which are only not theirs to read, and the rest of the report comes all the same."""

import csv
import io
import json
import re
import shutil
import subprocess

import jsonschema
import pytest
from gateway import TOP
from letters import FINANCES, mail
from messages import pdf
from page import Page

SCHEMA = json.loads((TOP / "docs" / "report.schema.json").read_text())
OWN, PEER = "interieur.gov.example", "finances.gov.example"
STRANGER = "0123456789ABCDEF0123" * 2


class World:
    """The lab's journal and registry, with a khatm.conf that names homes which its user may not look into."""

    def __init__(self, lab):
        self.lab, self.conf = lab, lab.path("CONF").with_name("officer.conf")
        self.closed = lab.path("CONF").parent.parent / "closed"
        self.text = lab.path("CONF").read_text()

    def close(self, setting):
        """The home of root's own, in the place of the one of this setting."""
        home = re.search(rf'(?<![\w-]){setting} = "([^"]*)"', self.text)[1]
        shutil.copytree(home, self.closed, ignore=shutil.ignore_patterns("S.*"))
        for path in [self.closed, *self.closed.rglob("*")]:
            shutil.chown(path, 0, 0)
        self.closed.chmod(0o700)
        self.text = re.sub(rf'(?<![\w-]){setting} = "[^"]*"', f'{setting} = "{self.closed}"', self.text)

    def run(self, *words, root=False):
        self.conf.write_text(self.text)
        uid = self.lab.env["KHATM_UID"]
        user = [] if root else ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups"]
        return subprocess.run([*user, self.lab.path("BIN") / "khatm", words[0], "--config", self.conf, *words[1:]], capture_output=True,
                              text=True, timeout=120)

    def section(self, **how):
        """As JSON, after it was seen that the other forms say the same and that the rest of the report is there."""
        run = self.run("report", "--format", "json", **how)
        assert run.returncode == 0 and not run.stderr, run
        whole = json.loads(run.stdout)
        jsonschema.Draft7Validator(SCHEMA).validate(whole)
        assert sum(whole["decided"].values()) and whole["coverage"]["leaves"]
        section = whole["keys"]
        table = list(csv.DictReader(io.StringIO(self.run("report", "--format", "csv", "--table", "keys", **how).stdout)))
        assert [row["why"] for row in table if row["subject"] == "trouble"] == ([section["trouble"]] if section["trouble"] else [])
        assert len(table) == len(section["rows"]) + bool(section["trouble"])
        text = self.run("report", **how).stdout
        assert "Decisions, messages" in text and (section["trouble"] or "to be seen to") in text, text
        page = Page(self.run("report", "--format", "html", **how).stdout)
        assert len(page.tables.get("keys", [[]])) == len(section["rows"]) + 1 and page.tables["decisions"][1:]
        assert (section["trouble"] or "à traiter sur") in page.text["keys"], page.text["keys"]
        return section["trouble"], {(row["subject"], row["name"]): row for row in section["rows"]}


@pytest.fixture(scope="module")
def lab(labs):
    lab = labs.get()
    assert lab.send(mail(to=FINANCES, documents=[("acte.pdf", pdf())]), FINANCES).code == 250
    return lab


@pytest.fixture
def world(lab):
    world = World(lab)
    yield world
    shutil.rmtree(world.closed, ignore_errors=True)
    world.conf.unlink(missing_ok=True)


@pytest.mark.parametrize("root", [True, False])
def test_who_may_see_all_is_told_all(world, root):
    trouble, rows = world.section(root=root)
    assert trouble is None
    assert {key: (row["state"], row["step"], bool(row["fingerprint"])) for key, row in rows.items()} == {
        ("gateway", PEER): ("usable", "good", True), ("gateway", "justice.gov.example"): ("none", "none", False),
        ("own", OWN): ("none", "none", False), ("signing", OWN): ("usable", "good", True),
        ("registry", world.lab.env["REGISTRY"]): ("valid", "good", False)}


def test_home_of_the_keys_that_may_not_be_read(world):
    world.close("homedir")
    trouble, rows = world.section()
    assert str(world.closed) in trouble and "Permission denied" in trouble
    assert (rows["gateway", PEER]["state"], rows["gateway", PEER]["why"]) == ("unknown", None)
    assert rows["registry", world.lab.env["REGISTRY"]]["step"] == "good"
    assert world.section(root=True)[0] is None


def test_home_of_the_key_that_signs_may_not_be_read(world):
    world.close("sign-homedir")
    trouble, rows = world.section()
    assert trouble == f"{world.closed}: may not be read by this user: ask as root, or as the user khatmd runs as"
    assert (rows["signing", OWN]["state"], rows["signing", OWN]["why"]) == ("unknown", None)
    assert rows["gateway", PEER]["state"] == "usable"
    check = world.run("keys", "check")
    assert check.returncode == 75 and trouble in check.stderr and not check.stdout, check
    listed = world.run("keys", "list")
    assert listed.returncode == 75 and trouble in listed.stderr and " unknown " in listed.stdout, listed


def test_own_key_in_a_home_that_may_not_be_read_is_not_missing(world):
    """Nor is it there: nobody knows. In one that may, it is missing."""
    registry = world.lab.path("CONF").with_name("officer.domains")
    registry.write_text(re.sub(rf'(domain "{OWN}" \{{\n)', rf'\1\tkey = "{STRANGER}"\n', world.lab.registry.read_text()))
    text = re.sub(r'(?m)^(registry *= *)"[^"]*"', rf'\1"{registry}"', re.sub(r"(?m)^authority.*\n", "", world.text))
    world.close("sign-homedir")
    world.text = text + f'unsealing {{ homedir = "{world.closed}" }}\n'
    try:
        trouble, rows = world.section()
        assert "may not be read by this user" in trouble and rows["own", OWN]["state"] == "unknown"
        trouble, rows = world.section(root=True)
        assert trouble is None and (rows["own", OWN]["state"], rows["own", OWN]["step"]) == ("missing", "unusable")
        assert rows["own", OWN]["what_to_do"].startswith("name the home that holds it in unsealing.homedir")
    finally:
        registry.unlink()


def test_registry_that_was_refused(world):
    good = world.lab.registry.read_text()
    world.lab.registry.write_text(good + "# changed by nobody knows whom\n")
    try:
        _, rows = world.section()
    finally:
        world.lab.registry.write_text(good)
    row = next(iter(rows.values()))
    assert (row["subject"], row["state"], row["step"]) == ("registry", "refused", "unusable") and "the last good one is in force" in row["why"]
    assert rows["gateway", PEER]["state"] == "usable"


def test_registry_that_was_refused_and_none_before_it(world):
    """Nothing can be said of any key; the rest of the report is there."""
    good = world.lab.registry.read_text()
    empty = world.lab.path("CONF").with_name("officer.state")
    empty.mkdir(0o755)
    world.text = re.sub(r'(?m)^(state *= *)"[^"]*"', rf'\1"{empty}"', world.text)
    world.lab.registry.write_text(good + "# changed by nobody knows whom\n")
    try:
        trouble, rows = world.section(root=True)
    finally:
        world.lab.registry.write_text(good)
        empty.rmdir()
    assert "government.domains" in trouble and rows == {}, trouble


def test_journal_alone(world):
    store = world.lab.env["JOURNAL"]
    run = subprocess.run([world.lab.path("BIN") / "khatm", "report", "--journal", store if ":" in store else f"sqlite:{store}"],
                         capture_output=True, text=True, timeout=60)
    assert run.returncode == 0 and "not looked at: with --journal no configuration is read" in run.stdout, run


@pytest.mark.parametrize("words, says", [(("--table", "all"), "refusals or keys"),
                                         (("--table", "keys"), "--table keys is for --format csv"),
                                         (("--format", "json", "--table", "keys"), "--table keys is for --format csv")])
def test_table_is_chosen_for_csv_alone(world, words, says):
    run = world.run("report", *words)
    assert run.returncode == 64 and says in run.stderr, run
