/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_REPORT_H
#define KHATM_INSPECTOR_REPORT_H

/* What the child tells the daemon: findings are packed into few frames, since each wakes the daemon up.
 * Values are cut to the protocol's longest. A report that could not be sent sets `failed`; then END is not
 * sent either and the daemon knows that the answer is incomplete. One per process. */

#include "helper/wire.h"
#include "inspect/findings.h"
#include "inspect/protocol.h"
#include "inspector/text_sink.h"

#include <stdbool.h>

struct report {
    int socket;
    int64_t deadline_ms; /* monotonic */
    bool failed;
    bool wanted;            /* PART_WANTED was said of something */
    const char *incomplete; /* first cause; NULL */
    const char *ambiguous;  /* first cause; NULL */
    unsigned limits, marks;
    struct wire_frame frame;
};

void report_open(struct report *report, int socket, int64_t deadline_ms);
/* NULL texts and a NULL digest are not sent; the flags add to what was sent for this path before. */
void report_part(struct report *report, const struct part_finding *part);
/* What its text says. Nothing is sent when that is nothing. */
void report_text(struct report *report, const char *path, const struct text_finding *finding);
void report_address(struct report *report, enum address_field field, const char *address);
void report_number(struct report *report, enum inspect_tag tag, uint64_t number);
/* The first cause of each stays; NULL is none. `why` must outlive the report. */
void report_ambiguous(struct report *report, const char *why);
void report_limit(struct report *report, unsigned limit, const char *why);
void report_incomplete(struct report *report, const char *why);
/* What was said of parts and addresses so far goes out now. */
void report_flush(struct report *report);
/* The same, with what is known of the message as a whole. */
void report_so_far(struct report *report);
void report_end(struct report *report);

#endif
