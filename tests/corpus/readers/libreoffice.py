# SPDX-License-Identifier: Apache-2.0
"""Sources that LibreOffice makes real documents of, in every format of its own and of others."""
import pathlib
import subprocess
import tempfile

SPACES = " ".join(f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for prefix, name in (
    ("office", "office"), ("text", "text"), ("table", "table"), ("style", "style"), ("draw", "drawing"), ("meta", "meta"),
    ("presentation", "presentation"), ("svg", "svg-compatible"), ("fo", "xsl-fo-compatible"))) + \
    ' xmlns:dc="http://purl.org/dc/elements/1.1/"'

META = """<office:meta><dc:title>Note de service</dc:title><dc:subject>Mutations</dc:subject>
<meta:keyword>personnel</meta:keyword><dc:description>Ne pas diffuser</dc:description>
<meta:user-defined meta:name="MSIP_Label_f42aa342-8706-4288-bd11-ebb85995028c_Name">Diffusion restreinte</meta:user-defined>
<meta:user-defined meta:name="Unité">DRH</meta:user-defined></office:meta>"""


def flat(kind, body, styles="", automatic="", masters=""):
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<office:document {SPACES} office:version="1.2" office:mimetype="application/vnd.oasis.opendocument.{kind}">{META}
<office:styles>{styles}</office:styles><office:automatic-styles>{automatic}</office:automatic-styles>
<office:master-styles>{masters}</office:master-styles><office:body>{body}</office:body></office:document>"""


LETTER = flat("text", """<office:text>
<text:tracked-changes><text:changed-region text:id="ct1"><text:deletion><office:change-info><dc:creator>Chef</dc:creator>
<dc:date>2026-01-05T10:00:00</dc:date></office:change-info><text:p>phrase supprimée</text:p></text:deletion>
</text:changed-region></text:tracked-changes>
<text:p>Royaume du Maroc</text:p><text:p>DIFFUSION RESTREINTE</text:p>
<text:h text:outline-level="1">Note de service n° 123/2026</text:h>
<text:p>Le directeur<text:note text:id="ftn1" text:note-class="footnote"><text:note-citation>1</text:note-citation>
<text:note-body><text:p>Par intérim.</text:p></text:note-body></text:note> informe les agents<office:annotation>
<dc:creator>Chef</dc:creator><dc:date>2026-01-05T10:00:00</dc:date><text:p>À relire avant envoi</text:p></office:annotation>
que<text:tab/>les mutations<text:line-break/>sont closes<text:s text:c="3"/>le 5 mars.</text:p>
<text:p>Texte <text:change text:change-id="ct1"/>gardé<text:span text:style-name="cache"> et caché</text:span>.</text:p>
<text:p>مذكرة داخلية: سري</text:p>
<text:p><draw:frame text:anchor-type="paragraph" svg:width="5cm" svg:height="2cm" draw:name="Cadre">
<draw:text-box><text:p>Cachet du cabinet</text:p></draw:text-box><svg:title>Cachet</svg:title><svg:desc>Cachet rond</svg:desc>
</draw:frame></text:p>
<table:table table:name="T1"><table:table-column table:number-columns-repeated="2"/><table:table-row>
<table:table-cell><text:p>Nom</text:p></table:table-cell><table:table-cell><text:p>CIN</text:p></table:table-cell>
</table:table-row><table:table-row><table:table-cell><text:p>A. Benali</text:p></table:table-cell>
<table:table-cell><text:p>AB123456</text:p></table:table-cell></table:table-row></table:table>
</office:text>""",
    automatic="""<style:style style:name="cache" style:family="text"><style:text-properties text:display="none"/></style:style>
<style:page-layout style:name="pl"><style:header-style/><style:footer-style/></style:page-layout>""",
    masters="""<style:master-page style:name="Standard" style:page-layout-name="pl">
<style:header><text:p>CONFIDENTIEL</text:p></style:header><style:footer><text:p>Page unique</text:p></style:footer>
</style:master-page>""")

SHEET = flat("spreadsheet", """<office:spreadsheet>
<table:table table:name="Agents"><table:table-row>
<table:table-cell office:value-type="string"><text:p>Nom</text:p></table:table-cell>
<table:table-cell office:value-type="string"><text:p>CIN</text:p></table:table-cell></table:table-row><table:table-row>
<table:table-cell office:value-type="string"><text:p>A. Benali</text:p><office:annotation><text:p>à vérifier</text:p></office:annotation></table:table-cell>
<table:table-cell office:value-type="string"><text:p>AB123456</text:p></table:table-cell></table:table-row><table:table-row>
<table:table-cell office:value-type="string"><text:p>ب. العلوي</text:p></table:table-cell>
<table:table-cell office:value-type="float" office:value="42.5"><text:p>42,5</text:p></table:table-cell></table:table-row></table:table>
<table:table table:name="Réserve"><table:table-row><table:table-cell office:value-type="string"><text:p>SECRET</text:p></table:table-cell>
</table:table-row></table:table></office:spreadsheet>""",
    automatic="""<style:page-layout style:name="pl"><style:header-style/><style:footer-style/></style:page-layout>""",
    masters="""<style:master-page style:name="Default" style:page-layout-name="pl">
<style:header><text:p>CONFIDENTIEL</text:p></style:header><style:footer><text:p>Bureau du personnel</text:p></style:footer>
</style:master-page>""")

SLIDES = flat("presentation", """<office:presentation>
<draw:page draw:name="p1" draw:master-page-name="M"><draw:frame presentation:class="title" svg:x="1cm" svg:y="1cm" svg:width="20cm" svg:height="3cm">
<draw:text-box><text:p>Réunion de crise</text:p></draw:text-box></draw:frame>
<draw:frame svg:x="1cm" svg:y="5cm" svg:width="20cm" svg:height="3cm"><draw:text-box><text:p>Diffusion restreinte</text:p><text:p>سري</text:p></draw:text-box></draw:frame>
<presentation:notes><draw:frame presentation:class="notes" svg:x="1cm" svg:y="5cm" svg:width="10cm" svg:height="3cm"><draw:text-box>
<text:p>Rappeler la règle</text:p></draw:text-box></draw:frame></presentation:notes></draw:page>
<draw:page draw:name="p2" draw:master-page-name="M"><draw:frame svg:x="1cm" svg:y="5cm" svg:width="20cm" svg:height="3cm">
<draw:text-box><text:p>Deuxième vue</text:p></draw:text-box></draw:frame></draw:page></office:presentation>""",
    automatic="""<style:page-layout style:name="pl"><style:page-layout-properties fo:page-width="28cm" fo:page-height="21cm"/></style:page-layout>""",
    masters="""<style:master-page style:name="M" style:page-layout-name="pl"><draw:frame svg:x="1cm" svg:y="18cm" svg:width="20cm" svg:height="2cm">
<draw:text-box><text:p>CABINET DU MINISTRE</text:p></draw:text-box></draw:frame></style:master-page>""")

SOURCES = {"lettre": ("fodt", LETTER), "agents": ("fods", SHEET), "reunion": ("fodp", SLIDES)}


def convert(name, *formats):
    """{format: bytes} of one source. The formats are file extensions, or EXTENSION:FILTER."""
    extension, text = SOURCES[name]
    made = {}
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder, f"{name}.{extension}")
        source.write_text(text, encoding="utf-8")
        for wanted in formats:
            subprocess.run(["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to",
                            wanted, "--outdir", f"{folder}/out", source], check=True, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
            made[wanted] = pathlib.Path(folder, "out", f"{name}.{wanted.split(':')[0]}").read_bytes()
    return made
