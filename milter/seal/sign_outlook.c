/* SPDX-License-Identifier: Apache-2.0 */
#include "seal/sign_outlook.h"

#include "policy/date.h"

#include <stdio.h>
#include <string.h>

static enum sign_state state_of(enum seal_fault fault)
{
    switch (fault) {
    case SEAL_FAULT_HOME:
        return SIGN_HOME;
    case SEAL_FAULT_MISSING:
        return SIGN_MISSING;
    case SEAL_FAULT_REVOKED:
        return SIGN_REVOKED;
    case SEAL_FAULT_EXPIRED:
        return SIGN_EXPIRED;
    case SEAL_FAULT_SECRET:
        return SIGN_SECRET;
    case SEAL_FAULT_USE:
        return SIGN_USE;
    case SEAL_FAULT_WEAK:
        return SIGN_WEAK;
    case SEAL_FAULT_FAILS:
    case SEAL_FAULT_NONE:
        return SIGN_FAILS;
    }
    return SIGN_UNKNOWN;
}

static void look(struct sign_outlook *outlook, const struct signer *signer, int64_t now)
{
    outlook->ends = signer->expires;
    outlook->stage = outlook_stage_at(signer->expires, now, &outlook->days_left);
    if (signer_check(signer, now, &outlook->why) == RESULT_OK) {
        outlook->state = SIGN_USABLE;
        return;
    }
    outlook->stage = OUTLOOK_UNUSABLE;
    outlook->state = signer->fingerprint[0] ? SIGN_EXPIRED : state_of(signer->fault);
}

/* Who verifies goes by the registry: a seal by another key is broken there. */
static bool compare(const char *key, const struct registry_entry *entry, struct sign_outlook *outlook)
{
    const char *pinned = registry_signer(entry);
    if (key && pinned && strcmp(pinned, key) == 0)
        return false;
    outlook->state = key ? SIGN_UNPINNED : SIGN_UNUSED;
    outlook->stage = OUTLOOK_UNUSABLE;
    outlook->entry = entry;
    outlook->key = key ? key : entry->signing_fingerprint;
    return outlook->key != NULL;
}

void sign_outlook_each(const struct config *config, struct sealer *sealer, int64_t now,
                       void (*visit)(void *context, const struct sign_outlook *outlook), void *context)
{
    const struct signing_settings *signing = &config->signing;
    if (signing->homedir) {
        struct sign_outlook outlook = {.state = SIGN_UNKNOWN, .stage = OUTLOOK_UNKNOWN};
        struct signer signer = {.wanted = false};
        outlook.key = signing->key;
        outlook.home = signing->homedir;
        if (sealer)
            sealer_signer(sealer, &signer);
        if (signer.wanted)
            look(&outlook, &signer, now);
        visit(context, &outlook);
    }
    for (size_t i = 0; config->local_domains[i]; i++) {
        struct sign_outlook outlook = {.home = signing->homedir};
        const struct registry_entry *entry = registry_find(config->registry, config->local_domains[i]);
        if (entry && compare(signing->key, entry, &outlook))
            visit(context, &outlook);
    }
}

const char *sign_state_name(enum sign_state state)
{
    static const char *const names[] = {
        [SIGN_USABLE] = "usable",    [SIGN_UNKNOWN] = "unknown",   [SIGN_HOME] = "unreadable",
        [SIGN_MISSING] = "missing",  [SIGN_EXPIRED] = "expired",   [SIGN_REVOKED] = "revoked",
        [SIGN_SECRET] = "no-secret", [SIGN_USE] = "not-signing",   [SIGN_WEAK] = "weak",
        [SIGN_FAILS] = "fails",      [SIGN_UNPINNED] = "unpinned", [SIGN_UNUSED] = "unused",
    };
    return names[state];
}

void sign_outlook_say(const struct sign_outlook *outlook, char words[OUTLOOK_WORDS])
{
    char day[DATE_ROOM];
    date_format(outlook->ends, day);
    if (outlook->state == SIGN_UNPINNED) {
        const char *pinned = registry_signer(outlook->entry);
        (void)snprintf(words, OUTLOOK_WORDS,
                       "what %s seals is signed by %s, but the registry pins %s for it: other gateways "
                       "refuse it",
                       outlook->entry->domain, outlook->key, pinned ? pinned : "no key");
    } else if (outlook->state == SIGN_UNUSED) {
        (void)snprintf(words, OUTLOOK_WORDS,
                       "the registry names %s as what signs for %s, and khatm.conf has no signing-key: "
                       "other gateways refuse what it seals",
                       outlook->key, outlook->entry->domain);
    } else if (outlook->stage == OUTLOOK_UNUSABLE) {
        (void)snprintf(words, OUTLOOK_WORDS, "%.*s", OUTLOOK_WORDS - 1, outlook->why.text);
    } else {
        (void)snprintf(words, OUTLOOK_WORDS, "the signing key %s in %.200s ends on %s, in %d day%s",
                       outlook->key, outlook->home, day, outlook->days_left,
                       outlook->days_left == 1 ? "" : "s");
    }
}

void sign_outlook_mend(const struct sign_outlook *outlook, char words[OUTLOOK_WORDS])
{
    switch (outlook->state) {
    case SIGN_UNPINNED:
        (void)snprintf(words, OUTLOOK_WORDS,
                       "have the authority write signing-key in its entry, or mend signing-key in "
                       "khatm.conf");
        return;
    case SIGN_UNUSED:
        (void)snprintf(words, OUTLOOK_WORDS,
                       "set sign-homedir and signing-key in khatm.conf, or have the authority take "
                       "signing-key out of its entry");
        return;
    case SIGN_USABLE:
    case SIGN_EXPIRED:
        (void)snprintf(words, OUTLOOK_WORDS,
                       "gpg --homedir %.200s --quick-set-expire %s 2y, then hand its public key out",
                       outlook->home, outlook->key);
        return;
    case SIGN_UNKNOWN:
    case SIGN_HOME:
    case SIGN_MISSING:
    case SIGN_REVOKED:
    case SIGN_SECRET:
    case SIGN_USE:
    case SIGN_WEAK:
    case SIGN_FAILS:
        (void)snprintf(words, OUTLOOK_WORDS,
                       "see docs/signing.md; until then what must be sealed is put off");
        return;
    }
}
