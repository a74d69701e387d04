/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_POSTFIX_TABLES_H
#define KHATM_POSTFIX_TABLES_H

/* What is in Postfix's look-up tables (DATABASE_README), entry by entry, with the place for a person. Text is
 * read where there is text: texthash, regexp, pcre, cidr, inline, static, and the source beside a compiled
 * table; of compiled tables (hash, btree, lmdb, cdb, dbm, sdbm) also what is in force, by `postmap -s`, since
 * the two may differ. Everything else (SQL, LDAP, network maps) answers only what it is asked. Nothing here
 * judges an entry. */

#include "postfix/settings.h"

#include <stdbool.h>

struct table_entry {
    const char *table; /* "hash:/etc/aliases" */
    const char *key, *value;
    struct place place; /* where the value begins; line 0: in a compiled table, or behind a question */
    bool is_pattern;    /* the key is a regular expression, and $1 in the value a part of what it met */
    bool is_compiled;   /* said by postmap: the text, or another question, may have said it too */
    bool is_alias;      /* aliases(5) */
};

struct table_reader {
    void *context;
    void (*entry)(void *context, const struct table_entry *entry);
    /* A table, or a part of it, that could not be read. */
    void (*unread)(void *context, const char *what, const char *why);
    /* A table that answers only questions: for table_ask. */
    void (*question)(void *context, const char *table);
    /* A file of this table. */
    void (*file)(void *context, const char *path);
};

struct table_request {
    struct arena *arena;
    const struct postfix *postfix;
    struct place place; /* of the setting that names the tables */
    bool is_alias;      /* sources of compiled tables are written as aliases(5) says */
    struct table_reader reader;
};

/* list: "type:name, type:name"; words that are no table are left out. */
void tables_read(const struct table_request *request, const char *list);
/* keys: one a line. Answers come as entries. */
void table_ask(const struct table_request *request, const char *table, const char *keys);
/* The next word of a list that is separated by blanks and commas, braces kept whole, in the arena; NULL: the
 * end. */
const char *tables_word(struct arena *arena, const char **rest);

#endif
