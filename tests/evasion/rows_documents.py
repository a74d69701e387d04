# SPDX-License-Identifier: Apache-2.0
"""Files that are two files, files within documents, and documents that no reader opens."""

import gzip
import struct

import packages
from pdffile import Pdf, stream
from pictures import gif, jpeg, png
from tricks import DOCUMENT, LETTER, PLAIN, TESTS, TEXT, Table, b64, file, join, mixed_lines, multipart
from zipfiles import Entry, zipped

T = Table("documents")
CORPUS = TESTS / "corpus" / "readers"
PACKED = zipped(Entry("note.pdf", DOCUMENT))
SHOWN = 'Content-Type: text/html; charset=utf-8\n\n<p>Bonjour</p><img src="cid:logo@x">\n'
PAGE = b"<!DOCTYPE html>\n<html><body><p>Bonjour</p></body></html>\n"
RTF = r"{\rtf1\ansi Bonjour\par "


def attached(name, data, kind="application/octet-stream"):
    return multipart(TEXT, file(name, data, kind))


def shown(data, kind="image/png", name="logo.png"):
    return multipart(SHOWN, file(name, data, kind, "inline", more="Content-ID: <logo@x>\n"), kind="related")


def from_corpus(path):
    return attached(path.rpartition("/")[2], (CORPUS / path).read_bytes())


def docx(parts, body="Bonjour, voici."):
    return packages.docx(packages.para(body), parts)


def pdf_with(change):
    pdf = Pdf()
    pdf.text("Bonjour", "voici")
    change(pdf)
    return pdf.bytes()


def with_file(pdf):
    held = pdf.add(stream(DOCUMENT, "/Type/EmbeddedFile", packed=True))
    named = pdf.add(f"<</Type/Filespec/F(note.pdf)/UF(note.pdf)/EF<</F {held} 0 R>>>>")
    pdf.catalog += f"/Names<</EmbeddedFiles<</Names[(note.pdf) {named} 0 R]>>>>"


# Two files at once.
T.trick("a picture and a ZIP", shown(png(160, 60, after=PACKED)), "ambiguous")
T.trick("a picture and a ZIP in a chunk", shown(png(160, 60, (b"noTe", PACKED))), "unread")
T.trick("a GIF and a ZIP", shown(gif(120, 40, after=PACKED), "image/gif", "logo.gif"), "ambiguous")
T.trick("a JPEG and a RAR", shown(jpeg(300, 120, after=b"Rar!\x1a\7\0" + DOCUMENT), "image/jpeg", "logo.jpg"), "ambiguous")
T.trick("a JPEG and a 7z in its comment", shown(jpeg(300, 120, (0xFE, b"7z\xbc\xaf\x27\x1c" + DOCUMENT)), "image/jpeg",
        "logo.jpg"), "ambiguous", "an archive stands in it")
