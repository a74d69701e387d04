# SPDX-License-Identifier: Apache-2.0
"""Archives and packed files: what is in them is told one by one, and what cannot be read is unread. An archive is a document
by itself; a row is about what is said of the one in it."""

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zlib

from tricks import DOCUMENT, PLAIN, TESTS, TEXT, Table, b64, file, join, mixed_lines, multipart
from zipfiles import Entry, zipped, zipped64

T = Table("archives")
CORPUS = TESTS / "corpus" / "readers" / "archive"
NOTE = Entry("note.pdf", DOCUMENT)
NOTHING = Entry("lisez-moi.txt", b"Bonjour.\n")


def attached(name, data, kind="application/octet-stream"):
    return multipart(TEXT, file(name, data, kind))


def from_corpus(name):
    return attached(name, (CORPUS / name).read_bytes())


def tar(*files, format=tarfile.USTAR_FORMAT, change=lambda one: None):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=format) as made:
        for name, data in files:
            one = tarfile.TarInfo(name)
            one.size = len(data)
            change(one)
            made.addfile(one, io.BytesIO(data))
    return out.getvalue()


def cpio(*files):
    def record(name, data):
        name = name.encode() + b"\0"
        values = (1, 0o100644, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name), 0)
        head = b"070701" + b"".join(b"%08X" % value for value in values) + name
        return head + b"\0" * (-len(head) % 4) + data + b"\0" * (-len(data) % 4)
    return b"".join(record(*one) for one in files) + record("TRAILER!!!", b"")


def ar(*files):
    return b"!<arch>\n" + b"".join(b"%-16s%-12d%-6d%-6d%-8s%-10d`\n" % (name.encode(), 0, 0, 0, b"100644", len(data)) + data +
                                   b"\n" * (len(data) % 2) for name, data in files)


def iso(name, data):
    """ISO 9660 (ECMA-119): one file in the root folder."""
    def both(value):
        return struct.pack("<I", value) + struct.pack(">I", value)

    def entry(label, place, size, flags):
        body = b"\0" + both(place) + both(size) + bytes(7) + bytes([flags]) + b"\0\0" + b"\1\0\0\1" + bytes([len(label)]) + label
        body += b"\0" * (len(body) % 2 == 0)
        return bytes([len(body) + 1]) + body
    root = entry(b"\0", 18, 2048, 2)
    volume = (b"\1CD001\1\0" + b" " * 32 + b"NOTE".ljust(32) + bytes(8) + both(20) + bytes(32) + b"\1\0\0\1" + b"\1\0\0\1" +
              b"\0\x08\x08\0" + both(10) + struct.pack("<IIII", 0, 0, 0, 0) + root)
    folder = root + entry(b"\1", 18, 2048, 2) + entry(name, 19, len(data), 0)
    return (bytes(32768) + volume.ljust(2048, b"\0") + b"\xffCD001\1".ljust(2048, b"\0") + folder.ljust(2048, b"\0") +
            data.ljust(4096, b"\0"))


def zstd(data):
    """One raw block (RFC 8878 3.1.1), the size told."""
    return b"\x28\xb5\x2f\xfd\xa0" + struct.pack("<I", len(data)) + (len(data) << 3 | 1).to_bytes(3, "little") + data


def nested(levels, core, name="note.pdf"):
    for level in range(levels):
        core, name = zipped(Entry(name, core)), f"{level}.zip"
    return core


# Kinds.
T.trick("ZIP", attached("a.zip", zipped(NOTE)), "seen")
T.trick("ZIP, stored", attached("a.zip", zipped(Entry("note.pdf", DOCUMENT, method=0))), "seen")
T.trick("ZIP of 64 bits", attached("a.zip", zipped64(NOTE)), "seen")
T.trick("ZIP under another name and type", multipart(TEXT, file("photo.jpg", zipped(NOTE), "image/jpeg", "inline")), "seen")
T.trick("ZIP as the text of the message", join(PLAIN[:-1], "Content-Transfer-Encoding: base64\n\n", mixed_lines(zipped(NOTE))), "seen")
T.trick("ZIP pasted as base64", join(PLAIN, b64(zipped(NOTE))), "seen")
T.trick("tar", attached("a.tar", tar(("note.pdf", DOCUMENT))), "seen")
T.trick("tar of the pax kind", attached("a.tar", tar(("dossier/" * 20 + "note.pdf", DOCUMENT), format=tarfile.PAX_FORMAT)), "seen")
T.trick("tar without a name or type", multipart(TEXT, join("Content-Transfer-Encoding: base64\n\n", mixed_lines(tar(("note.pdf",
        DOCUMENT))))), "seen")
