/* SPDX-License-Identifier: Apache-2.0 */
#include "fetcher/serve.h"

#include "base/clock.h"
#include "base/text.h"
#include "helper/service.h"
#include "wkd/path.h"

#include <stdlib.h>
#include <string.h>

enum { ARENA_BYTES_MAX = 4 * 1024 * 1024 };

struct job {
    char local[WKD_LOCAL_MAX + 1], domain[FETCH_HOST_MAX + 1];
    uint64_t budget_ms;
};

struct server {
    struct service service;
    const struct serve_tools *tools;
    struct wire_frame frame;
    struct job job;
};

static bool take_field(struct job *job, const struct wire_field *field)
{
    switch (field->tag) {
    case FETCH_TAG_LOCAL:
        return wire_text(field, job->local, sizeof job->local) == RESULT_OK;
    case FETCH_TAG_DOMAIN:
        return wire_text(field, job->domain, sizeof job->domain) == RESULT_OK;
    case FETCH_TAG_BUDGET:
        return wire_number(field, &job->budget_ms) == RESULT_OK && job->budget_ms &&
               job->budget_ms <= FETCH_BUDGET_MAX_MS;
    default:
        return false;
    }
}

static bool parse(struct server *server)
{
    struct wire_field field;
    size_t cursor = 0;
    server->job = (struct job){.budget_ms = 0};
    if (wire_type(&server->frame) != FETCH_GET || server->frame.n_fds)
        return false;
    while (wire_next(&server->frame, &cursor, &field) == RESULT_OK)
        if (!take_field(&server->job, &field))
            return false;
    return server->job.budget_ms && server->job.local[0] && server->job.domain[0];
}

static enum fetch_outcome outcome_of(enum result result)
{
    return result == RESULT_NOT_FOUND   ? FETCH_NOT_PUBLISHED
           : result == RESULT_BAD_INPUT ? FETCH_REFUSED
                                        : FETCH_FAILED;
}

static enum fetch_outcome look(struct server *server, struct hosts_found *found, struct buffer *body,
                               struct problem *problem)
{
    const struct serve_tools *tools = server->tools;
    char path[WKD_PATH_ROOM];
    int64_t deadline_ms = clock_monotonic_ms() + (int64_t)server->job.budget_ms;
    struct arena *arena = arena_new(ARENA_BYTES_MAX);
    if (!arena) {
        problem_set(problem, RESULT_TRY_LATER, "no memory");
        return FETCH_FAILED;
    }
    resolver_begin(tools->resolver, arena, deadline_ms);
    enum result result = hosts_find(tools->resolver, server->job.domain, &tools->allowed, found, problem);
    resolver_end(tools->resolver);
    arena_free(arena);
    if (result == RESULT_OK &&
        wkd_path(server->job.local, server->job.domain, found->advanced, path) != RESULT_OK)
        result = problem_set(problem, RESULT_BAD_INPUT, "there is no path for such an address");
    return result == RESULT_OK ? https_get(tools->https, found, path, deadline_ms, body, problem)
                               : outcome_of(result);
}

static enum result send_all(struct server *server, enum fetch_outcome outcome,
                            const struct hosts_found *found, const struct buffer *body, const char *why,
                            struct problem *problem)
{
    char plain[FETCH_WHY_MAX + 1];
    enum result result = RESULT_OK;
    for (size_t at = 0; outcome == FETCH_FOUND && at < body->size && result == RESULT_OK;
         at += FETCH_PIECE_MAX) {
        size_t left = body->size - at;
        wire_begin(&server->frame, FETCH_BYTES);
        wire_put_bytes(&server->frame, FETCH_TAG_BYTES, body->bytes + at,
                       left < FETCH_PIECE_MAX ? left : FETCH_PIECE_MAX);
        result = service_reply(&server->service, problem);
    }
    wire_begin(&server->frame, FETCH_REPLY);
    wire_put_number(&server->frame, FETCH_TAG_OUTCOME, outcome);
    wire_put_text(&server->frame, FETCH_TAG_HOST, found->host, FETCH_HOST_MAX);
    text_printable_ascii(why, plain, sizeof plain);
    if (outcome != FETCH_FOUND)
        wire_put_text(&server->frame, FETCH_TAG_WHY, plain, FETCH_WHY_MAX);
    return result == RESULT_OK ? service_reply(&server->service, problem) : result;
}

static enum result answer(void *context, struct problem *problem)
{
    struct server *server = context;
    struct problem why = {""};
    struct hosts_found found = {.advanced = true};
    struct buffer body;
    if (!parse(server))
        return service_refuse(&server->service, problem);
    buffer_init(&body, FETCH_KEY_MAX);
    service_timer(server->job.budget_ms + SERVICE_GRACE_MS);
    enum fetch_outcome outcome = look(server, &found, &body, &why);
    enum result result = send_all(server, outcome, &found, &body, why.text, problem);
    service_timer(0);
    buffer_free(&body);
    return result;
}

enum result serve(int control, const struct serve_tools *tools, struct problem *problem)
{
    struct server *server = calloc(1, sizeof *server);
    if (!server)
        return problem_set(problem, RESULT_TRY_LATER, "khatm-fetcher: no memory");
    server->tools = tools;
    server->service = (struct service){"khatm-fetcher", "khatm", control, &server->frame, answer, server};
    wire_begin(&server->frame, FETCH_READY);
    enum result result = service_run(&server->service, problem);
    free(server);
    return result;
}
