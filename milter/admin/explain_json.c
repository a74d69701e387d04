/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/explain.h"

#include "policy/names.h"

#include <jansson.h>
#include <stdlib.h>

enum { SCHEMA = 1, WHY_ROOM = 400 };

/* A stranger's bytes need not be UTF-8: printer_string_json mends them. NULL and out of memory become null.
 */
static json_t *text(const char *bytes)
{
    char *quoted = bytes ? printer_string_json(bytes) : NULL;
    json_t *value = quoted ? json_loads(quoted, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL) : json_null();
    free(quoted);
    return value;
}

static json_t *tri(enum fact fact)
{
    switch (fact) {
    case FACT_UNKNOWN:
        return json_null();
    case FACT_NO:
        return json_false();
    case FACT_YES:
        return json_true();
    }
    return json_null();
}

static json_t *flags(unsigned set, const char *(*name)(unsigned))
{
    json_t *array = json_array();
    for (unsigned bit = 1; array && bit && bit <= set; bit <<= 1)
        if (set & bit)
            (void)json_array_append_new(array, json_string(name(bit)));
    return array;
}

/* texts: NULL-terminated; NULL: none. */
static json_t *list(const char *const *texts)
{
    json_t *array = json_array();
    for (; texts && *texts; texts++)
        (void)json_array_append_new(array, text(*texts));
    return array;
}

static json_t *sender_json(const struct sender_facts *sender)
{
    return json_pack("{s:s, s:s, s:b, s:o, s:o, s:o, s:o, s:o}", "class", sender_class_name(sender->class),
                     "lacks", sender_lack_name(sender->lacks), "proof_unknown", sender->proof_unknown, "why",
                     text(sender->why), "login", text(sender->login), "envelope_from",
                     text(sender->envelope_from), "from", text(sender->from), "proven", tri(sender->proven));
}

static json_t *rcpt_json(const struct rcpt_facts *rcpt, const struct rcpt_decision *decided)
{
    return json_pack("{s:o, s:o, s:s, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:s?, s:s?, s:s?}", "address",
                     text(rcpt->address), "domain", text(rcpt->domain), "class", rcpt_class_name(rcpt->class),
                     "why", text(rcpt->why), "suggestion", text(rcpt->suggestion), "key",
                     key_state_name(rcpt->key), "key_why", text(rcpt->key_why), "in_circle",
                     tri(rcpt->in_circle), "in_headers", tri(rcpt->in_headers), "typed", text(rcpt->typed),
                     "returns", tri(rcpt->returns), "verdict",
                     decided ? verdict_name(decided->verdict) : NULL, "reason",
                     decided ? reason_name(decided->reason) : NULL, "rule",
                     decided && decided->rule ? decided->rule->id : NULL);
}

static json_t *document_json(const struct document_facts *document)
{
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:i, s:o, s:b, s:b, s:b, s:b, s:I, s:s?, s:o, s:o, s:o, s:s, s:i, s:s?}",
        "path", text(document->path), "name", text(document->name), "kind", text(document->kind), "why",
        text(document->why), "level", document->level, "caveats", flags(document->caveats, caveat_name),
        "unread", document->unread, "opaque", document->opaque, "sealed", document->sealed, "ambiguous",
        document->ambiguous, "size", (json_int_t)document->size_bytes, "sha256", document->sha256, "markings",
        list(document->markings), "references", list(document->references), "known", tri(document->known),
        "known_by", known_by_name(document->known_by), "share", (int)document->share, "resembles",
        document->resembles);
}

static json_t *trial_json(const struct policy_facts *facts, const struct rule_trial *trial)
{
    char why[WHY_ROOM];
    trial_why(facts, trial, why, sizeof why);
    return json_pack("{s:s, s:s, s:o, s:b, s:b, s:s}", "id", trial->rule->id, "mode",
                     rule_mode_name(trial->rule->mode), "recipient", text(facts->rcpts[trial->rcpt].address),
                     "matched", trial->matched, "unknown", trial->unknown, "why", why);
}

static bool print_object(json_t *object, FILE *out)
{
    bool good = object && json_dumpf(object, out, JSON_INDENT(2) | JSON_ENSURE_ASCII) == 0;
    if (good)
        (void)fputc('\n', out);
    json_decref(object);
    return good;
}

static json_t *outcome(enum verdict verdict, enum reason reason, enum sender_lack lack, const char *rule,
                       const char *basis)
{
    return json_pack("{s:i, s:s, s:s, s:s, s:o, s:o}", "schema", SCHEMA, "verdict", verdict_name(verdict),
                     "reason", reason_name(reason), "status", reason_status_of(reason, lack), "rule",
                     text(rule), "basis", text(basis));
}

