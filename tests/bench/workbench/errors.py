# SPDX-License-Identifier: Apache-2.0
"""What keeps the bench from measuring is one line for a person, with the end of the log that explains it."""

EX_USAGE, EX_UNAVAILABLE, EX_SOFTWARE, EX_NOPERM = 64, 69, 70, 77


class CannotMeasure(Exception):
    """`log`: a file whose last lines explain it, read at once since it is gone when the message is printed."""

    def __init__(self, line, log=None, status=EX_UNAVAILABLE):
        super().__init__(line)
        self.log_tail = _tail(log) if log else ""
        self.status = status


def _tail(path, lines=15):
    try:
        with open(path, "rb") as log:
            text = log.read()[-16384:].decode("utf-8", "replace")
    except OSError:
        return ""
    return "\n".join(text.rstrip().splitlines()[-lines:])
