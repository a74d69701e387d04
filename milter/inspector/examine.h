/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_EXAMINE_H
#define KHATM_INSPECTOR_EXAMINE_H

/* One message, from its bytes to the last finding: structure by our own reading and by GMime's, addresses,
 * then the content of each part. Everything is a document that is not plainly conversation: text of the
 * message itself, a detached signature, the report in a delivery report. Runs in a child and leaves what it
 * allocated to the end of the process. Past a limit the message is not read further and the report says so.
 */

#include "base/digest.h"
#include "inspector/content.h"
#include "inspector/kind.h"
#include "inspector/report.h"
#include "inspector/source.h"

struct desk { /* large, and untouched until a message is read: a forked child pays only for pages that exist
               */
    struct source source;
    struct content content;
    struct rawscan scan;
    struct report report;
};

struct examiner {
    struct kind *kind;
    struct digest *digest;
    struct desk *desk;
};

struct examine_limits {
    uint64_t size;
    unsigned depth, parts;
};

enum result examiner_new(struct examiner **examiner_out, struct problem *problem) MUST_USE;
void examiner_free(struct examiner *examiner);
/* In the template: reads a message of our own once, so that what libraries make at the first use is made,
 * symbols are bound and no child has to. Leaves a new desk. */
enum result examiner_warm_up(struct examiner *examiner, struct problem *problem) MUST_USE;

/* Reads message_fd at offsets, sends the report to result_socket, END included. */
void examine(struct examiner *examiner, int message_fd, int result_socket,
             const struct examine_limits *limits, int64_t deadline_ms);

#endif
