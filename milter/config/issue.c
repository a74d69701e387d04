/* SPDX-License-Identifier: Apache-2.0 */
#include "config/issue.h"

#include "policy/registry.h"

#include <string.h>

/* What came in by `source`, verified when an authority is pinned and somebody asks. */
static enum result believe(const struct issue_request *request, const struct issue *issue,
                           struct problem *problem)
{
    struct registry_settings *settings = &request->config->registry_file;
    struct source key;
    enum result result =
        source_read_bytes(request->arena, settings->authority_key, SOURCE_SMALL, false, &key, problem);
    if (result == RESULT_NOT_FOUND)
        return source_problem(problem, request->config->path, request->files->authority_key_line,
                              "authority-key: there is no file %s: put the authority's public key there",
                              settings->authority_key);
    const struct registry_claim claim = {&issue->source, &issue->signature, &key, settings->authority};
    if (result == RESULT_OK)
        result = request->trust->verify(request->trust, request->config, &claim, &settings->times, problem);
    return result;
}

static enum result parse(const struct issue_request *request, struct issue *issue, struct problem *problem)
{
    return load_registry(request->arena, &issue->source, request->config->lists, request->now,
                         &issue->registry, problem);
}

static bool same_bytes(const struct source *a, const struct source *b)
{
    return a->size == b->size && memcmp(a->text, b->text, a->size) == 0;
}

static enum result compare(const struct kept *kept, struct issue *issue, struct problem *problem)
{
    long long serial = (long long)registry_serial(issue->registry);
    bool same = same_bytes(&issue->source, &kept->registry);
    issue->is_kept = same && same_bytes(&issue->signature, &kept->signature);
    if (serial < kept->serial)
        return source_problem(
            problem, issue->source.path, 0,
            "serial %lld is older than %lld, which was accepted before: get the newest issue from "
            "the authority",
            serial, kept->serial);
    if (serial == kept->serial && !same)
        return source_problem(
            problem, issue->source.path, 0,
            "serial %lld was accepted before with other contents: the authority must give each "
            "issue a greater serial",
            serial);
    return RESULT_OK;
}

static enum result read_signature(const struct issue_request *request, struct issue *issue,
                                  struct problem *problem)
{
    const struct registry_settings *settings = &request->config->registry_file;
    enum result result = source_read_bytes(request->arena, settings->signature, SOURCE_SMALL, false,
                                           &issue->signature, problem);
    if (result != RESULT_NOT_FOUND)
        return result;
    return source_problem(problem, settings->path, 0,
                          "is not signed: there is no %s: get the file and its signature from the authority",
                          settings->signature);
}

static enum result read_file(const struct issue_request *request, const struct kept *kept,
                             struct issue *issue, struct problem *problem)
{
    const struct registry_settings *settings = &request->config->registry_file;
    bool asked = settings->authority && request->trust;
    enum result result =
        source_read(request->arena, settings->path, SOURCE_LARGE, true, NULL, &issue->source, problem);
    if (result == RESULT_NOT_FOUND)
        return source_problem(problem, request->config->path, request->files->registry_line,
                              "registry: there is no file %s: make it, or name another with registry = …",
                              settings->path);
    if (result == RESULT_OK && asked)
        result = read_signature(request, issue, problem);
    if (result == RESULT_OK && asked)
        result = believe(request, issue, problem);
    if (result == RESULT_OK)
        result = parse(request, issue, problem);
    if (result == RESULT_OK && kept)
        result = compare(kept, issue, problem);
    return result;
}

static enum result read_kept(const struct issue_request *request, const struct kept *kept,
                             struct issue *issue, struct problem *problem)
{
    *issue = (struct issue){.source = kept->registry, .signature = kept->signature, .is_kept = true};
    enum result result = believe(request, issue, problem);
    return result == RESULT_OK ? parse(request, issue, problem) : result;
}

static void drop(struct issue *issue)
{
    registry_free((struct registry *)(uintptr_t)issue->registry);
    issue->registry = NULL;
}

/* One of another authority says nothing of this one. */
static enum result find_kept(const struct issue_request *request, struct kept *kept, bool *found_out,
                             struct problem *problem)
{
    struct config *config = request->config;
    *found_out = false;
    if (request->trust->is_guest && kept_is_closed(config->state)) {
        config->registry_file.serial_unchecked = true;
        return RESULT_OK;
    }
    enum result result = kept_read(request->arena, config->state, kept, problem);
    *found_out = result == RESULT_OK && strcmp(kept->authority, config->registry_file.authority) == 0;
    return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}

/* *problem is what is wrong with the file; it stays when the kept one does not do either. */
static enum result fall_back(const struct issue_request *request, const struct kept *kept,
                             enum result refused, struct issue *issue, struct problem *problem)
{
    struct registry_settings *settings = &request->config->registry_file;
    struct problem second = {""};
    drop(issue);
    if (read_kept(request, kept, issue, &second) != RESULT_OK) {
        drop(issue);
        struct problem first = *problem;
        return problem_set(problem, refused, "%s; the last good one does not do either: %s", first.text,
                           second.text);
    }
    settings->trust = REGISTRY_KEPT;
    settings->refused = arena_strdup(request->arena, problem->text);
    return settings->refused ? RESULT_OK : problem_set(problem, RESULT_TRY_LATER, "no memory");
}

enum result issue_read(const struct issue_request *request, struct issue *issue_out, struct problem *problem)
{
    struct registry_settings *settings = &request->config->registry_file;
    struct kept kept;
    struct problem why = {""};
    bool has_kept = false, asked = settings->authority && request->trust;
    *issue_out = (struct issue){.registry = NULL};
    enum result result = asked ? find_kept(request, &kept, &has_kept, &why) : RESULT_OK;
    if (result == RESULT_OK)
        result = read_file(request, has_kept ? &kept : NULL, issue_out, &why);
    if (result == RESULT_OK && asked)
        settings->trust = REGISTRY_SIGNED;
    if (result != RESULT_OK && has_kept && request->trust->falls_back)
        result = fall_back(request, &kept, result, issue_out, &why);
    if (result == RESULT_OK)
        return result;
    drop(issue_out);
    if (problem)
        *problem = why;
    return result;
}
