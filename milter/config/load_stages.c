/* SPDX-License-Identifier: Apache-2.0 */
/* The sections of khatm.conf that set a stage of the route. */
#include "base/text.h"
#include "config/load.h"
#include "config/values.h"
#include "policy/registry.h"

#include <arpa/inet.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#define MIB ((uint64_t)1024 * 1024)

const struct syntax in_spool[] = {
    {"directory", SYNTAX_TEXT, NULL}, {"message-limit", SYNTAX_TEXT, NULL}, {NULL, SYNTAX_TEXT, NULL}};
const struct syntax in_inspector[] = {{"program", SYNTAX_TEXT, NULL}, {"reader", SYNTAX_TEXT, NULL},
                                      {"workers", SYNTAX_TEXT, NULL}, {"deadline", SYNTAX_TEXT, NULL},
                                      {"memory", SYNTAX_TEXT, NULL},  {"depth", SYNTAX_TEXT, NULL},
                                      {"parts", SYNTAX_TEXT, NULL},   {NULL, SYNTAX_TEXT, NULL}};
const struct syntax in_resolver[] = {{"servers", SYNTAX_LIST, NULL},
                                     {"deadline", SYNTAX_TEXT, NULL},
                                     {"dnssec", SYNTAX_TEXT, NULL},
                                     {"trust-anchors", SYNTAX_TEXT, NULL},
                                     {NULL, SYNTAX_TEXT, NULL}};
const struct syntax in_authenticator[] = {{"program", SYNTAX_TEXT, NULL},
                                          {"processes", SYNTAX_TEXT, NULL},
                                          {"wait", SYNTAX_TEXT, NULL},
                                          {NULL, SYNTAX_TEXT, NULL}};
const struct syntax in_sealing[] = {{"program", SYNTAX_TEXT, NULL},     {"gpg", SYNTAX_TEXT, NULL},
                                    {"homedir", SYNTAX_TEXT, NULL},     {"work-directory", SYNTAX_TEXT, NULL},
                                    {"slots", SYNTAX_TEXT, NULL},       {"wait", SYNTAX_TEXT, NULL},
                                    {"deadline", SYNTAX_TEXT, NULL},    {"rsa-min-bits", SYNTAX_TEXT, NULL},
                                    {"refresh", SYNTAX_TEXT, NULL},     {"sign-homedir", SYNTAX_TEXT, NULL},
                                    {"signing-key", SYNTAX_TEXT, NULL}, {"resident-gpg", SYNTAX_TEXT, NULL},
                                    {"size-limit", SYNTAX_TEXT, NULL},  {NULL, SYNTAX_TEXT, NULL}};
const struct syntax in_unsealing[] = {{"homedir", SYNTAX_TEXT, NULL},
                                      {"unsigned", SYNTAX_TEXT, NULL},
                                      {"slots", SYNTAX_TEXT, NULL},
                                      {NULL, SYNTAX_TEXT, NULL}};
const struct syntax in_journal[] = {
    {"store", SYNTAX_TEXT, NULL}, {"wait", SYNTAX_TEXT, NULL}, {NULL, SYNTAX_TEXT, NULL}};
const struct syntax in_tickets[] = {
    {"keys", SYNTAX_TEXT, NULL}, {"lifetime", SYNTAX_TEXT, NULL}, {NULL, SYNTAX_TEXT, NULL}};
enum { MINUTE_MS = 60000, LEAST_WAIT_MS = 100, MOST_WAIT_MS = 10 * MINUTE_MS };

