# SPDX-License-Identifier: Apache-2.0
"""Documents that are hidden from a gateway: each row of tests/evasion is a trick of MIME, of a container or of text, handed
in by staff for a consumer address. None leaves, each is refused for what it is and recorded once; the honest messages
beside them arrive byte by byte. docs/evasion.md lists the classes."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "evasion"))
import drive  # noqa: E402
import rows_archives  # noqa: E402
import rows_boundaries  # noqa: E402
import rows_carriers  # noqa: E402
import rows_documents  # noqa: E402
import rows_encodings  # noqa: E402
import rows_fields  # noqa: E402
import rows_nesting  # noqa: E402
import rows_secured  # noqa: E402
import rows_text  # noqa: E402
import rows_types  # noqa: E402
from tricks import DIGEST  # noqa: E402

CLASSES = (rows_fields, rows_boundaries, rows_encodings, rows_types, rows_nesting, rows_secured, rows_text, rows_carriers,
           rows_archives, rows_documents)
ROWS = [row for module in CLASSES for row in module.T.rows]
TRICKS = [row for row in ROWS if row.wants.fact]
HONEST = [row for row in ROWS if not row.wants.fact]


def as_parameter(row):
    marks = [pytest.mark.xfail(reason=row.wants.missing, strict=True)] if row.wants.missing else []
    return pytest.param(row, id=row.name, marks=marks)


@pytest.fixture(scope="module")
def outcomes(labs):
    """All are handed in before the first is looked at."""
    return drive.Drive(labs.get()).run(ROWS)


def facts(record):
    """What the journal says that the message holds."""
    said = set(record["content"])
    for document in record["documents"]:
        said |= {"seen"} if document["sha256"] == DIGEST else set()
        said |= {"unread"} if document["unread"] else set()
        said |= {"letter"} if document["level"] > 1 else set()
    return said


@pytest.mark.parametrize("row", [as_parameter(row) for row in TRICKS])
def test_trick(outcomes, row):
    got = outcomes[row.name]
    assert not got.copies, "it left"
    [record] = got.records
    reason = "FORWARD" if "nested" in record["forward"] else row.wants.reason  # a message within the message
    assert (got.reply.code, got.reply.reason) == (550, reason), got.reply
    assert (record["verdict"], record["reason"], record["sender"]) == ("reject", reason, "staff")
    assert set(row.wants.fact.split()) <= facts(record), (record["content"], record["documents"])
    if got.causes is not None:
        assert any(row.wants.why in cause for cause in got.causes), got.causes


@pytest.mark.parametrize("row", HONEST, ids=[row.name for row in HONEST])
def test_honest_message(outcomes, row):
    got = outcomes[row.name]
    assert got.reply.code == 250, got.reply
    assert len(got.copies) == 1
    end = b"" if row.raw.endswith(b"\r\n") else b"\r\n"
    assert got.copies[0].endswith(b"\r\n" + row.raw + end), "it did not arrive as it was sent"
    [record] = got.records
    assert (record["verdict"], record["content"], record["documents"]) == ("pass", [], [])


def test_the_table_is_large_enough():
    assert len({row.name for row in ROWS}) == len(ROWS)
    assert len(TRICKS) >= 600 and len(HONEST) >= 100
