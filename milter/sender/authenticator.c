/* SPDX-License-Identifier: Apache-2.0 */
#include "sender/authenticator.h"

#include "base/clock.h"
#include "helper/pool.h"
#include "sender/auth_reply.h"
#include "sender/protocol.h"

#include <stdlib.h>
#include <string.h>

enum {
    ARGUMENTS = 2,
    START_MS = 10 * 1000,
    ANSWER_GRACE_MS = 1000, /* the helper's budget ends before ours */
    SPARE_BUDGET_MS = 2000,
};

struct authenticator {
    int64_t deadline_ms, wait_ms;
    const char *argv[ARGUMENTS + RESOLVER_SERVERS_MAX + 1];
    char *strings[ARGUMENTS + RESOLVER_SERVERS_MAX];
    size_t n_strings;
    struct pool pool;
};

static enum result expect_ready(void *context, struct pool_slot *slot, struct problem *problem)
{
    const struct authenticator *authenticator = context;
    if (wire_receive(slot->process.control, slot->frame, clock_monotonic_ms() + START_MS) == RESULT_OK) {
        wire_close_fds(slot->frame);
        if (wire_type(slot->frame) == AUTH_READY)
            return RESULT_OK;
    }
    return problem_set(problem, RESULT_TRY_LATER, "%s: did not start: its own lines in the log say why",
                       authenticator->argv[0]);
}

static enum result start(struct authenticator *authenticator, struct pool_slot *slot, struct problem *problem)
{
    const struct pool_start start = {authenticator->argv, expect_ready, authenticator};
    return pool_start(&authenticator->pool, slot, &start, problem);
}

/* Paths beyond the limit are no mail address: what is cut there is no longer one either. */
static void write_job(struct wire_frame *frame, const struct authenticator_message *message,
                      int64_t budget_ms)
{
    wire_begin(frame, AUTH_JOB);
    wire_put_number(frame, AUTH_TAG_SIZE, message->size);
    wire_put_number(frame, AUTH_TAG_BODY_OFFSET, message->body_offset);
    wire_put_number(frame, AUTH_TAG_BUDGET, (uint64_t)budget_ms);
    wire_put_text(frame, AUTH_TAG_CLIENT, message->client_address, AUTH_ADDRESS_MAX);
    wire_put_text(frame, AUTH_TAG_HELO, message->helo, AUTH_PATH_MAX);
    wire_put_text(frame, AUTH_TAG_MAIL_FROM, message->mail_from, AUTH_PATH_MAX);
    wire_put_text(frame, AUTH_TAG_CLAIMED, message->domain, AUTH_NAME_MAX);
    wire_put_fd(frame, message->fd);
}

static enum result receive(struct pool_slot *slot, int64_t deadline_ms, struct arena *arena,
                           const struct proofs **proofs_out, struct problem *problem)
{
    enum result result = wire_receive(slot->process.control, slot->frame, deadline_ms);
    if (result == RESULT_OK && slot->frame->n_fds) {
        wire_close_fds(slot->frame);
        result = RESULT_BAD_INPUT;
    }
    if (result == RESULT_OK)
        result = auth_reply_read(slot->frame, arena, proofs_out);
    switch (result) {
    case RESULT_OK:
        return RESULT_OK;
    case RESULT_BAD_INPUT:
        return problem_set(problem, RESULT_TRY_LATER, "khatm-authenticator: answered nonsense");
    case RESULT_NOT_FOUND:
        return problem_set(problem, RESULT_TRY_LATER, "khatm-authenticator: died at work");
    case RESULT_TRY_LATER:
    case RESULT_UNCERTAIN:
    case RESULT_BUG:
        break;
    }
    return problem_set(problem, RESULT_TRY_LATER, "khatm-authenticator: did not answer in time");
}

