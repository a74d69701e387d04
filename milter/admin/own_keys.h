/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_ADMIN_OWN_KEYS_H
#define KHATM_ADMIN_OWN_KEYS_H

/* What DNS must have for the keys that sign here: khatm-dkim-signer is started, tells their other halves, and
 * ends. */

#include "config/config.h"
#include "survey/survey.h"

/* Sets request->own, in its arena; none without keys in the settings. RESULT_TRY_LATER with *problem: a key
 * cannot be used, or may not be read by this user. */
enum result own_keys_read(const struct config *config, struct survey_request *request,
                          struct problem *problem) MUST_USE;

#endif
