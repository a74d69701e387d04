/* SPDX-License-Identifier: Apache-2.0 */
#include "forwards/audit.h"

#include "base/text.h"

#include <string.h>

enum what { ADDRESSES, ALIASES, ACTIONS, COMMANDS, RESTRICTIONS, ONE_ADDRESS, ONE_COMMAND, LUSER };

/* Settings that readdress mail or send a copy of it. */
static const struct {
    const char *name, *source;
    enum what what;
} settings[] = {
    {"alias_maps", "alias", ALIASES},
    {"virtual_alias_maps", "virtual", ADDRESSES},
    {"canonical_maps", "canonical", ADDRESSES},
    {"recipient_canonical_maps", "canonical", ADDRESSES},
    {"sender_canonical_maps", "canonical", ADDRESSES},
    {"smtp_generic_maps", "generic", ADDRESSES},
    {"lmtp_generic_maps", "generic", ADDRESSES},
    {"recipient_bcc_maps", "recipient-bcc", ADDRESSES},
    {"sender_bcc_maps", "sender-bcc", ADDRESSES},
    {"header_checks", "content-check", ACTIONS},
    {"mime_header_checks", "content-check", ACTIONS},
    {"nested_header_checks", "content-check", ACTIONS},
    {"body_checks", "content-check", ACTIONS},
    {"mailbox_command_maps", "mailbox-command", COMMANDS},
    {"mailbox_command", "mailbox-command", ONE_COMMAND},
    {"always_bcc", "always-bcc", ONE_ADDRESS},
    {"luser_relay", "luser-relay", LUSER},
    {"2bounce_notice_recipient", "notice", ONE_ADDRESS},
    {"bounce_notice_recipient", "notice", ONE_ADDRESS},
    {"delay_notice_recipient", "notice", ONE_ADDRESS},
    {"error_notice_recipient", "notice", ONE_ADDRESS},
    {"empty_address_recipient", "notice", ONE_ADDRESS},
};

struct reading {
    struct audit *audit;
    const char *source;
    enum what what;
};

/* access(5), header_checks(5): "REDIRECT address", "BCC address". */
static void take_action(struct audit *audit, const struct origin *origin, const char *value)
{
    static const char *const actions[] = {"REDIRECT", "BCC"};
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
        size_t length = strlen(actions[i]);
        if (strncasecmp(value, actions[i], length) != 0 || !strchr(" \t\n", value[length]))
            continue;
        value += length + strspn(value + length, " \t\n");
        char *address = arena_strndup(audit->request->arena, value, strcspn(value, " \t\n"));
        if (address)
            audit_address(audit, origin, address);
    }
}

static void take_value(const struct reading *reading, const struct origin *origin, const char *value)
{
    struct audit *audit = reading->audit;
    switch (reading->what) {
    case ADDRESSES:
    case ALIASES:
    case ONE_ADDRESS:
        audit_targets(audit, origin, value);
        return;
    case ACTIONS:
    case RESTRICTIONS:
        take_action(audit, origin, value);
        return;
    case COMMANDS:
    case ONE_COMMAND:
        audit_command(audit, origin, value + (*value == '|'));
        return;
    case LUSER:
        return;
    }
}

/* What postalias(1) writes into a table beside the aliases, for NIS. */
static bool is_bookkeeping(const struct table_entry *entry)
{
    return entry->is_compiled && entry->is_alias &&
           (strcmp(entry->key, "@") == 0 || strncmp(entry->key, "YP_", 3) == 0);
}

static void on_entry(void *context, const struct table_entry *entry)
{
    const struct reading *reading = context;
    if (is_bookkeeping(entry))
        return;
    const struct origin origin = {.source = reading->source,
                                  .place = entry->place,
                                  .key = entry->key,
                                  .is_pattern = entry->is_pattern,
                                  .is_compiled = entry->is_compiled};
    take_value(reading, &origin, entry->value);
    if (!entry->is_pattern && (reading->what == ALIASES || reading->what == ADDRESSES))
        buffer_printf(&reading->audit->keys, "%s\n", entry->key);
}

static void on_unread(void *context, const char *what, const char *why)
{
    const struct reading *reading = context;
    audit_unread(reading->audit, what, why);
}

static void on_file(void *context, const char *path)
{
    const struct reading *reading = context;
    (void)path;
    reading->audit->report.n_files++;
}

/* Asked once everything else has been read, and the keys are known. */
static void on_question(void *context, const char *table)
{
    const struct reading *reading = context;
    struct audit *audit = reading->audit;
    if (audit->n_questions == AUDIT_QUESTIONS_MAX) {
        audit_unread(audit, table, "too many tables that only answer questions");
        return;
    }
    audit->questions[audit->n_questions++] =
        (struct question){.table = table, .source = reading->source, .what = (int)reading->what};
}

