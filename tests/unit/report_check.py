#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Checks what `khatm report` and `khatm trace` print, as their users' programs would read it.

report_check.py json SCHEMA FILE    report validates against the schema
report_check.py trace SCHEMA FILE   every record of a trace does
report_check.py csv FILE ROWS       RFC 4180, so many rows, one line each, no formula, no control character
report_check.py html LANGUAGE FILE  a whole page of this language, with nothing from elsewhere and nothing that runs
report_check.py text FILE           nothing that moves a terminal"""

import csv
import io
import json
import pathlib
import sys
import unicodedata

import jsonschema

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from page import Page  # noqa: E402


def fail(*words):
    sys.exit("report_check: " + " ".join(str(word) for word in words))


def harmless(text, but=""):
    for character in text:
        if character not in but and unicodedata.category(character) in ("Cc", "Cf", "Co", "Zl", "Zp"):
            fail(f"U+{ord(character):04X} in", repr(text[:200]))


def check_json(schema, text):
    harmless(text, "\n")
    jsonschema.Draft7Validator(json.loads(pathlib.Path(schema).read_text())).validate(json.loads(text))


def check_trace(schema, text):
    harmless(text, "\n")
    definitions = json.loads(pathlib.Path(schema).read_text())["definitions"]
    answer = json.loads(text)
    if answer["schema"] != 1 or not answer["records"]:
        fail("trace", text[:200])
    for record in answer["records"]:
        jsonschema.Draft7Validator({"definitions": definitions, "$ref": "#/definitions/record"}).validate(record)


def check_csv(text, n_rows):
    lines = text.split("\r\n")
    if lines.pop() != "" or len(lines) != n_rows + 1:
        fail(len(lines) - 1, "rows instead of", n_rows)
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    if len(rows) != len(lines) or any(len(row) != len(rows[0]) for row in rows):
        fail("rows of different length")
    for row in rows:
        for cell in row:
            harmless(cell)
            if cell[:1] in ("=", "+", "-", "@", "\t", "\r"):
                fail("a formula:", cell)


def check_html(language, text):
    harmless(text, "\n")
    page = Page(text)
    if (page.language, page.direction) != (language, "rtl" if language == "ar" else "ltr"):
        fail(page.language, page.direction)
    if not {"decisions", "keys", "reasons", "recipients", "senders", "days", "refusals"} <= set(page.text):
        fail("sections", *page.text)


def main():
    kind, *rest = sys.argv[1:]
    if kind == "json":
        check_json(rest[0], pathlib.Path(rest[1]).read_text())
    elif kind == "trace":
        check_trace(rest[0], pathlib.Path(rest[1]).read_text())
    elif kind == "csv":
        check_csv(pathlib.Path(rest[0]).read_bytes().decode(), int(rest[1]))
    elif kind == "html":
        check_html(rest[0], pathlib.Path(rest[1]).read_text())
    else:
        harmless(pathlib.Path(rest[0]).read_text(), "\n")


main()
