/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_POLICY_NOTICES_H
#define KHATM_POLICY_NOTICES_H

/* The words of SMTP replies: for each language and key one line that says what happened and one that says
 * what to do. Keys are reason names, or a reason and a refinement ("NO-KEY.expired"). SMTP replies are ASCII
 * (RFC 5321 4.2), so a language that cannot be written in it (ar) has none and readers fall back to the next.
 * Immutable once shared: then thread-safe. Templates hold {field}; fields are the sender's bytes and come out
 * as printable ASCII, '?' for the rest. */

#include "policy/status.h"
#include "policy/verdict.h"

#include <stddef.h>

enum { NOTICE_LINE_MAX = 200, NOTICE_FIELD_MAX = 120 };

struct notice {
    const char *key;
    const char *what, *remedy; /* templates */
};

struct notice_fields { /* NULL: shown as "-" */
    const char *address, *domain, *class, *suggestion, *key, *since, *level, *size, *limit, *sealed,
        *reference, *contact, *login, *from, *envelope, *why, *typed, *more;
};

struct notices;

struct notices *notices_new(void); /* NULL: no memory */
void notices_free(struct notices *notices);
/* Blocks "[KEY]", "what: …", "remedy: …"; # starts a comment line. Refuses other bytes than printable ASCII,
 * lines over NOTICE_LINE_MAX, unknown keys and fields, keys given twice or not in full; refusal->line says
 * where. */
enum policy_status notices_parse(struct notices *notices, const char *language, const char *text, size_t size,
                                 struct refusal *refusal) POLICY_MUST_USE;
/* The key in this language; else the key without its refinement; else in any language that has it. NULL:
 * none. */
const struct notice *notices_find(const struct notices *notices, const char *language, const char *key);
/* The next reason after `after` that has no text in a language, from REASON_NONE to REASON_NONE: no more. */
enum reason notices_missing(const struct notices *notices, const char *language, enum reason after);
/* What a language lacks is taken from `rest`, refinements too, which is freed. */
void notices_complete(struct notices *notices, const char *language, struct notices *rest);
/* Fills the fields in; cuts at room - 1, always NUL-terminated. */
void notices_render(const char *template, const struct notice_fields *fields, char *out, size_t room);

#endif
