# SPDX-License-Identifier: Apache-2.0
"""Texts as flat OpenDocument, and what LibreOffice makes of them: one run of soffice a format."""
import base64
import os
import pathlib
import subprocess
import sys
import tempfile
from xml.sax.saxutils import escape, quoteattr

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "support"))
from pictures import png  # noqa: E402

NAMES = (("office", "office"), ("text", "text"), ("table", "table"), ("style", "style"), ("draw", "drawing"), ("meta", "meta"),
         ("presentation", "presentation"), ("svg", "svg-compatible"), ("fo", "xsl-fo-compatible"))
SPACES = " ".join(f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for prefix, name in NAMES) + \
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xlink="http://www.w3.org/1999/xlink"'
FAMILY = {"odt": "fodt", "docx": "fodt", "doc": "fodt", "rtf": "fodt", "pdf": "fodt",
          "ods": "fods", "xlsx": "fods", "xls": "fods", "odp": "fodp", "pptx": "fodp", "ppt": "fodp"}
LOGO = png(60, 60)


def _paragraph(line, style="P"):
    return f'<text:p text:style-name="{style}">{escape(line)}</text:p>'


def _table(rows):
    cells = "".join("<table:table-row>" + "".join(f"<table:table-cell>{_paragraph(cell)}</table:table-cell>" for cell in row)
                    + "</table:table-row>" for row in rows)
    return f'<table:table table:name="T"><table:table-column table:number-columns-repeated="{len(rows[0])}"/>{cells}</table:table>'


def _frame(inside, anchor="paragraph"):
    return (f'<text:p><draw:frame text:anchor-type="{anchor}" svg:width="5cm" svg:height="2cm">{inside}</draw:frame></text:p>')


def _meta(text):
    own = "".join(f"<meta:user-defined meta:name={quoteattr(name)}>{escape(value)}</meta:user-defined>"
                  for name, _, value in (line.partition("=") for line in text.aside["property"]))
    return f"<office:meta><meta:creation-date>2026-01-05T10:00:00</meta:creation-date>{own}</office:meta>"


def _document(kind, text, body, automatic, masters, styles=""):
    return (f'<?xml version="1.0" encoding="UTF-8"?>\n<office:document {SPACES} office:version="1.2" '
            f'office:mimetype="application/vnd.oasis.opendocument.{kind}">{_meta(text)}<office:styles>{styles}</office:styles>'
            f"<office:automatic-styles>{automatic}</office:automatic-styles><office:master-styles>{masters}</office:master-styles>"
            f"<office:body>{body}</office:body></office:document>")


def _edges(text):
    return "".join(f"<style:{where}>{''.join(map(_paragraph, text.aside[where]))}</style:{where}>"
                   for where in ("header", "footer") if text.aside[where])


def _edge_layout(text):
    return '<style:page-layout style:name="pl">' + "".join(
        f"<style:{where}-style/>" for where in ("header", "footer") if text.aside[where]) + "</style:page-layout>"


def _direction(text):
    mode = "rl-tb" if text.arabic else "lr-tb"
    return (f'<style:style style:name="P" style:family="paragraph"><style:paragraph-properties style:writing-mode="{mode}"/>'
            '<style:text-properties style:font-name-complex="Amiri" fo:font-size="12pt"/></style:style>')


def words(text):
    body = []
    for stamp in text.aside["stamp"]:
        body.append(_frame(f"<draw:text-box>{_paragraph(stamp)}</draw:text-box>"))
    for _ in text.aside["picture"]:
        data = base64.b64encode(LOGO).decode()
        body.append(_frame(f"<draw:image><office:binary-data>{data}</office:binary-data></draw:image>", "as-char"))
    for group in text.paragraphs:
        body += [_table(group)] if isinstance(group[0], tuple) else [_paragraph(line) for line in group] + [_paragraph("")]
    master = f'<style:master-page style:name="Standard" style:page-layout-name="pl">{_edges(text)}</style:master-page>'
    return _document("text", text, f"<office:text>{''.join(body)}</office:text>", _direction(text) + _edge_layout(text), master)


def sheet(text):
    rows = "".join("<table:table-row>" + "".join(f'<table:table-cell office:value-type="string">{_paragraph(cell)}</table:table-cell>'
                                                 for cell in (line if isinstance(line, tuple) else (line,)))
                   + "</table:table-row>" for line in text.lines)
    master = f'<style:master-page style:name="Default" style:page-layout-name="pl">{_edges(text)}</style:master-page>'
    return _document("spreadsheet", text, f'<office:spreadsheet><table:table table:name="Feuille1">{rows}</table:table></office:spreadsheet>',
                     _direction(text) + _edge_layout(text), master)


def slides(text):
    box = ('<draw:frame svg:x="1cm" svg:y="{}cm" svg:width="20cm" svg:height="2cm"{}><draw:text-box>{}</draw:text-box></draw:frame>')
    shapes = "".join(box.format(1 + 3 * number, ' presentation:class="title"' if not number else "", _paragraph(line))
                     for number, line in enumerate(text.lines))
    layout = '<style:page-layout style:name="pl"><style:page-layout-properties fo:page-width="28cm" fo:page-height="21cm"/></style:page-layout>'
    return _document("presentation", text, '<office:presentation><draw:page draw:name="p1" draw:master-page-name="M">'
                     f"{shapes}</draw:page></office:presentation>", _direction(text) + layout,
                     '<style:master-page style:name="M" style:page-layout-name="pl"/>')


def convert(wanted):
    """{(name, format): bytes} of [(text, format)]."""
    sources, made = {"fodt": words, "fods": sheet, "fodp": slides}, {}
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1767607200"}
    with tempfile.TemporaryDirectory() as folder:
        for format_ in sorted({format_ for _, format_ in wanted}):
            files = []
            for text in (text for text, other in wanted if other == format_):
                source = pathlib.Path(folder, f"{text.name}.{FAMILY[format_]}")
                source.write_text(sources[FAMILY[format_]](text), encoding="utf-8")
                files.append(source)
            subprocess.run(["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to",
                            format_, "--outdir", f"{folder}/out", *files], check=True, env=environment,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            for file in files:
                made[file.stem, format_] = pathlib.Path(folder, "out", f"{file.stem}.{format_}").read_bytes()
    return made
