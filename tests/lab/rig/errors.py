# SPDX-License-Identifier: Apache-2.0
"""What goes wrong in the lab is one line for a person, with the end of the log that explains it."""


class LabError(Exception):
    """The line to print; `log`, when given, is the file whose last lines explain it."""

    def __init__(self, line, log=None, status=1):
        super().__init__(line)
        self.log = log
        self.status = status


def tail(path, lines=12):
    """The last lines of a log, or nothing when there is none."""
    try:
        with open(path, "rb") as log:
            text = log.read()[-8192:].decode("utf-8", "replace")
    except OSError:
        return ""
    return "\n".join(text.rstrip().splitlines()[-lines:])
