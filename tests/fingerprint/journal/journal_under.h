/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FINGERPRINT_JOURNAL_UNDER_H
#define TESTS_FINGERPRINT_JOURNAL_UNDER_H

/* A real journal and letters for it, read as the inspector reads them. What fails ends the program. */

#include "change.h"
#include "journal/journal.h"

#include <stdbool.h>
#include <stdint.h>

enum { TEMPLATE_EVERY = 10, UNSEEN_FROM = 1 << 30 };

void need(bool good, const char *what);
/* Seconds of the wall, and of this process's processors. */
double wall_now(void);
double processor_now(void);

void letters_prepare(void);
/* The text of the letter, valid until the next. */
struct record_text letter_text(uint64_t number, bool template, enum change change);
/* Of any UTF-8 text; the same. */
struct record_text plain_text(const char *text, size_t size);

/* folder/khatm-texts.db, which must not be there. */
void journal_make(const char *folder);
/* The same, which may be there. */
void journal_use(const char *folder);
void journal_remove(void);
const char *journal_file(void);
struct journal *journal_reopen(struct journal *journal);
/* As the daemon does for staff: looked up, then recorded. */
struct text_match journal_keep(struct journal *journal, const struct record_text *text,
                               char reference[REFERENCE_BYTES]);
/* Recorded only. NULL: a document without text. */
void journal_append_text(struct journal *journal, const struct record_text *text);

#endif
