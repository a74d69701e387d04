/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/report_keys.h"

#include "admin/keys.h"
#include "policy/date.h"
#include "policy/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct gathering {
    struct report_keys *keys;
    const struct keys_world *world;
};

static const char *copy(struct report_keys *keys, const char *text)
{
    const char *copied = arena_strdup(keys->arena, text);
    keys->failed |= text && !copied;
    return copied;
}

/* Whatever is not ours to keep is copied. */
static void add(struct report_keys *keys, const struct report_key *key)
{
    enum { FIRST = 64 };
    if (keys->n == keys->room) {
        size_t room = keys->room ? 2 * keys->room : FIRST;
        struct report_key *rows = realloc(keys->rows, room * sizeof *rows);
        if (!rows) {
            keys->failed = true;
            return;
        }
        keys->rows = rows;
        keys->room = room;
    }
    struct report_key *row = &keys->rows[keys->n++];
    bool news = outlook_is_news(key->stage);
    *row = *key;
    row->place = keys->n;
    row->name = copy(keys, key->name);
    row->fingerprint = copy(keys, key->fingerprint);
    row->contact = copy(keys, key->contact);
    row->why = news ? copy(keys, key->why) : NULL;
    row->mend = news ? copy(keys, key->mend) : NULL;
    row->action = news ? key->action : ACTION_NONE;
    keys->n_news += news;
}

static enum report_action key_action(enum key_state state, bool own)
{
    switch (keys_cure(state)) {
    case CURE_ANOTHER:
        return ACTION_ANOTHER;
    case CURE_ENABLE:
        return ACTION_ENABLE;
    case CURE_AS_IT_IS_NOW:
        return own && state != KEY_MISSING ? ACTION_PROLONG : ACTION_IMPORT;
    }
    return ACTION_IMPORT;
}

static void add_key(void *context, const struct outlook *outlook)
{
    const struct gathering *gathering = context;
    char why[OUTLOOK_WORDS] = "", mend[OUTLOOK_WORDS], postmaster[OUTLOOK_WORDS];
    const struct registry_entry *entry = outlook->entry;
    bool own = keys_is_own(gathering->world, entry) && !outlook->address;
    bool usable = outlook->key.state == KEY_USABLE;
    /* Its end is told as that of the entry. */
    if (outlook->stage == OUTLOOK_NONE && entry->expires && entry->expires <= gathering->world->now)
        return;
    if (outlook_is_news(outlook->stage))
        outlook_say(outlook, why);
    keys_remedy(gathering->world, outlook, mend);
    (void)snprintf(postmaster, sizeof postmaster, "postmaster@%s", entry->domain);
    add(gathering->keys,
        &(struct report_key){
            .subject = outlook->address ? SUBJECT_PERSON
                       : own            ? SUBJECT_OWN
                                        : SUBJECT_GATEWAY,
            .name = outlook->address ? outlook->address : entry->domain,
            .fingerprint = outlook->address ? outlook->key.fingerprint : entry->key_fingerprint,
            .state = outlook->stage == OUTLOOK_NONE ? "none" : key_state_name(outlook->key.state),
            .stage = outlook->stage,
            .ends = usable ? outlook->key.expires : 0,
            .since = usable ? 0 : outlook->key.time,
            .days_left = outlook->days_left,
            .action = key_action(outlook->key.state, own),
            .contact = entry->contact ? entry->contact : postmaster,
            .why = why,
            .mend = mend});
}

static enum report_action signing_action(enum sign_state state)
{
    switch (state) {
    case SIGN_USABLE:
    case SIGN_EXPIRED:
        return ACTION_RENEW;
    case SIGN_UNPINNED:
    case SIGN_UNUSED:
        return ACTION_PIN;
    case SIGN_UNKNOWN:
    case SIGN_HOME:
    case SIGN_MISSING:
    case SIGN_REVOKED:
    case SIGN_SECRET:
    case SIGN_USE:
    case SIGN_WEAK:
    case SIGN_FAILS:
        return ACTION_MEND;
    }
    return ACTION_MEND;
}

static void add_signing(void *context, const struct sign_outlook *outlook)
{
    const struct gathering *gathering = context;
    char why[OUTLOOK_WORDS], mend[OUTLOOK_WORDS];
    const char *ours = gathering->world->config->local_domains[0];
    sign_outlook_say(outlook, why);
    sign_outlook_mend(outlook, mend);
    add(gathering->keys, &(struct report_key){.subject = SUBJECT_SIGNING,
                                              .name = outlook->entry ? outlook->entry->domain : ours,
                                              .fingerprint = outlook->key,
                                              .state = sign_state_name(outlook->state),
                                              .stage = outlook->stage,
                                              .ends = outlook->state == SIGN_USABLE ? outlook->ends : 0,
                                              .since = outlook->state == SIGN_EXPIRED ? outlook->ends : 0,
                                              .days_left = outlook->days_left,
                                              .action = signing_action(outlook->state),
                                              .why = why,
                                              .mend = mend});
}

