# SPDX-License-Identifier: Apache-2.0
"""write_rows.py FOLDER: every message of the table, tricks and honest ones, as a file NUMBER.eml."""

import pathlib
import sys

import rows_archives
import rows_boundaries
import rows_carriers
import rows_documents
import rows_encodings
import rows_fields
import rows_nesting
import rows_secured
import rows_text
import rows_types

CLASSES = (rows_fields, rows_boundaries, rows_encodings, rows_types, rows_nesting, rows_secured, rows_text, rows_carriers,
           rows_archives, rows_documents)

for number, row in enumerate(row for module in CLASSES for row in module.T.rows):
    (pathlib.Path(sys.argv[1]) / f"{number:04}.eml").write_bytes(row.raw)
