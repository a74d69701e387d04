/* SPDX-License-Identifier: Apache-2.0 */
#include "authenticator/serve.h"

#include "base/clock.h"
#include "base/fd.h"
#include "base/text.h"
#include "helper/service.h"
#include "sender/protocol.h"

#include <stdlib.h>
#include <string.h>

enum {
    MARGIN_PERCENT = 10, /* of the budget, left for hashing and the answer when DNS is slow */
    ARENA_BYTES_MAX = 32 * 1024 * 1024,
};

struct job {
    uint64_t size, body_offset, budget_ms;
    char client[AUTH_ADDRESS_MAX + 1], helo[AUTH_PATH_MAX + 1], mail_from[AUTH_PATH_MAX + 1];
    char claimed[AUTH_NAME_MAX + 1];
};

struct server {
    struct service service;
    const struct serve_tools *tools;
    struct wire_frame *frame;
    struct job job;
};

static bool take_number(struct job *job, const struct wire_field *field)
{
    uint64_t number;
    if (wire_number(field, &number) != RESULT_OK || number > INT64_MAX)
        return false;
    switch (field->tag) {
    case AUTH_TAG_SIZE:
        job->size = number;
        return true;
    case AUTH_TAG_BODY_OFFSET:
        job->body_offset = number;
        return true;
    case AUTH_TAG_BUDGET:
        job->budget_ms = number;
        return number > 0 && number <= AUTH_BUDGET_MAX_MS;
    default:
        return false;
    }
}

static bool take_field(struct job *job, const struct wire_field *field)
{
    switch (field->tag) {
    case AUTH_TAG_CLIENT:
        return wire_text(field, job->client, sizeof job->client) == RESULT_OK;
    case AUTH_TAG_HELO:
        return wire_text(field, job->helo, sizeof job->helo) == RESULT_OK;
    case AUTH_TAG_MAIL_FROM:
        return wire_text(field, job->mail_from, sizeof job->mail_from) == RESULT_OK;
    case AUTH_TAG_CLAIMED:
        return wire_text(field, job->claimed, sizeof job->claimed) == RESULT_OK;
    default:
        return take_number(job, field);
    }
}

static bool parse(struct server *server)
{
    struct wire_field field;
    size_t cursor = 0;
    memset(&server->job, 0, sizeof server->job);
    if (wire_type(server->frame) != AUTH_JOB || server->frame->n_fds != 1)
        return false;
    while (wire_next(server->frame, &cursor, &field) == RESULT_OK)
        if (!take_field(&server->job, &field))
            return false;
    return server->job.budget_ms && server->job.body_offset <= server->job.size;
}

static void put_why(struct wire_frame *frame, uint8_t tag, const char *why)
{
    char plain[AUTH_WHY_MAX + 1];
    text_printable_ascii(why, plain, sizeof plain);
    wire_put_text(frame, tag, plain, AUTH_WHY_MAX);
}

static void put_spf(struct wire_frame *frame, const struct spf_proof *spf)
{
    wire_put_number(frame, AUTH_TAG_SPF_VERDICT, spf->verdict);
    wire_put_number(frame, AUTH_TAG_SPF_HELO, spf->helo);
    wire_put_number(frame, AUTH_TAG_SPF_EVERYBODY, spf->everybody);
    wire_put_text(frame, AUTH_TAG_SPF_DOMAIN, spf->domain, AUTH_NAME_MAX);
    wire_put_number(frame, AUTH_TAG_SPF_DNSSEC, spf->dnssec);
    put_why(frame, AUTH_TAG_SPF_WHY, spf->why);
}

static uint64_t cover_bits(const struct dkim_proof *proof)
{
    const enum proof_cover covers[AUTH_COVER_COUNT] = {
        [AUTH_COVER_FROM] = proof->from,
        [AUTH_COVER_CONTENT_TYPE] = proof->content_type,
        [AUTH_COVER_TRANSFER_ENCODING] = proof->transfer_encoding,
        [AUTH_COVER_SUBJECT] = proof->subject,
        [AUTH_COVER_DATE] = proof->date,
        [AUTH_COVER_TO] = proof->to,
        [AUTH_COVER_REPLY_TO] = proof->reply_to,
    };
    uint64_t bits = 0;
    for (unsigned i = 0; i < AUTH_COVER_COUNT; i++)
        bits |= (uint64_t)covers[i] << (2 * i);
    return bits;
}

