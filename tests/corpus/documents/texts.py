# SPDX-License-Identifier: Apache-2.0
"""The texts of this corpus, read from texts/*.texts. A text begins with "=== NAME", then come fields: "formats:" it is
written in, "found:" what is to be found in each, and for some "mail:" what it is when it is the text of a message. Then
its lines: an empty one parts paragraphs, "| a | b" is a row of a table, and "@header", "@footer", "@stamp" (a text
box), "@property NAME=VALUE" and "@picture" (a logo) stand for what formats have beside lines."""
import pathlib
from dataclasses import dataclass, field

FOLDER = pathlib.Path(__file__).resolve().parent / "texts"
ASIDE = ("header", "footer", "stamp", "property", "picture")


@dataclass
class Text:
    name: str
    formats: list = field(default_factory=list)
    found: str = ""
    mail: str = ""
    lines: list = field(default_factory=list)  # "" parts paragraphs; a tuple is a row of cells
    aside: dict = field(default_factory=lambda: {what: [] for what in ASIDE})

    @property
    def plain(self):
        """As it would be typed into a mail."""
        return "\n".join("\t".join(line) if isinstance(line, tuple) else line for line in self.lines) + "\n"

    @property
    def arabic(self):
        return any("\u0600" <= letter <= "\u06ff" or letter >= "\ufb50" for letter in self.plain)

    @property
    def paragraphs(self):
        """Lists of lines, a table a list of tuples."""
        groups, last = [[]], None
        for line in self.lines:
            kind = type(line)
            if line == "" or (groups[-1] and kind is not last):
                groups.append([])
            if line != "":
                groups[-1].append(line)
                last = kind
        return [group for group in groups if group]


def _add(text, line):
    word, _, rest = line[1:].partition(" ")
    if line.startswith("@") and word in ASIDE:
        text.aside[word].append(rest)
    elif line.startswith("| "):
        text.lines.append(tuple(cell.strip() for cell in line[2:].split(" | ")))
    else:
        text.lines.append(line)


def read_all():
    texts = {}
    for file in sorted(FOLDER.glob("*.texts")):
        text = None
        for line in file.read_text(encoding="utf-8").splitlines():
            key, _, value = line.partition(": ")
            if line.startswith("=== "):
                text = Text(line[4:])
                assert text.name not in texts, text.name
                texts[text.name] = text
            elif text is None or (not text.found and key not in ("formats", "found")):
                assert not line or line.startswith("#"), f"{file.name}: {line}"
            elif key == "formats":
                text.formats = value.split()
            elif key in ("found", "mail") and not text.lines and not any(text.aside.values()):
                setattr(text, key, value)
            else:
                _add(text, line)
    for text in texts.values():
        while text.lines and not text.lines[-1]:
            text.lines.pop()
    return texts
