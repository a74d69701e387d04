/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_POSTFIX_SERVICES_H
#define KHATM_POSTFIX_SERVICES_H

/* The services of master.cf, as postconf -M prints them, and what a setting is for each of them. In the arena
 * of the reader. */

#include "postfix/settings.h"

#include <stdbool.h>

struct postfix_service {
    const char *name;    /* "submission/inet" */
    const char *command; /* "smtpd" */
    bool is_network;     /* inet or pass: somebody else connects to it */
    bool is_chrooted;    /* sees nothing but what is below queue_directory */
};

struct postfix_services {
    const struct postfix_service *all;
    size_t n;
};

enum result postfix_services_read(struct arena *arena, const struct postfix *postfix,
                                  struct postfix_services *services_out, struct problem *problem) MUST_USE;
/* The service's own -o, else main.cf's. override_out: NULL: not wanted; *override_out: NULL: it has none. */
const char *postfix_service_value(const struct postfix *postfix, const struct postfix_service *service,
                                  const char *name, const struct postfix_override **override_out);

#endif
