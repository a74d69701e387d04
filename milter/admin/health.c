/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/health.h"

#include "journal/journal.h"
#include "policy/date.h"
#include "policy/names.h"
#include "policy/registry.h"
#include "seal/seal.h"
#include "seal/sign_outlook.h"

#include <inttypes.h>

enum { DAYS_BEFORE = 30, MS = 1000 };

const char *health_spool(struct doctor *doctor, const char *path)
{
    const struct config *config = NULL;
    if (config_load(path, &config, NULL) != RESULT_OK)
        return "";
    const char *spool = doctor_text(doctor, "%s", config->spool.directory);
    config_unref(config);
    return spool;
}

static void check_key(struct doctor *doctor, const struct keys *keys, const struct registry_entry *entry)
{
    struct key_info key = {.state = KEY_UNKNOWN};
    char day[DATE_ROOM];
    const char *import = doctor_text(doctor, "khatm keys import %s.asc", entry->domain);
    if (keys_find(keys, entry->key_fingerprint, doctor->now, &key) == RESULT_TRY_LATER)
        key.state = KEY_UNKNOWN;
    date_format(key.expires, day);
    if (key.state != KEY_USABLE)
        doctor_say(doctor, DOCTOR_TROUBLE, "key-unusable",
                   doctor_text(doctor, "the key of %s is %s%s%s%s: documents for it are refused",
                               entry->domain, key_state_name(key.state), *key.why ? " (" : "", key.why,
                               *key.why ? ")" : ""),
                   import);
    else if (key.expires && key.expires - doctor->now < DAYS_BEFORE * DAY_SECONDS)
        doctor_say(doctor, DOCTOR_WARNING, "key-ends",
                   doctor_text(doctor, "the key of %s ends on %s", entry->domain, day), import);
}

static void check_signing(void *context, const struct sign_outlook *outlook)
{
    struct doctor *doctor = context;
    char words[OUTLOOK_WORDS], mend[OUTLOOK_WORDS];
    bool soon = outlook->stage == OUTLOOK_30 || outlook->stage == OUTLOOK_7;
    if (!soon && outlook->stage != OUTLOOK_UNUSABLE)
        return;
    sign_outlook_say(outlook, words);
    sign_outlook_mend(outlook, mend);
    doctor_say(doctor, soon ? DOCTOR_WARNING : DOCTOR_TROUBLE,
               soon             ? "signing-ends"
               : outlook->entry ? "signing-registry"
                                : "signing-unusable",
               doctor_text(doctor, "%s", words), doctor_text(doctor, "%s", mend));
}

void health_check_keys(struct doctor *doctor)
{
    const struct registry *registry = doctor->config->registry;
    struct sealing_settings sealing = doctor->config->sealing;
    size_t count = registry_count(registry), n = 0;
    struct sealer *sealer = NULL;
    struct problem problem = {""};
    for (size_t i = 0; i < count; i++)
        n += registry_get(registry, i)->key_fingerprint != NULL;
    sealing.signing = &doctor->config->signing;
    bool asks = n || sealing.signing->homedir, known = false;
    if (asks && sealer_new_for(&sealing, registry, &sealer, &problem) != RESULT_OK)
        sealer = NULL;
    else if (asks)
        known = sealer_trouble(sealer, &problem) == RESULT_OK;
    if (asks && !known) {
        doctor_say(doctor, DOCTOR_TROUBLE, "keys-unknown",
                   doctor_text(doctor, "the keys cannot be looked at: %s", problem.text),
                   "khatm domains list");
    }
    for (size_t i = 0; known && i < count; i++) {
        const struct registry_entry *entry = registry_get(registry, i);
        bool gone = entry->expires && entry->expires <= doctor->now;
        if (entry->key_fingerprint && !gone)
            check_key(doctor, sealer_keys(sealer), entry);
    }
    sign_outlook_each(doctor->config, sealer, doctor->now, check_signing, doctor);
    sealer_free(sealer);
}

static void check_coverage(struct doctor *doctor, const struct journal_coverage *coverage)
{
    if (coverage->n_missing)
        doctor_say(doctor, DOCTOR_TROUBLE, "journal-gaps",
                   doctor_text(doctor, "the journal lacks %" PRIu64 " of its records: they were taken out",
                               coverage->n_missing),
                   "khatm report");
    if (coverage->last_ms / MS > doctor->now + DAY_SECONDS)
        doctor_say(doctor, DOCTOR_TROUBLE, "clock",
                   "the journal has records of days to come: the clock was set back",
                   "timedatectl set-ntp true");
}

void health_check_journal(struct doctor *doctor)
{
    struct journal *journal = NULL;
    struct journal_coverage coverage = {0};
    struct problem problem = {""};
    enum result result = journal_open_readonly(doctor->config->journal.store, &journal, &problem);
    if (result == RESULT_OK)
        result = journal_cover(journal, 0, 0, &coverage, &problem);
    if (result == RESULT_OK)
        check_coverage(doctor, &coverage);
    else if (result != RESULT_NOT_FOUND || !journal)
        doctor_say(doctor, DOCTOR_TROUBLE, "journal",
                   doctor_text(doctor, "%s: %s", doctor->config->journal.store, problem.text),
                   "khatm report");
    journal_close(journal);
}
