/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_ADMIN_HEALTH_H
#define KHATM_ADMIN_HEALTH_H

/* The doctor's checks that ask other parts of Khatm: keys by the sealer, the journal, DNS. */

#include "doctor/doctor.h"

/* The daemon's own spool directory, since the configuration of a tool has another; in the doctor's arena. */
const char *health_spool(struct doctor *doctor, const char *path);
void health_check_keys(struct doctor *doctor);
void health_check_journal(struct doctor *doctor);
/* What our own domains publish about their mail; selectors: of their DKIM keys. */
void health_check_dns(struct doctor *doctor, const char *const *selectors, size_t n_selectors);

#endif
