# SPDX-License-Identifier: Apache-2.0
"""Thunderbird with the OpenPGP of its own: the key imported, the message clicked on, and what its window then holds."""

import json
import socket

import pytest
from marionette import Marionette
from sealed_mail import HTML_LINE, NAME, OUTSIDE, PICTURE_SIZE, SUBJECT
from shapes import NOTE

SETTINGS = {
    "mail.accountmanager.accounts": "account1",
    "mail.accountmanager.defaultaccount": "account1",
    "mail.accountmanager.localfoldersserver": "server1",
    "mail.account.account1.server": "server1",
    "mail.account.account1.identities": "id1",
    "mail.identity.id1.useremail": "directeur@finances.gov.example",
    "mail.identity.id1.valid": True,
    "mail.server.server1.type": "none",
    "mail.server.server1.hostname": "Local Folders",
    "mail.server.server1.name": "Local Folders",
    "mail.server.server1.userName": "nobody",
    "mail.server.server1.directory-rel": "[ProfD]Mail/Local Folders",
    # Nothing that asks, and nothing that looks for the world outside.
    "mail.provider.suppress_dialog_on_startup": True,
    "mail.spotlight.firstRunDone": True,
    "mail.shell.checkDefaultClient": False,
    "mailnews.start_page.enabled": False,
    "mail.rights.version": 1,
    "mail.inappnotifications.enabled": False,
    "app.update.enabled": False,
    "app.normandy.enabled": False,
    "extensions.update.enabled": False,
    "services.settings.server": "http://127.0.0.1:9",
    "toolkit.telemetry.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "datareporting.policy.dataSubmissionPolicyBypassNotification": True,
    "mailnews.database.global.indexer.enabled": False,
}

IMPORT = """
const {RNP} = ChromeUtils.importESModule("chrome://openpgp/content/modules/RNP.sys.mjs");
const {EnigmailCore} = ChromeUtils.importESModule("chrome://openpgp/content/modules/core.sys.mjs");
await EnigmailCore.init?.();
const result = await RNP.importSecKeyBlockImpl(window, () => "", false, args[0]);
return result.exitCode;
"""

# Waits for what a click brings, and tells what the window then holds.
SHOW = """
const {MailServices} = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
const win = Services.wm.getMostRecentWindow("mail:3pane");
const until = async probe => {
    for (let n = 0; n < 400; n++) {
        try { const answer = probe(); if (answer) return answer; } catch (e) {}
        await new Promise(resolve => win.setTimeout(resolve, 250));
    }
    return null;
};
const folder = MailServices.accounts.localFoldersServer.rootFolder.getChildNamed(args[2]);
const pane = await until(() => win.gTabmail.currentAbout3Pane);
pane.displayFolder(folder.URI);
await until(() => pane.gDBView && pane.gDBView.rowCount == 1);
const before = pane.gDBView.cellTextForColumn(0, "subjectCol");
pane.threadTree.selectedIndex = 0;
const message = await until(() => win.gTabmail.currentAboutMessage);
const body = () => message.getMessagePaneBrowser().contentDocument;
await until(() => body().body.textContent.includes(args[0]) && body().querySelector("img").naturalWidth);
const lock = await until(() => message.document.getElementById("encryptedHdrIcon").src);
await until(() => message.currentAttachments.length);
await message.currentAttachments[0].saveToFile(args[1]);
return {
    before, lock,
    subject: message.document.getElementById("expandedsubjectBox").textContent,
    row: pane.gDBView.cellTextForColumn(0, "subjectCol"),
    text: body().body.textContent,
    picture: body().querySelector("img").naturalWidth,
    attachments: message.currentAttachments.map(one => one.name),
};
"""

SIGNED = "Signed by the author"


def free_port():
    with socket.socket() as asking:
        asking.bind(("127.0.0.1", 0))
        return asking.getsockname()[1]


@pytest.fixture
def thunderbird(sealed, started):
    profile, port = sealed / "profile", free_port()
    inbox = profile / "Mail" / "Local Folders" / "Inbox"
    inbox.parent.mkdir(parents=True)
    inbox.write_bytes((sealed / "mbox").read_bytes())
    (inbox.parent / SIGNED).write_bytes((sealed / "signed").read_bytes())
    settings = {**SETTINGS, "marionette.port": port, "mail.server.server1.directory": str(inbox.parent)}
    (profile / "user.js").write_text("".join(f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in settings.items()))
    started("thunderbird", "--profile", profile, "--no-remote", "--marionette", "--remote-allow-system-access",
            MOZ_DISABLE_AUTO_SAFE_MODE="1", MOZ_CRASHREPORTER_DISABLE="1")
    talk = Marionette(port)
    yield talk
    talk.close()


def show(thunderbird, display, saved, folder):
    shown = thunderbird.run(SHOW, HTML_LINE, str(saved), folder)
    assert isinstance(shown, dict), (shown, display.picture("failure"))
    assert HTML_LINE in shown["text"]
    assert shown["picture"] == PICTURE_SIZE
    assert "encrypted-ok" in shown["lock"]
    assert shown["attachments"] == [NAME]
    assert saved.read_bytes() == NOTE
    return shown


def test_thunderbird_shows_it(sealed, display, thunderbird):
    assert thunderbird.run(IMPORT, (sealed / "secret.asc").read_text()) == 0
    shown = show(thunderbird, display, sealed / "thunderbird.pdf", "Inbox")
    display.picture("thunderbird")
    assert shown["before"].startswith(OUTSIDE)
    assert shown["subject"] == f"Subject:{SUBJECT}"
    assert shown["row"] == SUBJECT
    signed = show(thunderbird, display, sealed / "signed.pdf", SIGNED)
    display.picture("thunderbird-signed")
    assert signed["subject"].startswith(f"Subject:{OUTSIDE} [KH-"), "if it looks for the mark elsewhere now, docs/clients.md is wrong"