static void add_entry(const struct gathering *gathering, const struct registry_entry *entry)
{
    char day[DATE_ROOM], why[OUTLOOK_WORDS];
    struct report_key row = {.subject = entry->kind == REGISTRY_PARTNER ? SUBJECT_PARTNER : SUBJECT_MINISTRY,
                             .name = entry->domain,
                             .state = "valid",
                             .action = ACTION_ENTRY,
                             .why = why,
                             .mend = "if it is to stay, ask the authority for an issue of the registry that "
                                     "prolongs it"};
    row.stage = outlook_stage_at(entry->expires, gathering->world->now, &row.days_left);
    row.ends = row.stage == OUTLOOK_UNUSABLE ? 0 : entry->expires;
    row.since = row.ends ? 0 : entry->expires;
    date_format(row.ends ? report_key_last_day(&row) : row.since, day);
    if (row.ends) {
        (void)snprintf(why, sizeof why, "the last day of %s in the registry is %s, in %d day%s",
                       entry->domain, day, row.days_left, row.days_left == 1 ? "" : "s");
    } else {
        row.state = "expired";
        (void)snprintf(why, sizeof why, "%s counts no more since %s: documents to it are refused",
                       entry->domain, day);
    }
    add(gathering->keys, &row);
}

static void add_registry(const struct gathering *gathering)
{
    const struct registry_settings *file = &gathering->world->config->registry_file;
    char day[DATE_ROOM], why[OUTLOOK_WORDS];
    struct report_key row = {.subject = SUBJECT_REGISTRY,
                             .name = file->path,
                             .state = "valid",
                             .ends = config_registry_ends(gathering->world->config),
                             .action = ACTION_ISSUE,
                             .why = why,
                             .mend = "get a new issue from the authority, then: khatm domains check && khatm "
                                     "reload"};
    row.stage = outlook_stage_at(row.ends, gathering->world->now, &row.days_left);
    date_format(report_key_last_day(&row), day);
    (void)snprintf(why, sizeof why, "the last day of the registry is %s, in %d day%s", day, row.days_left,
                   row.days_left == 1 ? "" : "s");
    if (file->trust == REGISTRY_KEPT) {
        row.state = "refused";
        row.stage = OUTLOOK_UNUSABLE;
        row.action = ACTION_REFUSED;
        row.mend = "khatm domains check";
        (void)snprintf(why, sizeof why, "%.300s; the last good one is in force", file->refused);
    }
    add(gathering->keys, &row);
}

static void add_all(const struct gathering *gathering)
{
    const struct keys_world *world = gathering->world;
    keys_each(world, add_key, (void *)(uintptr_t)gathering);
    keys_each_signing(world, add_signing, (void *)(uintptr_t)gathering);
    for (size_t i = 0; i < registry_count(world->config->registry); i++) {
        const struct registry_entry *entry = registry_get(world->config->registry, i);
        if (entry->expires)
            add_entry(gathering, entry);
    }
    add_registry(gathering);
}

static int compare(const void *left, const void *right)
{
    const struct report_key *a = left, *b = right;
    int stage_a = outlook_is_news(a->stage) ? (int)a->stage : 0,
        stage_b = outlook_is_news(b->stage) ? (int)b->stage : 0;
    if (stage_a != stage_b)
        return stage_a > stage_b ? -1 : 1;
    return a->place < b->place ? -1 : a->place > b->place;
}

void report_keys_gather(struct report_keys *keys, const char *config)
{
    struct problem problem = {""};
    struct keys_world world = {.now = 0};
    *keys = (struct report_keys){.arena = arena_new(0)};
    if (!keys->arena) {
        keys->failed = true;
        return;
    }
    if (!config) {
        keys->trouble = "not looked at: with --journal no configuration is read";
        return;
    }
    if (keys_load(config, &world, &problem) == RESULT_OK) {
        world.asks_signer = true;
        keys_ask(&world);
        problem = world.trouble.text[0] ? world.trouble : world.closed;
        keys->now = world.now;
        add_all(&(struct gathering){.keys = keys, .world = &world});
    }
    keys_close(&world);
    keys->trouble = problem.text[0] ? copy(keys, problem.text) : NULL;
    if (keys->n)
        qsort(keys->rows, keys->n, sizeof *keys->rows, compare);
}

void report_keys_free(struct report_keys *keys)
{
    free(keys->rows);
    arena_free(keys->arena);
}

const char *report_subject_name(enum report_subject subject)
{
    static const char *const names[] = {
        [SUBJECT_GATEWAY] = "gateway",   [SUBJECT_OWN] = "own",         [SUBJECT_PERSON] = "person",
        [SUBJECT_SIGNING] = "signing",   [SUBJECT_PARTNER] = "partner", [SUBJECT_MINISTRY] = "government",
        [SUBJECT_REGISTRY] = "registry",
    };
    return names[subject];
}

bool report_key_counts(const struct report_key *key)
{
    return key->ends != 0;
}

int64_t report_key_last_day(const struct report_key *key)
{
    return key->ends && key->ends % DAY_SECONDS == 0 ? key->ends - 1 : key->ends;
}
