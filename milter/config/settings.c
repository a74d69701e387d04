/* SPDX-License-Identifier: Apache-2.0 */
#include "config/load.h"
#include "config/values.h"
#include "policy/domain.h"
#include "policy/names.h"
#include "policy/registry.h"

#include <arpa/inet.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MIB ((uint64_t)1024 * 1024)

static const struct syntax in_attach[] = {{"role", SYNTAX_TEXT, NULL},
                                          {"tls-min", SYNTAX_TEXT, NULL},
                                          {"trusted-hosts", SYNTAX_LIST, NULL},
                                          {"relays", SYNTAX_LIST, NULL},
                                          {NULL, SYNTAX_TEXT, NULL}};
static const struct syntax in_machine[] = {
    {"client", SYNTAX_LIST, NULL}, {"from", SYNTAX_TEXT, NULL}, {NULL, SYNTAX_TEXT, NULL}};
static const struct syntax in_spool[] = {
    {"directory", SYNTAX_TEXT, NULL}, {"message-limit", SYNTAX_TEXT, NULL}, {NULL, SYNTAX_TEXT, NULL}};
static const struct syntax in_inspector[] = {{"program", SYNTAX_TEXT, NULL},  {"workers", SYNTAX_TEXT, NULL},
                                             {"deadline", SYNTAX_TEXT, NULL}, {"memory", SYNTAX_TEXT, NULL},
                                             {"depth", SYNTAX_TEXT, NULL},    {"parts", SYNTAX_TEXT, NULL},
                                             {NULL, SYNTAX_TEXT, NULL}};
static const struct syntax in_sealing[] = {
    {"program", SYNTAX_TEXT, NULL},  {"gpg", SYNTAX_TEXT, NULL},
    {"homedir", SYNTAX_TEXT, NULL},  {"work-directory", SYNTAX_TEXT, NULL},
    {"slots", SYNTAX_TEXT, NULL},    {"wait", SYNTAX_TEXT, NULL},
    {"deadline", SYNTAX_TEXT, NULL}, {"rsa-min-bits", SYNTAX_TEXT, NULL},
    {"refresh", SYNTAX_TEXT, NULL},  {NULL, SYNTAX_TEXT, NULL}};
static const struct syntax in_journal[] = {
    {"store", SYNTAX_TEXT, NULL}, {"wait", SYNTAX_TEXT, NULL}, {NULL, SYNTAX_TEXT, NULL}};
static const struct syntax in_file[] = {{"node", SYNTAX_TEXT, NULL},
                                        {"socket", SYNTAX_TEXT, NULL},
                                        {"socket-mode", SYNTAX_TEXT, NULL},
                                        {"mode", SYNTAX_TEXT, NULL},
                                        {"seal-at", SYNTAX_TEXT, NULL},
                                        {"languages", SYNTAX_LIST, NULL},
                                        {"local-domains", SYNTAX_LIST, NULL},
                                        {"registry", SYNTAX_TEXT, NULL},
                                        {"authority", SYNTAX_TEXT, NULL},
                                        {"authority-key", SYNTAX_TEXT, NULL},
                                        {"state", SYNTAX_TEXT, NULL},
                                        {"rules", SYNTAX_TEXT, NULL},
                                        {"lists", SYNTAX_TEXT, NULL},
                                        {"replies", SYNTAX_TEXT, NULL},
                                        {"logins", SYNTAX_TEXT, NULL},
                                        {"attach", SYNTAX_TITLED, in_attach},
                                        {"machine", SYNTAX_TITLED, in_machine},
                                        {"spool", SYNTAX_SECTION, in_spool},
                                        {"inspector", SYNTAX_SECTION, in_inspector},
                                        {"sealing", SYNTAX_SECTION, in_sealing},
                                        {"journal", SYNTAX_SECTION, in_journal},
                                        {NULL, SYNTAX_TEXT, NULL}};

enum { MINUTE_MS = 60000, LEAST_WAIT_MS = 100, MOST_WAIT_MS = 10 * MINUTE_MS, SOCKET_PATH_MAX = 107 };

/* Single values. */

static const char *path_of(struct values *values, const struct block *block, const char *name,
                           const char *otherwise)
{
    const char *path = values_text(values, block, name, otherwise);
    if (*path != '/')
        values_wrong(values, values_line(block, name), "%s = %s: write the whole path, from /", name, path);
    return path;
}

