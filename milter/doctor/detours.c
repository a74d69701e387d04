/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor/checks.h"

#include "doctor/routes.h"

#include <string.h>

static const char *const filters[] = {"content_filter", "smtpd_proxy_filter"};

/* MILTER_README, "Limitations". */
static void say_proxy(struct doctor *doctor, const char *where, const char *filter, const char *mend)
{
    doctor_say(doctor, DOCTOR_LEAK, "proxy-filter",
               doctor_text(doctor,
                           "%s: mail goes through %s, and Postfix shows khatmd nothing of its content", where,
                           filter),
               mend);
}

static void say_filter(struct doctor *doctor, const char *name, const char *where, const char *filter,
                       const char *mend)
{
    if (strcmp(name, filters[1]) == 0) {
        say_proxy(doctor, where, filter, mend);
        return;
    }
    bool past = filter_is_past_egress(doctor, filter);
    doctor_say(doctor, past ? DOCTOR_LEAK : DOCTOR_WARNING, past ? "egress-bypass" : "content-filter",
               past
                   ? doctor_text(doctor, "%s: mail goes on to %s, past the egress hop", where, filter)
                   : doctor_text(
                         doctor,
                         "%s: mail goes on to %s after khatmd has seen it: what that sends on, nobody checks",
                         where, filter),
               mend);
}

static bool is_filter(const char *name)
{
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++)
        if (strcmp(name, filters[i]) == 0)
            return true;
    return false;
}

void check_filters(struct doctor *doctor)
{
    struct hop hop = {.service = {.name = ""}};
    bool has_hop = !doctor->config->seals_at_submission && hop_find_here(doctor, &hop);
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
        const char *filter = postfix_value(doctor->postfix, filters[i]);
        if (*filter)
            say_filter(doctor, filters[i], filters[i], filter,
                       doctor_text(doctor, "postconf -X %s", filters[i]));
    }
    for (size_t i = 0; i < postfix_count_overrides(doctor->postfix); i++) {
        const struct postfix_override *override = postfix_get_override(doctor->postfix, i);
        bool is_exit = has_hop && strcmp(override->service, hop.service.name) == 0 &&
                       strcmp(override->name, filters[0]) == 0;
        if (is_filter(override->name) && *override->value && !is_exit)
            say_filter(doctor, override->name,
                       doctor_text(doctor, "%s:%u: %s", override->place.file, override->place.line,
                                   override->service),
                       override->value,
                       doctor_text(doctor, "postconf -PX '%s/%s'", override->service, override->name));
    }
}
