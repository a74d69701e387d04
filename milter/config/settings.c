/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "config/load.h"
#include "config/values.h"
#include "policy/domain.h"
#include "policy/names.h"
#include "policy/registry.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static const struct syntax in_attach[] = {{"role", SYNTAX_TEXT, NULL},
                                          {"tls-min", SYNTAX_TEXT, NULL},
                                          {"trusted-hosts", SYNTAX_LIST, NULL},
                                          {"relays", SYNTAX_LIST, NULL},
                                          {NULL, SYNTAX_TEXT, NULL}};
static const struct syntax in_machine[] = {
    {"client", SYNTAX_LIST, NULL}, {"from", SYNTAX_TEXT, NULL}, {NULL, SYNTAX_TEXT, NULL}};
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
                                        {"markings", SYNTAX_TEXT, NULL},
                                        {"replies", SYNTAX_TEXT, NULL},
                                        {"logins", SYNTAX_TEXT, NULL},
                                        {"reload", SYNTAX_TEXT, NULL},
                                        {"attach", SYNTAX_TITLED, in_attach},
                                        {"machine", SYNTAX_TITLED, in_machine},
                                        {"spool", SYNTAX_SECTION, in_spool},
                                        {"inspector", SYNTAX_SECTION, in_inspector},
                                        {"ocr", SYNTAX_SECTION, in_ocr},
                                        {"resolver", SYNTAX_SECTION, in_resolver},
                                        {"authenticator", SYNTAX_SECTION, in_authenticator},
                                        {"sealing", SYNTAX_SECTION, in_sealing},
                                        {"unsealing", SYNTAX_SECTION, in_unsealing},
                                        {"dkim", SYNTAX_SECTION, in_dkim},
                                        {"dkim-key", SYNTAX_TITLED, in_dkim_key},
                                        {"wkd", SYNTAX_SECTION, in_wkd},
                                        {"journal", SYNTAX_SECTION, in_journal},
                                        {"tickets", SYNTAX_SECTION, in_tickets},
                                        {NULL, SYNTAX_TEXT, NULL}};

enum { SOCKET_PATH_MAX = 107 };

/* Single values. */

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
    return text_is_port(port, (size_t)(at - port)) &&
           inet_pton(six ? AF_INET6 : AF_INET, at + 1, &address) == 1;
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

static void check_addresses(struct values *values, const struct block *block, const char *name)
{
    const char *const *list = values_list(values, block, name);
    struct in6_addr address;
    for (; *list; list++) {
        if (inet_pton(AF_INET, *list, &address) == 1 || inet_pton(AF_INET6, *list, &address) == 1)
            continue;
        /* Postfix and Sendmail keep to themselves which user called sendmail(1). */
        if (!strncmp(*list, "uid:", 4))
            values_wrong(
                values, values_line(block, name),
                "%s: '%s': mail servers do not tell whose program it was: give the program a login, or an "
                "address like 127.0.0.5 to connect from",
                name, *list);
        else
            values_wrong(values, values_line(block, name),
                         "%s: '%s' is no IP address: write it like 192.0.2.7", name, *list);
    }
}

/* Shorter prefixes than of fc00::/7 are no network of anybody's. */
enum { RELAY_BITS_MIN = 7 };

