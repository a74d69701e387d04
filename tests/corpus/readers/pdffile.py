# SPDX-License-Identifier: Apache-2.0
"""PDF files object by object, so that each can be wrong on purpose. Texts are Latin 1 as WinAnsiEncoding has it."""
import zlib

HELVETICA = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"


def stream(data, entries="", packed=False):
    data = data.encode("cp1252") if isinstance(data, str) else data
    if packed:
        data, entries = zlib.compress(data, 9), entries + "/Filter/FlateDecode"
    return f"<<{entries}/Length {len(data)}>>stream\n".encode() + data + b"\nendstream"


def shown(*lines, size=12, at=(50, 750), mode=0):
    """Lines of text as a content stream, from the top down."""
    escaped = (line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)") for line in lines)
    rows = "\n".join(f"({line}) Tj 0 -{size + 4} Td" for line in escaped)
    return f"BT /F1 {size} Tf {mode} Tr {at[0]} {at[1]} Td\n{rows}\nET\n"


class Pdf:
    """add() numbers objects from 1; 1 is the catalog, 2 the page tree, 3 the font /F1."""

    def __init__(self, version="1.7"):
        self.version, self.objects, self.pages, self.trailer = version, {}, [], ""
        self.catalog, self.tree = "", None
        self.objects[3] = HELVETICA.encode()

    def add(self, body, number=None):
        number = number or max(3, *self.objects) + 1
        self.objects[number] = body.encode("cp1252") if isinstance(body, str) else body
        return number

    def page(self, content="", annots=(), extra="", fonts="", xobjects="", box="0 0 595 842"):
        """content: text, bytes of a stream object, or a number."""
        if not isinstance(content, int):
            content = self.add(content if isinstance(content, bytes) else stream(content))
        notes = f"/Annots[{' '.join(f'{n} 0 R' for n in annots)}]" if annots else ""
        self.pages.append(self.add(
            f"<</Type/Page/Parent 2 0 R/MediaBox[{box}]/Contents {content} 0 R/Resources<</Font<</F1 3 0 R{fonts}>>"
            f"/XObject<<{xobjects}>>/ProcSet[/PDF/Text]>>{notes}{extra}>>"))
        return self.pages[-1]

    def text(self, *lines, **options):
        return self.page(shown(*lines), **options)

    def info(self, entries):
        """Bytes, since its strings have encodings of their own."""
        entries = entries if isinstance(entries, bytes) else entries.encode("latin-1")
        self.trailer += f"/Info {self.add(b'<<' + entries + b'>>')} 0 R"

    def bytes(self, end=b"%%EOF\n"):
        kids = " ".join(f"{n} 0 R" for n in self.pages)
        self.add(f"<</Type/Catalog/Pages 2 0 R{self.catalog}>>", 1)
        self.add(self.tree or f"<</Type/Pages/Kids[{kids}]/Count {len(self.pages)}>>", 2)
        out, places = bytearray(f"%PDF-{self.version}\n%\xe2\xe3\xcf\xd3\n".encode("latin-1")), {}
        for number in sorted(self.objects):
            places[number] = len(out)
            out += f"{number} 0 obj\n".encode() + self.objects[number] + b"\nendobj\n"
        start, size = len(out), max(self.objects) + 1
        out += f"xref\n0 {size}\n0000000000 65535 f \n".encode()
        for number in range(1, size):
            out += (f"{places[number]:010} 00000 n \n" if number in places else "0000000000 00000 f \n").encode()
        out += f"trailer\n<</Size {size}/Root 1 0 R{self.trailer}>>\nstartxref\n{start}\n".encode() + end
        return bytes(out)
