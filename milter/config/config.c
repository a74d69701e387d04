/* SPDX-License-Identifier: Apache-2.0 */
#include "config/config.h"

#include "base/clock.h"
#include "config/issue.h"
#include "config/load.h"
#include "config/shipped.h"
#include "policy/lists.h"
#include "policy/marking_tables.h"
#include "policy/names.h"
#include "policy/notices.h"
#include "policy/registry.h"
#include "policy/rules.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The plain data first: a pointer to it is a pointer to the whole. */
struct loaded {
    struct config config;
    struct arena *arena;
    struct issue issue; /* its registry is config.registry */
    atomic_uint references;
};

struct loading {
    struct loaded *loaded;
    struct digest *digest;
    struct config_files files;
    const struct config_trust *trust; /* NULL: nobody is asked */
    struct problem *problem;
};

static void loaded_free(struct loaded *loaded)
{
    if (!loaded)
        return;
    /* Ours alone by now: nobody holds the configuration through which they were borrowed. */
    registry_free((struct registry *)(uintptr_t)loaded->config.registry);
    rules_free((struct rules *)(uintptr_t)loaded->config.rules);
    notices_free((struct notices *)(uintptr_t)loaded->config.notices);
    lists_free((struct lists *)(uintptr_t)loaded->config.lists);
    free((void *)(uintptr_t)loaded->config.inspector.pack);
    arena_free(loaded->arena);
    free(loaded);
}

/* A file that khatm.conf names: when it is not there, the line that names it is the one to mend. */
static enum result read_named(struct loading *loading, const char *name, const char *path, unsigned line,
                              struct source *source)
{
    struct problem inner;
    enum result result =
        source_read(loading->loaded->arena, path, SOURCE_LARGE, false, loading->digest, source, &inner);
    if (result != RESULT_NOT_FOUND) {
        if (result != RESULT_OK && loading->problem)
            *loading->problem = inner;
        return result;
    }
    return source_problem(loading->problem, loading->loaded->config.path, line,
                          "%s: there is no file %s: make it, or name another with %s = …", name, path, name);
}

static enum result read_registry(struct loading *loading)
{
    struct loaded *loaded = loading->loaded;
    const struct issue_request request = {.arena = loaded->arena,
                                          .config = &loaded->config,
                                          .files = &loading->files,
                                          .trust = loading->trust,
                                          .now = clock_wall_ms() / 1000};
    enum result result = issue_read(&request, &loaded->issue, loading->problem);
    loaded->config.registry = loaded->issue.registry;
    if (result == RESULT_OK)
        source_add_to_digest(loading->digest, &loaded->issue.source);
    return result;
}

static enum result read_rules(struct loading *loading)
{
    struct source source;
    enum result result =
        read_named(loading, "rules", loading->files.rules, loading->files.rules_line, &source);
    if (result == RESULT_OK)
        result =
            load_rules(loading->loaded->arena, &source, &loading->loaded->config.rules, loading->problem);
    return result;
}

/* What is local leaves in clear. */
static enum result check_local_domains(struct loading *loading)
{
    const struct config *config = &loading->loaded->config;
    for (size_t i = 0; config->local_domains[i]; i++) {
        const char *found = lists_find_consumer(config->lists, config->local_domains[i]);
        if (found)
            return source_problem(loading->problem, config->path, loading->files.local_domains_line,
                                  "local-domains: '%s' is consumer mail by the entry '%s' of "
                                  "consumer.domains: remove one of the two",
                                  config->local_domains[i], found);
    }
    return RESULT_OK;
}

static enum result read_lists(struct loading *loading)
{
    struct source source;
    struct config *config = &loading->loaded->config;
    const char *path = arena_printf(loading->loaded->arena, "%s/consumer.domains", loading->files.lists);
    if (!path)
        return problem_set(loading->problem, RESULT_TRY_LATER, "%s: no memory to read it", config->path);
    enum result result = read_named(loading, "lists", path, loading->files.lists_line, &source);
    if (result == RESULT_OK)
        result = load_lists(&source, &config->lists, loading->problem);
    return result == RESULT_OK ? check_local_domains(loading) : result;
}

static enum result read_markings(struct loading *loading)
{
    struct source sources[MARKING_FILES];
    enum result result = RESULT_OK;
    for (size_t i = 0; result == RESULT_OK && i < MARKING_FILES; i++) {
        const char *path = arena_printf(loading->loaded->arena, "%s/%s", loading->files.markings,
                                        marking_file_name((enum marking_file)i));
        result = path ? read_named(loading, "markings", path, loading->files.markings_line, &sources[i])
                      : problem_set(loading->problem, RESULT_TRY_LATER, "%s: no memory to read it",
                                    loading->files.markings);
    }
    return result == RESULT_OK ? load_markings(sources, &loading->loaded->config.inspector, loading->problem)
                               : result;
}

