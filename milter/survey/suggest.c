/* SPDX-License-Identifier: Apache-2.0 */
#include "survey/suggest.h"

#include "base/text.h"

#include <string.h>

static void add(struct suggestions *suggestions, const char *name, const char *value, const char *why)
{
    if (name && value && suggestions->n < SUGGEST_MAX)
        suggestions->all[suggestions->n++] = (struct suggestion){name, value, why};
}

/* An "all" with its qualifier, of this many characters; 0: another term. */
static size_t is_all(const char *term)
{
    size_t length = strcspn(term, " "), sign = strchr("+-~?", term[0]) && term[0] ? 1 : 0;
    return length == sign + 3 && text_starts_nocase(term + sign, "all") ? length : 0;
}

/* The record with -all at its end, in place of what it says now. */
static const char *with_minus_all(struct arena *arena, const char *record)
{
    size_t size = strlen(record);
    while (size && record[size - 1] == ' ')
        size--;
    for (size_t at = 0; at < size; at++) {
        size_t length = at && record[at - 1] == ' ' ? is_all(record + at) : 0;
        if (length)
            return arena_printf(arena, "%.*s-all%.*s", (int)at, record, (int)(size - at - length),
                                record + at + length);
    }
    return arena_printf(arena, "%.*s -all", (int)size, record);
}

static void suggest_spf(const struct survey *survey, struct arena *arena, struct suggestions *out)
{
    const struct survey_spf *spf = &survey->spf;
    if (spf->state == SURVEY_ABSENT)
        add(out, survey->domain,
            survey->mx.state == SURVEY_GOOD ? "v=spf1 mx -all"
                                            : "v=spf1 ip4:ADDRESS-OF-YOUR-MAIL-SERVER -all",
            survey->mx.state == SURVEY_GOOD ? "its mail servers may send for it, and nobody else"
                                            : "that server may send for it, and nobody else");
    bool rewritable = spf->record && (spf->all == '+' || spf->all == '~' || spf->all == '?');
    if (rewritable && strchr(spf->record, ' ') && !strstr(spf->record, "redirect="))
        add(out, survey->domain, with_minus_all(arena, spf->record),
            "everybody else may not send for it; name all of your own servers first");
}

/* The same key without what keeps it from counting. */
static const char *good_record(struct arena *arena, const struct dkim_key *key)
{
    return arena_printf(arena, "v=DKIM1; k=%s; %sp=%s", key->kind == DKIM_KEY_ED25519 ? "ed25519" : "rsa",
                        key->strict ? "t=s; " : "", dkim_tag(&key->tags, "p"));
}

static bool is_strong(const struct survey_key *key)
{
    return key->key.kind == DKIM_KEY_ED25519 ? key->bits > 0 : key->bits >= DKIM_RSA_BITS_MIN;
}

/* What is signed with it does not verify until then, whatever other keys there are. */
static void suggest_own(const struct survey *survey, const struct survey_key *key, struct arena *arena,
                        struct suggestions *out)
{
    if (key->state == SURVEY_ABSENT || key->state == SURVEY_BAD)
        add(out, arena_printf(arena, "%s._domainkey.%s", key->selector, survey->domain), key->own,
            "the key that signs here");
}

static void suggest_key(const struct survey *survey, const struct survey_key *key, struct arena *arena,
                        struct suggestions *out)
{
    const char *name = arena_printf(arena, "%s._domainkey.%s", key->selector, survey->domain);
    if (key->state == SURVEY_ABSENT)
        add(out, name, "v=DKIM1; k=rsa; p=YOUR-PUBLIC-KEY",
            "the public half of the key that signs, 2048 bits");
    else if (key->state == SURVEY_BAD && key->key.record && is_strong(key))
        add(out, name, good_record(arena, &key->key), "the same key, for all mail and no longer a test");
}

/* Old keys beside a good one are as they should be. */
static void suggest_keys(const struct survey *survey, struct arena *arena, struct suggestions *out)
{
    bool has_good = false, is_settled = false;
    size_t before = out->n;
    for (size_t i = 0; i < survey->n_keys; i++) {
        has_good |= survey->keys[i].state == SURVEY_GOOD;
        is_settled |= survey->keys[i].state == SURVEY_UNKNOWN;
        if (survey->keys[i].own)
            suggest_own(survey, &survey->keys[i], arena, out);
    }
    for (size_t i = 0; i < survey->n_keys && !has_good; i++)
        if (!survey->keys[i].own)
            suggest_key(survey, &survey->keys[i], arena, out);
    if (survey->n_keys && !has_good && !is_settled && out->n == before)
        add(out, arena_printf(arena, "NEW-SELECTOR._domainkey.%s", survey->domain),
            "v=DKIM1; k=rsa; p=YOUR-PUBLIC-KEY",
            "a new key of 2048 bits, under a selector that was never used");
}

static void suggest_dmarc(const struct survey *survey, struct arena *arena, struct suggestions *out)
{
    if (survey->dmarc.state == SURVEY_ABSENT || survey->dmarc.state == SURVEY_BAD)
        add(out, arena_printf(arena, "_dmarc.%s", survey->domain),
            arena_printf(arena, "v=DMARC1; p=none; rua=mailto:postmaster@%s", survey->domain),
            "reports of who sends in its name; when they are clean, p=quarantine, then p=reject");
}

void suggest(const struct survey *survey, struct arena *arena, struct suggestions *out)
{
    out->n = 0;
    suggest_spf(survey, arena, out);
    suggest_keys(survey, arena, out);
    suggest_dmarc(survey, arena, out);
}