T.trick("gzip", attached("note.pdf.gz", gzip.compress(DOCUMENT, mtime=0)), "seen")
T.trick("gzip as text", join(PLAIN[:-1], "Content-Transfer-Encoding: base64\n\n", mixed_lines(gzip.compress(DOCUMENT, mtime=0))), "seen")
T.trick("bzip2", attached("note.pdf.bz2", bz2.compress(DOCUMENT)), "seen")
T.trick("bzip2 as text", join(PLAIN[:-1], "Content-Transfer-Encoding: base64\n\n", mixed_lines(bz2.compress(DOCUMENT))), "unread")
T.trick("xz", attached("note.pdf.xz", lzma.compress(DOCUMENT)), "seen")
T.trick("lzma", attached("note.pdf.lzma", lzma.compress(DOCUMENT, format=lzma.FORMAT_ALONE)), "seen")
T.trick("zstd", attached("note.pdf.zst", zstd(DOCUMENT)), "seen")
T.trick("zlib without a frame", attached("note.pdf.z", zlib.compress(DOCUMENT)), "unread")
T.trick("tar in gzip", attached("a.tgz", gzip.compress(tar(("note.pdf", DOCUMENT)), mtime=0)), "seen")
T.trick("tar in xz in a ZIP", attached("a.zip", zipped(Entry("a.txz", lzma.compress(tar(("note.pdf", DOCUMENT)))))), "seen")
T.trick("cpio", attached("a.cpio", cpio(("note.pdf", DOCUMENT))), "ambiguous", "a PDF file stands at its beginning")
T.trick("ar", attached("a.deb", ar(("note.pdf", DOCUMENT))), "ambiguous", "a PDF file stands at its beginning")
T.trick("ISO image", attached("a.iso", iso(b"NOTE.PDF;1", DOCUMENT)), "unread")
T.trick("ISO image without a name or type", multipart(TEXT, join("Content-Transfer-Encoding: base64\n\n", b64(iso(b"NOTE.PDF;1",
        DOCUMENT)))), "unread")
T.trick("7z", from_corpus("plain.7z"), "document")
T.trick("RAR 4", from_corpus("plain.rar"), "document")
T.trick("RAR 5", from_corpus("plain-5.rar"), "document")
T.trick("CAB", from_corpus("plain.cab"), "document")
# Closed.
T.trick("ZIP with a password", from_corpus("password.zip"), "unread")
T.trick("ZIP with AES", from_corpus("password-aes.zip"), "unread")
T.trick("ZIP with one file closed among others", from_corpus("half-password.zip"), "unread")
T.trick("ZIP that says a password and has none", from_corpus("trick-says-password.zip"), "ambiguous")
T.trick("7z with a password", from_corpus("password.7z"), "unread")
T.trick("7z with a password on its names", from_corpus("password-on-names.7z"), "unread")
T.trick("RAR with a password", from_corpus("password.rar"), "unread")
T.trick("RAR with a password on its names", from_corpus("password-on-names.rar"), "unread")
T.trick("RAR 5 with a password", from_corpus("password-5.rar"), "unread")
T.trick("ZIP of a method that nobody here reads", from_corpus("by-deflate64.zip"), "unread")
# Two readings of a ZIP.
T.trick("ZIP, another name in its directory", attached("a.zip", zipped(Entry("note.pdf", DOCUMENT, central={"name": b"note.txt"}))), "ambiguous")
T.trick("ZIP, an entry that its directory does not have", attached("a.zip", zipped(NOTHING, before=zipped(NOTE)[:-(22 + 46 + 8)])), "ambiguous")
T.trick("ZIP, an entry between others", from_corpus("trick-hidden-entry.zip"), "ambiguous")
T.trick("ZIP, a file in front", attached("a.zip", DOCUMENT + zipped(NOTHING)), "ambiguous")
T.trick("ZIP, a file behind its end", attached("a.zip", zipped(NOTHING) + DOCUMENT), "ambiguous")
T.trick("ZIP, a file in its comment", attached("a.zip", zipped(NOTHING, comment=DOCUMENT)), "ambiguous", "a file among the notes of an archive")
T.trick("ZIP, a file in an extra field", attached("a.zip", zipped(Entry("lisez-moi.txt", b"Bonjour.\n", extra=struct.pack("<HH",
        0x7777, len(DOCUMENT)) + DOCUMENT))), "ambiguous", "a file among the notes of an archive")
