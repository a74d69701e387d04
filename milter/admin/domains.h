/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_ADMIN_DOMAINS_H
#define KHATM_ADMIN_DOMAINS_H

/* The words of `khatm domains`: each takes the options that were read and returns an exit code. list, check
 * and test look at the registry of a gateway, as khatmd would; lint and sign at a file by itself, on the
 * authority's machine, where there is no gateway. */

#include "admin/command.h"
#include "config/config.h"

#include <stdbool.h>

#define DOMAINS_CONSUMERS "/usr/share/khatm/lists/consumer.domains"

enum { DOMAINS_EXIT_NOT_MET = 20, DOMAINS_SELECTORS_MAX = 16, DOMAINS_SERVERS_MAX = RESOLVER_SERVERS_MAX };

struct domains_options {
    const char *argv0; /* "khatm domains" */
    const char *config, *consumers, *key, *gpg;
    const char *object; /* what the word is about: a registry's file, a domain */
    const char *selectors[DOMAINS_SELECTORS_MAX], *servers[DOMAINS_SERVERS_MAX];
    size_t n_selectors, n_servers;
    bool json;
};

int domains_list(const struct domains_options *options);
int domains_sign(const struct domains_options *options);
int domains_test(const struct domains_options *options);

/* Prints "ARGV0: TEXT"; returns code. */
int domains_complain(const struct domains_options *options, int code, const char *text);
/* The file, linted; EX_OK, else the exit code, having complained. */
int domains_read_draft(const struct domains_options *options, struct registry_draft *draft_out);

#endif