static enum result run_in_slot(struct authenticator *authenticator, struct pool_slot *slot,
                               const struct authenticator_message *message, struct arena *arena,
                               const struct proofs **proofs_out, struct problem *problem)
{
    enum result result = RESULT_OK;
    if (!helper_alive(&slot->process))
        result = start(authenticator, slot, problem);
    if (result != RESULT_OK)
        return result;
    int64_t budget_ms = authenticator->deadline_ms;
    if (message->spare && budget_ms > SPARE_BUDGET_MS)
        budget_ms = SPARE_BUDGET_MS;
    int64_t deadline_ms = clock_monotonic_ms() + budget_ms + ANSWER_GRACE_MS;
    write_job(slot->frame, message, budget_ms);
    result = wire_send(slot->process.control, slot->frame, deadline_ms);
    slot->frame->n_fds = 0;
    if (result != RESULT_OK)
        return problem_set(problem, RESULT_TRY_LATER, "khatm-authenticator: takes no message");
    return receive(slot, deadline_ms, arena, proofs_out, problem);
}

enum result authenticator_run(struct authenticator *authenticator,
                              const struct authenticator_message *message, struct arena *arena,
                              const struct proofs **proofs_out, struct problem *problem)
{
    struct pool_slot *slot = NULL;
    struct turn turn = {.share = message->domain, .spare = message->spare};
    if (pool_take(&authenticator->pool, &turn, authenticator->wait_ms, &slot, problem) != RESULT_OK)
        return RESULT_TRY_LATER;
    enum result result = run_in_slot(authenticator, slot, message, arena, proofs_out, problem);
    /* Whatever failed may have left it confused. The next message gets a fresh one. */
    if (result != RESULT_OK)
        pool_end(&authenticator->pool, slot);
    pool_give(&authenticator->pool, &turn, slot);
    return result == RESULT_OK ? RESULT_OK : RESULT_TRY_LATER;
}

static bool add_argument(struct authenticator *authenticator, const char *text)
{
    char *copy = strdup(text);
    if (!copy)
        return false;
    authenticator->strings[authenticator->n_strings] = copy;
    authenticator->argv[authenticator->n_strings++] = copy;
    return true;
}

static bool copy_settings(struct authenticator *authenticator, const struct authenticator_settings *settings,
                          const struct dns_settings *resolver)
{
    if (!add_argument(authenticator, settings->program) ||
        !add_argument(authenticator, resolver->trust_anchors ? resolver->trust_anchors : "-"))
        return false;
    for (size_t i = 0; i < resolver->n_servers; i++)
        if (!add_argument(authenticator, resolver->servers[i]))
            return false;
    authenticator->wait_ms = settings->wait_ms;
    authenticator->deadline_ms = resolver->deadline_ms < 1 ? 1 : resolver->deadline_ms;
    if (authenticator->deadline_ms > AUTH_BUDGET_MAX_MS)
        authenticator->deadline_ms = AUTH_BUDGET_MAX_MS;
    return true;
}

enum result authenticator_new(const struct authenticator_settings *settings,
                              const struct dns_settings *resolver, struct authenticator **authenticator_out,
                              struct problem *problem)
{
    if (resolver->n_servers > RESOLVER_SERVERS_MAX)
        return problem_set(problem, RESULT_BAD_INPUT, "resolver: more than %d DNS servers",
                           RESOLVER_SERVERS_MAX);
    const struct pool_settings pool = {
        .name = "SPF and DKIM", .setting = "processes in authenticator", .slots = settings->processes};
    struct authenticator *authenticator = calloc(1, sizeof *authenticator);
    if (!authenticator)
        return problem_set(problem, RESULT_TRY_LATER, "SPF and DKIM: no memory");
    bool made = pool_open(&authenticator->pool, &pool) == RESULT_OK;
    enum result result = made && copy_settings(authenticator, settings, resolver)
                             ? start(authenticator, authenticator->pool.free, problem)
                             : problem_set(problem, RESULT_TRY_LATER, "SPF and DKIM: no memory");
    if (result != RESULT_OK) {
        authenticator_free(authenticator);
        return result;
    }
    *authenticator_out = authenticator;
    return RESULT_OK;
}

void authenticator_retire(struct authenticator *authenticator, int64_t idle_ms)
{
    pool_retire(&authenticator->pool, idle_ms, true);
}

void authenticator_free(struct authenticator *authenticator)
{
    if (!authenticator)
        return;
    pool_close(&authenticator->pool);
    for (size_t i = 0; i < authenticator->n_strings; i++)
        free(authenticator->strings[i]);
    free(authenticator);
}
