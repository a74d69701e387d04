/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_ADMIN_PRINTER_H
#define KHATM_ADMIN_PRINTER_H

/* How the khatm command shows what comes from mail. Values are a stranger's: in text, whatever could move a
 * terminal's cursor, write a line of its own or turn the direction of reading is shown as <U+202E>, a byte
 * that is not UTF-8 as \xNN; in CSV likewise, and no cell can be a formula; JSON is all ASCII with \u
 * escapes, bytes that are not UTF-8 become U+FFFD. Times are UTC everywhere, and say so. One thread. */

#include "base/buffer.h"
#include "journal/journal.h"
#include "seal/outlook.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum tint { TINT_NONE, TINT_GOOD, TINT_BAD, TINT_WARN, TINT_FAINT, TINT_HEAD };

struct printer {
    FILE *out;
    bool colour;
};

/* Colours when `out` is a terminal that is not dumb and NO_COLOR is not set. */
void printer_init(struct printer *printer, FILE *out);

/* Text, harmless on a terminal. NULL prints as "-". At most so many characters, then how many bytes there
 * were. */
enum { TEXT_SHOWN_MAX = 160 };
void printer_safe(struct buffer *out, const char *text, size_t most);
void printer_put(const struct printer *printer, const char *text);
/* The same, padded with spaces to at least `width` columns and coloured. */
void printer_column(const struct printer *printer, const char *text, int width, enum tint tint);

/* "2026-11-21 21:34:05"; `text` holds 21 bytes. */
void printer_time(int64_t time_ms, char text[21]);
/* "refused", "sealed" …: verdict_name is for machines. */
const char *printer_verdict(enum verdict verdict);
/* A few words for people who do not live with the names. */
const char *printer_reason(enum reason reason);
enum tint printer_verdict_tint(enum verdict verdict);
enum tint printer_stage_tint(enum outlook_stage stage);

/* By what a document was recognised, and in which record it is. */
void printer_known(const struct printer *printer, enum known_by by, unsigned share, const char *reference);
/* A whole record as a block of lines, ends with an empty line. */
void printer_record(const struct printer *printer, const struct record *record);
/* A whole record as one JSON object on one line, in the form of docs/report.schema.json. Free it; NULL: no
 * memory. */
char *printer_record_json(const struct record *record);
/* An object of jansson's, on one line; takes the reference over. RESULT_TRY_LATER: no memory, NULL included.
 */
struct json_t;
enum result printer_json(FILE *out, struct json_t *object) MUST_USE;
/* One JSON string with its quotes, or null. Free it; NULL: no memory. */
char *printer_string_json(const char *text);

/* Harmless, and escaped as HTML: as text or as the value of an attribute. */
void printer_html(FILE *out, const char *text);
/* The same as text, which may go on in another line behind a point, a slash or an @. */
void printer_html_breakable(FILE *out, const char *text);

/* One RFC 4180 row: cells are quoted where they must be; ends with CRLF. */
void printer_csv(FILE *out, const char *const *cells, size_t n_cells);

#endif