const char *config_find_program(struct arena *arena, const char *name)
{
    char self[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    self[n > 0 ? n : 0] = '\0';
    char *slash = strrchr(self, '/');
    const char *beside = slash ? arena_printf(arena, "%.*s/%s", (int)(slash - self), self, name) : NULL;
    if (beside && access(beside, X_OK) == 0)
        return beside;
    return arena_printf(arena, "/usr/libexec/khatm/%s", name);
}

static const char *program_of(struct values *values, const struct block *block, const char *name)
{
    if (values_find(block, "program"))
        return path_of(values, block, "program", "");
    const char *program = config_find_program(values->arena, name);
    if (!program)
        values_no_memory(values);
    return program ? program : "";
}

static bool is_port(const char *text, size_t length)
{
    unsigned port = 0;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9' || length > 5)
            return false;
        port = port * 10 + (unsigned)(text[i] - '0');
    }
    return port > 0 && port < 65536;
}

static bool socket_is_good(const char *socket)
{
    struct in6_addr address;
    const char *at = strchr(socket, '@');
    if (!strncmp(socket, "unix:/", 6))
        return strlen(socket + 5) <= SOCKET_PATH_MAX;
    bool six = !strncmp(socket, "inet6:", 6);
    if ((!six && strncmp(socket, "inet:", 5) != 0) || !at)
        return false;
    const char *port = socket + (six ? 6 : 5);
    return is_port(port, (size_t)(at - port)) && inet_pton(six ? AF_INET6 : AF_INET, at + 1, &address) == 1;
}

static unsigned file_mode_of(struct values *values, const struct block *block, const char *name,
                             unsigned otherwise)
{
    const char *text = values_text(values, block, name, NULL);
    unsigned mode = 0;
    if (!text)
        return otherwise;
    size_t length = strlen(text);
    if (length < 3 || length > 4 || strspn(text, "01234567") != length) {
        values_wrong(values, values_line(block, name), "%s = %s is no file mode: write it like 0660", name,
                     text);
        return otherwise;
    }
    for (; *text; text++)
        mode = mode * 8 + (unsigned)(*text - '0');
    if (mode & ~0777u)
        values_wrong(values, values_line(block, name), "%s goes beyond 0777: write it like 0660", name);
    return mode;
}

static const char *address_of(struct values *values, const struct block *block, const char *name)
{
    char domain[DOMAIN_ROOM];
    const char *address = values_required(values, block, name, "\"user@domain.example\"");
    const char *at = strrchr(address, '@');
    if (!at || at == address || strpbrk(address, " <>,;\"") || !domain_canonical(at + 1, domain))
        values_wrong(values, values_line(block, name),
                     "%s = %s is no mail address: write it like user@domain.example", name, address);
    return address;
}

static void check_addresses(struct values *values, const struct block *block, const char *name, bool uids)
{
    const char *const *list = values_list(values, block, name);
    struct in6_addr address;
    for (; *list; list++) {
        bool uid = uids && !strncmp(*list, "uid:", 4) && (*list)[4] &&
                   strspn(*list + 4, "0123456789") == strlen(*list + 4);
        if (!uid && inet_pton(AF_INET, *list, &address) != 1 && inet_pton(AF_INET6, *list, &address) != 1)
            values_wrong(values, values_line(block, name),
                         "%s: '%s' is no IP address%s: write it like 192.0.2.7", name, *list,
                         uids ? " nor uid:NUMBER" : "");
    }
}

static void read_languages(struct values *values, const struct block *block, struct config *config)
{
    static const char *const known[] = {"fr", "ar", "en", NULL};
    const char *const *list = values_list(values, block, "languages");
    unsigned line = values_line(block, "languages");
    size_t n = 0;
    for (; *list; list++) {
        bool good = false;
        for (size_t i = 0; known[i]; i++)
            good = good || !strcmp(known[i], *list);
        if (!good || n == 3)
            values_wrong(values, line,
                         "languages: '%s' is not known or one too many: fr, ar and en, each once", *list);
        else
            config->languages[n++] = *list;
    }
    if (!n) {
        config->languages[0] = "fr";
        config->languages[1] = "ar";
    }
}

static void read_local_domains(struct values *values, const struct block *block, struct config *config)
{
    const char *const *list = values_list(values, block, "local-domains");
    unsigned line = values_line(block, "local-domains");
    size_t n = 0;
    while (list[n])
        n++;
    const char **domains = arena_alloc(values->arena, n + 1, sizeof *domains);
    if (!domains) {
        values_no_memory(values);
        return;
    }
    if (!n)
        values_wrong(values, line,
                     "'local-domains' is missing or empty: name the domains whose mail is delivered here, "
                     "local-domains = { \"ministry.example\" }");
    for (size_t i = 0; i < n; i++) {
        char domain[DOMAIN_ROOM];
        if (!domain_canonical(list[i], domain))
            values_wrong(values, line,
                         "local-domains: '%s' is not a domain: write it like interieur.gov.example", list[i]);
        else if (!(domains[i] = arena_strdup(values->arena, domain)))
            values_no_memory(values);
    }
    config->local_domains = domains;
}

/* Sections. */

