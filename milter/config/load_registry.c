/* SPDX-License-Identifier: Apache-2.0 */
#include "config/load.h"
#include "config/values.h"
#include "policy/date.h"
#include "policy/domain.h"
#include "policy/lists.h"
#include "policy/registry.h"

#include <string.h>

/* What both kinds of entry know; a partner is never vouched for with its subdomains and may be dropped by a
 * day. */
static const struct syntax in_domain[] = {
    {"name-fr", SYNTAX_TEXT, NULL},   {"name-ar", SYNTAX_TEXT, NULL},     {"subdomains", SYNTAX_TEXT, NULL},
    {"proof", SYNTAX_TEXT, NULL},     {"alignment", SYNTAX_TEXT, NULL},   {"dnssec", SYNTAX_TEXT, NULL},
    {"key", SYNTAX_TEXT, NULL},       {"signing-key", SYNTAX_TEXT, NULL}, {"user-keys", SYNTAX_TEXT, NULL},
    {"must-seal", SYNTAX_TEXT, NULL}, {"max-level", SYNTAX_TEXT, NULL},   {"broken-seal", SYNTAX_TEXT, NULL},
    {"circles", SYNTAX_LIST, NULL},   {"expires", SYNTAX_TEXT, NULL},     {"contact", SYNTAX_TEXT, NULL},
    {NULL, SYNTAX_TEXT, NULL}};
static const struct syntax in_partner[] = {
    {"name-fr", SYNTAX_TEXT, NULL},     {"name-ar", SYNTAX_TEXT, NULL},   {"proof", SYNTAX_TEXT, NULL},
    {"alignment", SYNTAX_TEXT, NULL},   {"dnssec", SYNTAX_TEXT, NULL},    {"key", SYNTAX_TEXT, NULL},
    {"signing-key", SYNTAX_TEXT, NULL}, {"user-keys", SYNTAX_TEXT, NULL}, {"max-level", SYNTAX_TEXT, NULL},
    {"broken-seal", SYNTAX_TEXT, NULL}, {"circles", SYNTAX_LIST, NULL},   {"expires", SYNTAX_TEXT, NULL},
    {"contact", SYNTAX_TEXT, NULL},     {"reason", SYNTAX_TEXT, NULL},    {NULL, SYNTAX_TEXT, NULL}};
static const struct syntax in_file[] = {
    {"serial", SYNTAX_TEXT, NULL},          {"issued", SYNTAX_TEXT, NULL},
    {"expires", SYNTAX_TEXT, NULL},         {"domain", SYNTAX_TITLED, in_domain},
    {"partner", SYNTAX_TITLED, in_partner}, {NULL, SYNTAX_TEXT, NULL}};

static const char *const proofs[] = {"dkim", "spf", "both", "either", NULL};
static const char *const alignments[] = {"relaxed", "strict", NULL};
static const char *const broken[] = {"reject", "deliver", NULL};
static const char *const user_keys[] = {"never", "prefer", "level-3", NULL};

/* A day names its end: what expires on the 31st still counts on the 31st. */
static int64_t end_of_day(struct values *values, const struct block *block, const char *name)
{
    int64_t day = values_date(values, block, name);
    return day ? day + DAY_SECONDS : 0;
}

static struct registry_entry read_entry(struct values *values, const struct block *block)
{
    bool partner = !strcmp(block->name, "partner");
    return (struct registry_entry){
        .kind = partner ? REGISTRY_PARTNER : REGISTRY_GOVERNMENT,
        .domain = block->title,
        .name_fr = values_text(values, block, "name-fr", NULL),
        .name_ar = values_text(values, block, "name-ar", NULL),
        .subdomains = values_yes(values, block, "subdomains", false),
        .proof = (enum registry_proof)values_choice(values, block, "proof", proofs, PROOF_BOTH),
        .strict = values_choice(values, block, "alignment", alignments, 0) == 1,
        .dnssec = values_yes(values, block, "dnssec", false),
        .key_fingerprint = values_text(values, block, "key", NULL),
        .signing_fingerprint = values_text(values, block, "signing-key", NULL),
        .user_keys =
            (enum registry_user_keys)values_choice(values, block, "user-keys", user_keys, USER_KEYS_NEVER),
        .must_seal = values_yes(values, block, "must-seal", false),
        .delivers_broken = values_choice(values, block, "broken-seal", broken, 0) == 1,
        .max_level = (int)values_number(values, block, "max-level", partner ? 1 : 3, 0, LEVEL_MAX),
        .circles = values_list(values, block, "circles"),
        .expires = end_of_day(values, block, "expires"),
        .contact = values_text(values, block, "contact", NULL),
        .reason = values_text(values, block, "reason", NULL),
    };
}

