/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_WKD_CLIENT_H
#define KHATM_WKD_CLIENT_H

/* A khatm-fetcher, and what it brings. Start one a domain: what a server does to it, it can do to no answer
 * of another's. What it brings is a stranger's, and for others to judge. One thread. */

#include "base/buffer.h"
#include "config/config.h"
#include "wkd/protocol.h"

struct fetcher;

struct fetch_said {
    char host[FETCH_HOST_MAX + 1]; /* which was asked; printable */
    char why[FETCH_WHY_MAX + 1];   /* unless it was found */
};

enum result fetcher_start(const struct wkd_settings *settings, const struct dns_settings *dns,
                          struct fetcher **fetcher_out, struct problem *problem) MUST_USE;
void fetcher_free(struct fetcher *fetcher);
/* Appends what the server has for that address. domain: canonical. FETCH_FAILED also when the fetcher died or
 * answered nonsense: then it is of no more use, and whatever is asked next fails, too. */
enum fetch_outcome fetcher_get(struct fetcher *fetcher, const char *local, const char *domain,
                               struct buffer *key, struct fetch_said *said_out) MUST_USE;

#endif