static size_t count_blocks(const struct block *file, const char *name)
{
    size_t n = 0;
    for (size_t i = 0; i < file->n_blocks; i++)
        n += !strcmp(file->blocks[i].name, name);
    return n;
}

static enum policy_role role_of(struct values *values, const struct block *block)
{
    static const char *const names[] = {"submission", "inbound", "egress", "local", NULL};
    (void)values_required(values, block, "role", "submission, inbound or local");
    enum policy_role role = (enum policy_role)values_choice(values, block, "role", names, ROLE_INBOUND);
    if (role == ROLE_EGRESS)
        values_wrong(values, values_line(block, "role"),
                     "role = egress: this version seals at submission: remove this "
                     "section, and its milter from the egress hop");
    return role;
}

static void read_attaches(struct values *values, const struct block *file, struct config *config)
{
    static const char *const versions[] = {"none", "1.0", "1.1", "1.2", "1.3", NULL};
    static const int numbers[] = {0, 10, 11, 12, 13};
    size_t n = 0;
    struct attach_settings *attaches =
        arena_alloc(values->arena, count_blocks(file, "attach") + 1, sizeof *attaches);
    for (size_t i = 0; attaches && i < file->n_blocks; i++) {
        const struct block *block = &file->blocks[i];
        if (strcmp(block->name, "attach") != 0)
            continue;
        check_addresses(values, block, "trusted-hosts", false);
        check_addresses(values, block, "relays", false);
        attaches[n++] = (struct attach_settings){
            .daemon_name = block->title,
            .role = role_of(values, block),
            .tls_min = numbers[values_choice(values, block, "tls-min", versions, 3)],
            .trusted_hosts = values_list(values, block, "trusted-hosts"),
            .relays = values_list(values, block, "relays"),
        };
    }
    if (!attaches)
        values_no_memory(values);
    config->attaches = attaches;
    config->n_attaches = n;
}

static void read_machines(struct values *values, const struct block *file, struct config *config)
{
    size_t n = 0;
    struct machine_settings *machines =
        arena_alloc(values->arena, count_blocks(file, "machine") + 1, sizeof *machines);
    for (size_t i = 0; machines && i < file->n_blocks; i++) {
        const struct block *block = &file->blocks[i];
        if (strcmp(block->name, "machine") != 0)
            continue;
        check_addresses(values, block, "client", true);
        if (!*values_list(values, block, "client"))
            values_wrong(values, values_line(block, "client"),
                         "machine \"%s\" has no client: add client = { "
                         "\"192.0.2.7\" }",
                         block->title);
        machines[n++] = (struct machine_settings){.name = block->title,
                                                  .clients = values_list(values, block, "client"),
                                                  .from = address_of(values, block, "from")};
    }
    if (!machines)
        values_no_memory(values);
    config->machines = machines;
    config->n_machines = n;
}

static void read_spool(struct values *values, const struct block *file, struct config *config)
{
    const struct block *block = values_section(values, file, "spool");
    config->spool.directory = path_of(values, block, "directory", "/run/khatm/spool");
    config->spool.message_limit =
        values_size(values, block, "message-limit", 50 * MIB, 64 * 1024, 2048 * MIB);
}

static void read_inspector(struct values *values, const struct block *file, struct config *config)
{
    const struct block *block = values_section(values, file, "inspector");
    config->inspector = (struct inspector_settings){
        .program = program_of(values, block, "khatm-inspector"),
        .workers = values_number(values, block, "workers", 2, 1, 256),
        .deadline_ms = values_duration_ms(values, block, "deadline", 20000, LEAST_WAIT_MS, MOST_WAIT_MS),
        .memory = values_size(values, block, "memory", 256 * MIB, 32 * MIB, 16384 * MIB),
        .depth = values_number(values, block, "depth", 16, 1, 100),
        .parts = values_number(values, block, "parts", 1000, 1, 100000),
    };
}

