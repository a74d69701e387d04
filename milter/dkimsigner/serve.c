/* SPDX-License-Identifier: Apache-2.0 */
#include "dkimsigner/serve.h"

#include "base/clock.h"
#include "base/fd.h"
#include "base/text.h"
#include "helper/service.h"

#include <stdlib.h>
#include <string.h>

enum {
    BLOCK_BYTES = 64 * 1024,
    ARENA_BYTES_MAX = 8 * 1024 * 1024,
    DESCRIPTORS = 2,
};

struct job {
    uint64_t fields_size, body_offset, body_size, budget_ms;
    char domain[DKIMSIGN_DOMAIN_MAX + 1];
};

struct server {
    struct service service;
    const struct serve_keys *keys;
    struct wire_frame *frame;
    struct body_hash *hash;
    struct job job;
    char block[BLOCK_BYTES];
    char value[DKIMSIGN_SIGNATURE_MAX + 1];
};

static bool take_field(struct job *job, const struct wire_field *field)
{
    uint64_t number = 0;
    if (field->tag == DKIMSIGN_TAG_DOMAIN)
        return wire_text(field, job->domain, sizeof job->domain) == RESULT_OK;
    if (wire_number(field, &number) != RESULT_OK || number > INT64_MAX)
        return false;
    switch (field->tag) {
    case DKIMSIGN_TAG_FIELDS_SIZE:
        job->fields_size = number;
        return true;
    case DKIMSIGN_TAG_BODY_OFFSET:
        job->body_offset = number;
        return true;
    case DKIMSIGN_TAG_BODY_SIZE:
        job->body_size = number;
        return true;
    case DKIMSIGN_TAG_BUDGET:
        job->budget_ms = number;
        return number > 0 && number <= DKIMSIGN_BUDGET_MAX_MS;
    default:
        return false;
    }
}

static bool parse(struct server *server)
{
    struct wire_field field;
    size_t cursor = 0;
    memset(&server->job, 0, sizeof server->job);
    if (wire_type(server->frame) != DKIMSIGN_JOB || server->frame->n_fds != DESCRIPTORS)
        return false;
    while (wire_next(server->frame, &cursor, &field) == RESULT_OK)
        if (!take_field(&server->job, &field))
            return false;
    return server->job.budget_ms && server->job.fields_size && *server->job.domain;
}

static void put_why(struct wire_frame *frame, uint8_t type, uint8_t tag, const char *why)
{
    char plain[DKIMSIGN_WHY_MAX + 1];
    text_printable_ascii(why, plain, sizeof plain);
    wire_begin(frame, type);
    wire_put_text(frame, tag, plain, DKIMSIGN_WHY_MAX);
}

/* As it will be on the wire: nothing is mended on the way, so nothing is taken for mended here. */
static enum result hash_body(struct server *server, int fd, struct body_result *body)
{
    const bool wanted[BODY_FORMS] = {[BODY_RELAXED] = true};
    const struct job *job = &server->job;
    struct body_result results[BODY_FORMS];
    body_hash_begin(server->hash, wanted, BODY_WHOLE);
    body_hash_take_bare(server->hash);
    for (uint64_t at = 0; at < job->body_size;) {
        uint64_t left = job->body_size - at;
        size_t size = left < BLOCK_BYTES ? (size_t)left : BLOCK_BYTES;
        if (fd_read_at(fd, server->block, size, job->body_offset + at) != RESULT_OK)
            return RESULT_TRY_LATER;
        body_hash_add(server->hash, server->block, size);
        at += size;
    }
    enum result result = body_hash_finish(server->hash, results);
    *body = results[BODY_RELAXED];
    return result;
}

