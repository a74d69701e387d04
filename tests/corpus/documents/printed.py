# SPDX-License-Identifier: Apache-2.0
"""Texts as PDF: by pdfTeX, by cairo, and as old programs print Arabic: presentation forms, glyph by glyph in the order
of the paper."""
import io
import os
import pathlib
import subprocess
import tempfile
import unicodedata

import cairo

EPOCH = "1767607200"
DATE = "2026-01-05T10:00:00+00:00"
HEAD = r"""\documentclass[12pt]{article}\usepackage[utf8]{inputenc}\usepackage[T1]{fontenc}\usepackage{textcomp}
\usepackage[a4paper]{geometry}\setlength{\parindent}{0pt}\pagestyle{empty}\begin{document}
"""
TEX = str.maketrans({"\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "%": r"\%", "$": r"\$", "&": r"\&", "#": r"\#", "_": r"\_",
                     "°": r"\textdegree{}", "«": r"\guillemotleft{}", "»": r"\guillemotright{}", "-": "{-}", "^": r"\^{}", "~": r"\~{}"})


def _tex_lines(group):
    if isinstance(group[0], tuple):
        rows = "".join(" & ".join(cell.translate(TEX) for cell in row) + r"\\" + "\n" for row in group)
        return rf"\begin{{tabular}}{{{'l' * len(group[0])}}}" + rows + r"\end{tabular}"
    return (r"\\" + "\n").join(line.translate(TEX) for line in group)


def pdftex(text):
    source = HEAD + "\n\n\\bigskip\n".join(_tex_lines(group) for group in text.paragraphs) + "\n\\end{document}\n"
    environment = {**os.environ, "SOURCE_DATE_EPOCH": EPOCH, "FORCE_SOURCE_DATE": "1"}
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "d.tex").write_text(source, encoding="utf-8")
        subprocess.run(["pdflatex", "-interaction=batchmode", "-halt-on-error", "d.tex"], cwd=folder, env=environment, check=True,
                       stdout=subprocess.DEVNULL)
        return pathlib.Path(folder, "d.pdf").read_bytes()


# Forms of Arabic letters: letters that do not join to the next, and the tables of Unicode by their decompositions.
FORMS = {}
for code in range(0xFE70, 0xFEFD):
    how, _, of = unicodedata.decomposition(chr(code)).partition(" ")
    if how in ("<isolated>", "<initial>", "<medial>", "<final>") and len(of) == 4:
        FORMS[chr(int(of, 16)), how] = chr(code)


def _joins_next(letter):
    return (letter, "<initial>") in FORMS


def _joins(letter):
    return (letter, "<final>") in FORMS


def shaped(line):
    """Arabic letters as presentation forms, as old programs kept them."""
    out = ""
    for at, letter in enumerate(line):
        before = at > 0 and _joins_next(line[at - 1]) and _joins(letter)
        after = at + 1 < len(line) and _joins_next(letter) and _joins(line[at + 1])
        how = "<medial>" if before and after else "<final>" if before else "<initial>" if after else "<isolated>"
        out += FORMS.get((letter, how), letter)
    return out


def _from_right(line):
    """In the order of the paper: Arabic from right to left, numbers as they are."""
    turned, digits = "", ""
    for letter in reversed(line):
        if letter.isdigit() or (digits and letter in "./-"):
            digits = letter + digits
        else:
            turned, digits = turned + digits + letter, ""
    return turned + digits


def by_cairo(text, old=False):
    out = io.BytesIO()
    surface = cairo.PDFSurface(out, 595, 842)
    surface.set_metadata(cairo.PDF_METADATA_CREATE_DATE, DATE)
    page = cairo.Context(surface)
    page.select_font_face("DejaVu Sans")
    page.set_font_size(12)
    for number, line in enumerate(text.lines):
        line = "   ".join(line) if isinstance(line, tuple) else line
        shown = _from_right(shaped(line)) if text.arabic else line
        width = page.text_extents(shown).x_advance
        x, y = (535 - width if text.arabic else 60), 60 + 20 * number
        if not old:
            page.move_to(x, y)
            page.show_text(shown)
            continue
        for letter in shown:
            page.move_to(x, y)
            page.show_text(letter)
            x += page.text_extents(letter).x_advance
    surface.finish()
    return out.getvalue()