T.trick("a PDF and a ZIP", attached("a.pdf", DOCUMENT + PACKED), "ambiguous")
T.trick("a PDF in a ZIP that is a PDF", attached("a.pdf", b"%PDF-1.4\n" + PACKED), "ambiguous")
T.trick("a page of HTML and a ZIP", attached("a.html", PAGE + PACKED, "text/html"), "ambiguous")
T.trick("a page of HTML and a PDF", attached("a.html", PAGE + DOCUMENT, "text/html"), "ambiguous", "a PDF file stands at its beginning")
T.trick("a text and a ZIP", attached("a.txt", b"Bonjour\n" * 20 + PACKED, "text/plain"), "ambiguous", "a ZIP archive stands at its end")
T.trick("a program and a ZIP", attached("a.exe", b"MZ\x90\0" + bytes(200) + PACKED), "ambiguous")
T.trick("a PDF behind 900 bytes", attached("a.bin", bytes(900) + DOCUMENT), "ambiguous")
T.trick("a PDF behind 900 letters", attached("a.txt", b"Bonjour. " * 100 + DOCUMENT, "text/plain"), "ambiguous", "a PDF file stands at its beginning")
T.trick("a sound and a PDF", attached("a.wav", b"RIFF" + struct.pack("<I", 60) + b"WAVEfmt " + bytes(40) + DOCUMENT, "audio/wav"), "ambiguous")
T.trick("noise in front", attached("a.bin", bytes((n * 89 + 7) & 255 for n in range(2000)) + DOCUMENT), "unread")
T.trick("every byte turned around", attached("a.bin", bytes(byte ^ 0x5A for byte in DOCUMENT)), "unread")
T.trick("the first bytes taken off", attached("a.bin", DOCUMENT[8:]), "unread")
# OOXML and OpenDocument.
T.trick("DOCX, the document as a part of its own", attached("a.docx", docx({"word/embeddings/note.pdf": DOCUMENT})), "seen")
T.trick("DOCX, the document as a picture", attached("a.docx", docx({"word/media/image1.png": DOCUMENT})), "seen")
T.trick("DOCX, the document in a folder that nobody knows", attached("a.docx", docx({"x/y.dat": DOCUMENT})), "seen")
T.trick("DOCX, the document as custom XML", attached("a.docx", docx({"customXml/item1.xml": f"<n>{b64(DOCUMENT)}</n>"})), "document")
T.trick("DOCX, a DOCX within", attached("a.docx", docx({"word/embeddings/b.docx": docx({"word/embeddings/note.pdf": DOCUMENT})})), "seen")
T.trick("DOCX, a letter as hidden text", attached("a.docx", packages.docx("<w:p>" + "</w:p><w:p>".join(
    f"<w:r><w:rPr><w:vanish/></w:rPr><w:t>{line}</w:t></w:r>" for line in LETTER.split("\n")) + "</w:p>")), "letter")
T.trick("DOCX, a letter in a comment", attached("a.docx", docx({"word/comments.xml": packages.HEAD + f"<w:comments {packages.W}>" + "".join(
    f'<w:comment w:id="{n}"><w:p><w:r><w:t>{line}</w:t></w:r></w:p></w:comment>' for n, line in enumerate(LETTER.split("\n"))) +
    "</w:comments>"})), "letter")
T.trick("DOCX, two documents of one name", from_corpus("office/two-documents.docx"), "ambiguous")
T.trick("DOCX, a linked picture elsewhere", from_corpus("office/links.docx"), "unread")
T.trick("DOCX with an entity of another file", from_corpus("office/passwd.docx"), "unread")
T.trick("DOCX with a document type elsewhere", from_corpus("office/remote-dtd.docx"), "unread")
T.trick("DOCX in UTF-7", from_corpus("office/utf-7.docx"), "unread")
T.trick("DOCX with a password", from_corpus("ole/password.docx"), "unread")
T.trick("ODT with a password", from_corpus("office/password.odt"), "unread")
T.trick("DOCM with a macro", from_corpus("office/macro.docm"), "document")
T.trick("XLSB", from_corpus("office/binary.xlsb"), "unread")
T.trick("DOCX that says it is a picture", multipart(TEXT, file("logo.png", docx({"word/embeddings/note.pdf": DOCUMENT}),
        "image/png", "inline")), "seen")
T.trick("ODT, the document as a picture", attached("a.odt", packages.odf("text",
        "<office:body><office:text><text:p>Bonjour</text:p></office:text></office:body>", {"Pictures/note.png": DOCUMENT})),
        "seen")
