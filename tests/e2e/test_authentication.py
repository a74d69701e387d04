# SPDX-License-Identifier: Apache-2.0
"""Who is government, as real conversations: each row of tests/authentication is a letter that is really signed, handed in
over SMTP by the client it names, and judged by what DNS zones say. A document is accepted only with the proof that the
entry demands, and refused with the reason and the status that say what is missing; citizens' mail comes through untouched.
"""

import json
import pathlib
import shutil
import sys
import tempfile
from typing import NamedTuple

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "authentication"))
import table  # noqa: E402
import conversations  # noqa: E402
import rows_author  # noqa: E402
import rows_citizens  # noqa: E402
import rows_dkim  # noqa: E402
import rows_entries  # noqa: E402
import rows_spf  # noqa: E402
import world  # noqa: E402

ROWS = rows_dkim.ROWS + rows_spf.ROWS + rows_entries.ROWS + rows_author.ROWS + rows_citizens.ROWS
VERDICTS = {250: "pass", 451: "try-later", 550: "reject"}


class Held(NamedTuple):
    lab: object
    outcomes: dict


@pytest.fixture(scope="module")
def held(labs):
    """All conversations are held at once; a lab of its own, since its DNS and its registry are the table's."""
    # khatmd, who is not root, reads the trust anchors there: each pytest that starts closes the folder of all to others.
    folder = pathlib.Path(tempfile.mkdtemp(prefix="khatm-zones-"))
    folder.chmod(0o755)
    relay = conversations.Relay()
    lab = labs.fresh("--dns", relay.name, "--set", "resolver.deadline=4s", *world.options(folder))
    relay.upstream = f"{lab['LAB_BLOCK']}.53"
    lab.registry.write_text(lab.registry.read_text() + world.registry())
    lab.sign_registry()
    lab.reload()
    yield Held(lab, conversations.Conversations(lab).run(ROWS))
    labs.stop_one(lab)
    shutil.rmtree(folder)


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_row(held, row):
    got, wants = held.outcomes[row.name], row.wants
    said = (got.reply.code, got.reply.reason or "", got.status if wants.status else "")
    assert said == (wants.code, wants.reason, wants.status), got.reply
    if wants.code == 250:
        assert len(got.copies) == 1
        trace = conversations.split_trace(got.copies[0], row.arrives or row.raw)
        assert trace is not None, "it did not arrive as it was sent"
        assert all(conversations.TRACE.match(field) for field in trace), trace
    else:
        assert not got.copies
    if got.reply.stage == "data":
        assert len(got.records) == 1, got.records
        record = got.records[0]
        assert (record["role"], record["verdict"], record["reason"]) == ("inbound", VERDICTS[wants.code], wants.reason)
        assert wants.sender in (None, record["sender"]), record


# Each kind of answer several times over, whichever rows those are.
EXPLAINED = [row for row in ROWS if row.client and not row.options][::12]
EXITS = {250: 0, 451: 75, 550: 20}


@pytest.mark.parametrize("row", EXPLAINED, ids=[row.name for row in EXPLAINED])
def test_an_explanation_is_the_decision(held, row):
    told = held.lab.khatm("explain", "--json", "--role", "inbound", "--client-ip", row.client, "--helo", row.helo, "--from",
                          row.mail_from, "--rcpt", table.TO, "-", stdin=row.raw)
    assert told.returncode == EXITS[row.wants.code], told
    said = json.loads(told.stdout)
    assert (said["reason"], said["status"]) == (row.wants.reason, row.wants.status or said["status"])
    assert row.wants.sender in (None, said["sender"]["class"]), said["sender"]


def test_the_table_is_large_enough():
    assert len({row.name for row in ROWS}) == len(ROWS) >= 120
