/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/keys.h"
#include "admin/printer.h"
#include "policy/names.h"

#include <jansson.h>
#include <stdio.h>

static json_t *time_json(int64_t seconds)
{
    char text[21];
    if (!seconds)
        return json_null();
    printer_time(seconds * 1000, text);
    text[10] = 'T';
    return json_sprintf("%sZ", text);
}

/* A user id is whatever its owner wrote. */
static json_t *safe_json(const char *text)
{
    struct buffer safe;
    if (!text || !*text)
        return json_null();
    buffer_init(&safe, 0);
    printer_safe(&safe, text, SIZE_MAX);
    json_t *string = json_string(buffer_text(&safe));
    buffer_free(&safe);
    return string;
}

struct listing {
    const struct keys_world *world;
    keys_tester *test; /* NULL: nothing is tested */
    void *context;
    json_t *keys, *signing;
    bool failed;
};

/* At load: who is usable has been encrypted to. */
static const char *tried_name(enum key_state state)
{
    return state == KEY_USABLE ? "good" : state == KEY_BROKEN ? "failed" : "no";
}

static json_t *key_json(const struct keys_world *world, const struct outlook *outlook)
{
    const struct registry_entry *entry = outlook->entry;
    const struct key_info *key = &outlook->key;
    bool counts = outlook->stage >= OUTLOOK_60 && outlook->stage < OUTLOOK_UNUSABLE;
    return json_pack(
        "{s:s, s:s?, s:s, s:b, s:s?, s:s, s:s, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:s?}", "domain",
        entry->domain, "address", outlook->address, "kind",
        entry->kind == REGISTRY_PARTNER ? "partner" : "government", "own", keys_is_own(world, entry),
        "fingerprint", outlook->address ? key->fingerprint : entry->key_fingerprint, "state",
        outlook->stage == OUTLOOK_NONE ? "none" : key_state_name(key->state), "tried",
        outlook->stage == OUTLOOK_NONE ? "no" : tried_name(key->state), "why", safe_json(key->why), "outlook",
        outlook_name(outlook->stage), "expires", time_json(key->expires), "since", time_json(key->time),
        "days_left", counts ? json_integer(outlook->days_left) : json_null(), "algorithm",
        safe_json(key->algorithm), "user_id", safe_json(key->user_id), "contact", entry->contact);
}

static void add_key(void *context, const struct outlook *outlook)
{
    struct listing *listing = context;
    struct keys_tested tested = {.good = false};
    if (listing->test && !listing->test(listing->context, outlook, &tested))
        return;
    json_t *one = key_json(listing->world, outlook);
    if (listing->test)
        listing->failed |=
            json_object_set_new(one, "test",
                                json_pack("{s:s, s:o}", "result", tested.good ? "good" : "failed", "text",
                                          safe_json(tested.text.text))) != 0;
    listing->failed |= json_array_append_new(listing->keys, one) != 0;
}

static void add_signing(void *context, const struct sign_outlook *outlook)
{
    struct listing *listing = context;
    bool counts = outlook->stage >= OUTLOOK_60 && outlook->stage < OUTLOOK_UNUSABLE;
    char words[OUTLOOK_WORDS];
    sign_outlook_say(outlook, words);
    json_t *one = json_pack("{s:s?, s:s, s:s?, s:s, s:s, s:o, s:o, s:o}", "domain",
                            outlook->entry ? outlook->entry->domain : NULL, "fingerprint", outlook->key,
                            "home", outlook->home, "state", sign_state_name(outlook->state), "outlook",
                            outlook_name(outlook->stage), "expires", time_json(outlook->ends), "days_left",
                            counts ? json_integer(outlook->days_left) : json_null(), "problem",
                            outlook_is_news(outlook->stage) ? safe_json(words) : json_null());
    listing->failed |= json_array_append_new(listing->signing, one) != 0;
}

int keys_print_json(const struct keys_world *world, keys_tester *test, void *context)
{
    struct listing listing = {
        .world = world, .test = test, .context = context, .keys = json_array(), .signing = json_array()};
    keys_each(world, add_key, &listing);
    keys_each_signing(world, add_signing, &listing);
    json_t *all = json_pack("{s:i, s:o, s:o, s:o}", "schema", 1, "time", time_json(world->now), "keys",
                            listing.keys, "signing", listing.signing);
    bool good = !listing.failed && all && json_dumpf(all, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII) == 0;
    json_decref(all);
    (void)fputc('\n', stdout);
    return good ? EX_OK : keys_complain(world->options, EX_TEMPFAIL, "no memory for the list");
}
