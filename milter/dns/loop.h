/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_DNS_LOOP_H
#define KHATM_DNS_LOOP_H

/* The event loop under libunbound (unbound-event.h): poll(2), no thread, no pipe, no second process, so that
 * the whole resolver lives in one sandboxed thread. libunbound's own asynchronous mode forks or starts a
 * thread, and its plain ub_resolve builds a worker for every question. Only `resolver` and `probe` use this.
 * An event may be deleted or freed from within any callback. Owns no descriptor. Fails only for want of
 * memory. */

#include "base/result.h"

#include <stdint.h>

struct loop;
struct ub_event_base;

struct loop *loop_new(void);
/* After everything that watches with it is gone. */
void loop_free(struct loop *loop);
/* What ub_ctx_create_ub_event wants; lives as long as the loop. */
struct ub_event_base *loop_base(struct loop *loop);

/* Waits for events until until_ms (monotonic) at the latest, calls what is due, returns.
 * RESULT_TRY_LATER: poll failed. */
enum result loop_turn(struct loop *loop, int64_t until_ms) MUST_USE;

#endif