static bool add_arrays(json_t *object, const struct explanation *explanation)
{
    const struct policy_facts *facts = explanation->facts;
    const struct decision *decision = explanation->decision;
    json_t *rcpts = json_array(), *documents = json_array(), *rules = json_array();
    for (size_t i = 0; facts && i < facts->n_rcpts; i++)
        (void)json_array_append_new(rcpts,
                                    rcpt_json(&facts->rcpts[i], decision ? &decision->rcpts[i] : NULL));
    for (size_t i = 0; facts && i < facts->n_documents; i++)
        (void)json_array_append_new(documents, document_json(&facts->documents[i]));
    for (size_t i = 0; facts && decision && i < decision->n_trials; i++)
        (void)json_array_append_new(rules, trial_json(facts, &decision->trials[i]));
    bool good = json_object_set_new(object, "recipients", rcpts) == 0;
    good = json_object_set_new(object, "documents", documents) == 0 && good;
    return json_object_set_new(object, "rules", rules) == 0 && good;
}

bool explain_json(const struct explanation *explanation, FILE *out)
{
    static const struct policy_facts nothing;
    const struct policy_facts *facts = explanation->facts ? explanation->facts : &nothing;
    const struct rule *rule = explanation->rule;
    json_t *object = outcome(explanation->verdict, explanation->reason, facts->sender.lacks,
                             rule ? rule->id : NULL, rule ? rule->basis : NULL);
    json_t *rest = json_pack(
        "{s:s?, s:o, s:b, s:b, s:s, s:i, s:o, s:o, s:o, s:o}", "reference", NULL, "detail",
        text(explanation->detail), "alert", explanation->decision && explanation->decision->alert, "observe",
        explanation->observe, "role", role_name(facts->role), "level", facts->level, "caveats",
        flags(facts->caveats, caveat_name), "content", flags(facts->content, content_flag_name), "forward",
        flags(facts->forward, forward_flag_name), "sender", sender_json(&facts->sender));
    bool good = object && rest && json_object_update(object, rest) == 0 && add_arrays(object, explanation);
    json_decref(rest);
    return print_object(object, out) && good;
}

/* From the journal. */

static json_t *record_rcpt_json(const struct record_rcpt *rcpt)
{
    return json_pack("{s:o, s:o, s:s, s:s, s:s, s:o}", "address", text(rcpt->address), "typed",
                     text(rcpt->typed), "class", rcpt_class_name(rcpt->class), "verdict",
                     verdict_name(rcpt->verdict), "reason", reason_name(rcpt->reason), "rule",
                     text(rcpt->rule));
}

static json_t *record_document_json(const struct record_document *document)
{
    return json_pack("{s:o, s:o, s:o, s:i, s:o, s:b, s:b, s:b, s:I, s:s?, s:[], s:o, s:o, s:s, s:i, s:s?}",
                     "path", text(document->path), "name", text(document->name), "kind", text(document->kind),
                     "level", document->level, "caveats", flags(document->caveats, caveat_name), "unread",
                     document->unread, "opaque", document->opaque, "ambiguous", document->ambiguous, "size",
                     (json_int_t)document->size_bytes, "sha256", document->sha256, "markings", "references",
                     list(document->references), "known",
                     document->known_by == KNOWN_BY_NOTHING ? json_null() : json_true(), "known_by",
                     known_by_name(document->known_by), "share", (int)document->share, "resembles",
                     document->known_from);
}

/* A record keeps which rule decided for whom, not what every other rule said. */
static json_t *record_rule_json(const struct record_rcpt *rcpt)
{
    return json_pack("{s:o, s:o, s:b, s:s}", "id", text(rcpt->rule), "recipient", text(rcpt->address),
                     "matched", 1, "why", "decided, as the journal says");
}

bool explain_record_json(const struct record *record, FILE *out)
{
    json_t *rcpts = json_array(), *documents = json_array(), *rules = json_array();
    for (size_t i = 0; i < record->n_rcpts; i++) {
        (void)json_array_append_new(rcpts, record_rcpt_json(&record->rcpts[i]));
        if (record->rcpts[i].rule)
            (void)json_array_append_new(rules, record_rule_json(&record->rcpts[i]));
    }
    for (size_t i = 0; i < record->n_documents; i++)
        (void)json_array_append_new(documents, record_document_json(&record->documents[i]));
    json_t *object = outcome(record->verdict, record->reason, record->lacks, record->rule, record->basis);
    json_t *sender =
        json_pack("{s:s, s:s, s:o, s:o, s:o, s:b}", "class", sender_class_name(record->sender), "lacks",
                  sender_lack_name(record->lacks), "login", text(record->login), "envelope_from",
                  text(record->envelope_from), "from", text(record->from), "proven", record->proven);
    json_t *rest =
        json_pack("{s:s, s:o, s:b, s:b, s:s, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "reference",
                  record->reference, "detail", text(record->detail), "alert", record->alert, "observe",
                  record->observed, "role", role_name(record->role), "level", record->level, "caveats",
                  flags(record->caveats, caveat_name), "content", flags(record->content, content_flag_name),
                  "forward", flags(record->forward, forward_flag_name), "ticket", text(record->ticket),
                  "sender", sender, "recipients", rcpts, "documents", documents, "rules", rules);
    bool good = object && rest && json_object_update(object, rest) == 0;
    json_decref(rest);
    return print_object(object, out) && good;
}
