/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor/checks.h"

#include "doctor/routes.h"
#include "postfix/tables.h"

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

/* A filter on this machine hands mail back, and it passes the egress hop; another one need not. */
static bool is_past_egress(struct doctor *doctor, const char *filter)
{
    const char *colon = strchr(filter, ':');
    const struct postfix_service *service =
        route_service(doctor, doctor_text(doctor, "%.*s", (int)strcspn(filter, ":"), filter));
    return !doctor->config->seals_at_submission && service && strcmp(service->command, "pipe") != 0 &&
           !route_is_loopback(doctor, colon ? colon + 1 : "");
}

static void say_filter(struct doctor *doctor, const char *name, const char *where, const char *filter,
                       const char *mend)
{
    if (strcmp(name, filters[1]) == 0) {
        say_proxy(doctor, where, filter, mend);
        return;
    }
    bool past = is_past_egress(doctor, filter);
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

/* header_checks(5), access(5): actions that lead mail another way. */
static void on_entry(void *context, const struct table_entry *entry)
{
    static const struct {
        const char *action, *check, *why;
    } actions[] = {
        {"FILTER", "filter-action", "mail goes another way than Postfix's routing"},
        {"REDIRECT", "redirect-action", "mail goes to somebody else than who was decided on"},
        {"BCC", "redirect-action", "mail goes also to somebody who was not decided on"},
    };
    struct doctor *doctor = context;
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
        size_t length = strlen(actions[i].action);
        if (strncasecmp(entry->value, actions[i].action, length) != 0 || !strchr(" \t", entry->value[length]))
            continue;
        doctor_say(doctor, DOCTOR_WARNING, actions[i].check,
                   doctor_text(doctor, "%s:%u: %s: %s", entry->place.file, entry->place.line, entry->value,
                               actions[i].why),
                   doctor_text(doctor, "sed -i '%us/^/#/' '%s'", entry->place.line, entry->place.file));
    }
}

static void on_nothing(void *context, const char *what)
{
    (void)context;
    (void)what;
}

static void on_unread(void *context, const char *what, const char *why)
{
    struct doctor *doctor = context;
    doctor_say(doctor, DOCTOR_WARNING, "table-unread",
               doctor_text(doctor, "%s cannot be read: %s", what, why),
               doctor_text(doctor, "ls -l '%s'", what));
}

void check_filter_actions(struct doctor *doctor)
{
    static const char *const settings[] = {"header_checks", "mime_header_checks", "nested_header_checks",
                                           "body_checks", "milter_header_checks"};
    const struct table_request request = {.arena = doctor->arena,
                                          .postfix = doctor->postfix,
                                          .reader = {.context = doctor,
                                                     .entry = on_entry,
                                                     .unread = on_unread,
                                                     .question = on_nothing,
                                                     .file = on_nothing}};
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        bool again = false;
        const char *value = postfix_value(doctor->postfix, settings[i]);
        /* The three for headers are one table unless they are told apart. */
        for (size_t k = 0; k < i; k++)
            again = again || strcmp(postfix_value(doctor->postfix, settings[k]), value) == 0;
        if (!again)
            tables_read(&request, value);
    }
}