static enum result sign(struct server *server, const int fds[DESCRIPTORS], struct arena *arena,
                        struct problem *problem)
{
    struct header header;
    struct body_result body;
    const char *why = "";
    size_t made = 0;
    enum result read = header_read(fds[0], server->job.fields_size, arena, &header, &why);
    if (read != RESULT_OK)
        return problem_set(problem, read, "%s", why);
    if (hash_body(server, fds[1], &body) != RESULT_OK)
        return problem_set(problem, RESULT_TRY_LATER, "DKIM: the body cannot be read");
    wire_begin(server->frame, DKIMSIGN_REPLY);
    for (size_t i = 0; i < server->keys->n_keys; i++) {
        const struct signing_key *key = &server->keys->keys[i];
        if (strcmp(key->domain, server->job.domain) != 0)
            continue;
        enum result result =
            dkimsigner_sign(server->keys->signer, key, &header, &body, server->value, problem);
        if (result != RESULT_OK)
            return result;
        wire_put_text(server->frame, DKIMSIGN_TAG_SIGNATURE, server->value, DKIMSIGN_SIGNATURE_MAX);
        made++;
    }
    return made ? RESULT_OK : problem_set(problem, RESULT_BUG, "DKIM: no key for that domain");
}

static enum result answer(void *context, struct problem *problem)
{
    struct server *server = context;
    int fds[DESCRIPTORS];
    if (!parse(server))
        return service_refuse(&server->service, problem);
    memcpy(fds, server->frame->fds, sizeof fds);
    server->frame->n_fds = 0;
    struct arena *arena = arena_new(ARENA_BYTES_MAX);
    struct problem trouble = {"DKIM: no memory"};
    service_timer(server->job.budget_ms + SERVICE_GRACE_MS);
    enum result made = arena ? sign(server, fds, arena, &trouble) : RESULT_TRY_LATER;
    if (made != RESULT_OK)
        put_why(server->frame, DKIMSIGN_REPLY,
                made == RESULT_BAD_INPUT ? DKIMSIGN_TAG_UNSIGNABLE : DKIMSIGN_TAG_WHY, trouble.text);
    service_timer(0);
    arena_free(arena);
    for (size_t i = 0; i < DESCRIPTORS; i++)
        fd_close(&fds[i]);
    return service_reply(&server->service, problem);
}

static void put_keys(struct server *server)
{
    wire_begin(server->frame, DKIMSIGN_READY);
    for (size_t i = 0; i < server->keys->n_keys; i++) {
        const struct signing_key *key = &server->keys->keys[i];
        wire_put_text(server->frame, DKIMSIGN_TAG_KEY, key->name, 2 * DKIMSIGN_DOMAIN_MAX);
        wire_put_number(server->frame, DKIMSIGN_TAG_KIND, key->kind);
        wire_put_number(server->frame, DKIMSIGN_TAG_BITS, key->bits);
        wire_put_text(server->frame, DKIMSIGN_TAG_PUBLIC, key->public_text, DKIMSIGN_PUBLIC_MAX);
    }
}

enum result dkimsigner_serve(int control, const struct serve_keys *keys, struct problem *problem)
{
    struct server *server = calloc(1, sizeof *server);
    enum result result = RESULT_TRY_LATER;
    if (server) {
        server->keys = keys;
        server->frame = malloc(sizeof *server->frame);
        server->hash = body_hash_new();
    }
    if (server && server->frame && server->hash) {
        server->service =
            (struct service){"khatm-dkim-signer", "khatmd", control, server->frame, answer, server};
        put_keys(server);
        result = service_run(&server->service, problem);
    } else {
        (void)problem_set(problem, result, "khatm-dkim-signer: no memory");
    }
    if (server) {
        free(server->frame);
        body_hash_free(server->hash);
    }
    free(server);
    return result;
}

void dkimsigner_excuse(int control, const char *why)
{
    struct wire_frame *frame = malloc(sizeof *frame);
    if (!frame)
        return;
    put_why(frame, DKIMSIGN_FAILED, DKIMSIGN_TAG_WHY, why);
    (void)!wire_send(control, frame, clock_monotonic_ms() + SERVICE_SEND_MS);
    free(frame);
}
