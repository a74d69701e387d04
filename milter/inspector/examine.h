/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_EXAMINE_H
#define KHATM_INSPECTOR_EXAMINE_H

/* One message, from its bytes to the last finding. khatm-inspector says what the message is and reads what is
 * conversation; where it leaves parts to be opened, khatm-reader goes over the same message again and opens
 * them. Asked for both, khatm-reader does the one after the other, with the readers of each, and says so in
 * two reports: no library of document formats meets the message before the first has gone out. Runs in a
 * child and leaves what it allocated to the end of the process. Past a limit the message is not read further
 * and the report says so.
 */

#include "base/digest.h"
#include "inspector/report.h"
#include "inspector/skills.h"
#include "inspector/tree.h"

struct examiner {
    const struct skills *skills;
    struct kind *kind;
    struct digest *digest;
    struct desk *desk;
    struct report *report;
};

struct examine_limits {
    uint64_t size;
    unsigned depth, parts;
    bool both;  /* say first what khatm-inspector would, as a report of its own with its own END */
    bool final; /* the process ends with this message: what ends with it need not be freed */
};

/* skills: borrowed. */
enum result examiner_new(const struct skills *skills, struct examiner **examiner_out,
                         struct problem *problem) MUST_USE;
void examiner_free(struct examiner *examiner);
/* In the template: reads a message of our own once, so that what libraries make at the first use is made,
 * symbols are bound and no child has to. Leaves a new desk. */
enum result examiner_warm_up(struct examiner *examiner, struct problem *problem) MUST_USE;

/* Processor time after which `both` ends with the first report: khatm-reader's own is bounded. */
enum { EXAMINE_FIRST_CPU_MS = 1000 };

/* Reads message_fd at offsets, sends the report to result_socket, END included. */
void examine(struct examiner *examiner, int message_fd, int result_socket,
             const struct examine_limits *limits, int64_t deadline_ms);

#endif
