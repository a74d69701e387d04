/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_DOCTOR_CHECKS_H
#define KHATM_DOCTOR_CHECKS_H

/* One function a check; doctor.c has them in a table. */

#include "doctor/doctor.h"

/* services.c: does all mail pass our milter, in a role of its own? */
void check_services(struct doctor *doctor);
void check_local(struct doctor *doctor);
void check_reach(struct doctor *doctor);
void check_exceptions(struct doctor *doctor);
void check_roles(struct doctor *doctor);
void check_order(struct doctor *doctor);
void check_relaying(struct doctor *doctor);
/* milter.c: how Postfix speaks to it. */
void check_default_action(struct doctor *doctor);
void check_protocol(struct doctor *doctor);
void check_macros(struct doctor *doctor);
void check_times(struct doctor *doctor);
void check_classes(struct doctor *doctor);
void check_bounces(struct doctor *doctor);
void check_newlines(struct doctor *doctor);
void check_sizes(struct doctor *doctor);
void check_soft_bounce(struct doctor *doctor);
/* detours.c: mail that goes another way after us. */
void check_filters(struct doctor *doctor);
/* actions.c: the same by an entry of a table. */
void check_filter_actions(struct doctor *doctor);
void check_access_actions(struct doctor *doctor);
/* egress.c, bypasses.c: when sealing is done at egress, does all mail that leaves pass the hop? */
struct hop;
void check_egress(struct doctor *doctor);
void check_reports(struct doctor *doctor);
void check_programs(struct doctor *doctor);
void check_bypasses(struct doctor *doctor, const struct hop *hop);
/* system.c: what is on the machine. */
void check_socket(struct doctor *doctor);
void check_spool(struct doctor *doctor);
void check_registry(struct doctor *doctor);
void check_entries(struct doctor *doctor);
void check_clock(struct doctor *doctor);

/* Postfix's name of our socket: "unix:/run/khatm/milter.sock", "inet:127.0.0.1:8899". */
const char *our_milter(struct doctor *doctor);
/* Is a word of smtpd_milters ours? */
bool is_our_milter(struct doctor *doctor, const char *word);
/* The first of these networks that is not this machine; NULL: none. */
const char *network_outside(struct doctor *doctor, const char *networks);
/* Is it a word of the list? */
bool list_has(struct doctor *doctor, const char *list, const char *wanted);

#endif
