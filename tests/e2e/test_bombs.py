# SPDX-License-Identifier: Apache-2.0
"""Documents that are made to cost much: answered in a bounded time, refused to a consumer address, unread, and the next
message is served. To a ministry they go sealed like any document, since nobody is harmed by what stays closed."""

import gzip
import io
import json
import struct
import time
import zipfile
import zlib

import pytest
from letters import FINANCES, GMAIL, mail, plain

PATIENCE_S = 60.0  # five on a machine that does nothing else
MEGABYTE = 1 << 20


def archive(*files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as made:
        for name, data in files:
            made.writestr(zipfile.ZipInfo(name), data, compress_type=zipfile.ZIP_DEFLATED)
    return out.getvalue()


def zeros(size):
    """A deflate stream of that many zeros, made without holding them."""
    packer, out = zlib.compressobj(9, zlib.DEFLATED, -15), []
    for _ in range(size // MEGABYTE):
        out.append(packer.compress(bytes(MEGABYTE)))
    return b"".join(out) + packer.flush()


def raw_zip(files):
    """files: (name, deflated bytes, size, CRC), whatever is true of them."""
    body, directory = b"", b""
    for name, data, size, crc in files:
        directory += struct.pack("<IHHHHHHIIIHHHHHII", 0x02014B50, 20, 20, 0, 8, 0, 0x21, crc, len(data), size,
                                 len(name), 0, 0, 0, 0, 0, len(body)) + name
        body += struct.pack("<IHHHHHIIIHH", 0x04034B50, 20, 0, 8, 0, 0x21, crc, len(data), size, len(name), 0) + name + data
    return body + directory + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, len(files), len(files), len(directory), len(body), 0)


def crc_of_zeros(size):
    crc = 0
    for _ in range(size // MEGABYTE):
        crc = zlib.crc32(bytes(MEGABYTE), crc)
    return crc


def gigabyte():
    return raw_zip([(b"zeros.txt", zeros(1024 * MEGABYTE), 1024 * MEGABYTE, crc_of_zeros(1024 * MEGABYTE))])


def overlapping():
    """One megabyte of zeros that a thousand names share (the directory points all at one place)."""
    data, crc = zeros(16 * MEGABYTE), crc_of_zeros(16 * MEGABYTE)
    one = struct.pack("<IHHHHHIIIHH", 0x04034B50, 20, 0, 8, 0, 0x21, crc, len(data), 16 * MEGABYTE, 1, 0) + b"a" + data
    directory = b"".join(
        struct.pack("<IHHHHHHIIIHHHHHII", 0x02014B50, 20, 20, 0, 8, 0, 0x21, crc, len(data), 16 * MEGABYTE, 4, 0, 0, 0, 0, 0, 0)
        + b"%04d" % number for number in range(1000))
    return one + directory + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 1000, 1000, len(directory), len(one), 0)


def nested(levels, width):
    core = archive(("zeros.txt", bytes(4 * MEGABYTE)))
    for _ in range(levels):
        core = archive(*[(f"{number}.zip", core) for number in range(width)])
    return core


def gzips(levels):
    core = bytes(64 * MEGABYTE)
    for _ in range(levels):
        core = gzip.compress(core, 9, mtime=0)
    return core


def blanks():
    """A page whose content is a gigabyte of blanks."""
    packer = zlib.compressobj(9)
    content = b"".join(packer.compress(b" " * MEGABYTE) for _ in range(1024)) + packer.flush()
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
               b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R>>",
               b"<</Length %d/Filter/FlateDecode>>stream\n" % len(content) + content + b"\nendstream"]
    out, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + one + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"xref\n0 5\n0000000000 65535 f \n" + table + b"trailer<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(out)


def laughs():
    """A document whose text would be a billion times "lol"."""
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    xml = f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY l0 "lol">{entities}]><w:document xmlns:w="x"><w:t>&l9;</w:t></w:document>'
    types = ('<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override '
             'PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>')
    return archive(("[Content_Types].xml", types.encode()), ("word/document.xml", xml.encode()))


BOMBS = {
    "a gigabyte from a megabyte": ("a.zip", gigabyte),
    "a thousand names for one content": ("a.zip", overlapping),
    "five levels of ten archives": ("a.zip", lambda: nested(5, 10)),
    "thirty levels of archives": ("a.zip", lambda: nested(30, 1)),
    "twenty thousand empty files": ("a.zip", lambda: archive(*[(f"{n}.txt", b"") for n in range(20_000)])),
    "gzip of gzip of gzip": ("a.gz", lambda: gzips(8)),
    "a billion laughs": ("a.docx", laughs),
    "a gigabyte of blanks on a page": ("a.pdf", blanks),
}


@pytest.fixture(scope="module", params=BOMBS.values(), ids=BOMBS.keys())
def bomb(request):
    name, make = request.param
    return name, make(), "application/octet-stream"


def test_bomb_is_answered_in_time_and_unread(lab, bomb, tmp_path):
    before = time.monotonic()
    with lab.nothing_leaves():
        reply = lab.send(mail(to=GMAIL, documents=[bomb]), GMAIL)
    took = time.monotonic() - before
    assert reply.code == 550, reply
    assert took < PATIENCE_S, f"{took:.1f} s"
    kept = json.loads(lab.khatm("explain", "--json", "--reference", reply.reference).stdout)["documents"]
    assert kept[0]["unread"] and len(kept) <= 2100

    after = plain(to=GMAIL)
    assert lab.send(after, GMAIL).code == 250
    lab.arrived("gmail.com", after)


def test_bomb_to_a_ministry_goes_sealed_like_any_document(lab):
    sent = mail(documents=[("a.zip", nested(5, 10), "application/zip")])
    assert lab.send(sent, FINANCES).code == 250
    assert b"multipart/encrypted" in lab.arrived("finances.gov.example", sent)