static void put_signature(struct wire_frame *frame, const struct dkim_proof *proof)
{
    unsigned bits = (proof->counts ? AUTH_SIGNATURE_COUNTS : 0U) |
                    (proof->try_later ? AUTH_SIGNATURE_TRY_LATER : 0U) |
                    (proof->signature_matches ? AUTH_SIGNATURE_MATCHES : 0U) |
                    (proof->body_hash_matches ? AUTH_SIGNATURE_BODY_MATCHES : 0U) |
                    (proof->test_key ? AUTH_SIGNATURE_TEST_KEY : 0U) |
                    (proof->has_length ? AUTH_SIGNATURE_HAS_LENGTH : 0U);
    wire_put_number(frame, AUTH_TAG_SIGNATURE, bits);
    wire_put_text(frame, AUTH_TAG_DOMAIN, proof->domain, AUTH_NAME_MAX);
    wire_put_text(frame, AUTH_TAG_SELECTOR, proof->selector, AUTH_NAME_MAX);
    wire_put_number(frame, AUTH_TAG_ALGORITHM, proof->algorithm);
    wire_put_number(frame, AUTH_TAG_BITS, proof->bits);
    wire_put_number(frame, AUTH_TAG_COVER, cover_bits(proof));
    wire_put_number(frame, AUTH_TAG_SIGNED_AT, (uint64_t)proof->signed_at);
    wire_put_number(frame, AUTH_TAG_EXPIRES_AT, (uint64_t)proof->expires_at);
    wire_put_number(frame, AUTH_TAG_DNSSEC, proof->dnssec);
    put_why(frame, AUTH_TAG_WHY, proof->why);
}

/* The questions for keys are under way while SPF asks its own. */
static void examine(struct server *server, int message_fd, struct arena *arena)
{
    const struct job *job = &server->job;
    const struct serve_tools *tools = server->tools;
    const struct spf_input spf_input = {job->client, job->helo, job->mail_from};
    const struct dkim_input dkim_input = {message_fd, job->size, job->body_offset, clock_wall_ms() / 1000,
                                          job->claimed};
    struct spf_proof spf;
    struct dkim_findings findings;
    uint64_t dns_ms = job->budget_ms - job->budget_ms * MARGIN_PERCENT / 100;
    resolver_begin(tools->resolver, arena, clock_monotonic_ms() + (int64_t)dns_ms);
    dkim_checker_begin(tools->dkim, tools->resolver, &dkim_input, arena);
    spf_check(tools->spf, tools->resolver, &spf_input, arena, &spf);
    dkim_checker_finish(tools->dkim, &findings);
    resolver_end(tools->resolver);
    wire_begin(server->frame, AUTH_REPLY);
    put_spf(server->frame, &spf);
    wire_put_number(server->frame, AUTH_TAG_MORE, findings.more);
    for (size_t i = 0; i < findings.n_signatures; i++)
        put_signature(server->frame, &findings.signatures[i]);
}

static enum result answer(void *context, struct problem *problem)
{
    struct server *server = context;
    if (!parse(server))
        return service_refuse(&server->service, problem);
    int message_fd = server->frame->fds[0];
    server->frame->n_fds = 0;
    struct arena *arena = arena_new(ARENA_BYTES_MAX);
    if (!arena) {
        fd_close(&message_fd);
        return problem_set(problem, RESULT_TRY_LATER, "khatm-authenticator: no memory");
    }
    service_timer(server->job.budget_ms + SERVICE_GRACE_MS);
    examine(server, message_fd, arena);
    service_timer(0);
    arena_free(arena);
    fd_close(&message_fd);
    return service_reply(&server->service, problem);
}

enum result serve(int control, const struct serve_tools *tools, struct problem *problem)
{
    struct server *server = calloc(1, sizeof *server);
    struct wire_frame *frame = malloc(sizeof *frame);
    enum result result = RESULT_TRY_LATER;
    if (server && frame) {
        *server = (struct server){.tools = tools, .frame = frame};
        server->service = (struct service){"khatm-authenticator", "khatmd", control, frame, answer, server};
        wire_begin(frame, AUTH_READY);
        result = service_run(&server->service, problem);
    } else {
        (void)problem_set(problem, result, "khatm-authenticator: no memory");
    }
    free(frame);
    free(server);
    return result;
}
