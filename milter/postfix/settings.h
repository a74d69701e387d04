/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_POSTFIX_SETTINGS_H
#define KHATM_POSTFIX_SETTINGS_H

/* What Postfix says its configuration is: main.cf and master.cf as postconf(1) prints them, so that defaults,
 * continuation and the last of two lines are Postfix's own reading, and the places in the two files for
 * people. Everything is in the arena; read once, then only looked at. */

#include "base/arena.h"
#include "base/result.h"

#include <stddef.h>

struct postfix;

struct place {
    const char *file;
    unsigned line; /* 0: the setting is a default, or the file was not understood */
};

struct postfix_override { /* -o NAME=VALUE of a service in master.cf */
    const char *service;  /* "submission/inet" */
    const char *name, *value;
    struct place place;
};

/* directory: that of main.cf; NULL: Postfix's default. RESULT_BAD_INPUT: postconf refuses it.
 * RESULT_TRY_LATER: postconf cannot be run. */
enum result postfix_read(struct arena *arena, const char *directory, struct postfix **postfix_out,
                         struct problem *problem) MUST_USE;

const char *postfix_directory(const struct postfix *postfix);
/* Its $names replaced; "" when there is no such setting. */
const char *postfix_value(const struct postfix *postfix, const char *name);
/* As written: luser_relay and forward_path have $names that only mean something at delivery. */
const char *postfix_raw(const struct postfix *postfix, const char *name);
struct place postfix_place(const struct postfix *postfix, const char *name);

size_t postfix_count(const struct postfix *postfix);
/* In Postfix's order; values are expanded. */
void postfix_get(const struct postfix *postfix, size_t index, const char **name_out, const char **value_out);
size_t postfix_count_overrides(const struct postfix *postfix);
const struct postfix_override *postfix_get_override(const struct postfix *postfix, size_t index);

/* postmap -c DIRECTORY WORD… TABLE; see postfix/command.h. Exit status 1 of a query is that nothing was
 * found. */
struct buffer;
enum result postfix_postmap(const struct postfix *postfix, const char *option, const char *key,
                            const char *table, const char *input, struct buffer *out,
                            struct problem *problem) MUST_USE;

#endif
