# SPDX-License-Identifier: Apache-2.0
"""Texts as Word saves them: words cut into runs by the spelling checker and by editing, page headers for first and
other pages, fields, text boxes twice (drawing and VML), settings, styles, document properties."""
import pathlib
import random
import sys
from xml.sax.saxutils import escape, quoteattr

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "readers"))
from packages import A, HEAD, MC, V, VT, W, packed  # noqa: E402

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml."
PACKAGE = "http://schemas.openxmlformats.org/package/2006/"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/"
SPACES = (f'{W} {A} {MC} {V} xmlns:r="{OFFICE}relationships" '
          'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
          'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
          'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" mc:Ignorable="w14"')
LOGO_PART = "word/media/image1.png"


def _run(piece, chance, arabic):
    rsid = f' w:rsidR="00{chance.randrange(1 << 24):06X}"' if chance.random() < 0.4 else ""
    properties = '<w:rPr><w:rtl/><w:lang w:bidi="ar-MA"/></w:rPr>' if arabic else '<w:rPr><w:lang w:val="fr-FR"/></w:rPr>'
    return f'<w:r{rsid}>{properties}<w:t xml:space="preserve">{escape(piece)}</w:t></w:r>'


def _runs(line, chance):
    """Cut where no reader would cut: within words too."""
    arabic, out, at = any("\u0600" <= c <= "\u06ff" for c in line), "", 0
    while at < len(line):
        step = chance.choice((1, 2, 3, 5, 8, 13, 40))
        out += _run(line[at:at + step], chance, arabic)
        at += step
        if chance.random() < 0.2:
            out += chance.choice(('<w:proofErr w:type="spellStart"/>', '<w:proofErr w:type="spellEnd"/>',
                                  '<w:bookmarkStart w:id="0" w:name="_GoBack"/><w:bookmarkEnd w:id="0"/>'))
    return out


def _paragraph(line, chance, style="Normal"):
    bidi = "<w:bidi/>" if any("\u0600" <= c <= "\u06ff" for c in line) else ""
    return (f'<w:p w:rsidR="00A1B2C3" w:rsidRDefault="00A1B2C3"><w:pPr><w:pStyle w:val="{style}"/>{bidi}</w:pPr>'
            f"{_runs(line, chance)}</w:p>")


def _table(rows, chance):
    cells = "".join("<w:tr>" + "".join(f'<w:tc><w:tcPr><w:tcW w:w="2000" w:type="dxa"/></w:tcPr>{_paragraph(cell, chance)}</w:tc>'
                                       for cell in row) + "</w:tr>" for row in rows)
    return f'<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/></w:tblPr>{cells}</w:tbl>'


def _stamp(line, chance):
    inside = f"<w:txbxContent>{_paragraph(line, chance)}</w:txbxContent>"
    return ('<w:p><w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:anchor><a:graphic><a:graphicData '
            'uri="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"><wps:wsp><wps:txbx>'
            f"{inside}</wps:txbx></wps:wsp></a:graphicData></a:graphic></wp:anchor></w:drawing></mc:Choice><mc:Fallback><w:pict>"
            f'<v:shape id="t"><v:textbox>{inside}</v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>')


def _picture():
    return ('<w:p><w:r><w:drawing><wp:inline><wp:docPr id="1" name="Image 1" descr="Logo"/><a:graphic><a:graphicData><a:blip '
            'r:embed="rIdLogo"/></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>')


def _page_number():
    return ('<w:p><w:r><w:t xml:space="preserve">Page </w:t></w:r><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> PAGE '
            '</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>1</w:t></w:r><w:r><w:fldChar '
            'w:fldCharType="end"/></w:r></w:p>')


def _edge(kind, lines, chance):
    tag = {"header": "hdr", "footer": "ftr"}[kind]
    style = {"header": "En-tte", "footer": "Pieddepage"}[kind]
    inside = "".join(_paragraph(line, chance, style) for line in lines) or (_page_number() if kind == "footer" else "<w:p/>")
    return f"{HEAD}<w:{tag} {SPACES}>{inside}</w:{tag}>"


def _properties(text):
    lines = [line.partition("=") for line in text.aside["property"]]
    inside = "".join(f'<property fmtid="{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}" pid="{pid}" name={quoteattr(name)}><vt:lpwstr>'
                     f"{escape(value)}</vt:lpwstr></property>" for pid, (name, _, value) in enumerate(lines, 2))
    return f'{HEAD}<Properties xmlns="{OFFICE}custom-properties" {VT}>{inside}</Properties>'