T.trick("ZIP, a file in a gap before its directory", attached("a.zip", zipped(NOTHING, gap=DOCUMENT)), "ambiguous")
T.trick("ZIP, two archives one behind the other", attached("a.zip", zipped(NOTE) + zipped(NOTHING)), "ambiguous")
T.trick("ZIP, two ends", from_corpus("trick-two-ends.zip"), "ambiguous")
T.trick("ZIP, entries that overlap", from_corpus("trick-overlap.zip"), "ambiguous")
T.trick("ZIP, two files of one name", attached("a.zip", zipped(Entry("note.txt", b"Bonjour.\n"), Entry("note.txt", DOCUMENT))), "ambiguous")
T.trick("ZIP, a folder that holds bytes", attached("a.zip", zipped(Entry("dossier/", DOCUMENT, mode=0o40755))), "ambiguous")
T.trick("ZIP, no directory", attached("a.zip", zipped(NOTE)[:-(22 + 46 + 8)]), "ambiguous")
T.trick("ZIP, a wrong size in its directory", attached("a.zip", zipped(Entry("note.pdf", DOCUMENT, central={"size": 5}))), "ambiguous")
T.trick("ZIP, a wrong checksum", attached("a.zip", zipped(Entry("note.pdf", DOCUMENT, local={"crc": 7}, central={"crc": 7}))), "unread")
T.trick("ZIP, a name with a second name in an extra field", from_corpus("second-name.zip"), "document")
T.trick("ZIP, a name that leaves the archive", from_corpus("leaves.zip"), "ambiguous")
T.trick("ZIP, a name with a direction override", attached("a.zip", zipped(Entry("note\u202efdp.txt", DOCUMENT))), "seen")
T.trick("ZIP, cut off", attached("a.zip", zipped(NOTE)[:-600]), "ambiguous")
T.trick("ZIP, a link in it", from_corpus("link.zip"), "unread")
# Two readings of others.
T.trick("gzip, a file behind its end", attached("a.gz", gzip.compress(b"Bonjour.\n", mtime=0) + DOCUMENT), "ambiguous")
T.trick("gzip, a second member", attached("a.gz", gzip.compress(b"Bonjour.\n", mtime=0) + gzip.compress(DOCUMENT, mtime=0)), "ambiguous")
T.trick("gzip, a file in an extra field", attached("a.gz", b"\x1f\x8b\x08\4\0\0\0\0\0\3" + struct.pack("<H", len(DOCUMENT))
        + DOCUMENT + gzip.compress(b"Bonjour.\n", mtime=0)[10:]), "unread", "bytes in the header of a packed file")
T.trick("gzip, a file as its comment", attached("a.gz", b"\x1f\x8b\x08\x10\0\0\0\0\0\3" + DOCUMENT.replace(b"\0", b"") + b"\0"
        + gzip.compress(b"Bonjour.\n", mtime=0)[10:]), "unread", "bytes in the header of a packed file")
