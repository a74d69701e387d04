# SPDX-License-Identifier: Apache-2.0
"""Documents that are packed in others, as the mail admin sees them: each with a path, a kind and a reason, the same from
`khatm explain` on the file as from the journal."""

import hashlib
import io
import json
import zipfile

import jsonschema
import pytest
from gateway import TOP
from letters import AGENT, FINANCES, GMAIL, mail

SCHEMA = json.loads((TOP / "docs" / "explain.schema.json").read_text(encoding="utf-8"))
NOTES = "Des notes de la réunion.\n".encode()


def archive(*files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files:
            made.writestr(name, data)
    return out.getvalue()


@pytest.fixture
def explain(lab, tmp_path):
    """What the command line says of a message in a file."""
    def ask(sent, rcpt, *words):
        file = tmp_path / "message.eml"
        file.write_bytes(sent.raw)
        return lab.khatm("explain", *words, "--role", "submission", "--login", AGENT, "--tls-version", "TLSv1.3",
                         "--from", AGENT, "--rcpt", rcpt, str(file)).stdout
    return ask


def documents(explain, sent, rcpt):
    said = json.loads(explain(sent, rcpt, "--json"))
    jsonschema.validate(said, SCHEMA)
    return said["documents"]


def test_files_in_an_archive_are_told_one_by_one(explain):
    inner = archive(("lettres/n.txt", NOTES), ("x.bin", b"\x93\0\xba\x0b" * 90))
    sent = mail(documents=[("dossier.zip", archive(("b.zip", inner)), "application/zip")])
    told = {one["path"]: one for one in documents(explain, sent, FINANCES)}
    assert list(told) == ["2", "2!b.zip", "2!b.zip!lettres/n.txt", "2!b.zip!x.bin"]
    assert [one["unread"] for one in told.values()] == [True, True, False, True]
    letter = told["2!b.zip!lettres/n.txt"]
    assert (letter["name"], letter["kind"], letter["size"]) == ("n.txt", "text/plain", len(NOTES))
    assert letter["sha256"] == hashlib.sha256(NOTES).hexdigest()
    assert told["2!b.zip!x.bin"]["why"] and told["2"]["why"] == "something in it cannot be read"


def test_journal_tells_the_same_documents(lab, explain):
    sent = mail(to=GMAIL, documents=[("dossier.zip", archive(("lettres/n.txt", NOTES)), "application/zip")])
    with lab.nothing_leaves():
        reply = lab.send(sent, GMAIL)
    assert reply.code == 550, reply
    kept = json.loads(lab.khatm("explain", "--json", "--reference", reply.reference).stdout)["documents"]
    now = documents(explain, sent, GMAIL)
    assert [(one["path"], one["kind"], one["sha256"], one["name"]) for one in kept] == [
        (one["path"], one["kind"], one["sha256"], one["name"]) for one in now]
    assert [one["path"] for one in kept] == ["2", "2!lettres/n.txt"]


@pytest.mark.parametrize("name", ["x\u202efdp.txt", "../../etc/passwd", "a!b.txt", "\x1b[31mred.txt"])
def test_names_in_an_archive_do_no_harm_on_the_terminal(explain, name):
    sent = mail(documents=[("a.zip", archive((name, NOTES)), "application/zip")])
    path = documents(explain, sent, FINANCES)[1]["path"]
    assert path.startswith("2!") and path.count("!") == 1
    assert not set(path) & set("\u202e\x1b\\") and ".." not in path
    assert path in explain(sent, FINANCES).decode()


LETTER = """ROYAUME DU MAROC
MINISTÈRE DE L'INTÉRIEUR
SECRÉTARIAT GÉNÉRAL

CONFIDENTIEL

N° 154/DGCL/DFL

Objet : mouvement

Le présent courrier appelle une réponse avant la fin du mois.
"""


def test_marking_in_an_archive_is_the_level_of_the_message(lab, explain):
    sent = mail(to=FINANCES, documents=[("a.zip", archive(("n.txt", NOTES), ("lettre.txt", LETTER.encode())), "application/zip")])
    said = json.loads(explain(sent, FINANCES, "--json"))
    jsonschema.validate(said, SCHEMA)
    told = {one["path"]: one for one in said["documents"]}
    assert said["level"] == 3
    assert [told[path]["level"] for path in ("2", "2!n.txt", "2!lettre.txt")] == [1, 1, 3]
    assert told["2!lettre.txt"]["markings"] == ["CONFIDENTIEL (text)"]
    assert any("154/DGCL/DFL" in number for number in told["2!lettre.txt"]["references"])
    text = explain(sent, FINANCES).decode()
    assert "marked: CONFIDENTIEL (text)" in text and "154/DGCL/DFL" in text


def test_letter_in_the_text_of_a_message_is_a_document(lab, explain):
    sent = mail(to=GMAIL, text=LETTER.replace("\n", "\r\n"))
    with lab.nothing_leaves():
        reply = lab.send(sent, GMAIL)
    assert reply.code == 550, reply
    [document] = documents(explain, sent, GMAIL)
    assert (document["path"], document["level"], document["markings"]) == ("1", 3, ["CONFIDENTIEL (text)"])
    assert document["why"] == "the text of an administrative document" and document["sha256"]


def test_the_word_in_a_sentence_is_conversation(lab):
    sent = mail(to=GMAIL, text="Bonjour,\r\n\r\nle ministère dit que ce dossier est confidentiel, secret même.\r\n")
    reply = lab.send(sent, GMAIL)
    assert reply.code == 250, reply
    lab.arrived("gmail.com", sent)


def test_label_on_the_message_is_one_on_all_it_carries(explain):
    sent = mail(to=FINANCES, subject="[CONFIDENTIEL] Dossier", documents=[("a.zip", archive(("n.txt", NOTES)), "application/zip")])
    said = json.loads(explain(sent, FINANCES, "--json"))
    # The text of the message is a document by its subject.
    assert [(one["path"], one["level"]) for one in said["documents"]] == [("1", 3), ("2", 3), ("2!n.txt", 3)]


def test_letter_in_an_invitation_is_a_document(explain):
    event = ("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Note\r\nDESCRIPTION:{}\r\nEND:VEVENT\r\n"
             "END:VCALENDAR\r\n")
    for text, levels in [(LETTER.replace("\n", "\\n"), [3]), ("Ordre du jour : le dossier confidentiel", [])]:
        sent = mail(to=FINANCES, documents=[("i.ics", event.format(text).encode(), "text/calendar")])
        assert [one["level"] for one in documents(explain, sent, FINANCES)] == levels
