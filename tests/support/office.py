# SPDX-License-Identifier: Apache-2.0
"""Texts as documents that LibreOffice wrote: one run of soffice for all files of a format."""

import pathlib
import subprocess
from xml.sax.saxutils import escape

SPACES = " ".join(f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for prefix, name in
                  (("office", "office"), ("text", "text"), ("style", "style"), ("fo", "xsl-fo-compatible")))


def flat(paragraphs, arabic=False):
    """Flat OpenDocument text, one paragraph a line."""
    mode = "rl-tb" if arabic else "lr-tb"
    lines = "".join(f'<text:p text:style-name="P">{escape(line)}</text:p>' for line in paragraphs)
    return (f'<?xml version="1.0" encoding="UTF-8"?>\n<office:document {SPACES} office:version="1.2" '
            'office:mimetype="application/vnd.oasis.opendocument.text"><office:automatic-styles>'
            f'<style:style style:name="P" style:family="paragraph"><style:paragraph-properties style:writing-mode="{mode}"/>'
            '<style:text-properties style:font-name-complex="Amiri" fo:font-size="12pt"/></style:style></office:automatic-styles>'
            f"<office:body><office:text>{lines}</office:text></office:body></office:document>").encode()


def convert(files, wanted, into, *options):
    """Each of the files as EXTENSION or EXTENSION:FILTER, in the folder `into`. Returns their paths, in order."""
    into = pathlib.Path(into)
    into.mkdir(parents=True, exist_ok=True)
    subprocess.run(["soffice", f"-env:UserInstallation=file://{into}/profile", "--headless", *options, "--convert-to", wanted,
                    "--outdir", into, *files], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    made = [into / f"{pathlib.Path(file).stem}.{wanted.split(':')[0]}" for file in files]
    missing = [file.name for file in made if not file.exists()]
    if missing:
        raise RuntimeError(f"soffice made no {', '.join(missing)}")
    return made
