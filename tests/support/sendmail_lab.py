# SPDX-License-Identifier: Apache-2.0
"""The lab with Sendmail: what differs from Postfix for who holds it."""

import pathlib
import subprocess

import client
from gateway import Lab, wait_until

MAKEMAP = pathlib.Path(client.LAB).resolve().parents[2] / "build/sendmail/usr/libexec/sendmail/makemap"
LIST_PROGRAM = "/usr/sbin/sendmail"
QUEUES = ("clientmqueue", "mqueue", "mqueue-khatm")


class SendmailLab(Lab):
    def __init__(self, folder, *options):
        super().__init__(folder, "--egress", "--sendmail", *options)

    def pickup(self, raw, recipients, sender=None, user="agent"):
        """sendmail(1) as this lab has it, called by a user of this lab."""
        process = f"/proc/{self['SENDMAIL_PID']}"
        inside = ["nsenter", f"--mount={process}/ns/mnt", f"--uts={process}/ns/uts", f"--root={process}/root", "setpriv",
                  f"--reuid={user}", f"--regid={self._uid(user)}", "--clear-groups"]
        command = [*inside, LIST_PROGRAM, "-i", "-f", sender or self["LOGIN"], *recipients]
        # Inside, the machine's own temporary folders are the same, but nothing of the lab is where it was started.
        return subprocess.run(command, input=raw.replace(b"\r\n", b"\n"), check=False, timeout=60, cwd="/").returncode

    def queue(self):
        """Control files of what any instance holds: whole, being written, or under way."""
        return [str(path) for queue in QUEUES for path in pathlib.Path(self["SENDMAIL"], queue).iterdir() if path.name[1:2] == "f"]

    def flush(self):
        """Instances run their queues every two seconds."""

    def virtusertable(self, rows):
        """Written anew, in force for the next connection."""
        etc = pathlib.Path(self["SENDMAIL"], "etc")
        text = "".join(f"{source}\t{target}\n" for source, target in rows.items())
        subprocess.run([MAKEMAP, "-C", etc / "sendmail.cf", "hash", etc / "virtusertable"], input=text.encode(), check=True)

    def transcript(self, instance):
        """The SMTP conversations of "sendmail" or "sendmail-egress"."""
        return (self.path("LOGS") / f"{instance}.maillog").read_text(errors="replace")

    def wait_for_transcript(self, instance, words):
        """Said after the lab's own first questions."""
        wait_until(lambda: words in self.transcript(instance)[-4000:], f"{words!r} said by {instance}")

    def _uid(self, user):
        for line in pathlib.Path(self["LAB"], "etc", "passwd").read_text().splitlines():
            if line.startswith(f"{user}:"):
                return line.split(":")[2]
        raise KeyError(user)