static void warn(struct config *config, const char *line)
{
    size_t n = 0;
    while (config->warnings[n])
        n++;
    if (n + 1 < sizeof config->warnings / sizeof *config->warnings)
        config->warnings[n] = line;
}

static enum result read_replies_of(struct loading *loading, const char *language, struct notices *notices)
{
    struct source source;
    struct refusal refusal = {0};
    const char *path =
        arena_printf(loading->loaded->arena, "%s/%s/replies", loading->files.replies, language);
    if (!path)
        return problem_set(loading->problem, RESULT_TRY_LATER, "%s: no memory to read it",
                           loading->files.replies);
    enum result result = read_named(loading, "replies", path, loading->files.replies_line, &source);
    if (result != RESULT_OK)
        return result;
    enum policy_status status = notices_parse(notices, language, source.text, source.size, &refusal);
    if (status == POLICY_NO_MEMORY)
        return problem_set(loading->problem, RESULT_TRY_LATER, "%s: no memory to read it", path);
    if (status == POLICY_REFUSED)
        return source_problem(loading->problem, path, refusal.line, "%s", refusal.text);
    const char *warning;
    if (shipped_complete(loading->loaded->arena, path, language, notices, &warning) != RESULT_OK)
        return problem_set(loading->problem, RESULT_TRY_LATER, "%s: no memory to complete it", path);
    if (warning)
        warn(&loading->loaded->config, warning);
    return RESULT_OK;
}

/* Arabic cannot be written in an SMTP reply, so its readers get the next language; French where there is
 * none. */
static enum result read_replies(struct loading *loading)
{
    struct config *config = &loading->loaded->config;
    struct notices *notices = notices_new();
    enum result result = notices ? RESULT_OK : problem_set(loading->problem, RESULT_TRY_LATER, "no memory");
    size_t n = 0;
    config->notices = notices;
    for (size_t i = 0; result == RESULT_OK && config->languages[i]; i++) {
        if (!strcmp(config->languages[i], "ar"))
            continue;
        result = read_replies_of(loading, config->languages[i], notices);
        n++;
    }
    if (result == RESULT_OK && !n)
        result = read_replies_of(loading, "fr", notices);
    return result;
}

static enum result read_logins(struct loading *loading)
{
    struct source source;
    struct config *config = &loading->loaded->config;
    if (!loading->files.logins)
        return RESULT_OK;
    enum result result =
        read_named(loading, "logins", loading->files.logins, loading->files.logins_line, &source);
    return result == RESULT_OK ? load_logins(loading->loaded->arena, &source, config, loading->problem)
                               : result;
}

/* What the keys are is no part of the policy: they stay out of its digest. */
static enum result read_tickets(struct loading *loading)
{
    struct source source;
    struct problem inner;
    struct config *config = &loading->loaded->config;
    const char *path = loading->files.tickets;
    if (!path)
        return RESULT_OK;
    config->tickets.closed =
        loading->trust && loading->trust->is_guest && access(path, R_OK) != 0 && errno == EACCES;
    if (config->tickets.closed)
        return RESULT_OK;
    enum result result = source_read(loading->loaded->arena, path, SOURCE_SMALL, true, NULL, &source, &inner);
    if (result == RESULT_NOT_FOUND)
        return source_problem(loading->problem, config->path, loading->files.tickets_line,
                              "tickets: there is no file %s: make it with 'khatm tickets make %s'", path,
                              path);
    if (result != RESULT_OK && loading->problem)
        *loading->problem = inner;
    return result == RESULT_OK ? load_tickets(loading->loaded->arena, &source, config, loading->problem)
                               : result;
}

static enum result read_all(struct loading *loading)
{
    struct source source;
    struct config *config = &loading->loaded->config;
    enum result result = source_read(loading->loaded->arena, config->path, SOURCE_SMALL, false,
                                     loading->digest, &source, loading->problem);
    if (result == RESULT_NOT_FOUND)
        return RESULT_BAD_INPUT;
    if (result == RESULT_OK)
        result = load_settings(loading->loaded->arena, &source, config, &loading->files, loading->problem);
    static enum result (*const readers[])(struct loading *) = {
        read_lists, read_registry, read_rules, read_markings, read_replies, read_logins, read_tickets};
    for (size_t i = 0; result == RESULT_OK && i < sizeof readers / sizeof *readers; i++)
        result = readers[i](loading);
    if (result != RESULT_OK)
        return result;
    uint8_t bytes[DIGEST_BYTES];
    if (digest_finish(loading->digest, bytes) != RESULT_OK)
        return problem_set(loading->problem, RESULT_TRY_LATER, "%s: no digest could be made: try again",
                           config->path);
    hex_encode(bytes, sizeof bytes, config->digest);
    return RESULT_OK;
}

