/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_DOCTOR_ROUTES_H
#define KHATM_DOCTOR_ROUTES_H

/* Where a transport of Postfix (transport(5), "transport:nexthop") leads, seen from the egress hop: to it, to
 * somebody on this machine or in the house, or past it. What is not understood leads past it. Texts are of
 * the doctor's arena. */

#include "doctor/doctor.h"

struct hop {
    const struct postfix *postfix; /* of the instance that has it: the doctor's own, or another one here */
    struct postfix_service service;
    const char *host; /* without brackets; "": every address of the machine */
    const char *port;
    const char *nexthop; /* as a client must name it: "[127.0.0.1]:2603" */
    bool is_elsewhere;   /* in another instance */
};

enum route {
    ROUTE_HOP,
    ROUTE_CLASS,   /* says nothing: Postfix's own choice, which is looked at by itself */
    ROUTE_HERE,    /* delivered, refused or thrown away here, or by LMTP within the house */
    ROUTE_PROGRAM, /* pipe(8), which may do anything */
    ROUTE_AWAY,
};

/* The smtpd service of role egress: of this instance, else of one that multi_instance_directories names.
 * False: there is none. */
bool egress_hop_find(struct doctor *doctor, struct hop *hop_out);
/* The same, of this instance only. */
bool hop_find_here(struct doctor *doctor, struct hop *hop_out);
/* Does the filter of the hop, "transport:nexthop", lead out: to a client that does not come back to it? */
bool hop_leads_out(struct doctor *doctor, const struct hop *hop, const char *filter);
enum route route_of(struct doctor *doctor, const struct hop *hop, const char *destination);
/* With sealing at egress: a filter on this machine hands mail back, and it passes the hop; another one need
 * not.
 */
bool filter_is_past_egress(struct doctor *doctor, const char *filter);
/* NULL: master.cf has no such transport. */
const struct postfix_service *route_service(const struct doctor *doctor, const char *transport);
/* Is it this machine: "127.0.0.1", "[::1]:25", "localhost"? */
bool route_is_loopback(struct doctor *doctor, const char *nexthop);

#endif