static void read_sealing(struct values *values, const struct block *file, struct config *config)
{
    const struct block *block = values_section(values, file, "sealing");
    config->sealing = (struct sealing_settings){
        .program = program_of(values, block, "khatm-sealer"),
        .gpg = path_of(values, block, "gpg", "/usr/bin/gpg"),
        .homedir = path_of(values, block, "homedir", "/var/lib/khatm/sealing"),
        .work_directory = path_of(values, block, "work-directory", "/run/khatm/work"),
        .slots = values_number(values, block, "slots", 2, 1, 64),
        .wait_ms = values_duration_ms(values, block, "wait", MINUTE_MS, LEAST_WAIT_MS, MOST_WAIT_MS),
        .deadline_ms = values_duration_ms(values, block, "deadline", MINUTE_MS, LEAST_WAIT_MS, MOST_WAIT_MS),
        .rsa_min_bits = values_number(values, block, "rsa-min-bits", 2048, 1024, 16384),
        .refresh_ms =
            values_duration_ms(values, block, "refresh", 5 * MINUTE_MS, 1000, (int64_t)24 * 60 * MINUTE_MS),
    };
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

static void read_top(struct values *values, const struct block *file, struct config *config)
{
    static const char *const modes[] = {"observe", "enforce", NULL}, *const seals[] = {"submission", "egress",
                                                                                       NULL};
    char domain[DOMAIN_ROOM];
    config->node = values_required(values, file, "node", "\"gw1.ministry.example\"");
    if (!domain_canonical(config->node, domain))
        values_wrong(values, values_line(file, "node"),
                     "node = %s is no host name: write it like "
                     "gw1.ministry.example",
                     config->node);
    config->socket = values_text(values, file, "socket", "unix:/run/khatm/milter.sock");
    if (!socket_is_good(config->socket))
        values_wrong(values, values_line(file, "socket"),
                     "socket = %s is no socket: write unix:/PATH, inet:PORT@ADDRESS "
                     "or inet6:PORT@ADDRESS",
                     config->socket);
    config->socket_mode = file_mode_of(values, file, "socket-mode", 0660);
    config->mode = values_choice(values, file, "mode", modes, 0) ? MODE_ENFORCE : MODE_OBSERVE;
    config->seals_at_submission = values_choice(values, file, "seal-at", seals, 0) == 0;
    if (!config->seals_at_submission)
        values_wrong(values, values_line(file, "seal-at"),
                     "seal-at = egress: this version seals at submission: write seal-at = submission");
    read_languages(values, file, config);
    read_local_domains(values, file, config);
}

static const char *file_of(struct values *values, const struct block *file, const char *name,
                           const char *otherwise)
{
    const char *path = values_text(values, file, name, otherwise);
    path = path ? source_beside(values->arena, values->path, path) : NULL;
    if (!path && otherwise)
        values_no_memory(values);
    return path;
}

/* Whom the registry is believed from, and where that is remembered. */
static void read_registry_file(struct values *values, const struct block *file, struct config *config)
{
    struct registry_settings *settings = &config->registry_file;
    struct refusal refusal = {0};
    char fingerprint[REGISTRY_FINGERPRINT_ROOM];
    const char *authority = values_text(values, file, "authority", NULL);
    settings->path = file_of(values, file, "registry", "government.domains");
    settings->authority_key = file_of(values, file, "authority-key", NULL);
    config->state = path_of(values, file, "state", "/var/lib/khatm");
    settings->signature = settings->path ? arena_printf(values->arena, "%s.asc", settings->path) : NULL;
    if (settings->path && !settings->authority_key)
        settings->authority_key = source_beside(values->arena, settings->path, "authority.asc");
    if (!settings->path || !settings->signature || !settings->authority_key) {
        values_no_memory(values);
        return;
    }
    settings->trust = authority ? REGISTRY_UNVERIFIED : REGISTRY_BY_FILE;
    if (!authority) {
        if (values_find(file, "authority-key"))
            values_wrong(values, values_line(file, "authority-key"),
                         "authority-key without authority: say whose key it is, authority = \"40 digits\"");
        return;
    }
    if (registry_fingerprint(authority, fingerprint, &refusal) != POLICY_OK)
        values_wrong(values, values_line(file, "authority"), "authority: %s", refusal.text);
    else if (!(settings->authority = arena_strdup(values->arena, fingerprint)))
        values_no_memory(values);
}

enum result load_settings(struct arena *arena, const struct source *source, struct config *config,
                          struct config_files *files, struct problem *problem)
{
    const struct block *file;
    struct values values = {.arena = arena, .path = source->path, .problem = problem, .result = RESULT_OK};
    enum result result = syntax_parse(arena, source, in_file, &file, problem);
    if (result != RESULT_OK)
        return result;
    read_top(&values, file, config);
    read_attaches(&values, file, config);
    read_machines(&values, file, config);
    read_spool(&values, file, config);
    read_inspector(&values, file, config);
    read_sealing(&values, file, config);
    read_journal(&values, file, config);
    read_registry_file(&values, file, config);
    *files = (struct config_files){
        .rules = file_of(&values, file, "rules", "khatm.rules"),
        .lists = file_of(&values, file, "lists", "lists"),
        .replies = file_of(&values, file, "replies", "notices"),
        .logins = file_of(&values, file, "logins", NULL),
        .registry_line = values_line(file, "registry"),
        .authority_key_line = values_line(file, "authority-key"),
        .rules_line = values_line(file, "rules"),
        .lists_line = values_line(file, "lists"),
        .replies_line = values_line(file, "replies"),
        .logins_line = values_line(file, "logins"),
    };
    return values.result;
}
