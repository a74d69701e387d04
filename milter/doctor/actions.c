/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor/checks.h"

#include "base/text.h"
#include "doctor/entries.h"
#include "doctor/routes.h"

#include <string.h>

/* header_checks(5), access(5): actions that lead mail another way. */

struct reading {
    struct doctor *doctor;
    const char *undo; /* what takes the setting back as a whole */
    const char *said; /* what was named */
    bool is_access;   /* of a client, a sender, a recipient: only where it leads counts */
};

static void say_filter(struct reading *reading, const struct table_entry *entry)
{
    struct doctor *doctor = reading->doctor;
    const char *filter = entry->value + strlen("FILTER");
    bool past = filter_is_past_egress(doctor, filter + strspn(filter, " \t"));
    doctor_say(doctor, past ? DOCTOR_LEAK : DOCTOR_WARNING, past ? "egress-bypass" : "filter-action",
               doctor_text(doctor, "%s: %s: mail goes %s", entry_place(doctor, entry), entry->value,
                           past ? "past the egress hop" : "another way than Postfix's routing"),
               entry_mend(doctor, entry, reading->undo));
}

static void say_redirect(struct reading *reading, const struct table_entry *entry, const char *why)
{
    struct doctor *doctor = reading->doctor;
    doctor_say(doctor, DOCTOR_WARNING, "redirect-action",
               doctor_text(doctor, "%s: %s: mail goes %s", entry_place(doctor, entry), entry->value, why),
               entry_mend(doctor, entry, reading->undo));
}

static bool is_action(const char *value, const char *action)
{
    size_t length = strlen(action);
    return text_starts_nocase(value, action) && value[length] && strchr(" \t", value[length]);
}

static void on_entry(void *context, const struct table_entry *entry)
{
    struct reading *reading = context;
    bool filters = is_action(entry->value, "FILTER");
    bool redirects = !reading->is_access && is_action(entry->value, "REDIRECT");
    bool copies = !reading->is_access && is_action(entry->value, "BCC");
    if (!(filters || redirects || copies) || entry_is_repeated(reading->doctor, entry, &reading->said))
        return;
    if (filters)
        say_filter(reading, entry);
    else
        say_redirect(reading, entry,
                     redirects ? "to somebody else than who was decided on"
                               : "also to somebody who was not decided on");
}

static void on_nothing(void *context, const char *what)
{
    (void)context;
    (void)what;
}

static void on_unread(void *context, const char *what, const char *why)
{
    struct doctor *doctor = ((struct reading *)context)->doctor;
    doctor_say(doctor, DOCTOR_WARNING, "table-unread",
               doctor_text(doctor, "%s cannot be read: %s", what, why),
               doctor_text(doctor, "ls -l '%s'", what));
}

static void read_tables(struct reading *reading, struct place place, const char *list)
{
    const struct table_request request = {.arena = reading->doctor->arena,
                                          .postfix = reading->doctor->postfix,
                                          .place = place,
                                          .reader = {.context = reading,
                                                     .entry = on_entry,
                                                     .unread = on_unread,
                                                     .question = on_nothing,
                                                     .file = on_nothing}};
    tables_read(&request, list);
}

static const char *const content_checks[] = {"header_checks", "mime_header_checks", "nested_header_checks",
                                             "body_checks", "milter_header_checks"};
enum { CONTENT_CHECKS = sizeof content_checks / sizeof *content_checks };

/* Of a cleanup(8) of its own, as submission often has one. */
static void check_override(struct reading *reading, const struct postfix_override *override)
{
    reading->undo = doctor_text(reading->doctor, "postconf -PX '%s/%s'", override->service, override->name);
    for (size_t i = 0; i < CONTENT_CHECKS; i++)
        if (strcmp(override->name, content_checks[i]) == 0)
            read_tables(reading, override->place, override->value);
}

void check_filter_actions(struct doctor *doctor)
{
    struct reading reading = {.doctor = doctor};
    for (size_t i = 0; i < CONTENT_CHECKS; i++) {
        bool again = false;
        const char *value = postfix_value(doctor->postfix, content_checks[i]);
        /* The three for headers are one table unless they are told apart. */
        for (size_t k = 0; k < i; k++)
            again = again || strcmp(postfix_value(doctor->postfix, content_checks[k]), value) == 0;
        reading.undo = doctor_text(doctor, "postconf -X %s", content_checks[i]);
        if (!again)
            read_tables(&reading, postfix_place(doctor->postfix, content_checks[i]), value);
    }
    for (size_t i = 0; i < postfix_count_overrides(doctor->postfix); i++)
        check_override(&reading, postfix_get_override(doctor->postfix, i));
}

/* "check_client_access hash:/etc/postfix/access" wherever it stands, also as { check_… { inline:… } }. */
static void read_restrictions(struct reading *reading, struct place place, const char *list)
{
    struct arena *arena = reading->doctor->arena;
    const char *word = NULL, *before = "", *inner = NULL;
    while ((word = tables_word(arena, &list))) {
        size_t length = strlen(before), size = strlen(word);
        bool is_access = text_starts_nocase(before, "check_") && length > 7 &&
                         text_equal_nocase(before + length - 7, "_access");
        inner = *word == '{' && size > 1 ? arena_strndup(arena, word + 1, size - 2) : NULL;
        if (is_access)
            read_tables(reading, place, inner ? inner : word);
        else if (inner)
            read_restrictions(reading, place, inner);
        before = word;
    }
}

void check_access_actions(struct doctor *doctor)
{
    struct reading reading = {.doctor = doctor, .is_access = true};
    for (size_t i = 0; i < postfix_count(doctor->postfix); i++) {
        const char *name = NULL, *value = NULL;
        postfix_get(doctor->postfix, i, &name, &value);
        reading.undo = doctor_text(doctor, "postconf -X %s", name);
        if (strstr(value, "check_"))
            read_restrictions(&reading, postfix_place(doctor->postfix, name), value);
    }
    for (size_t i = 0; i < postfix_count_overrides(doctor->postfix); i++) {
        const struct postfix_override *override = postfix_get_override(doctor->postfix, i);
        reading.undo = doctor_text(doctor, "postconf -PX '%s/%s'", override->service, override->name);
        if (strstr(override->value, "check_"))
            read_restrictions(&reading, override->place, override->value);
    }
}
