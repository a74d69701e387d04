/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/domains_test.h"
#include "admin/printer.h"

#include <jansson.h>

static const char *const states[] = {
    [SURVEY_GOOD] = "good", [SURVEY_ABSENT] = "absent", [SURVEY_UNKNOWN] = "unknown", [SURVEY_BAD] = "bad"};
static const char *const demands[] = {[DEMAND_MET] = "met",
                                      [DEMAND_UNKNOWN] = "unknown",
                                      [DEMAND_UNTESTED] = "untested",
                                      [DEMAND_NOT_MET] = "not-met"};
static const char *const dnssecs[] = {[PROOF_DNSSEC_UNCHECKED] = "unchecked",
                                      [PROOF_DNSSEC_INSECURE] = "insecure",
                                      [PROOF_DNSSEC_SECURE] = "secure"};

const char *domains_proof_name(enum registry_proof proof)
{
    static const char *const names[] = {
        [PROOF_DKIM] = "dkim", [PROOF_SPF] = "spf", [PROOF_BOTH] = "both", [PROOF_EITHER] = "either"};
    return names[proof];
}

enum demand_state domains_tested_state(const struct domains_tested *tested)
{
    return tested->expired ? DEMAND_NOT_MET : tested->answer.whole;
}

static json_t *notes_json(const struct survey_notes *notes)
{
    json_t *list = json_array();
    for (size_t i = 0; i < notes->n; i++)
        (void)json_array_append_new(list, json_string(notes->texts[i]));
    return list;
}

static json_t *spf_json(const struct survey_spf *spf)
{
    const char all[] = {spf->all, '\0'};
    return json_pack("{s:s, s:s, s:s?, s:i, s:i, s:i, s:b, s:b, s:b, s:s?, s:s, s:o}", "state",
                     states[spf->state], "why", spf->why, "record", spf->record, "lookups", (int)spf->lookups,
                     "voids_ipv4", (int)spf->voids[0], "voids_ipv6", (int)spf->voids[1], "depends_on_client",
                     spf->depends, "lets_some", spf->some, "lets_everybody", spf->everybody, "all",
                     spf->all ? all : NULL, "dnssec", dnssecs[spf->dnssec], "notes", notes_json(&spf->notes));
}

static json_t *key_json(const struct survey_key *key)
{
    static const char *const kinds[] = {
        [DKIM_KEY_OTHER] = "other", [DKIM_KEY_RSA] = "rsa", [DKIM_KEY_ED25519] = "ed25519"};
    const struct dkim_tags *tags = &key->key.tags;
    return json_pack("{s:s, s:s, s:s, s:s?, s:s?, s:i, s:b, s:b, s:b, s:s?, s:s?, s:s, s:o}", "selector",
                     key->selector, "state", states[key->state], "why", key->why, "record", key->record,
                     "kind", key->key.record ? kinds[key->key.kind] : NULL, "bits", (int)key->bits, "revoked",
                     key->key.revoked, "testing", key->key.testing, "strict", key->key.strict, "hashes",
                     dkim_tag(tags, "h"), "services", dkim_tag(tags, "s"), "dnssec", dnssecs[key->dnssec],
                     "notes", notes_json(&key->notes));
}

static json_t *dmarc_json(const struct survey_dmarc *dmarc)
{
    return json_pack("{s:s, s:s, s:s?, s:s?, s:s?, s:s, s:o}", "state", states[dmarc->state], "why",
                     dmarc->why, "record", dmarc->record, "found_at", dmarc->found_at, "policy",
                     dmarc->policy, "dnssec", dnssecs[dmarc->dnssec], "notes", notes_json(&dmarc->notes));
}

static json_t *mx_json(const struct survey_mx *mx)
{
    json_t *hosts = json_array();
    for (size_t i = 0; i < mx->n_hosts; i++)
        (void)json_array_append_new(hosts, json_pack("{s:i, s:s, s:s}", "preference",
                                                     (int)mx->hosts[i].preference, "name", mx->hosts[i].name,
                                                     "address", states[mx->hosts[i].state]));
    return json_pack("{s:s, s:s, s:o, s:i, s:s}", "state", states[mx->state], "why", mx->why, "hosts", hosts,
                     "more", (int)mx->n_more, "dnssec", dnssecs[mx->dnssec]);
}

static json_t *entry_json(const struct domains_tested *tested)
{
    const struct registry_entry *entry = tested->entry;
    if (!entry)
        return json_null();
    return json_pack("{s:s, s:s, s:b}", "domain", entry->domain, "kind",
                     entry->kind == REGISTRY_PARTNER ? "partner" : "government", "expired", tested->expired);
}

static json_t *demand_json(const struct domains_tested *tested)
{
    const struct demand_answer *answer = &tested->answer;
    return json_pack("{s:s, s:b, s:s, s:s, s:s, s:s, s:s}", "proof", domains_proof_name(tested->demand.proof),
                     "dnssec", tested->demand.dnssec, "result", demands[domains_tested_state(tested)], "spf",
                     demands[answer->spf], "spf_why", answer->spf_why, "dkim", demands[answer->dkim],
                     "dkim_why", answer->dkim_why);
}

static json_t *could_json(const struct domains_tested *tested)
{
    json_t *list = json_array();
    for (int proof = 0; proof < PROOF_COUNT; proof++)
        if (tested->could[proof])
            (void)json_array_append_new(list, json_string(domains_proof_name((enum registry_proof)proof)));
    return list;
}

static json_t *suggestions_json(const struct suggestions *suggestions)
{
    json_t *list = json_array();
    for (size_t i = 0; i < suggestions->n; i++) {
        const struct suggestion *one = &suggestions->all[i];
        (void)json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s}", "name", one->name, "type", "TXT",
                                                    "value", one->value, "why", one->why));
    }
    return list;
}

enum result domains_test_json(FILE *out, const struct domains_tested *tested)
{
    const struct survey *survey = &tested->survey;
    json_t *keys = json_array();
    for (size_t i = 0; i < survey->n_keys; i++)
        (void)json_array_append_new(keys, key_json(&survey->keys[i]));
    json_t *whole = json_pack("{s:i, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "schema", 1, "domain",
                              survey->domain, "entry", entry_json(tested), "demand", demand_json(tested),
                              "could_demand", could_json(tested), "spf", spf_json(&survey->spf), "dkim", keys,
                              "dmarc", dmarc_json(&survey->dmarc), "mx", mx_json(&survey->mx), "suggestions",
                              suggestions_json(&tested->suggestions));
    return printer_json(out, whole);
}
