/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_FETCHER_SERVE_H
#define KHATM_FETCHER_SERVE_H

/* The fetcher's half of wkd/protocol.h: one request after the other, until the control socket closes. What it
 * hands back is not looked at. */

#include "fetcher/https.h"

struct serve_tools {
    struct https *https;
    struct resolver *resolver;
    struct hosts_allowed allowed;
};

enum result serve(int control, const struct serve_tools *tools, struct problem *problem) MUST_USE;

#endif
