/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_CONFIG_ISSUE_H
#define KHATM_CONFIG_ISSUE_H

/* One issue of the registry, from file to table: read once, verified, then parsed and linted from the same
 * bytes, then compared with the last one accepted. In this order: what nobody signed is not parsed. When the
 * file is refused and the caller may fall back, the kept issue takes its place by the same steps. Within
 * config/ only. */

#include "config/kept.h"
#include "config/load.h"

struct issue_request {
    struct arena *arena;
    struct config *config;            /* settings and lists are there; registry_file is completed */
    const struct config_files *files; /* for the lines of what is missing */
    const struct config_trust *trust; /* NULL: nobody is asked */
    int64_t now;                      /* seconds since 1970 */
};

struct issue {
    const struct registry *registry; /* the caller frees */
    struct source source, signature; /* signature: of a verified one */
    bool is_kept;                    /* these bytes are what the state directory holds */
};

enum result issue_read(const struct issue_request *request, struct issue *issue_out,
                       struct problem *problem) MUST_USE;

#endif
