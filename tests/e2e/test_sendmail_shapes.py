# SPDX-License-Identifier: Apache-2.0
"""Whatever the shape of a message, what Sendmail hands over and Khatm seals comes out at the other ministry as it went in."""

import pytest
from messages import pdf
from peer import Peer
from sendmail_lab import SendmailLab
from shapes import TEXT, attached, message, multi, same
from test_unsealing_shapes import SHAPES

# The instances keep a transcript of every line: 5 MB are large enough.
CASES = {**SHAPES, "5 MB": ("Subject: Note\r\n", multi(TEXT, attached("filename=\"grand.pdf\"", pdf(size=5_000_000, seed=8))))}
del CASES["25 MB"]
# Sendmail folds lists of addresses in its own way before anybody sees them.
FOLD = (b"finances.gov.example>,\r\n greffe", b"finances.gov.example>,\r\n        greffe")


class Pair(SendmailLab, Peer):
    """Sendmail and a second gateway that opens."""


@pytest.fixture(scope="module")
def pair(labs):
    lab = labs.fresh_of(Pair, "--peer-unseal", "open")
    yield lab
    labs.stop_one(lab)


@pytest.mark.parametrize("name", CASES)
def test_round_trip_is_the_identity(pair, name):
    sent = message(*CASES[name])
    raw = sent.raw.replace(*FOLD)
    got, record = pair.delivered(pair.through(sent))
    assert record["verdict"] == "unseal"
    same(raw, got)
