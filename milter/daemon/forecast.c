/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/forecast.h"

#include "base/log.h"
#include "policy/date.h"
#include "seal/outlook.h"

#include <stdlib.h>
#include <string.h>

/* What was said last of the key of one entry, in the registry's order. */
struct saying {
    char fingerprint[FINGERPRINT_HEX];
    enum outlook_stage stage;
    enum key_state state;
    int64_t day;
};

struct forecast {
    struct saying *sayings;
    size_t n;
};

struct forecast *forecast_new(void)
{
    return calloc(1, sizeof(struct forecast));
}

void forecast_free(struct forecast *forecast)
{
    if (!forecast)
        return;
    free(forecast->sayings);
    free(forecast);
}

/* Grows with the registry, never shrinks: what does not fit its entry any more is said anew. */
static bool make_room(struct forecast *forecast, size_t n)
{
    if (n <= forecast->n)
        return true;
    struct saying *sayings = realloc(forecast->sayings, n * sizeof *sayings);
    if (!sayings)
        return false;
    memset(sayings + forecast->n, 0, (n - forecast->n) * sizeof *sayings);
    forecast->sayings = sayings;
    forecast->n = n;
    return true;
}

/* Where we open what others seal, our own key is in that home and need not be in this ring. */
static bool is_own(const struct config *config, const struct registry_entry *entry)
{
    for (size_t i = 0; config->local_domains[i]; i++)
        if (strcmp(config->local_domains[i], entry->domain) == 0)
            return true;
    return false;
}

static void say(const struct outlook *outlook)
{
    char words[OUTLOOK_WORDS];
    outlook_say(outlook, words);
    if (outlook->stage == OUTLOOK_UNUSABLE)
        log_error("alert: keys: %s: no document can be sealed for it", words);
    else
        log_warning("alert: keys: %s: ask for the prolonged one, then: khatm keys import", words);
}

static void consider(struct saying *last, const struct outlook *outlook, int64_t today)
{
    const struct registry_entry *entry = outlook->entry;
    if (outlook->stage == OUTLOOK_UNKNOWN)
        return;
    if (!entry->key_fingerprint || strcmp(last->fingerprint, entry->key_fingerprint) != 0) {
        *last = (struct saying){.stage = OUTLOOK_GOOD};
        if (entry->key_fingerprint)
            memcpy(last->fingerprint, entry->key_fingerprint, sizeof last->fingerprint);
    }
    bool worse = outlook->stage > last->stage ||
                 (outlook->stage == OUTLOOK_UNUSABLE && outlook->key.state != last->state);
    bool daily = outlook->stage >= OUTLOOK_7 && last->day != today;
    if (outlook_is_news(outlook->stage) && (worse || daily)) {
        say(outlook);
        last->day = today;
    }
    if (outlook->stage == OUTLOOK_GOOD && outlook_is_news(last->stage))
        log_info("keys: the key %s of %s is good again", entry->key_fingerprint, entry->domain);
    last->stage = outlook->stage;
    last->state = outlook->key.state;
}

void forecast_say(struct forecast *forecast, const struct config *config, const struct keys *keys,
                  int64_t now)
{
    size_t n = registry_count(config->registry);
    if (!make_room(forecast, n))
        return;
    for (size_t i = 0; i < n; i++) {
        const struct registry_entry *entry = registry_get(config->registry, i);
        struct outlook outlook = outlook_of(entry, keys, now);
        if (outlook.key.state == KEY_MISSING && is_own(config, entry))
            continue;
        consider(&forecast->sayings[i], &outlook, now / DAY_SECONDS);
    }
}
