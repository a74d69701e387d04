/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_FETCHER_HTTPS_H
#define KHATM_FETCHER_HTTPS_H

/* One GET over HTTPS by libcurl, from addresses that the caller looked up: nothing but https, the server's
 * certificate always verified against its name, no redirect followed, no proxy, no cookie, no second protocol
 * (HTTP/1.1 alone), nothing read from the environment. Opens no file after https_new, starts no thread. One
 * thread. */

#include "base/buffer.h"
#include "fetcher/hosts.h"
#include "wkd/protocol.h"

struct https;

/* ca_file: certificates in PEM of those who are believed. RESULT_BAD_INPUT: it cannot be read or holds none.
 */
enum result https_new(const char *ca_file, struct https **https_out, struct problem *problem) MUST_USE;
void https_free(struct https *https);

/* path: with its query. body: initialised by the caller, with its limit. deadline_ms: monotonic. *problem: a
 * phrase, unless it was found. */
enum fetch_outcome https_get(struct https *https, const struct hosts_found *server, const char *path,
                             int64_t deadline_ms, struct buffer *body, struct problem *problem) MUST_USE;

#endif
