# SPDX-License-Identifier: Apache-2.0
"""Office packages as Word, Excel and PowerPoint write them, part by part, and the marks of OpenDocument."""
import io
import zipfile

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
STRICT_W = 'xmlns:w="http://purl.oclc.org/ooxml/wordprocessingml/main"'
A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
P = 'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
MC = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
V = 'xmlns:v="urn:schemas-microsoft-com:vml"'
VT = 'xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"'
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
    "docm": "application/vnd.ms-word.document.macroEnabled.main+xml",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml",
}
KIND = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "docm": "application/vnd.ms-word.document.macroenabled.12",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
WHERE = {"docx": "word/document.xml", "docm": "word/document.xml", "xlsx": "xl/workbook.xml", "pptx": "ppt/presentation.xml"}


def packed(parts, store=()):
    """Parts in their order, as ZIP; bytes or text."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in parts.items():
            info = zipfile.ZipInfo(name, (2026, 1, 5, 10, 0, 0))
            info.compress_type = zipfile.ZIP_STORED if name in store else zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, data)
    return out.getvalue()


def types(kind):
    return (HEAD + '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/{WHERE[kind]}" ContentType="{MAIN[kind]}"/></Types>')


def relations(*lines):
    """Each: what it is (the end of its type), target, and External or not."""
    return HEAD + '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">' + "".join(
        f'<Relationship Id="rId{i}" Type="{RELATION}{kind}" Target="{target}"' +
        (' TargetMode="External"/>' if outside else "/>") for i, (kind, target, outside) in enumerate(lines, 1)) + \
        "</Relationships>"


def office(kind, parts):
    first = {"[Content_Types].xml": types(kind), "_rels/.rels": relations(("officeDocument", WHERE[kind], False))}
    return packed({**first, **parts})


def word(body, space=W):
    return f"{HEAD}<w:document {space} {A} {MC} {V}><w:body>{body}</w:body></w:document>"


def para(*runs):
    return "<w:p>" + "".join(run if run.startswith("<") else f'<w:r><w:t xml:space="preserve">{run}</w:t></w:r>'
                             for run in runs) + "</w:p>"


def docx(body, parts=None, kind="docx", space=W):
    return office(kind, {"word/document.xml": word(body, space), **(parts or {})})


def odf(kind, content, parts=None, manifest=""):
    spaces = " ".join(f'xmlns:{p}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for p, n in (
        ("office", "office"), ("text", "text"), ("table", "table"), ("draw", "drawing"), ("form", "form"), ("script", "script")))
    listed = ('<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
              f'<manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.{kind}"/>'
              f"{manifest}</manifest:manifest>")
    body = content if isinstance(content, bytes) else (
        f'{HEAD}<office:document-content {spaces} xmlns:xlink="http://www.w3.org/1999/xlink"><office:body>{content}</office:body>'
        "</office:document-content>")
    return packed({"mimetype": f"application/vnd.oasis.opendocument.{kind}", "content.xml": body,
                   "META-INF/manifest.xml": HEAD + listed, **(parts or {})}, store=("mimetype",))
