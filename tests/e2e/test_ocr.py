# SPDX-License-Identifier: Apache-2.0
"""Letters in scans, where the settings want them read: a marking raises the level of a document, and nothing that is read
makes a scan any less unread than it is without. That reading fails changes nothing."""

import io
import json
import os
import pathlib
import signal
import zipfile

import pytest
from gateway import children_of
from letters import FINANCES, GMAIL, mail

FILES = pathlib.Path(__file__).resolve().parent.parent / "corpus" / "documents" / "files"
SECRET, NOTE, KATUM, MENU = (FILES / f"scan-{name}.pdf" for name in ("annonce-classification", "note-confidentielle", "ar-katum", "menu"))
READS = ("--set", 'ocr.languages={ "fra", "ara" }', "--set", "ocr.deadline=60s")


@pytest.fixture(scope="module")
def lab(labs):
    held = labs.fresh("--single-hop", "--sink-peer", *READS)
    yield held
    labs.stop_one(held)


@pytest.fixture(scope="module")
def blind(labs):
    """The same without."""
    return labs.get("--single-hop", "--sink-peer")


def scan(path, name="scan.pdf", to=FINANCES):
    return mail(to=to, documents=[(name, path if isinstance(path, bytes) else path.read_bytes(), "application/octet-stream")])


def zipped(path):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("scan" + path.suffix, path.read_bytes())
    return out.getvalue()


def documents(lab, sent, to=FINANCES):
    with lab.new_records() as records:
        reply = lab.send(sent, to)
    return reply, json.loads(lab.khatm("explain", "--json", "--reference", records[0]["reference"]).stdout)["documents"]


@pytest.mark.parametrize("content, name", [(SECRET.read_bytes(), "scan.pdf"), (SECRET.with_suffix(".png").read_bytes(), "photo.png"),
                                           (SECRET.with_suffix(".tiff").read_bytes(), "fax.tiff"), (zipped(SECRET), "a.zip"),
                                           (zipped(SECRET.with_suffix(".png")), "b.zip")],
                         ids=["pdf", "photograph", "fax", "packed", "photograph packed"])
def test_a_stamp_on_a_scan_is_read(lab, content, name):
    with lab.nothing_leaves():
        reply, found = documents(lab, scan(content, name))
    assert reply.code == 550 and "(LEVEL)" in reply.text, reply
    assert any(document["level"] == 4 and document["unread"] for document in found), found


@pytest.mark.parametrize("path, level", [(NOTE, 3), (KATUM, 3), (MENU, 1)], ids=["french", "arabic", "no marking"])
def test_what_a_level_allows_goes_sealed(lab, path, level):
    reply, found = documents(lab, scan(path))
    assert reply.code == 250, reply
    assert (found[0]["level"], found[0]["unread"]) == (level, True), found


@pytest.mark.parametrize("path", [NOTE, MENU], ids=["marked", "not marked"])
def test_no_scan_goes_to_a_consumer(lab, path):
    with lab.nothing_leaves():
        assert lab.send(scan(path, to=GMAIL), GMAIL).code == 550


def test_without_the_setting_nobody_reads(blind):
    reply, found = documents(blind, scan(SECRET))
    assert reply.code == 250 and (found[0]["level"], found[0]["unread"]) == (1, True), (reply, found)


def reader_of_letters(lab):
    return next(pid for pid in children_of(lab.pid()) if pathlib.Path(f"/proc/{pid}/comm").read_text().strip() == "khatm-ocr")


def test_whoever_ends_it_mail_goes_on(lab):
    """The next message starts another; the one that met none is decided as if it had never been."""
    os.kill(reader_of_letters(lab), signal.SIGKILL)
    reply, found = documents(lab, scan(NOTE))
    assert reply.code == 250 and found[0]["unread"], (reply, found)
    assert documents(lab, scan(NOTE))[1][0]["level"] == 3


def test_one_that_hangs_is_waited_for_no_longer_than_told(labs):
    lab = labs.fresh("--single-hop", "--sink-peer", *READS[:2], "--set", "ocr.deadline=2s")
    stuck = reader_of_letters(lab)
    os.kill(stuck, signal.SIGSTOP)
    reply, found = documents(lab, scan(NOTE))
    assert reply.code == 250 and found[0]["level"] == 1 and found[0]["unread"], (reply, found)
    assert "letters in pictures: decided without them" in lab.khatmd_log()
    assert not pathlib.Path(f"/proc/{stuck}").exists()
    labs.stop_one(lab)


@pytest.mark.parametrize("languages, line", [('{ "xyz" }', "install tesseract-ocr-xyz"), ('{ "../fra" }', "is no name of tesseract's")],
                         ids=["not installed", "no name"])
def test_check_says_what_is_missing(lab, tmp_path, languages, line):
    broken = tmp_path / "khatm.conf"
    text = pathlib.Path(lab["CONF"]).read_text()
    for name in ("government.domains", "khatm.rules", "lists", "markings", "notices"):
        text = text.replace(f'"{name}"', f'"{pathlib.Path(lab["CONF"]).parent}/{name}"')
    broken.write_text(text.replace('{ "fra", "ara" }', languages))
    done = lab.khatm("check", "--config", str(broken))
    assert done.returncode == 78 and line in (done.stdout + done.stderr).decode(), done
