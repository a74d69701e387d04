/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_DOCTOR_DOCTOR_H
#define KHATM_DOCTOR_DOCTOR_H

/* What is wrong with how Khatm is wired into the mail system, each with the line that mends it. Every check
 * looks at one thing, says nothing when it is right, and changes nothing. What a check cannot learn it says.
 * One thread. */

#include "base/arena.h"
#include "config/config.h"
#include "postfix/services.h"

enum doctor_severity {
    DOCTOR_LEAK,    /* mail may leave, or come in, without Khatm */
    DOCTOR_TROUBLE, /* mail is lost, refused or kept waiting */
    DOCTOR_WARNING, /* will be trouble, or is against good order */
};

struct doctor_finding {
    enum doctor_severity severity;
    const char *check; /* stable name: "milter-missing" */
    const char *what;  /* one line */
    const char *mend;  /* the line that mends it */
};

struct doctor {
    struct arena *arena;
    const struct config *config;
    const char *spool; /* the daemon's: that of config may be a tool's */
    const struct postfix *postfix;
    const char *directory; /* of main.cf when it is not Postfix's default; else NULL */
    struct postfix_services services;
    int64_t now; /* seconds since 1970 */
    struct doctor_finding *findings;
    size_t n_findings, room;
    bool no_memory;
};

/* what, mend: of doctor->arena, or lasting as long. */
void doctor_say(struct doctor *doctor, enum doctor_severity severity, const char *check, const char *what,
                const char *mend);
/* In the arena; "" and no_memory set when there is none. */
const char *doctor_text(struct doctor *doctor, const char *format, ...) PRINTF_LIKE(2, 3);
const char *doctor_severity_name(enum doctor_severity severity);

/* The checks that read configuration, of this folder. */
void doctor_check_wiring(struct doctor *doctor);

#endif