const char *config_find_program(struct arena *arena, const char *name)
{
    char self[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    self[n > 0 ? n : 0] = '\0';
    char *slash = strrchr(self, '/');
    const char *beside = slash ? arena_printf(arena, "%.*s/%s", (int)(slash - self), self, name) : NULL;
    if (beside && access(beside, X_OK) == 0)
        return beside;
    return arena_printf(arena, KHATM_LIBEXEC "/%s", name);
}

const char *load_program(struct values *values, const struct block *block, const char *key, const char *name)
{
    if (values_find(block, key))
        return values_path(values, block, key, "");
    const char *program = config_find_program(values->arena, name);
    if (!program)
        values_no_memory(values);
    return program ? program : "";
}

static const char *program_of(struct values *values, const struct block *block, const char *name)
{
    return load_program(values, block, "program", name);
}

static void read_spool(struct values *values, const struct block *file, struct config *config)
{
    const struct block *block = values_section(values, file, "spool");
    config->spool.directory = values_path(values, block, "directory", "/run/khatm/spool");
    config->spool.message_limit =
        values_size(values, block, "message-limit", 50 * MIB, 64 * 1024, 2048 * MIB);
}

static void read_inspector(struct values *values, const struct block *file, struct config *config)
{
    const struct block *block = values_section(values, file, "inspector");
    config->inspector = (struct inspector_settings){
        .program = program_of(values, block, "khatm-inspector"),
        .reader = load_program(values, block, "reader", "khatm-reader"),
        .workers = values_number(values, block, "workers", 2, 1, 256),
        .deadline_ms = values_duration_ms(values, block, "deadline", 20000, LEAST_WAIT_MS, MOST_WAIT_MS),
        .memory = values_size(values, block, "memory", 256 * MIB, 32 * MIB, 16384 * MIB),
        .depth = values_number(values, block, "depth", 16, 1, 100),
        .parts = values_number(values, block, "parts", 1000, 1, 100000),
    };
}

/* ADDRESS or ADDRESS@PORT. */
static bool is_server(const char *text)
{
    char address[INET6_ADDRSTRLEN];
    struct in6_addr parsed;
    const char *at = strchr(text, '@');
    size_t length = at ? (size_t)(at - text) : strlen(text);
    if (length >= sizeof address || (at && !text_is_port(at + 1, strlen(at + 1))))
        return false;
    memcpy(address, text, length);
    address[length] = '\0';
    return inet_pton(AF_INET, address, &parsed) == 1 || inet_pton(AF_INET6, address, &parsed) == 1;
}

/* Debian's package dns-root-data keeps them current; without it there is nothing to validate against. */
static const char *trust_anchors_of(struct values *values, const struct block *block)
{
    static const char *const dnssec[] = {"allow", "off", NULL};
    const char *anchors = values_path(values, block, "trust-anchors", "/usr/share/dns/root.key");
    bool given = values_find(block, "trust-anchors");
    if (values_choice(values, block, "dnssec", dnssec, 0) == 1)
        return NULL;
    if (access(anchors, R_OK) == 0)
        return anchors;
    if (given)
        values_wrong(values, values_line(block, "trust-anchors"),
                     "trust-anchors = %s cannot be read: install dns-root-data, or write dnssec = off",
                     anchors);
    return NULL;
}

static void read_resolver(struct values *values, const struct block *file, struct config *config)
{
    const struct block *block = values_section(values, file, "resolver");
    const char *const *servers = values_list(values, block, "servers");
    size_t n = 0;
    for (; servers[n]; n++) {
        if (n == RESOLVER_SERVERS_MAX)
            values_wrong(values, values_line(block, "servers"), "servers: more than %d: name the nearest",
                         RESOLVER_SERVERS_MAX);
        else if (!is_server(servers[n]))
            values_wrong(values, values_line(block, "servers"),
                         "servers: '%s' is no DNS server: write it like 192.0.2.53 or 192.0.2.53@5353",
                         servers[n]);
    }
    config->resolver = (struct dns_settings){
        .servers = servers,
        .n_servers = n,
        .deadline_ms = values_duration_ms(values, block, "deadline", 10000, LEAST_WAIT_MS, 2 * MINUTE_MS),
        .trust_anchors = trust_anchors_of(values, block),
    };
}

static void read_authenticator(struct values *values, const struct block *file, struct config *config)
{
    const struct block *block = values_section(values, file, "authenticator");
    config->authenticator = (struct authenticator_settings){
        .program = program_of(values, block, "khatm-authenticator"),
        .processes = values_number(values, block, "processes", 8, 1, 64),
        .wait_ms = values_duration_ms(values, block, "wait", 30000, LEAST_WAIT_MS, MOST_WAIT_MS),
    };
}

static void read_sealing(struct values *values, const struct block *file, struct config *config)
{
    const struct block *block = values_section(values, file, "sealing");
    config->sealing = (struct sealing_settings){
        .program = program_of(values, block, "khatm-sealer"),
        .gpg = values_path(values, block, "gpg", "/usr/bin/gpg"),
        .homedir = values_path(values, block, "homedir", "/var/lib/khatm/sealing"),
        .work_directory = values_path(values, block, "work-directory", "/run/khatm/work"),
        .slots = values_number(values, block, "slots", 2, 1, 64),
        .wait_ms = values_duration_ms(values, block, "wait", MINUTE_MS, LEAST_WAIT_MS, MOST_WAIT_MS),
        .deadline_ms = values_duration_ms(values, block, "deadline", MINUTE_MS, LEAST_WAIT_MS, MOST_WAIT_MS),
        .rsa_min_bits = values_number(values, block, "rsa-min-bits", 2048, 1024, 16384),
        .resident = values_yes(values, block, "resident-gpg", true),
        .size_limit = values_size(values, block, "size-limit", 0, 64 * 1024, 4096 * MIB),
        .refresh_ms =
            values_duration_ms(values, block, "refresh", 5 * MINUTE_MS, 1000, (int64_t)24 * 60 * MINUTE_MS),
    };
}

/* The key that signs has a home of its own, since its agent must not be asked to open anything. */
static void check_sign_home(struct values *values, const struct block *block, const struct config *config)
{
    const char *const others[] = {config->sealing.homedir, config->unsealing.homedir};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (others[i] && strcmp(config->signing.homedir, others[i]) == 0)
            values_wrong(
                values, values_line(block, "sign-homedir"),
                "sign-homedir = %s is the homedir of %s, too: the key that signs needs a home of its "
                "own",
                others[i], i ? "unsealing" : "sealing");
}

static void read_signing(struct values *values, const struct block *file, struct config *config)
{
    const struct block *block = values_section(values, file, "sealing");
    struct refusal refusal = {0};
    char fingerprint[REGISTRY_FINGERPRINT_ROOM];
    const char *key = values_text(values, block, "signing-key", NULL);
    bool home = values_find(block, "sign-homedir");
    if (home != (key != NULL)) {
        values_wrong(values, values_line(block, home ? "sign-homedir" : "signing-key"),
                     home ? "sign-homedir without signing-key: name the key, signing-key = \"40 digits\""
                          : "signing-key without sign-homedir: name the GnuPG home that holds it");
        return;
    }
    if (!home)
        return;
    config->signing.homedir = values_path(values, block, "sign-homedir", "");
    check_sign_home(values, block, config);
    if (registry_fingerprint(key, fingerprint, &refusal) != POLICY_OK)
        values_wrong(values, values_line(block, "signing-key"), "signing-key: %s", refusal.text);
    else if (!(config->signing.key = arena_strdup(values->arena, fingerprint)))
        values_no_memory(values);
}

static void read_unsealing(struct values *values, const struct block *file, struct config *config)
{
    static const char *const takes[] = {"refuse", "open", NULL};
    const struct block *block = values_section(values, file, "unsealing");
    config->unsealing = (struct unsealing_settings){
        .homedir = values_find(block, "homedir") ? values_path(values, block, "homedir", "") : NULL,
        .takes_unsigned = values_choice(values, block, "unsigned", takes, 0) == 1,
        .slots = values_number(values, block, "slots", 2, 1, 64),
    };
    if (!config->unsealing.homedir && (values_find(block, "unsigned") || values_find(block, "slots")))
        values_wrong(values, values_line(block, values_find(block, "unsigned") ? "unsigned" : "slots"),
                     "unsealing without homedir: nothing is opened: name the GnuPG home that holds the "
                     "domain's secret key");
}

static void read_journal(struct values *values, const struct block *file, struct config *config)
{
    const struct block *block = values_section(values, file, "journal");
    config->journal.store = values_text(values, block, "store", "sqlite:/var/lib/khatm/journal.db");
    config->journal.wait_ms = values_duration_ms(values, block, "wait", 10000, LEAST_WAIT_MS, MOST_WAIT_MS);
    if (strncmp(config->journal.store, "sqlite:/", 8) != 0)
        values_wrong(values, values_line(block, "store"),
                     "store = %s: this version keeps its journal in SQLite: write "
                     "\"sqlite:/PATH\"",
                     config->journal.store);
}

/* Longer than any MTA keeps a message (Postfix: maximal_queue_lifetime, five days). */
static void read_tickets(struct values *values, const struct block *file, struct config *config)
{
    enum { HOUR_MS = 60 * MINUTE_MS };
    const struct block *block = values_section(values, file, "tickets");
    config->tickets.lifetime_s = values_duration_ms(values, block, "lifetime", (int64_t)168 * HOUR_MS,
                                                    HOUR_MS, (int64_t)90 * 24 * HOUR_MS) /
                                 1000;
}

void load_stages(struct values *values, const struct block *file, struct config *config)
{
    read_spool(values, file, config);
    read_inspector(values, file, config);
    load_ocr(values, file, config);
    read_resolver(values, file, config);
    read_authenticator(values, file, config);
    read_sealing(values, file, config);
    read_unsealing(values, file, config);
    read_signing(values, file, config);
    load_dkim(values, file, config);
    load_wkd(values, file, config);
    read_journal(values, file, config);
    read_tickets(values, file, config);
}
