# SPDX-License-Identifier: Apache-2.0
"""Messages of every shape, put together by hand so that no library's taste is in them, and what of them has to come out of
a round trip between two gateways as it went in."""

import base64

from letters import Mail, new_message_id
from messages import pdf

HEAD = "From: agent@interieur.gov.example\r\nTo: directeur@finances.gov.example\r\n"
NOTE = pdf(size=3000, seed=3)
PDF = b"Content-Type: application/pdf; name=\"note.pdf\"\r\nContent-Transfer-Encoding: base64\r\n" \
      b"Content-Disposition: attachment; filename=\"note.pdf\"\r\n\r\n" + base64.encodebytes(NOTE).replace(b"\n", b"\r\n")
TEXT = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nVoilà.\r\n".encode()
LETTER = "Content-Type: text/html; charset=utf-8\r\n\r\n<p>Voir la note</p>\r\n".encode()
PICTURE = b"Content-Type: image/gif\r\nContent-ID: <p@x>\r\nContent-Transfer-Encoding: base64\r\n" \
          b"Content-Disposition: inline\r\n\r\n" + base64.b64encode(bytes.fromhex(
              "47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b")) + b"\r\n"
INVITATION = ("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:1@interieur.gov.example\r\n"
              "DTSTAMP:20261121T100000Z\r\nDTSTART:20261124T100000Z\r\nSUMMARY:Réunion de coordination\r\nEND:VEVENT\r\n"
              "END:VCALENDAR\r\n")
CALENDAR = "Content-Type: text/calendar; charset=utf-8; method=REQUEST\r\n"
# What the way writes on top.
OF_THE_WAY = {"received", "return-path", "delivered-to", "x-original-to", "authentication-results"}


def multi(*parts, kind="mixed", boundary="=_a", more="", before=b"", after=b""):
    """Header fields and body of a multipart."""
    head = f"MIME-Version: 1.0\r\nContent-Type: multipart/{kind}; boundary=\"{boundary}\"{more}\r\n".encode()
    body = before + b"".join(b"--" + boundary.encode() + b"\r\n" + part + b"\r\n" for part in parts)
    return head + b"\r\n" + body + b"--" + boundary.encode() + b"--\r\n" + after


def part(*arguments, **more):
    """A multipart as a part of another."""
    return multi(*arguments, **more).replace(b"MIME-Version: 1.0\r\n", b"", 1).rstrip(b"\r\n") + b"\r\n"


def text(content, head="Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"):
    return head.encode() + b"\r\n" + (content if isinstance(content, bytes) else content.encode())


def attached(name, content, kind="application/pdf"):
    return f"Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; {name}\r\n\r\n".encode() + \
        base64.encodebytes(content).replace(b"\n", b"\r\n")


def message(more, content, head=HEAD):
    """more: header fields; content: further ones, the empty line, the body."""
    message_id = new_message_id()
    top = f"{head}{more}Date: Sat, 21 Nov 2026 10:00:00 +0000\r\nMessage-ID: {message_id}\r\n"
    return Mail(top.encode("utf-8", "surrogateescape") + content, message_id)


def author_fields(head):
    """Each field that the author wrote, folds and all, in any order."""
    fields = []
    for line in head.split(b"\r\n"):
        if line[:1] in (b" ", b"\t"):
            fields[-1] += b"\r\n" + line
        else:
            fields.append(line)
    return sorted(field for field in fields if field.partition(b":")[0].decode().strip().lower() not in OF_THE_WAY)


def same(sent, got):
    """Asserts that every field and the body are the same, octet by octet. got: a mailbox of the lab, which has CRLF."""
    head, _, body = sent.partition(b"\r\n\r\n")
    got_head, _, got_body = got.partition(b"\r\n\r\n")
    fields, got_fields = author_fields(head), author_fields(got_head)
    lost, new = [one for one in fields if one not in got_fields], [one for one in got_fields if one not in fields]
    assert got_fields == fields, f"lost {lost}, new {new}"
    at = next((n for n, (a, b) in enumerate(zip(body, got_body)) if a != b), min(len(body), len(got_body)))
    assert got_body == body, f"bodies of {len(body)} and {len(got_body)} octets part at {at}: {body[at:at + 60]}, {got_body[at:at + 60]}"
