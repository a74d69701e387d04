/* SPDX-License-Identifier: Apache-2.0 */
#include "seal/outlook.h"

#include "policy/date.h"
#include "policy/domain.h"

#include <stdio.h>
#include <string.h>

enum outlook_stage outlook_stage_at(int64_t ends, int64_t now, int *days_left_out)
{
    int64_t left = ends - now;
    *days_left_out = ends && left > 0 ? (int)(left / DAY_SECONDS) : 0;
    if (!ends)
        return OUTLOOK_GOOD;
    if (left <= 0)
        return OUTLOOK_UNUSABLE;
    if (left <= (int64_t)7 * DAY_SECONDS)
        return OUTLOOK_7;
    if (left <= (int64_t)30 * DAY_SECONDS)
        return OUTLOOK_30;
    return left <= (int64_t)60 * DAY_SECONDS ? OUTLOOK_60 : OUTLOOK_GOOD;
}

struct outlook outlook_of_key(const struct registry_entry *entry, const char *address,
                              const struct key_info *key, int64_t now)
{
    struct outlook outlook = {.entry = entry, .address = address, .key = *key, .stage = OUTLOOK_UNUSABLE};
    if (key->state == KEY_UNKNOWN)
        outlook.stage = OUTLOOK_UNKNOWN;
    if (key->state != KEY_USABLE)
        return outlook;
    outlook.stage = outlook_stage_at(key->expires, now, &outlook.days_left);
    return outlook;
}

struct outlook outlook_of(const struct registry_entry *entry, const struct keys *keys, int64_t now)
{
    struct key_info key = {.state = KEY_MISSING};
    if (!entry->key_fingerprint || (entry->expires && entry->expires <= now))
        return (struct outlook){.entry = entry, .key = key, .stage = OUTLOOK_NONE};
    if (!keys || keys_find(keys, entry->key_fingerprint, now, &key) == RESULT_TRY_LATER)
        key.state = KEY_UNKNOWN;
    return outlook_of_key(entry, NULL, &key, now);
}

const struct registry_entry *outlook_entry_for(const struct registry *registry, const char *address,
                                               const char *certifier)
{
    char domain[DOMAIN_ROOM];
    const char *at = strrchr(address, '@');
    const struct registry_entry *entry =
        at && domain_canonical(at + 1, domain) ? registry_find(registry, domain) : NULL;
    return entry && entry->user_keys != USER_KEYS_NEVER && entry->key_fingerprint &&
                   strcmp(entry->key_fingerprint, certifier) == 0
               ? entry
               : NULL;
}

const char *outlook_name(enum outlook_stage stage)
{
    static const char *const names[] = {
        [OUTLOOK_NONE] = "none",        [OUTLOOK_UNKNOWN] = "unknown", [OUTLOOK_GOOD] = "good",
        [OUTLOOK_60] = "60-days",       [OUTLOOK_30] = "30-days",      [OUTLOOK_7] = "7-days",
        [OUTLOOK_UNUSABLE] = "unusable"};
    return names[stage];
}

bool outlook_is_news(enum outlook_stage stage)
{
    return stage >= OUTLOOK_60;
}

/* What follows "the key … of …". */
static void say_unusable(const struct key_info *key, char *words, size_t room)
{
    char day[DATE_ROOM];
    date_format(key->time, day);
    switch (key->state) {
    case KEY_EXPIRED:
        (void)snprintf(words, room, "expired on %s", day);
        return;
    case KEY_REVOKED:
        (void)snprintf(words, room, "was revoked%s%s", key->time ? " on " : "", key->time ? day : "");
        return;
    case KEY_MISSING:
        (void)snprintf(words, room, "is missing: nobody imported it");
        return;
    case KEY_DISABLED:
        (void)snprintf(words, room, "was disabled here");
        return;
    case KEY_SIGN_ONLY:
        (void)snprintf(words, room, "can sign and not encrypt");
        return;
    case KEY_WEAK:
        (void)snprintf(words, room, "is too weak (%s)", key->why);
        return;
    case KEY_BROKEN:
        (void)snprintf(words, room, "cannot be encrypted to (%s)", key->why);
        return;
    case KEY_UNKNOWN:
    case KEY_USABLE:
        (void)snprintf(words, room, "cannot be used");
        return;
    }
}

void outlook_say(const struct outlook *outlook, char words[OUTLOOK_WORDS])
{
    char day[DATE_ROOM], what[KEY_WHY_ROOM + 32];
    date_format(outlook->key.expires, day);
    if (outlook->stage == OUTLOOK_UNUSABLE)
        say_unusable(&outlook->key, what, sizeof what);
    else
        (void)snprintf(what, sizeof what, "expires on %s, in %d day%s", day, outlook->days_left,
                       outlook->days_left == 1 ? "" : "s");
    (void)snprintf(words, OUTLOOK_WORDS, "the key %s of %s %s",
                   outlook->address ? outlook->key.fingerprint : outlook->entry->key_fingerprint,
                   outlook->address ? outlook->address : outlook->entry->domain, what);
}
