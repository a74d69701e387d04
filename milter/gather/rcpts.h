/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_GATHER_RCPTS_H
#define KHATM_GATHER_RCPTS_H

/* The part of gather that is about recipients: who they are, and with which key. findings may be NULL
 * when nothing is known of the header section. Results are in the message's arena; RESULT_TRY_LATER: no
 * memory. */

#include "gather/gather.h"

/* Level and caveats of the facts are already set: the circle depends on them. */
enum result gather_rcpts(struct message *message, const struct findings *findings, const struct keys *keys,
                         int64_t now, struct gathered *gathered) MUST_USE;
/* Does a field that steers replies or receipts name a consumer domain? */
enum fact gather_reply_to_consumer(const struct message *message, const struct findings *findings,
                                   int64_t now);

#endif
