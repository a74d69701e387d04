/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_DNS_RESOLVER_H
#define KHATM_DNS_RESOLVER_H

/* The one place that asks DNS, for SPF and DKIM alike: one asynchronous libunbound context a process, which
 * forwards to the configured servers, follows CNAMEs, repeats truncated answers over TCP and keeps a cache of
 * bounded size. Between resolver_begin and resolver_end it serves one message: answers are remembered for
 * that time, so that two readers of one policy never see two answers, and the number of questions is bounded.
 *
 * A question that stays open for QUIET_MS makes the resolver ask the servers directly whether anybody is
 * there. When nobody is, everything is DNS_TRY_LATER at once for SILENCE_MS: a dead server costs one message
 * a second or two, not each message its deadline. A name whose own servers are slow is no sign of that. After
 * resolver_warm it opens no file. It does not defend against a forger between us and the servers, except by
 * unbound's random ports and ids, and by DNSSEC where it is switched on. One thread. */

#include "dns/answer.h"

struct resolver;

struct resolver_settings {
    const char *const *servers; /* ADDRESS or ADDRESS@PORT; none: those of /etc/resolv.conf */
    size_t n_servers;
    const char *trust_anchors; /* path of a file of DS or DNSKEY records (root.key); NULL: no validation */
};

enum { RESOLVER_QUESTIONS_MAX = 160 }; /* of one message */

/* RESULT_BAD_INPUT: a server is no address, or there is none. */
enum result resolver_new(const struct resolver_settings *settings, struct resolver **resolver_out,
                         struct problem *problem) MUST_USE;
void resolver_free(struct resolver *resolver);
/* Everything that is loaded late is loaded now; asks nobody. */
enum result resolver_warm(struct resolver *resolver, struct problem *problem) MUST_USE;

/* The arena gets the answers. deadline_ms: monotonic. */
void resolver_begin(struct resolver *resolver, struct arena *arena, int64_t deadline_ms);
void resolver_end(struct resolver *resolver);

/* Whatever is asked for from now on is waited for until then at most. */
void resolver_hurry(struct resolver *resolver, int64_t deadline_ms);

/* Puts a question without waiting, so that several are under way at once. */
void resolver_start(struct resolver *resolver, const char *name, enum dns_type type);
/* Waits for the answer; never NULL, borrowed until resolver_end. A name that no domain can have is DNS_VOID.
 */
const struct dns_answer *resolver_ask(struct resolver *resolver, const char *name, enum dns_type type);

#endif