static struct table_request request_for(struct reading *reading, struct place place)
{
    return (struct table_request){.arena = reading->audit->request->arena,
                                  .postfix = reading->audit->request->postfix,
                                  .place = place,
                                  .is_alias = reading->what == ALIASES,
                                  .reader = {.context = reading,
                                             .entry = on_entry,
                                             .unread = on_unread,
                                             .question = on_question,
                                             .file = on_file}};
}

static void read_tables(struct audit *audit, const char *source, enum what what, struct place place,
                        const char *list)
{
    const char *word = NULL;
    while ((word = tables_word(audit->request->arena, &list))) {
        const char *mark = arena_printf(audit->request->arena, "%s %s", source, word);
        /* What stands in main.cf itself has its own place each time. */
        bool is_inline = strstr(word, "inline:") || strstr(word, "static:") || strstr(word, "randmap:");
        if (!mark || !strchr(word, ':') || (!is_inline && !audit_first_time(audit, mark)))
            continue;
        struct reading reading = {.audit = audit, .source = source, .what = what};
        const struct table_request request = request_for(&reading, place);
        tables_read(&request, word);
    }
}

/* "check_recipient_access hash:/etc/postfix/access" wherever it stands. */
static void read_restrictions(struct audit *audit, struct place place, const char *list)
{
    const char *word = NULL, *before = "";
    while ((word = tables_word(audit->request->arena, &list))) {
        size_t length = strlen(before);
        bool is_access = text_starts_nocase(before, "check_") && length > 7 &&
                         strcasecmp(before + length - 7, "_access") == 0;
        if (is_access)
            read_tables(audit, "access", RESTRICTIONS, place, word);
        /* { check_client_access { … } } has words within. */
        if (*word == '{')
            read_restrictions(audit, place, arena_strndup(audit->request->arena, word + 1, strlen(word) - 2));
        before = word;
    }
}

/* local(8): an address whose $names are those of the delivery; only the domain says where it goes. */
static void read_luser(struct audit *audit, const struct origin *origin, const char *raw)
{
    const char *at = strrchr(raw, '@');
    bool known = !at || !strchr(at, '$');
    char *as = at && known ? arena_printf(audit->request->arena, "x%s", at) : NULL;
    if (strchr("|/:\"", *raw))
        audit_targets(audit, origin, raw);
    else if (as)
        audit_address_as(audit, origin, raw, as);
    else if (at && strcmp(at, "@$domain") != 0 && strcmp(at, "@${domain}") != 0)
        audit_unknown(audit, origin, raw,
                      "its domain is put together at delivery: where it goes cannot be known");
}

static void read_setting(struct audit *audit, size_t i, struct place place, const char *value)
{
    struct reading reading = {.audit = audit, .source = settings[i].source, .what = settings[i].what};
    const struct origin origin = {.source = settings[i].source, .place = place, .key = settings[i].name};
    if (!*value)
        return;
    if (settings[i].what == LUSER)
        read_luser(audit, &origin, value);
    else if (settings[i].what == ONE_ADDRESS || settings[i].what == ONE_COMMAND)
        take_value(&reading, &origin, value);
    else
        read_tables(audit, settings[i].source, settings[i].what, place, value);
}

static void read_overrides(struct audit *audit)
{
    const struct postfix *postfix = audit->request->postfix;
    for (size_t k = 0; k < postfix_count_overrides(postfix); k++) {
        const struct postfix_override *override = postfix_get_override(postfix, k);
        for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
            if (strcmp(settings[i].name, override->name) == 0)
                read_setting(audit, i, override->place, override->value);
        read_restrictions(audit, override->place, override->value);
    }
}

void audit_settings(struct audit *audit)
{
    const struct postfix *postfix = audit->request->postfix;
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        const char *name = settings[i].name;
        read_setting(audit, i, postfix_place(postfix, name),
                     settings[i].what == LUSER ? postfix_raw(postfix, name) : postfix_value(postfix, name));
    }
    for (size_t i = 0; i < postfix_count(postfix); i++) {
        const char *name = NULL, *value = NULL;
        postfix_get(postfix, i, &name, &value);
        if (strstr(value, "check_"))
            read_restrictions(audit, postfix_place(postfix, name), value);
    }
    read_overrides(audit);
}

void audit_ask(struct audit *audit, const struct question *question)
{
    struct reading reading = {.audit = audit, .source = question->source, .what = (enum what)question->what};
    const struct table_request request = request_for(&reading, (struct place){0});
    table_ask(&request, question->table, buffer_text(&audit->keys));
}
