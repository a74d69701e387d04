/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor/checks.h"

#include "base/text.h"
#include "doctor/entries.h"
#include "doctor/routes.h"
#include "postfix/tables.h"

#include <string.h>

/* Settings whose value leads mail somewhere, or whose tables do. */
static const struct {
    const char *name;
    bool is_remote; /* for mail that is not delivered here: it must pass the hop */
    bool is_table;
} settings[] = {
    {"default_transport", true, false},      {"relay_transport", true, false},
    {"local_transport", false, false},       {"virtual_transport", false, false},
    {"mailbox_transport", false, false},     {"fallback_transport", false, false},
    {"transport_maps", false, true},         {"sender_dependent_default_transport_maps", true, true},
    {"mailbox_transport_maps", false, true}, {"fallback_transport_maps", false, true},
};

struct looking {
    struct doctor *doctor;
    const struct hop *hop;
    const char *name; /* the setting */
    const char *undo; /* what takes it back as a whole */
    bool is_remote;
    const char
        *said; /* "FILE KEY VALUE" of the last entry that was named: a compiled table repeats its text */
};

static bool goes_past(const struct looking *looking, const char *destination)
{
    switch (route_of(looking->doctor, looking->hop, destination)) {
    case ROUTE_HOP:
    case ROUTE_CLASS:
    case ROUTE_HERE:
        return false;
    case ROUTE_PROGRAM:
        return looking->is_remote;
    case ROUTE_AWAY:
        return true;
    }
    return true;
}

static void on_entry(void *context, const struct table_entry *entry)
{
    struct looking *looking = context;
    struct doctor *doctor = looking->doctor;
    if (text_equal_nocase(entry->value, "DUNNO") || !goes_past(looking, entry->value))
        return;
    if (entry_is_repeated(doctor, entry, &looking->said))
        return;
    doctor_say(doctor, DOCTOR_LEAK, "egress-bypass",
               doctor_text(doctor, "%s: %s: mail for %s goes to %s, past the egress hop",
                           entry_place(doctor, entry), looking->name, entry->key, entry->value),
               entry_mend(doctor, entry, looking->undo));
}

static void on_unread(void *context, const char *what, const char *why)
{
    struct looking *looking = context;
    doctor_say(looking->doctor, DOCTOR_WARNING, "table-unread",
               doctor_text(looking->doctor, "%s: %s cannot be read: %s", looking->name, what, why),
               doctor_text(looking->doctor, "ls -l '%s'", what));
}

static void on_question(void *context, const char *table)
{
    struct looking *looking = context;
    doctor_say(looking->doctor, DOCTOR_WARNING, "table-unread",
               doctor_text(looking->doctor,
                           "%s: %s answers only what it is asked: what in it leads past the egress hop "
                           "cannot be known",
                           looking->name, table),
               looking->undo);
}

static void on_file(void *context, const char *path)
{
    (void)context;
    (void)path;
}

/* The transport that the setting should be: the client made for it, to the hop. */
static const char *wanted(struct doctor *doctor, const struct hop *hop, const char *name)
{
    static const char *const clients[] = {"egress-relay", "egress", "relay", "smtp"};
    bool is_relay = strcmp(name, "relay_transport") == 0;
    for (size_t i = !is_relay; i < sizeof clients / sizeof *clients; i++)
        if ((is_relay || strcmp(clients[i], "relay") != 0) && route_service(doctor, clients[i]))
            return doctor_text(doctor, "%s:%s", clients[i], hop->nexthop);
    return doctor_text(doctor, "smtp:%s", hop->nexthop);
}

static void look_at(struct looking *looking, size_t i, struct place place, const char *value,
                    const char *mend)
{
    struct doctor *doctor = looking->doctor;
    looking->name = settings[i].name;
    looking->undo = mend;
    looking->is_remote = settings[i].is_remote;
    if (settings[i].is_table) {
        const struct table_request request = {.arena = doctor->arena,
                                              .postfix = doctor->postfix,
                                              .place = place,
                                              .reader = {.context = looking,
                                                         .entry = on_entry,
                                                         .unread = on_unread,
                                                         .question = on_question,
                                                         .file = on_file}};
        tables_read(&request, value);
        return;
    }
    if ((!*value && !settings[i].is_remote) || !goes_past(looking, value))
        return;
    const char *line = place.line ? doctor_text(doctor, "%s:%u: ", place.file, place.line) : "";
    doctor_say(
        doctor, DOCTOR_LEAK, "egress-bypass",
        doctor_text(doctor, "%s%s = %s: that mail goes past the egress hop", line, settings[i].name, value),
        mend);
}

static const char *mend_main(struct doctor *doctor, const struct hop *hop, size_t i)
{
    /* Of these four only two have a default that leads to the hop's own wiring; the others deliver here. */
    if (settings[i].is_remote && !settings[i].is_table)
        return doctor_text(doctor, "postconf -e '%s=%s'", settings[i].name,
                           wanted(doctor, hop, settings[i].name));
    return doctor_text(doctor, "postconf -X %s", settings[i].name);
}

static void look_at_override(struct looking *looking, const struct postfix_override *override)
{
    const char *undo =
        doctor_text(looking->doctor, "postconf -PX '%s/%s'", override->service, override->name);
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        if (strcmp(settings[i].name, override->name) == 0)
            look_at(looking, i, override->place, override->value, undo);
}

void check_bypasses(struct doctor *doctor, const struct hop *hop)
{
    struct looking looking = {.doctor = doctor, .hop = hop};
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        look_at(&looking, i, postfix_place(doctor->postfix, settings[i].name),
                postfix_value(doctor->postfix, settings[i].name), mend_main(doctor, hop, i));
    for (size_t i = 0; i < postfix_count_overrides(doctor->postfix); i++)
        look_at_override(&looking, postfix_get_override(doctor->postfix, i));
}
