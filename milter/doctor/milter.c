/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor/checks.h"

#include "base/text.h"
#include "postfix/tables.h"

#include <stdlib.h>
#include <string.h>

enum { GROWTH_NUMERATOR = 14, GROWTH_DENOMINATOR = 10 };

static void set(struct doctor *doctor, enum doctor_severity severity, const char *check, const char *name,
                const char *why, const char *wanted)
{
    doctor_say(doctor, severity, check,
               doctor_text(doctor, "%s = %s: %s", name, postfix_value(doctor->postfix, name), why),
               doctor_text(doctor, "postconf -e '%s=%s'", name, wanted));
}

static const char not_there[] = "when khatmd is away, mail passes without it";

/* A milter's own braces: "{ unix:/path, default_action = accept }". */
static void check_own_action(struct doctor *doctor, const char *where, const char *list, const char *mend)
{
    const char *word = NULL;
    while ((word = tables_word(doctor->arena, &list))) {
        const char *action = is_our_milter(doctor, word) ? strstr(word, "default_action") : NULL;
        action = action ? strchr(action, '=') : NULL;
        action = action ? action + 1 + strspn(action + 1, " \t") : NULL;
        if (action && !text_starts_nocase(action, "tempfail"))
            doctor_say(doctor, DOCTOR_LEAK, "default-action",
                       doctor_text(doctor, "%s: %s has a default_action of its own: %s", where,
                                   our_milter(doctor), not_there),
                       mend);
    }
}

void check_default_action(struct doctor *doctor)
{
    static const char *const lists[] = {"smtpd_milters", "non_smtpd_milters"};
    const char *action = postfix_value(doctor->postfix, "milter_default_action");
    if (strcmp(action, "accept") == 0 || strcmp(action, "quarantine") == 0)
        set(doctor, DOCTOR_LEAK, "default-action", "milter_default_action", not_there, "tempfail");
    else if (strcmp(action, "tempfail") != 0)
        set(doctor, DOCTOR_TROUBLE, "default-action", "milter_default_action",
            "when khatmd is away, mail is refused for good", "tempfail");
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        check_own_action(doctor, lists[i], postfix_value(doctor->postfix, lists[i]),
                         doctor_text(doctor, "postconf -e '%s=%s'", lists[i], our_milter(doctor)));
    for (size_t i = 0; i < postfix_count_overrides(doctor->postfix); i++) {
        const struct postfix_override *override = postfix_get_override(doctor->postfix, i);
        const char *undo = doctor_text(doctor, "postconf -PX '%s/%s'", override->service, override->name);
        const char *where = doctor_text(doctor, "%s:%u", override->place.file, override->place.line);
        if (strcmp(override->name, "milter_default_action") == 0 && strcmp(override->value, "tempfail") != 0)
            doctor_say(doctor, DOCTOR_LEAK, "default-action",
                       doctor_text(doctor, "%s: %s has milter_default_action=%s: %s", where,
                                   override->service, override->value, not_there),
                       undo);
        if (strcmp(override->name, "smtpd_milters") == 0)
            check_own_action(doctor, where, override->value, undo);
    }
}

void check_protocol(struct doctor *doctor)
{
    if (strcmp(postfix_value(doctor->postfix, "milter_protocol"), "6") != 0)
        set(doctor, DOCTOR_TROUBLE, "protocol", "milter_protocol", "khatmd speaks version 6", "6");
}

/* What khatmd asks for, and when it must be told. */
void check_macros(struct doctor *doctor)
{
    static const struct {
        const char *list, *macro, *why;
    } needed[] = {
        {"milter_connect_macros", "{daemon_name}", "khatmd cannot know the role of a service"},
        {"milter_helo_macros", "{tls_version}", "khatmd cannot know that the connection is protected"},
        {"milter_mail_macros", "{auth_authen}", "khatmd cannot know who logged in"},
        {"milter_end_of_data_macros", "i", "the journal cannot name the queue id"},
    };
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        const char *value = postfix_value(doctor->postfix, needed[i].list), *rest = value, *word = NULL;
        bool found = false;
        /* tables_word keeps braces whole, and these macros are written in them. */
        while (!found && (word = tables_word(doctor->arena, &rest)))
            found = strcmp(word, needed[i].macro) == 0;
        if (!found)
            set(doctor, DOCTOR_TROUBLE, "macros", needed[i].list,
                doctor_text(doctor, "without %s %s", needed[i].macro, needed[i].why),
                doctor_text(doctor, "%s%s%s", value, *value ? " " : "", needed[i].macro));
    }
}

/* Seconds of "300s", "5m", "1h"; without a unit seconds. */
static int64_t seconds_of(const char *text)
{
    char *unit = NULL;
    int64_t n = strtoll(text, &unit, 10);
    return n * (*unit == 'm' ? 60 : *unit == 'h' ? 3600 : *unit == 'd' ? 86400 : 1);
}

