# SPDX-License-Identifier: Apache-2.0
"""What left sealed, opened by programs that people have (docs/clients.md), with a key as they have it: text, attachment with its
bytes intact, and the subject that nobody on the way saw. Graphical ones: tests/clients."""

import email
import email.policy
import json
import os
import re
import subprocess

import pytest
import sealed_mail
from letters import FINANCES
from pgp import stop_agent
from sealed_mail import CONTENT, LINES, NAME, OUTSIDE, SUBJECT
from shapes import NOTE
from terminal import Terminal


@pytest.fixture(scope="module")
def mailbox(labs, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    sealed_mail.prepare(labs.get(), home)
    yield home
    stop_agent(home / "gnupg")


def run(home, *command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=60, cwd=home,
                          env={**os.environ, "HOME": str(home), "GNUPGHOME": str(home / "gnupg"), "NOTMUCH_CONFIG": str(home / "notmuch")})
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return done.stdout


# How they open it, and by what they say that the gateway signed.
DECRYPTORS = {
    "gpg": ("gpg --batch --status-file said --decrypt armour", "GOODSIG"),
    "sqop": ("sqop decrypt --verify-with=gateway.asc --verifications-out=said secret.asc <armour", "Z "),
    "rnp": ("mkdir rnp && for k in secret gateway; do rnpkeys --homedir rnp --import $k.asc >&2; done && "
            "rnp --homedir rnp --decrypt armour --output - 2>said", "Good signature made"),
}


@pytest.mark.parametrize("program", DECRYPTORS)
def test_decryptor_gives_the_whole_message(mailbox, program):
    command, good = DECRYPTORS[program]
    opened = run(mailbox, "sh", "-c", f"rm -f said; {command}")
    assert good in (mailbox / "said").read_text()
    inside = email.message_from_bytes(opened, policy=email.policy.SMTP)
    assert inside["Subject"] == SUBJECT
    assert inside["Content-Type"].params["hp"] == "cipher"
    assert opened.partition(b"\r\n\r\n")[2] == CONTENT.partition(b"\r\n\r\n")[2]
    assert inside.get_payload()[1].get_filename() == NAME


MUTT = """set folder={home}
set record= postponed=
set crypt_use_gpgme=yes
set mbox_type=mbox
set charset=utf-8
set delete=no
"""


@pytest.mark.parametrize("program", ["mutt", "neomutt"])
def test_mutt_shows_it(mailbox, program, tmp_path):
    (mailbox / "muttrc").write_text(MUTT.format(home=mailbox))
    terminal = Terminal([program, "-n", "-F", mailbox / "muttrc", "-R", "-f", mailbox / "mbox"],
                        HOME=str(mailbox), GNUPGHOME=str(mailbox / "gnupg"))
    try:
        terminal.until("agent@interieur", OUTSIDE)
        terminal.press("\r")
        page = terminal.until(*LINES, "End of PGP/MIME signed and encrypted data", "Good signature from")
        assert f"\nSubject: {SUBJECT}\n" in page, page
        assert "Good signature from: Gateway <gateway@interieur.gov.example>" in page, page
        terminal.press("v")
        number = re.search(rf"(\d+) {NAME}", terminal.until(NAME)).group(1)
        terminal.press(number + "\r")
        terminal.press("s")
        terminal.until("Save to file")
        terminal.press(f"\x15{tmp_path}/saved\r")
        terminal.until("saved")
        terminal.press("qq")
        index = terminal.until(SUBJECT, "agent@interieur")
        assert OUTSIDE not in index, index
    finally:
        terminal.close()
    assert (tmp_path / "saved").read_bytes() == NOTE


def test_notmuch_shows_it(mailbox):
    for folder in ("new", "cur", "tmp"):
        (mailbox / "mail" / folder).mkdir(parents=True)
    (mailbox / "mail" / "new" / "1").write_bytes((mailbox / "sealed.eml").read_bytes())
    (mailbox / "notmuch").write_text(f"[database]\npath={mailbox}/mail\n[user]\nprimary_email={FINANCES}\n")
    run(mailbox, "notmuch", "new", "--quiet")
    [[[shown, _replies]]] = json.loads(run(mailbox, "notmuch", "show", "--format=json", "--decrypt=true", "*"))
    assert shown["headers"]["Subject"] == SUBJECT
    assert shown["crypto"]["decrypted"]["status"] == "full"
    assert [one["status"] for one in shown["crypto"]["signed"]["status"]] == ["good"]
    assert [one["status"] for one in shown["crypto"]["signed"]["status"]] == ["good"]
    assert shown["crypto"]["signed"]["encrypted"]
    assert shown["crypto"]["decrypted"]["header-mask"]["Subject"].startswith(OUTSIDE)
    [inside] = [one for one in shown["body"][0]["content"] if one["content-type"] == "multipart/mixed"]
    assert inside["content"][0]["content"][0]["content"].splitlines() == list(LINES)
    document = inside["content"][1]
    assert document["filename"] == NAME
    assert run(mailbox, "notmuch", "show", "--decrypt=true", "--format=raw", f"--part={document['id']}", "*") == NOTE
    assert run(mailbox, "notmuch", "search", "--output=messages", "confidentielle") == b""
    run(mailbox, "notmuch", "reindex", "--decrypt=true", "*")
    assert SUBJECT.encode() in run(mailbox, "notmuch", "search", "confidentielle")
