/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_CONFIG_VALUES_H
#define KHATM_CONFIG_VALUES_H

/* Typed values out of a parsed file. The first thing that is wrong is kept, with its line and what to write
 * instead; later calls then answer with defaults, so that a reader is a plain list of its settings and asks
 * once at the end. Texts are in the arena of the tree. One thread. */

#include "config/syntax.h"

#include <stdbool.h>
#include <stdint.h>

struct values {
    struct arena *arena;
    const char *path;
    struct problem *problem;
    enum result result; /* RESULT_OK until something was wrong */
};

/* Keeps the first: "PATH:LINE: …". */
void values_wrong(struct values *values, unsigned line, const char *format, ...) PRINTF_LIKE(3, 4);
void values_no_memory(struct values *values);

/* NULL: not given. */
const struct setting *values_find(const struct block *block, const char *name);
/* Line of the setting, of the block when it is not given. */
unsigned values_line(const struct block *block, const char *name);
/* The only section of this name; NULL: not given. Given twice is wrong. */
const struct block *values_section(struct values *values, const struct block *block, const char *name);

const char *values_text(struct values *values, const struct block *block, const char *name,
                        const char *otherwise);
/* Wrong when it is missing or empty; then "". `example` is shown. */
const char *values_required(struct values *values, const struct block *block, const char *name,
                            const char *example);
/* A path from /. */
const char *values_path(struct values *values, const struct block *block, const char *name,
                        const char *otherwise);
/* Never NULL; NULL-terminated. */
const char *const *values_list(struct values *values, const struct block *block, const char *name);
bool values_yes(struct values *values, const struct block *block, const char *name, bool otherwise);
/* A plain number. */
unsigned values_number(struct values *values, const struct block *block, const char *name, unsigned otherwise,
                       unsigned least, unsigned most);
/* Bytes, with K, M or G (powers of 1024) or none. */
uint64_t values_size(struct values *values, const struct block *block, const char *name, uint64_t otherwise,
                     uint64_t least, uint64_t most);
/* Milliseconds; the unit is a must: ms, s, min, h. */
int64_t values_duration_ms(struct values *values, const struct block *block, const char *name,
                           int64_t otherwise, int64_t least, int64_t most);
/* First second of a day written YYYY-MM-DD; 0 when not given. */
int64_t values_date(struct values *values, const struct block *block, const char *name);
/* Index into NULL-terminated names. */
unsigned values_choice(struct values *values, const struct block *block, const char *name,
                       const char *const *names, unsigned otherwise);
/* The set of bits (1u << index) that a list of names says; 0 when not given, wrong when empty. */
unsigned values_set(struct values *values, const struct block *block, const char *name,
                    const char *const *names);

#endif
