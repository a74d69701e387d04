/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_DNS_SPF_MACRO_H
#define KHATM_DNS_SPF_MACRO_H

/* Macros of SPF, RFC 7208 section 7: their grammar, and what they stand for. %{c}, %{r} and %{t} belong to
 * explanations, which are read for their grammar only and never shown: they are a stranger's words. Pure, but
 * for %{p}, whose name the caller looks up when spf_macro_wants_p says so. */

#include "base/result.h"

#include <stdbool.h>
#include <stddef.h>

struct spf_letters {
    const char *sender_local, *sender_domain; /* of MAIL FROM, or postmaster and the HELO name */
    const char *helo;
    const char *domain;    /* the current one */
    const char *validated; /* for %{p}; NULL: "unknown" */
    char address[64];      /* for %{i}: "192.0.2.1", or nibbles with dots */
    bool six;
};

/* Ends as the grammar wants domains to end: in ".toplabel" or in a macro. */
bool spf_macro_is_domain(const char *text, size_t size);
/* Of modifiers nobody knows: any macro string. */
bool spf_macro_is_string(const char *text, size_t size);
bool spf_macro_wants_p(const char *text);

/* A name of at most 253 octets, cut on the left at a label as section 7.3 says. False: it does not fit even
 * so. */
bool spf_macro_expand(const char *text, const struct spf_letters *letters, char *out, size_t room) MUST_USE;

#endif
