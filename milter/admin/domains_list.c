/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/domains.h"
#include "admin/printer.h"
#include "admin/scratch.h"
#include "policy/date.h"
#include "policy/names.h"
#include "policy/registry.h"
#include "seal/seal.h"

#include <jansson.h>
#include <stdlib.h>
#include <time.h>

static const char *const proofs[] = {
    [PROOF_DKIM] = "dkim", [PROOF_SPF] = "spf", [PROOF_BOTH] = "both", [PROOF_EITHER] = "either"};
static const char *const user_keys[] = {
    [USER_KEYS_NEVER] = "never", [USER_KEYS_PREFER] = "prefer", [USER_KEYS_LEVEL_3] = "level-3"};

struct list {
    const struct domains_options *options;
    const struct config *config;
    struct sealer *sealer; /* NULL: it cannot be asked; keys are then unknown */
    int64_t now;
};

/* The entry's key as the gateway's ring has it. */
static struct key_info key_of(const struct list *list, const struct registry_entry *entry)
{
    struct key_info info = {.state = KEY_MISSING};
    if (!entry->key_fingerprint)
        return info;
    info.state = KEY_UNKNOWN;
    if (list->sealer &&
        keys_find(sealer_keys(list->sealer), entry->key_fingerprint, list->now, &info) == RESULT_TRY_LATER)
        info.state = KEY_UNKNOWN;
    return info;
}

static bool names_keys(const struct registry *registry)
{
    for (size_t i = 0; i < registry_count(registry); i++)
        if (registry_get(registry, i)->key_fingerprint)
            return true;
    return false;
}

static void open_keys(struct list *list)
{
    struct problem problem = {""};
    const struct config *config = list->config;
    if (names_keys(config->registry) &&
        (sealer_new_for(&config->sealing, config->registry, &list->sealer, &problem) != RESULT_OK ||
         sealer_trouble(list->sealer, &problem) != RESULT_OK))
        (void)domains_complain(list->options, 0, problem.text);
}

/* The last day that counts. */
static const char *last_day(int64_t expires, char day[DATE_ROOM])
{
    date_format(expires - DAY_SECONDS, day);
    return expires ? day : NULL;
}

static void print_entry(const struct list *list, const struct printer *printer,
                        const struct registry_entry *entry)
{
    char day[DATE_ROOM], level[16];
    struct key_info key = key_of(list, entry);
    bool gone = entry->expires && entry->expires <= list->now, usable = key.state == KEY_USABLE;
    (void)snprintf(level, sizeof level, "%d", entry->max_level);
    printer_column(printer, entry->domain, 34, TINT_HEAD);
    printer_column(printer, entry->kind == REGISTRY_PARTNER ? "partner" : "government", 12, TINT_NONE);
    printer_column(printer, proofs[entry->proof], 8, TINT_NONE);
    printer_column(printer, entry->key_fingerprint ? key_state_name(key.state) : "none", 11,
                   usable ? TINT_GOOD : TINT_WARN);
    printer_column(printer, entry->must_seal ? "yes" : "no", 11, TINT_NONE);
    printer_column(printer, level, 7, TINT_NONE);
    printer_column(printer, last_day(entry->expires, day), 12, gone ? TINT_BAD : TINT_NONE);
    printer_put(printer, entry->name_fr ? entry->name_fr : entry->name_ar);
    (void)fputc('\n', printer->out);
}

static void print_table(const struct list *list)
{
    static const struct {
        const char *name;
        int width;
    } heads[] = {{"DOMAIN", 34},    {"KIND", 12}, {"PROOF", 8},    {"KEY", 11},
                 {"MUST-SEAL", 11}, {"LEVEL", 7}, {"EXPIRES", 12}, {"NAME", 0}};
    struct printer printer;
    printer_init(&printer, stdout);
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        printer_column(&printer, heads[i].name, heads[i].width, TINT_FAINT);
    (void)fputc('\n', stdout);
    for (size_t i = 0; i < registry_count(list->config->registry); i++)
        print_entry(list, &printer, registry_get(list->config->registry, i));
}

static json_t *day_json(int64_t expires)
{
    char day[DATE_ROOM];
    const char *text = last_day(expires, day);
    return text ? json_string(text) : json_null();
}

static json_t *entry_json(const struct list *list, const struct registry_entry *entry)
{
    struct key_info key = key_of(list, entry);
    json_t *circles = json_array();
    for (size_t i = 0; entry->circles[i]; i++)
        (void)json_array_append_new(circles, json_string(entry->circles[i]));
    return json_pack(
        "{s:s, s:s, s:s?, s:s?, s:b, s:s, s:s?, s:s, s:s?, s:s, s:b, s:b, s:i, s:o, s:o, s:s?, s:s?}",
        "domain", entry->domain, "kind", entry->kind == REGISTRY_PARTNER ? "partner" : "government",
        "name_fr", entry->name_fr, "name_ar", entry->name_ar, "subdomains", entry->subdomains, "proof",
        proofs[entry->proof], "key", entry->key_fingerprint, "key_state",
        entry->key_fingerprint ? key_state_name(key.state) : "none", "signing_key",
        entry->signing_fingerprint, "user_keys", user_keys[entry->user_keys], "must_seal", entry->must_seal,
        "delivers_broken", entry->delivers_broken, "max_level", entry->max_level, "circles", circles,
        "expires", day_json(entry->expires), "contact", entry->contact, "reason", entry->reason);
}

static int print_json(const struct list *list)
{
    static const char *const trusts[] = {[REGISTRY_BY_FILE] = "file",
                                         [REGISTRY_UNVERIFIED] = "unverified",
                                         [REGISTRY_SIGNED] = "signed",
                                         [REGISTRY_KEPT] = "last-good"};
    const struct registry *registry = list->config->registry;
    char issued[DATE_ROOM];
    json_t *domains = json_array();
    for (size_t i = 0; i < registry_count(registry); i++)
        (void)json_array_append_new(domains, entry_json(list, registry_get(registry, i)));
    date_format(registry_issued(registry), issued);
    json_t *all = json_pack(
        "{s:i, s:s, s:s?, s:I, s:s?, s:o, s:o}", "schema", 1, "trust",
        trusts[list->config->registry_file.trust], "authority", list->config->registry_file.authority,
        "serial", (json_int_t)registry_serial(registry), "issued", registry_issued(registry) ? issued : NULL,
        "expires", day_json(registry_expires(registry)), "domains", domains);
    bool good = all && json_dumpf(all, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII) == 0;
    json_decref(all);
    (void)fputc('\n', stdout);
    return good ? EX_OK : domains_complain(list->options, EX_TEMPFAIL, "no memory for the list");
}

int domains_list(const struct domains_options *options)
{
    struct list list = {.options = options, .now = (int64_t)time(NULL)};
    struct scratch scratch = {.path = ""};
    struct problem problem = {""};
    int code = EX_OK;
    enum result result = scratch_load(&scratch, options->config, &list.config, &problem);
    if (result != RESULT_OK)
        return domains_complain(options, result == RESULT_BAD_INPUT ? EX_CONFIG : EX_TEMPFAIL, problem.text);
    if (list.config->registry_file.trust == REGISTRY_KEPT)
        (void)domains_complain(options, 0, list.config->registry_file.refused);
    open_keys(&list);
    if (options->json)
        code = print_json(&list);
    else
        print_table(&list);
    sealer_free(list.sealer);
    config_unref(list.config);
    scratch_remove(&scratch);
    return code;
}
