/* SPDX-License-Identifier: Apache-2.0 */
#include "gather/rcpts.h"

#include "base/text.h"
#include "gather/ticket.h"
#include "policy/recipient.h"

#include <string.h>

static enum fact in_headers(const struct findings *findings, const char *address)
{
    if (!findings || !findings->complete)
        return FACT_UNKNOWN;
    for (size_t i = 0; i < findings->n_addresses; i++) {
        const struct address_finding *finding = &findings->addresses[i];
        if ((finding->field == ADDRESS_TO || finding->field == ADDRESS_CC) &&
            text_equal_nocase(finding->address, address))
            return FACT_YES;
    }
    return FACT_NO;
}

enum { LEVEL_PERSONAL = 3 };

/* The person's own key, where the entry lets it take the domain's place; false: the domain's it is. Only
 * called when the domain's key is usable: it is what vouches for the other. */
static bool find_personal(const struct keys *keys, const struct registry_entry *entry, int level, int64_t now,
                          const struct rcpt_facts *rcpt, struct key_info *info)
{
    struct key_info own;
    bool must = entry->user_keys == USER_KEYS_LEVEL_3 && level >= LEVEL_PERSONAL;
    if (!must && entry->user_keys != USER_KEYS_PREFER)
        return false;
    enum result result = keys_find_person(keys, entry->key_fingerprint, rcpt->address, now, &own);
    if (!must && (result != RESULT_OK || own.state != KEY_USABLE))
        return false;
    *info = own;
    return true;
}

static enum result add_key(struct arena *arena, const struct keys *keys, const struct registry_entry *entry,
                           int level, int64_t now, struct rcpt_facts *rcpt)
{
    rcpt->key = KEY_MISSING;
    if (!entry->key_fingerprint)
        return RESULT_OK;
    rcpt->key = KEY_UNKNOWN;
    struct key_info info = {.state = KEY_UNKNOWN};
    const char *fingerprint = entry->key_fingerprint;
    /* Whether it was found or not, the state says what to make of it. */
    enum result result = keys ? keys_find(keys, entry->key_fingerprint, now, &info) : RESULT_TRY_LATER;
    if (result == RESULT_OK || result == RESULT_NOT_FOUND) {
        rcpt->key = info.state;
        rcpt->key_time = info.time;
    }
    if (rcpt->key == KEY_USABLE && find_personal(keys, entry, level, now, rcpt, &info)) {
        rcpt->key_personal = true;
        rcpt->key = info.state;
        rcpt->key_time = info.time;
        fingerprint = info.fingerprint[0] ? info.fingerprint : NULL;
    }
    rcpt->key_fingerprint = fingerprint ? arena_strdup(arena, fingerprint) : NULL;
    rcpt->key_why = info.why[0] ? arena_strdup(arena, info.why) : NULL;
    return (fingerprint && !rcpt->key_fingerprint) || (info.why[0] && !rcpt->key_why) ? RESULT_TRY_LATER
                                                                                      : RESULT_OK;
}

static enum result add_rcpt(struct message *message, const struct keys *keys, int64_t now,
                            const char *address, const struct policy_facts *facts, struct rcpt_facts *rcpt)
{
    const struct config *config = message->config;
    struct recipient recipient;
    recipient_classify(address, config->local_domains, config->registry, config->lists, now, &recipient);
    rcpt->address = address;
    rcpt->class = recipient.class;
    rcpt->domain = *recipient.domain ? arena_strdup(message->arena, recipient.domain) : NULL;
    rcpt->why = arena_strdup(message->arena, recipient.why);
    rcpt->suggestion = *recipient.suggestion ? arena_strdup(message->arena, recipient.suggestion) : NULL;
    if (!rcpt->why || (*recipient.domain && !rcpt->domain))
        return RESULT_TRY_LATER;
    rcpt->max_level = recipient.entry ? recipient.entry->max_level : -1;
    rcpt->in_circle =
        recipient.entry ? registry_in_circle(recipient.entry, facts->level, facts->caveats) : FACT_UNKNOWN;
    rcpt->key = KEY_MISSING;
    bool sealable = rcpt->class == RCPT_GOVERNMENT || rcpt->class == RCPT_PARTNER;
    return sealable && recipient.entry
               ? add_key(message->arena, keys, recipient.entry, facts->level, now, rcpt)
               : RESULT_OK;
}

enum result gather_rcpts(struct message *message, const struct findings *findings, const struct keys *keys,
                         int64_t now, struct gathered *gathered)
{
    struct policy_facts *facts = &gathered->facts;
    struct rcpt_facts *rcpts = arena_alloc(message->arena, message->n_rcpts, sizeof *rcpts);
    if (!rcpts)
        return RESULT_TRY_LATER;
    for (size_t i = 0; i < message->n_rcpts; i++) {
        if (add_rcpt(message, keys, now, message->rcpts[i], facts, &rcpts[i]) != RESULT_OK)
            return RESULT_TRY_LATER;
        rcpts[i].in_headers = in_headers(findings, rcpts[i].address);
        rcpts[i].typed = message->typed[i];
        rcpts[i].sealed_for = rcpts[i].returns = FACT_NO;
        rcpts[i].ticket = gather_ticket_for(message, gathered->ticket, rcpts[i].address);
    }
    facts->rcpts = rcpts;
    facts->n_rcpts = message->n_rcpts;
    return RESULT_OK;
}

enum fact gather_reply_to_consumer(const struct message *message, const struct findings *findings,
                                   int64_t now)
{
    const struct config *config = message->config;
    for (size_t i = 0; i < findings->n_addresses; i++) {
        struct recipient recipient;
        if (findings->addresses[i].field != ADDRESS_REPLY)
            continue;
        recipient_classify(findings->addresses[i].address, config->local_domains, config->registry,
                           config->lists, now, &recipient);
        if (recipient.class == RCPT_CONSUMER)
            return FACT_YES;
    }
    return findings->complete ? FACT_NO : FACT_UNKNOWN;
}
