/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_FORWARDS_FORWARDS_H
#define KHATM_FORWARDS_FORWARDS_H

/* Where a mail system would send mail on to that nobody typed: aliases, maps, .forward, procmail, Sieve
 * scripts, lists. Each target is classified by policy/recipient.h, the same that decides on mail; listed is
 * what leaves the government: neither one of our own domains, nor one that Postfix delivers here, nor
 * government or partner by the registry. What cannot be known (a command, a name made of variables) is listed
 * as such, never left out. Chains need not be followed: each link is an entry of its own, and the last one is
 * listed. Reads files of users as these users, changes nothing. One thread. */

#include "base/arena.h"
#include "policy/lists.h"
#include "policy/recipient.h"
#include "postfix/settings.h"

#include <stdbool.h>
#include <stdint.h>

struct forward {
    const char *source; /* "alias", "include", "forward", "sieve" …: docs/audit-forwards.schema.json */
    struct place place;
    const char *key;    /* what is forwarded: an address, a name, a pattern, a user, a list */
    const char *target; /* as written */
    bool is_known;      /* false: where it goes cannot be known, and class means nothing */
    enum rcpt_class class;
    const char *why; /* one phrase */
};

struct forwards_unread {
    const char *what, *why;
};

struct forwards_report {
    const struct forward *forwards;
    size_t n_forwards;
    const struct forwards_unread *unread;
    size_t n_unread;
    size_t n_files, n_targets, n_users; /* looked at */
    bool no_memory;                     /* then nothing above is whole */
};

struct forwards_request {
    struct arena *arena;
    const struct postfix *postfix;
    const char *const *local_domains; /* canonical; NULL-terminated */
    const struct registry *registry;
    const struct lists *lists;
    int64_t today_seconds;
    const char *const *sieve; /* folders of Sieve scripts, beside the users' own; NULL-terminated */
    const char *const *mlmmj; /* folders of mlmmj lists; NULL-terminated */
    const char *dovecot;      /* its configuration; NULL: there is none */
    const char *addresses;    /* a file, one address a line, for tables that only answer; NULL */
};

void forwards_find(const struct forwards_request *request, struct forwards_report *report_out);

#endif
