# SPDX-License-Identifier: Apache-2.0
"""Claws Mail with its PGP/MIME plugin, by mouse and keyboard."""

import pathlib

from sealed_mail import LINES, NAME, OUTSIDE
from shapes import NOTE

LIBRARIES = pathlib.Path("/usr/lib")
ACCOUNT = """[Account: 1]
account_name=Directeur
is_default=1
name=Directeur
address=directeur@finances.gov.example
protocol=5
"""
SETTINGS = """[Common]
mainwin_x=0
mainwin_y=0
mainwin_width=1180
mainwin_height=860
[Plugins_GTK3]
{plugins}/pgpcore.so
{plugins}/pgpmime.so
"""
FOLDERS = """<?xml version="1.0" encoding="UTF-8"?>
<folderlist>
    <folder type="mh" name="Mail" path="{home}/Mail" collapsed="0">
        <folderitem type="inbox" name="inbox" path="inbox" mtime="0" new="0" unread="0" total="0" />
        <folderitem type="outbox" name="sent" path="sent" mtime="0" />
        <folderitem type="draft" name="draft" path="draft" mtime="0" />
        <folderitem type="queue" name="queue" path="queue" mtime="0" />
        <folderitem type="trash" name="trash" path="trash" mtime="0" />
    </folder>
</folderlist>
"""
# Places on the screen, with the window as large as set above.
PAGE, LAST_PART = (700, 600), (1162, 475)


def settle(home):
    for folder in ("inbox", "sent", "draft", "queue", "trash"):
        (home / "Mail" / folder).mkdir(parents=True)
    (home / "Mail" / "inbox" / "1").write_bytes((home / "sealed.eml").read_bytes())
    (home / ".claws-mail").mkdir()
    (home / ".claws-mail" / "accountrc").write_text(ACCOUNT)
    (home / ".claws-mail" / "clawsrc").write_text(SETTINGS.format(plugins=next(LIBRARIES.glob("*/claws-mail/plugins"))))
    (home / ".claws-mail" / "folderlist.xml").write_text(FOLDERS.format(home=home))


def test_claws_mail_shows_it(sealed, display, started):
    settle(sealed)
    started("claws-mail", "--select", "#mh/Mail/inbox/1")
    display.until(lambda: display.has_window("Claws Mail"), "a window")

    def page():
        display.click(*PAGE)
        display.press("ctrl+a", "ctrl+c")
        copied = display.copied()
        return copied if all(line in copied for line in LINES) else None

    shown = display.until(page, "the text of the message")
    assert f"[{NAME}  application/pdf" in shown, shown
    assert f"Subject: {OUTSIDE} [KH-" in shown, "Claws Mail knows no protected header fields; if it does now, docs/clients.md is wrong"
    display.click(*PAGE)
    display.picture("claws-mail")
    display.click(*LAST_PART)
    saved = sealed / "claws.pdf"

    def save():
        display.press("y")
        display.until(lambda: display.has_window("Save as"), "the dialogue to save a part")
        display.press("ctrl+a")
        display.type(str(saved))
        display.press("Return")
        return display.until(saved.exists, "the attachment as a file")

    save()
    display.until(lambda: saved.read_bytes() == NOTE, "the attachment, whole")