/* The end of a message waits for all of these, one after the other. */
void check_times(struct doctor *doctor)
{
    const struct config *config = doctor->config;
    int64_t need = (config->sealing.wait_ms + config->sealing.deadline_ms + config->inspector.deadline_ms +
                    config->journal.wait_ms + config->resolver.deadline_ms + config->authenticator.wait_ms) /
                   1000;
    if (seconds_of(postfix_value(doctor->postfix, "milter_content_timeout")) < need)
        set(doctor, DOCTOR_TROUBLE, "timeout", "milter_content_timeout",
            doctor_text(doctor, "khatmd may need %lld s for a message, by khatm.conf", (long long)need),
            doctor_text(doctor, "%llds", (long long)(need > 300 ? need : 300)));
}

void check_classes(struct doctor *doctor)
{
    if (*postfix_value(doctor->postfix, "internal_mail_filter_classes"))
        set(doctor, DOCTOR_TROUBLE, "internal-classes", "internal_mail_filter_classes",
            "a bounce that is refused leaves its message in the queue", "");
}

void check_bounces(struct doctor *doctor)
{
    if (strcmp(postfix_value(doctor->postfix, "bounce_size_limit"), "1") != 0)
        set(doctor, DOCTOR_LEAK, "bounce-content", "bounce_size_limit",
            "a bounce brings the document back to whoever is named as sender", "1");
}

void check_newlines(struct doctor *doctor)
{
    const char *value = postfix_value(doctor->postfix, "smtpd_forbid_bare_newline");
    if (strcmp(value, "no") == 0)
        set(doctor, DOCTOR_LEAK, "bare-newline", "smtpd_forbid_bare_newline",
            "one message may hide a second one that is seen only further on", "normalize");
}

/* cleanup(8) takes the sealed body, and may have a limit of its own. */
static int64_t sealed_limit(const struct doctor *doctor)
{
    const char *value = postfix_value(doctor->postfix, "message_size_limit");
    for (size_t i = 0; i < doctor->services.n; i++)
        if (strcmp(doctor->services.all[i].name, "cleanup/unix") == 0)
            value =
                postfix_service_value(doctor->postfix, &doctor->services.all[i], "message_size_limit", NULL);
    return strtoll(value, NULL, 10);
}

void check_sizes(struct doctor *doctor)
{
    int64_t most = sealed_limit(doctor);
    int64_t fits = most / GROWTH_NUMERATOR * GROWTH_DENOMINATOR;
    uint64_t told = doctor->config->sealing.size_limit;
    /* Then khatmd says so at once. */
    if (told && told <= (uint64_t)most)
        return;
    for (size_t i = 0; most && i < doctor->services.n; i++) {
        const struct postfix_service *service = &doctor->services.all[i];
        const char *login = postfix_service_value(doctor->postfix, service, "smtpd_sasl_auth_enable", NULL);
        int64_t taken =
            strtoll(postfix_service_value(doctor->postfix, service, "message_size_limit", NULL), NULL, 10);
        if (strcmp(service->command, "smtpd") != 0 || strcmp(login, "yes") != 0)
            continue;
        if (!taken || taken > fits)
            doctor_say(
                doctor, DOCTOR_TROUBLE, "size-growth",
                doctor_text(doctor,
                            "%s takes messages as big as message_size_limit = %lld lets through: sealed "
                            "they have grown by 37 %%, and Postfix refuses them",
                            service->name, (long long)most),
                doctor_text(doctor, "postconf -P '%s/message_size_limit=%lld'", service->name,
                            (long long)fits));
    }
}

/* Postfix then answers 4xx for every refusal, and what may never leave waits in queues and is sent again. */
void check_soft_bounce(struct doctor *doctor)
{
    static const char why[] = "what is refused for good is tried again for days";
    if (strcmp(postfix_value(doctor->postfix, "soft_bounce"), "no") != 0)
        set(doctor, DOCTOR_TROUBLE, "soft-bounce", "soft_bounce", why, "no");
    for (size_t i = 0; i < postfix_count_overrides(doctor->postfix); i++) {
        const struct postfix_override *override = postfix_get_override(doctor->postfix, i);
        if (strcmp(override->name, "soft_bounce") == 0 && strcmp(override->value, "no") != 0)
            doctor_say(doctor, DOCTOR_TROUBLE, "soft-bounce",
                       doctor_text(doctor, "%s:%u: %s has soft_bounce=%s: %s", override->place.file,
                                   override->place.line, override->service, override->value, why),
                       doctor_text(doctor, "postconf -PX '%s/soft_bounce'", override->service));
    }
}