T.trick("gzip, a wrong checksum", attached("a.gz", gzip.compress(DOCUMENT, mtime=0)[:-8] + bytes(8)), "seen")
T.trick("tar, a file behind its end", attached("a.tar", tar(("n.txt", b"Bonjour.\n")) + DOCUMENT), "ambiguous")
T.trick("tar, a second archive behind its end", attached("a.tar", tar(("n.txt", b"Bonjour.\n")) + tar(("note.pdf", DOCUMENT))), "seen")
T.trick("tar, a wrong checksum of its header", attached("a.tar", b"x" + tar(("note.pdf", DOCUMENT))[1:]), "unread")
T.trick("tar, a link", attached("a.tar", tar(("note.pdf", b""), change=lambda one: (setattr(one, "type", tarfile.SYMTYPE),
        setattr(one, "linkname", "/etc/passwd")))), "unread")
T.trick("tar, the document as a folder", attached("a.tar", tar(("note.pdf", DOCUMENT), change=lambda one: setattr(one, "type", b"Z"))), "seen")
T.trick("7z, bytes behind its end", from_corpus("trick-after.7z"), "ambiguous")
T.trick("RAR, bytes behind its end", from_corpus("trick-after.rar"), "ambiguous")
T.trick("CAB, bytes behind its end", from_corpus("trick-after.cab"), "ambiguous")
# Deep, many, large.
T.trick("ZIP in ZIP in ZIP", attached("a.zip", nested(3, DOCUMENT)), "seen")
T.trick("ZIP ten deep", attached("a.zip", nested(10, DOCUMENT)), "seen")
T.trick("ZIP twenty deep", attached("a.zip", nested(20, DOCUMENT)), "unread", "packed too deep")
T.trick("ZIP, behind 900 other files", attached("a.zip", zipped(*[Entry(f"{n}.txt", b"Bonjour.\n") for n in range(900)], NOTE)), "seen")
T.trick("ZIP, behind 3,000 other files", attached("a.zip", zipped(*[Entry(f"{n}.txt", b"Bonjour.\n") for n in range(3000)], NOTE)), "unread")
T.trick("ZIP, among files that programs make for themselves", attached("a.zip", zipped(NOTHING, Entry("__MACOSX/._note.pdf", DOCUMENT))), "seen")
T.trick("ZIP, as a preview that programs make for themselves", attached("a.zip", zipped(NOTHING,
        Entry("Thumbnails/thumbnail.png", DOCUMENT))), "seen")
T.trick("ZIP, as .DS_Store", attached("a.zip", zipped(NOTHING, Entry(".DS_Store", DOCUMENT))), "seen")
T.trick("a message in a ZIP", attached("a.zip", zipped(Entry("m.eml",
        join("From: x@y.example\nSubject: Note\nMIME-Version: 1.0\n", multipart(TEXT, file(), boundary="c"))))), "seen")
T.trick("a ZIP in a message in a ZIP", attached("a.zip", zipped(Entry("m.eml",
        join("From: x@y.example\nSubject: Note\nMIME-Version: 1.0\n", multipart(TEXT, file("b.zip", zipped(NOTE),
        "application/zip"), boundary="c"))))), "seen")
T.trick("uuencode in a text in a ZIP", attached("a.zip", zipped(Entry("n.txt", b"Bonjour\n\n" + b64(DOCUMENT).encode()))), "seen")
T.trick("in three pieces, ZIP", attached("a.z01", zipped(NOTE)[:400]), "ambiguous")
T.trick("in pieces, without any sign", attached("a.001", zipped(NOTE)[400:1200]), "unread")

T.honest("the contents of an archive, listed", join(PLAIN,
        "Archive:  photos.zip\n  Length      Date    Time    Name\n---------  ---------- " "-----   ----\n"
        + "".join(f"{n * 91357:9d}  2026-11-{n + 1:02d} 10:00   photo-{n}.jpg\n" for n in range(20))
        + "---------                     -------\n"))
T.honest("words about archives", join(PLAIN, "PK est la marque des ZIP, Rar! celle des RAR, 7z celle de 7-Zip ; le mot de passe suit.\n"))
T.honest("a listing of a folder", join(PLAIN,
        "".join(f"-rw-r--r-- 1 agent agent {n * 4096:8d} Nov 21 10:{n:02d} photo-{n}.tar.gz\n" for n in range(30))))