def _types(parts):
    main = {"word/document.xml": "document.main", "word/styles.xml": "styles", "word/settings.xml": "settings",
            "word/fontTable.xml": "fontTable"}
    lines = [f'<Override PartName="/{name}" ContentType="{WORD}{main[name]}+xml"/>' for name in parts if name in main]
    lines += [f'<Override PartName="/{name}" ContentType="{WORD}{name[5:11]}+xml"/>' for name in parts
              if name.startswith(("word/header", "word/footer"))]
    lines += ['<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>',
              '<Override PartName="/docProps/app.xml" ContentType="application/vnd.openxmlformats-officedocument.extended-properties+xml"/>',
              '<Override PartName="/docProps/custom.xml" ContentType="application/vnd.openxmlformats-officedocument.custom-properties+xml"/>']
    return (f'{HEAD}<Types xmlns="{PACKAGE}content-types"><Default Extension="png" ContentType="image/png"/><Default Extension="rels" '
            f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
            f'ContentType="application/xml"/>{"".join(lines)}</Types>')


def _links(links):
    return (f'{HEAD}<Relationships xmlns="{PACKAGE}relationships">' + "".join(
        f'<Relationship Id="{name}" Type="{kind}" Target="{target}"/>' for name, kind, target in links) + "</Relationships>")


def _body(text, chance):
    out = "".join(_stamp(line, chance) for line in text.aside["stamp"]) + (_picture() if text.aside["picture"] else "")
    for group in text.paragraphs:
        out += _table(group, chance) if isinstance(group[0], tuple) else "".join(_paragraph(line, chance) for line in group)
        out += "<w:p/>"
    edges = "".join(f'<w:{kind}Reference w:type="{which}" r:id="rId{kind}{which}"/>' for kind in ("header", "footer")
                    for which in ("default", "first"))
    return (f"{HEAD}<w:document {SPACES}><w:body>{out}<w:sectPr>{edges}<w:pgSz w:w=\"11906\" w:h=\"16838\"/><w:titlePg/></w:sectPr>"
            "</w:body></w:document>")


def docx(text, logo):
    chance = random.Random(text.name)
    parts = {"[Content_Types].xml": "", "_rels/.rels": _links((
        ("rId3", f"{OFFICE}relationships/extended-properties", "docProps/app.xml"),
        ("rId2", f"{PACKAGE}relationships/metadata/core-properties", "docProps/core.xml"),
        ("rId1", f"{OFFICE}relationships/officeDocument", "word/document.xml"),
        ("rId4", f"{OFFICE}relationships/custom-properties", "docProps/custom.xml"))),
        "word/document.xml": _body(text, chance)}
    links = [("rId1", f"{OFFICE}relationships/styles", "styles.xml"), ("rId2", f"{OFFICE}relationships/settings", "settings.xml"),
             ("rId3", f"{OFFICE}relationships/fontTable", "fontTable.xml")]
    for kind in ("header", "footer"):
        for number, which in enumerate(("default", "first"), 1):
            parts[f"word/{kind}{number}.xml"] = _edge(kind, text.aside[kind], chance)
            links.append((f"rId{kind}{which}", f"{OFFICE}relationships/{kind}", f"{kind}{number}.xml"))
    if text.aside["picture"]:
        parts[LOGO_PART] = logo
        links.append(("rIdLogo", f"{OFFICE}relationships/image", "media/image1.png"))
    parts["word/_rels/document.xml.rels"] = _links(links)
    parts["word/settings.xml"] = f'{HEAD}<w:settings {SPACES}><w:zoom w:percent="100"/><w:rsids><w:rsidRoot w:val="00A1B2C3"/></w:rsids></w:settings>'
    parts["word/styles.xml"] = f'{HEAD}<w:styles {SPACES}><w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style></w:styles>'
    parts["word/fontTable.xml"] = f'{HEAD}<w:fonts {SPACES}><w:font w:name="Calibri"/></w:fonts>'
    parts["docProps/core.xml"] = (f'{HEAD}<cp:coreProperties xmlns:cp="{PACKAGE}metadata/core-properties" '
                                  'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator>Secrétariat</dc:creator></cp:coreProperties>')
    parts["docProps/app.xml"] = f'{HEAD}<Properties xmlns="{OFFICE}extended-properties"><Application>Microsoft Office Word</Application></Properties>'
    parts["docProps/custom.xml"] = _properties(text)
    parts["[Content_Types].xml"] = _types(parts)
    return packed(parts)