/* The registry decides; a consumer entry that covers one of its domains is a mistake in one of the two. */
static void check_consumer(struct values *values, const struct block *block, const struct lists *lists)
{
    char domain[DOMAIN_ROOM];
    const char *found =
        lists && domain_canonical(block->title, domain) ? lists_find_consumer(lists, domain) : NULL;
    if (found)
        values_wrong(values, block->line,
                     "'%s' is consumer mail by the entry '%s' of consumer.domains: remove one of the two",
                     domain, found);
}

static void add_entry(struct values *values, const struct block *block, const struct lists *lists,
                      struct registry *registry)
{
    struct refusal refusal = {0};
    struct registry_entry entry = read_entry(values, block);
    check_consumer(values, block, lists);
    if (values->result != RESULT_OK)
        return;
    switch (registry_add(registry, &entry, &refusal)) {
    case POLICY_OK:
        return;
    case POLICY_NO_MEMORY:
        values_no_memory(values);
        return;
    case POLICY_REFUSED: {
        bool about_key = !strncmp(refusal.text, "the fingerprint", 15);
        bool about_signing = !strncmp(refusal.text, "signing-key:", 12);
        const char *name = about_key ? "key" : "signing-key";
        values_wrong(values, about_key || about_signing ? values_line(block, name) : block->line, "%s",
                     refusal.text);
        return;
    }
    }
}

/* What the authority said of this issue of the file as a whole. */
static void read_issue(struct values *values, const struct block *file, int64_t now,
                       struct registry *registry)
{
    int64_t issued = values_date(values, file, "issued"), expires = end_of_day(values, file, "expires");
    unsigned serial = values_number(values, file, "serial", 0, 1, 4000000000u);
    char day[DATE_ROOM];
    if (!serial)
        values_wrong(values, 1, "'serial' is missing: add serial = 2026112101, greater with each issue");
    if (expires && now >= expires) {
        date_format(expires - DAY_SECONDS, day);
        values_wrong(values, values_line(file, "expires"),
                     "the registry expired, its last day was %s: get the new issue "
                     "from the authority",
                     day);
    }
    if (issued > now + DAY_SECONDS) {
        date_format(issued, day);
        values_wrong(values, values_line(file, "issued"),
                     "the registry is issued on %s, which is yet to come: check this "
                     "machine's clock, or the file",
                     day);
    }
    registry_set_issue(registry, serial, issued, expires);
}

enum result load_registry(struct arena *arena, const struct source *source, const struct lists *lists,
                          int64_t now, const struct registry **registry_out, struct problem *problem)
{
    const struct block *file;
    struct values values = {.arena = arena, .path = source->path, .problem = problem, .result = RESULT_OK};
    enum result result = syntax_parse(arena, source, in_file, &file, problem);
    if (result != RESULT_OK)
        return result;
    struct registry *registry = registry_new();
    if (!registry)
        values_no_memory(&values);
    for (size_t i = 0; registry && i < file->n_blocks; i++)
        add_entry(&values, &file->blocks[i], lists, registry);
    if (registry)
        read_issue(&values, file, now, registry);
    if (values.result != RESULT_OK) {
        registry_free(registry);
        return values.result;
    }
    *registry_out = registry;
    return RESULT_OK;
}

enum result load_lists(const struct source *source, const struct lists **lists_out, struct problem *problem)
{
    struct refusal refusal = {0};
    struct lists *lists = lists_new();
    enum policy_status status =
        lists ? lists_parse_consumer(lists, source->text, source->size, &refusal) : POLICY_NO_MEMORY;
    if (status == POLICY_OK) {
        *lists_out = lists;
        return RESULT_OK;
    }
    lists_free(lists);
    if (status == POLICY_NO_MEMORY)
        return problem_set(problem, RESULT_TRY_LATER, "%s: no memory to read it", source->path);
    return source_problem(problem, source->path, refusal.line, "%s", refusal.text);
}
