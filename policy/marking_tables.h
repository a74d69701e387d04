/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_POLICY_MARKING_TABLES_H
#define KHATM_POLICY_MARKING_TABLES_H

/* The files of policy/markings as tables: what marks a document, what its head looks like, how references are
 * written, what labels of other programs mean; khatm.markings(5) tells their columns. Rows are as written;
 * who matches folds them. Immutable once parsed: then thread-safe. */

#include "policy/fold.h"
#include "policy/status.h"

#include <stdbool.h>
#include <stddef.h>

enum marking_file {
    MARKING_FILE_MARKINGS,
    MARKING_FILE_HEADINGS,
    MARKING_FILE_REFERENCES,
    MARKING_FILE_PERSONAL,
    MARKING_FILE_LABELS,
};
enum { MARKING_FILES = MARKING_FILE_LABELS + 1 };

enum { MARKING_ROWS_MAX = 2000, MARKING_FORM_MAX = 80, MARKING_KEY_ROOM = 160 };

enum marking_strength {
    MARKING_STRONG,
    MARKING_WEAK,       /* counts beside a heading or another marking only */
    MARKING_LABEL,      /* announces a marking on the same line */
    MARKING_DISCLAIMER, /* begins a disclaimer */
};

struct marking_rank {
    int level;        /* 0 to LEVEL_MAX; -1: says nothing of it */
    unsigned caveats; /* caveat_flag of policy/facts.h */
};

struct marking_row {
    struct marking_rank rank;
    enum marking_strength strength;
    bool dated; /* a date may follow */
    char *form;
};

enum heading_kind {
    HEADING_STATE,
    HEADING_ORG,
    HEADING_TYPE,
    HEADING_ROUTE,
    HEADING_FIELD,
    HEADING_ADDRESS,
    HEADING_CLOSE,
    HEADING_MAIL, /* of a mail's own head: keeps a field beside it from counting */
};
enum { HEADING_KINDS = HEADING_MAIL + 1 };

struct heading_row {
    unsigned weight;
    enum heading_kind kind;
    char *form;
};

enum phrase_use {
    PHRASE_NUMBER,    /* a number with parts follows */
    PHRASE_REFERENCE, /* a reference follows a colon or stop */
    PHRASE_NOT_AFTER,
    PHRASE_PERSON, /* is written beside numbers of identity cards */
};

struct phrase_row {
    enum phrase_use use;
    char *form;
};

enum label_scheme { LABEL_MARKING, LABEL_SENSITIVITY, LABEL_MIP, LABEL_PROPERTY };

struct label_row {
    enum label_scheme scheme;
    struct marking_rank rank;
    char *value;
};

struct marking_tables {
    struct marking_row *markings;
    struct heading_row *headings;
    struct phrase_row *phrases;
    struct label_row *labels;
    size_t n_markings, n_headings, n_phrases, n_labels;
    unsigned list_beside, list_alone; /* different numbers of identity cards that make a list; 0: never */
};

/* "markings" "headings" "references" "personal" "labels" */
const char *marking_file_name(enum marking_file file);

struct marking_tables *marking_tables_new(void); /* NULL: no memory */
void marking_tables_free(struct marking_tables *tables);
/* Adds one file's rows; refusal->line says where it is wrong. */
enum policy_status marking_tables_parse(struct marking_tables *tables, enum marking_file file,
                                        const struct fold *fold, const char *text, size_t size,
                                        struct refusal *refusal) POLICY_MUST_USE;

#endif
