/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor/doctor.h"

#include "doctor/checks.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void (*const checks[])(struct doctor *doctor) = {
    check_services, check_local,          check_exceptions, check_roles,          check_order,
    check_relaying, check_default_action, check_protocol,   check_macros,         check_times,
    check_classes,  check_bounces,        check_newlines,   check_sizes,          check_soft_bounce,
    check_filters,  check_filter_actions, check_egress,     check_access_actions, check_reports,
    check_programs, check_socket,         check_reach,      check_spool,          check_registry,
    check_entries,  check_clock,
};

static const char postconf[] = "postconf ";

const char *doctor_severity_name(enum doctor_severity severity)
{
    static const char *const names[] = {
        [DOCTOR_LEAK] = "leak", [DOCTOR_TROUBLE] = "trouble", [DOCTOR_WARNING] = "warning"};
    return names[severity];
}

void doctor_say(struct doctor *doctor, enum doctor_severity severity, const char *check, const char *what,
                const char *mend)
{
    if (doctor->n_findings == doctor->room) {
        size_t room = doctor->room ? 2 * doctor->room : 32;
        struct doctor_finding *more = arena_alloc(doctor->arena, room, sizeof *more);
        if (!more) {
            doctor->no_memory = true;
            return;
        }
        if (doctor->n_findings)
            memcpy(more, doctor->findings, doctor->n_findings * sizeof *more);
        doctor->findings = more;
        doctor->room = room;
    }
    /* Who looks at another folder than Postfix's own mends it there. */
    if (doctor->directory && strncmp(mend, postconf, sizeof postconf - 1) == 0)
        mend = doctor_text(doctor, "%s-c '%s' %s", postconf, doctor->directory, mend + sizeof postconf - 1);
    doctor->findings[doctor->n_findings++] =
        (struct doctor_finding){.severity = severity, .check = check, .what = what, .mend = mend};
}

const char *doctor_text(struct doctor *doctor, const char *format, ...)
{
    char text[2048];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    const char *copy = arena_strdup(doctor->arena, text);
    doctor->no_memory = doctor->no_memory || !copy;
    return copy ? copy : "";
}

void doctor_check_wiring(struct doctor *doctor)
{
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
        checks[i](doctor);
}
