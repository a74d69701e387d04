/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_LABELS_H
#define KHATM_INSPECTOR_LABELS_H

/* What a header section says of the message's level: tags in the subject, and the fields that label mail
 * (X-Protective-Marking, SIO-Label, Sensitivity, msip_labels …). Unfolded and decoded (RFC 2047) by GMime,
 * shown to the text sink's consumers; what they find is reported for `path`. */

#include "inspector/report.h"
#include "inspector/source.h"

/* True: it says that this is an administrative document. */
bool labels_read(const char *section, size_t size, const char *path, struct report *report);
/* The header section of a message that lies in another from `at` to `end`. */
bool labels_read_at(struct source *source, uint64_t at, uint64_t end, const char *path,
                    struct report *report);

#endif
