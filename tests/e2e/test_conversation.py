# SPDX-License-Identifier: Apache-2.0
"""What staff put into every mail without a thought leaves for a citizen's address as it came: the logo in the signature,
the business card, the invitation. The same carriers with a document in them are refused."""

import base64

import pytest
from gateway import without_transport
from letters import GMAIL, raw_mail
from messages import pdf
from pictures import jpeg, png



def parts(kind, *bodies):
    header = f'MIME-Version: 1.0\r\nContent-Type: multipart/{kind}; boundary="b"\r\n'.encode()
    body = b"".join(b"--b\r\n" + one.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") + b"\r\n" for one in bodies)
    return header, body + b"--b--\r\n"


def encoded(fields, data):
    return fields.encode() + b"Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(data)


def with_logo(data, kind="image/png"):
    shown = b'Content-Type: text/html; charset=utf-8\n\n<p>Bonjour</p><hr><img src="cid:logo@bureau">\n'
    return parts("related", shown, encoded(f"Content-Type: {kind}\nContent-ID: <logo@bureau>\nContent-Disposition: inline\n", data))


def with_text_part(kind, text):
    return parts("mixed", b"Content-Type: text/plain\n\nBonjour\n", f"Content-Type: {kind}; charset=utf-8\n\n{text}".encode())


def card(inside=""):
    return f"BEGIN:VCARD\nVERSION:3.0\nFN:Agent\nEMAIL:agent@interieur.gov.example\n{inside}END:VCARD\n"


def invitation(inside=""):
    return ("BEGIN:VCALENDAR\nVERSION:2.0\nMETHOD:REQUEST\nBEGIN:VEVENT\nUID:1\nDTSTART:20261121T100000Z\nSUMMARY:Visite\n"
            f"{inside}END:VEVENT\nEND:VCALENDAR\n")


def file_in(name):
    lines = base64.encodebytes(pdf(size=4000)).decode().rstrip("\n").replace("\n", "\n ")
    return f"{name};ENCODING=BASE64:{lines}\n"


PASSES = {
    "logo": with_logo(png(200, 80)),
    "banner": with_logo(jpeg(600, 150), "image/jpeg"),
    "business card": with_text_part("text/vcard", card()),
    "card with a portrait": with_text_part("text/vcard", card("PHOTO;ENCODING=b:" + base64.b64encode(jpeg(96, 96)).decode() + "\n")),
    "invitation": with_text_part("text/calendar", invitation()),
}
REFUSED = {
    "scan as a logo": with_logo(jpeg(826, 1169), "image/jpeg"),
    "small page as a logo": with_logo(png(283, 400)),
    "logo with a document behind": with_logo(png(200, 80, after=pdf(size=4000))),
    "document in a card": with_text_part("text/vcard", card(file_in("PHOTO"))),
    "document in an invitation": with_text_part("text/calendar", invitation(file_in("ATTACH"))),
}


@pytest.mark.parametrize("message", PASSES.values(), ids=PASSES.keys())
def test_leaves_as_it_came(lab, message):
    sent = raw_mail(*message, to=GMAIL)
    reply = lab.send(sent, GMAIL)
    assert reply.code == 250, reply
    assert without_transport(lab.arrived("gmail.com", sent)) == sent.raw.replace(b"\r\n", b"\n")


@pytest.mark.parametrize("message", REFUSED.values(), ids=REFUSED.keys())
def test_document_in_the_same_place_is_refused(lab, message):
    sent = raw_mail(*message, to=GMAIL)
    with lab.nothing_leaves():
        reply = lab.send(sent, GMAIL)
    assert reply.code == 550 and "5.7.1 " in reply.text, reply
    assert GMAIL in reply.text and reply.reference
