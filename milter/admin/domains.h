/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_ADMIN_DOMAINS_H
#define KHATM_ADMIN_DOMAINS_H

/* The words of `khatm domains`: each takes the options that were read and returns an exit code. list and
 * check look at the registry of a gateway, as khatmd would; lint and sign at a file by itself, on the
 * authority's machine, where there is no gateway. */

#include "admin/command.h"
#include "config/config.h"

#include <stdbool.h>

#define DOMAINS_CONSUMERS "/usr/share/khatm/lists/consumer.domains"

struct domains_options {
    const char *argv0; /* "khatm domains" */
    const char *config, *consumers, *key, *gpg, *file;
    bool json;
};

int domains_list(const struct domains_options *options);
int domains_check(const struct domains_options *options);
int domains_lint(const struct domains_options *options);
int domains_sign(const struct domains_options *options);

/* Prints "ARGV0: TEXT"; returns code. */
int domains_complain(const struct domains_options *options, int code, const char *text);
/* The file, linted; EX_OK, else the exit code, having complained. */
int domains_read_draft(const struct domains_options *options, struct registry_draft *draft_out);

#endif
