# SPDX-License-Identifier: Apache-2.0
"""A mail server prepared for `khatm audit forwards`: a folder that is one to Postfix's commands, in which whatever is marked
must be found."""

import json
import os
import pathlib
import re
import shutil
import subprocess

import jsonschema
from domains import settings
from gateway import BUILD, TOP

SCHEMA = json.loads((TOP / "docs" / "audit-forwards.schema.json").read_text())
NOTHING, FOUND, UNREAD, BOTH, USAGE, CONFIG = 0, 20, 21, 22, 64, 78
OWN, PEER = "interieur.gov.example", "finances.gov.example"
FIRST_UID = 61200
PLANTED = "<--"  # at the end of a line that must be found; taken out of the file


class Server:
    """A folder that is a mail server to Postfix's commands."""

    def __init__(self, folder):
        self.folder, self.etc, self.home = folder, folder / "etc", folder / "home"
        self.users, self.expected, self.main = {}, [], []
        self.system = None  # a folder in the place of /etc
        for place in (self.etc, self.home, folder / "scripts", folder / "lists"):
            place.mkdir(parents=True)
        folder.chmod(0o755)
        for file in ("dynamicmaps.cf", "postfix-files"):
            shutil.copy(pathlib.Path("/etc/postfix", file), self.etc / file)
        if pathlib.Path("/etc/postfix/dynamicmaps.cf.d").is_dir():
            shutil.copytree("/etc/postfix/dynamicmaps.cf.d", self.etc / "dynamicmaps.cf.d")
        (self.etc / "master.cf").write_text("smtp inet n - n - - smtpd\n")
        self.set("compatibility_level", "3.6")
        self.set("mail_owner", "postfix")
        self.set("meta_directory", self.etc)
        self.set("myhostname", f"mx.{OWN}")
        self.set("mydomain", OWN)
        self.set("myorigin", "$mydomain")
        self.set("mydestination", "$mydomain, $myhostname, localhost")
        self.set("alias_maps", "")
        self.set("recipient_delimiter", "+")
        (folder / "conf").mkdir()
        conf = settings(folder / "conf") / "khatm.conf"
        conf.write_text(re.sub(r"local-domains *= .*", f'local-domains = {{ "{OWN}" }}', conf.read_text()))

    def set(self, name, value):
        self.main.append(f"{name} = {value}")

    def file(self, path, text):
        """Writes it, and expects what is marked. `text`: a marked line ends with PLANTED and the target."""
        lines = []
        for number, line in enumerate(text.splitlines(), 1):
            line, mark, targets = line.partition(PLANTED)
            lines.append(line.rstrip() if mark else line)
            self.expected += [(str(path), number, target) for target in targets.split()]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n")
        return path

    def user(self, name):
        home = self.home / name
        if name not in self.users:
            home.mkdir(exist_ok=True)
            self.users[name] = FIRST_UID + len(self.users)
        return home

    def theirs(self, name, file, text):
        """A file in somebody's home, which is that somebody's."""
        path = self.file(self.user(name) / file, text)
        for place in (path, path.parent):
            os.chown(place, self.users[name], self.users[name])
        path.chmod(0o600)
        return path

    def master(self, text):
        return self.file(self.etc / "master.cf", text)

    def finish(self):
        """main.cf; a marked value is expected at its line."""
        self.file(self.etc / "main.cf", "\n".join(self.main))
        passwd = self.folder / "passwd"
        passwd.write_text(pathlib.Path("/etc/passwd").read_text() + "".join(
            f"{name}:x:{uid}:{uid}::{self.home / name}:/bin/sh\n" for name, uid in self.users.items()))
        return self

    def postmap(self, *tables):
        for table in tables:
            program = "postalias" if "aliases" in table else "postmap"
            subprocess.run([program, "-c", self.etc, table], check=True, capture_output=True)
        return self

    def khatm(self, *words, user=None):
        command = [str(BUILD / "khatm"), "audit", "forwards", "--config", str(self.folder / "conf" / "khatm.conf"), "--postfix",
                   str(self.etc), "--sieve", str(self.folder / "scripts"), "--mlmmj", str(self.folder / "lists"), *map(str, words)]
        for name in ("main.cf", "master.cf"):  # Postfix reads again and again, for a second or two, what changed just now
            if (self.etc / name).exists():
                os.utime(self.etc / name, (0, 0))
        inside = f"mount --bind '{self.folder / 'passwd'}' /etc/passwd && "
        if self.system:
            inside += f"cp /etc/passwd /etc/group /etc/nsswitch.conf '{self.system}' && mount --bind '{self.system}' /etc && "
        inside += "exec \"$@\""
        drop = ["setpriv", f"--reuid={user}", "--clear-groups", f"--regid={user}"] if user else []
        return subprocess.run(["unshare", "--mount", *spread(), "sh", "-c", inside, "sh", *drop, *command], capture_output=True,
                              text=True, timeout=120)

    def found(self, *words, code=FOUND):
        """[(file, line, target)] as the JSON has it, which must fit its schema and be what the text says too."""
        done = self.khatm("--json", *words)
        assert done.returncode == code and not done.stderr, done
        answer = json.loads(done.stdout)
        jsonschema.Draft7Validator(SCHEMA).validate(answer)
        text = self.khatm(*words)
        assert text.returncode == done.returncode
        for one in answer["forwards"]:
            place = f"{one['file']}:{one['line']}: " if one["line"] else f"{one['file']}: "
            assert f"{place}{one['source']}: " in text.stdout, one
        self.answer = answer
        return sorted((one["file"], one["line"] or 0, one["target"]) for one in answer["forwards"])


def spread():
    """In a chroot whose root is no mount point the kernel refuses to change how mounts spread; then leave it."""
    plain = subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode == 0
    return [] if plain else ["--propagation", "unchanged"]