T.trick("ODT, an object that nobody knows", from_corpus("office/object.odt"), "document")
# Old formats and RTF.
T.trick("DOC with a password", from_corpus("ole/password.doc"), "unread")
T.trick("XLS with a password", from_corpus("ole/password.xls"), "unread")
T.trick("PPT with a password", from_corpus("ole/password.ppt"), "unread")
T.trick("DOC with a stream that nobody knows", from_corpus("ole/stowaway.doc"), "unread")
T.trick("DOC with a file in it", from_corpus("ole/native.doc"), "document")
T.trick("saved mail of Outlook", from_corpus("ole/message.msg"), "ambiguous")
T.trick("a container that nobody knows", from_corpus("ole/unknown.ole"), "unread")
T.trick("RTF with the document as a picture", attached("a.rtf", (RTF + r"{\pict\pngblip " + DOCUMENT.hex() + "}}").encode()), "seen")
T.trick("RTF with the document in binary", from_corpus("rtf/object-in-binary.rtf"), "document")
T.trick("RTF with an object that does not parse", from_corpus("rtf/odd-object.rtf"), "ambiguous")
T.trick("RTF with the document behind its end", attached("a.rtf", (RTF + "}").encode() + DOCUMENT), "ambiguous")
T.trick("RTF with the document in a group that nobody knows", attached("a.rtf", (RTF + r"{\*\xnote " + DOCUMENT.hex() + "}}").encode()), "document")
T.trick("RTF with a package", from_corpus("rtf/package.rtf"), "document")
# PDF.
T.trick("PDF with a password", from_corpus("pdf/password-256.pdf"), "unread")
T.trick("PDF of an old password", from_corpus("pdf/password-40.pdf"), "unread")
T.trick("PDF with a file", attached("a.pdf", pdf_with(with_file)), "seen")
T.trick("PDF with a file in a note", from_corpus("pdf/file-in-note.pdf"), "document")
T.trick("PDF with a form in XML", from_corpus("pdf/form-in-xml.pdf"), "unread")
T.trick("PDF with a film", from_corpus("pdf/film.pdf"), "unread")
T.trick("PDF of a scan", from_corpus("pdf/scan.pdf"), "unread")
T.trick("PDF with a layer that is off", from_corpus("pdf/layer-off.pdf"), "document")
T.trick("PDF without letters", from_corpus("pdf/no-letters.pdf"), "unread")
T.trick("PDF cut off", from_corpus("pdf/cut.pdf"), "unread")
T.trick("PDF with bytes behind it", attached("a.pdf", DOCUMENT + bytes(4000) + DOCUMENT), "document")
T.trick("PDF packed by gzip under its own name", attached("a.pdf", gzip.compress(DOCUMENT, mtime=0), "application/pdf"), "seen")
# Others.
T.trick("a drawing of PostScript", attached("a.ps", b"%!PS-Adobe-3.0\n72 720 moveto (Note de service) show showpage\n"), "unread")
T.trick("a database", attached("a.db", b"SQLite format 3\0" + bytes(80) + DOCUMENT), "ambiguous", "a PDF file stands at its beginning")
T.trick("a page with a script", attached("a.html",
        b"<html><body><script>document.write(atob('Tm90ZQ=='))</script></body></html>", "text/html"), "unread")
T.trick("a page with the document in a link", attached("a.html",
        f'<a href="data:application/pdf;base64,{b64(DOCUMENT)}">note</a>'.encode(), "text/html"), "seen")
T.trick("a shortcut", attached("note.url", b"[InternetShortcut]\r\nURL=https://partage.example/note.pdf\r\n"), "document")
T.trick("a link of Windows", attached("note.lnk", b"L\0\0\0\1\x14\2\0\0\0\0\0\xc0\0\0\0\0\0\0F" + bytes(200)), "unread")
T.trick("a calendar that is a ZIP", multipart(TEXT, join("Content-Type: text/calendar\nContent-Transfer-Encoding: base64\n\n",
        mixed_lines(PACKED))), "seen")

T.honest("a link to a document", join(PLAIN, "La note est là : https://www.interieur.example/notes/note-114.pdf\n"))
T.honest("words about documents", join(PLAIN, "J'ai lu le fichier note.pdf et la feuille budget.xlsx : rien à dire.\n"))
T.honest("a logo named like a document", shown(png(160, 60), name="entete.docx.png"))
T.honest("a table in HTML", join("Content-Type: text/html; charset=utf-8\n\n", "<table>" + "".join(
    f"<tr><td>{n}</td><td>agence {n}</td><td>{n * 137},00</td></tr>\n" for n in range(40)) + "</table>\n"))
T.honest("a long text", join(PLAIN, "Bonjour, voici le compte rendu de notre promenade au bord de la mer.\n" * 400))