static const struct ip_network *read_relays(struct values *values, const struct block *block, size_t *n_out)
{
    const char *const *list = values_list(values, block, "relays");
    unsigned line = values_line(block, "relays");
    size_t n = 0;
    while (list[n])
        n++;
    struct ip_network *relays = arena_alloc(values->arena, n + 1, sizeof *relays);
    *n_out = 0;
    if (!relays) {
        values_no_memory(values);
        return NULL;
    }
    for (size_t i = 0; i < n; i++) {
        const char *wrong = ip_network_parse(list[i], &relays[i]);
        if (!wrong && relays[i].bits < RELAY_BITS_MIN)
            wrong = "would take strangers for relays of yours: name your relays";
        if (wrong)
            values_wrong(values, line, "relays: '%s' %s", list[i], wrong);
    }
    *n_out = n;
    return relays;
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
        for (size_t i = 0; i < n; i++)
            good = good && strcmp(config->languages[i], *list) != 0;
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
    (void)values_required(values, block, "role", "submission, inbound, local or egress");
    return (enum policy_role)values_choice(values, block, "role", names, ROLE_INBOUND);
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
        check_addresses(values, block, "trusted-hosts");
        if (!*block->title)
            values_wrong(values, block->line,
                         "attach \"\" names no service: write its milter_macro_daemon_name, or \"*\"");
        size_t n_relays;
        const struct ip_network *relays = read_relays(values, block, &n_relays);
        attaches[n++] = (struct attach_settings){
            .daemon_name = block->title,
            .role = role_of(values, block),
            .tls_min = numbers[values_choice(values, block, "tls-min", versions, 3)],
            .trusted_hosts = values_list(values, block, "trusted-hosts"),
            .relays = relays,
            .n_relays = n_relays,
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
        check_addresses(values, block, "client");
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

static void read_top(struct values *values, const struct block *file, struct config *config)
{
    static const char *const modes[] = {"observe", "enforce", NULL};
    static const char *const seals[] = {"submission", "egress", NULL};
    static const char *const reloads[] = {"auto", "signal", NULL};
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
    config->reloads_by_itself = values_choice(values, file, "reload", reloads, 0) == 0;
    config->seals_at_submission = values_choice(values, file, "seal-at", seals, 0) == 0;
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
    config->state = values_path(values, file, "state", "/var/lib/khatm");
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

/* Where sealing is done at egress, a document leaves the submission service in clear: there must be an egress
 * service, and keys by which it knows what it may seal. One without the other is half a gateway. */
static void check_egress(struct values *values, const struct block *file, struct config *config)
{
    const struct block *section = values_section(values, file, "tickets");
    const char *keys = values_text(values, section, "keys", NULL);
    const char *named = NULL;
    config->tickets.path = keys ? source_beside(values->arena, values->path, keys) : NULL;
    if (keys && !config->tickets.path)
        values_no_memory(values);
    for (size_t i = 0; !named && i < config->n_attaches; i++)
        if (config->attaches[i].role == ROLE_EGRESS)
            named = config->attaches[i].daemon_name;
    if (!config->seals_at_submission && !named)
        values_wrong(values, values_line(file, "seal-at"),
                     "seal-at = egress, and no section attach has role = egress: documents would leave in "
                     "clear; add attach \"khatm-egress\" { role = egress }");
    if (!config->seals_at_submission && !keys)
        values_wrong(values, values_line(file, "seal-at"),
                     "seal-at = egress needs the keys of tickets: 'khatm tickets make FILE' makes them; add "
                     "tickets { keys = \"FILE\" }");
    if (config->seals_at_submission && named)
        values_wrong(values, values_line(file, "seal-at"),
                     "attach \"%s\" has role = egress, and sealing is done at submission: write seal-at = "
                     "egress, or take this section out",
                     named);
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
    load_stages(&values, file, config);
    check_egress(&values, file, config);
    read_registry_file(&values, file, config);
    *files = (struct config_files){
        .rules = file_of(&values, file, "rules", "khatm.rules"),
        .lists = file_of(&values, file, "lists", "lists"),
        .markings = file_of(&values, file, "markings", "markings"),
        .replies = file_of(&values, file, "replies", "notices"),
        .logins = file_of(&values, file, "logins", NULL),
        .tickets = config->tickets.path,
        .local_domains_line = values_line(file, "local-domains"),
        .registry_line = values_line(file, "registry"),
        .authority_key_line = values_line(file, "authority-key"),
        .rules_line = values_line(file, "rules"),
        .lists_line = values_line(file, "lists"),
        .markings_line = values_line(file, "markings"),
        .replies_line = values_line(file, "replies"),
        .logins_line = values_line(file, "logins"),
        .tickets_line = values_line(values_section(&values, file, "tickets"), "keys"),
    };
    return values.result;
}
