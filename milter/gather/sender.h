/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_GATHER_SENDER_H
#define KHATM_GATHER_SENDER_H

/* The part of gather that is about who sends: envelope, login and From, and, for mail from outside that
 * claims a domain of the registry, what SPF and DKIM say. Results are in the message's arena. */

#include "gather/gather.h"

/* By what is known without asking anybody; findings: NULL when nothing is known of the header section.
 * RESULT_TRY_LATER: no memory. */
enum result gather_sender(struct message *message, const struct findings *findings, int64_t now,
                          struct gathered *gathered) MUST_USE;
/* Asks khatm-authenticator where it could tell something, and judges anew. That it could not be asked is no
 * failure but a fact: the message may have no content that depends on it. RESULT_TRY_LATER: no memory. */
enum result gather_proven_sender(struct message *message, const struct findings *findings,
                                 struct authenticator *authenticator, int64_t now,
                                 struct gathered *gathered) MUST_USE;
/* Of an outsider's document: does From's domain show that it comes from this address? Who asks for it back
 * can only then be given it. Nobody waits for it: where it cannot be learnt at once it stays unknown.
 * RESULT_TRY_LATER: no memory. */
enum result gather_proven_address(struct message *message, const struct findings *findings,
                                  struct authenticator *authenticator, int64_t now,
                                  struct gathered *gathered) MUST_USE;

#endif