enum result config_load_trusted(const char *path, const struct config_trust *trust,
                                const struct config **config_out, struct problem *problem)
{
    struct loading loading = {.loaded = calloc(1, sizeof *loading.loaded),
                              .digest = digest_new(),
                              .trust = trust,
                              .problem = problem};
    enum result result = problem_set(problem, RESULT_TRY_LATER, "%s: no memory to read it", path);
    *config_out = NULL;
    if (!loading.loaded || !loading.digest || !(loading.loaded->arena = arena_new(0)))
        goto out;
    atomic_init(&loading.loaded->references, 1);
    loading.loaded->config.path = arena_strdup(loading.loaded->arena, path);
    if (!loading.loaded->config.path)
        goto out;
    result = read_all(&loading);
    if (result != RESULT_OK)
        goto out;
    *config_out = &loading.loaded->config;
    loading.loaded = NULL;
out:
    loaded_free(loading.loaded);
    digest_free(loading.digest);
    return result;
}

enum result config_load(const char *path, const struct config **config_out, struct problem *problem)
{
    return config_load_trusted(path, NULL, config_out, problem);
}

static struct loaded *loaded_of(const struct config *config)
{
    return (struct loaded *)(uintptr_t)config;
}

const struct config *config_ref(const struct config *config)
{
    (void)atomic_fetch_add_explicit(&loaded_of(config)->references, 1, memory_order_relaxed);
    return config;
}

void config_unref(const struct config *config)
{
    if (config && atomic_fetch_sub_explicit(&loaded_of(config)->references, 1, memory_order_acq_rel) == 1)
        loaded_free(loaded_of(config));
}

enum result config_keep_registry(const struct config *config, struct problem *problem)
{
    const struct issue *issue = &loaded_of(config)->issue;
    struct kept kept = {.serial = (long long)registry_serial(config->registry),
                        .registry = issue->source,
                        .signature = issue->signature};
    if (config->registry_file.trust != REGISTRY_SIGNED || issue->is_kept)
        return RESULT_OK;
    (void)snprintf(kept.authority, sizeof kept.authority, "%s", config->registry_file.authority);
    return kept_write(config->state, &kept, problem);
}

int64_t config_registry_ends(const struct config *config)
{
    const struct signature_times *times = &config->registry_file.times;
    const int64_t ends[] = {registry_expires(config->registry), times->expires, times->key_expires};
    int64_t first = 0;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (ends[i] && (!first || ends[i] < first))
            first = ends[i];
    return first;
}

enum result config_use_scratch(const struct config *config, const char *directory)
{
    struct loaded *loaded = loaded_of(config);
    const char *spool = arena_strdup(loaded->arena, directory);
    const char *work = arena_printf(loaded->arena, "%s/work", directory);
    if (!spool || !work)
        return RESULT_TRY_LATER;
    loaded->config.spool.directory = spool;
    loaded->config.sealing.work_directory = work;
    return RESULT_OK;
}

/* The private keys are no part of what is read; that another one is there is. */
static bool has_same_dkim_keys(const struct config *a, const struct config *b)
{
    bool same = a->dkim.n_keys == b->dkim.n_keys;
    for (size_t i = 0; same && i < a->dkim.n_keys; i++)
        same = a->dkim.keys[i].stamp == b->dkim.keys[i].stamp;
    return same;
}

bool config_is_same(const struct config *a, const struct config *b)
{
    return strcmp(a->digest, b->digest) == 0 && config_registry_ends(a) == config_registry_ends(b) &&
           has_same_dkim_keys(a, b) && a->tickets.n_keys == b->tickets.n_keys &&
           (!a->tickets.n_keys ||
            memcmp(a->tickets.keys, b->tickets.keys, a->tickets.n_keys * sizeof *a->tickets.keys) == 0);
}

const struct attach_settings *config_attach(const struct config *config, const char *daemon_name)
{
    static const char *const nobody[] = {NULL};
    static const struct attach_settings untrusted = {"*", ROLE_INBOUND, 12, nobody, NULL, 0};
    const struct attach_settings *fallback = &untrusted;
    for (size_t i = 0; i < config->n_attaches; i++) {
        const struct attach_settings *attach = &config->attaches[i];
        if (daemon_name && !strcmp(attach->daemon_name, daemon_name))
            return attach;
        if (!strcmp(attach->daemon_name, "*"))
            fallback = attach;
    }
    return fallback;
}
