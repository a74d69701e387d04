/* SPDX-License-Identifier: Apache-2.0 */
#include "sender/authenticator.h"

#include "base/clock.h"
#include "helper/process.h"
#include "helper/wire.h"
#include "sender/auth_reply.h"
#include "sender/protocol.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum {
    PROCESSES_MAX = 64,
    WAITERS_MAX = 4096, /* messages that wait for a process; more are put off at once */
    ARGUMENTS = 2,
    START_MS = 10 * 1000,
    ANSWER_GRACE_MS = 1000, /* the helper's budget ends before ours */
    RESTART_AFTER_MS = 1000,
    SPARE_BUDGET_MS = 2000,
};

/* Belongs to the pool while free, to one thread while it is not. */
struct slot {
    struct helper_process process;
    struct wire_frame *frame;
    const char *domain; /* of the message it works on; NULL: none */
    int64_t since_ms;   /* free */
    struct slot *next;  /* of the free ones: the one used last is the first */
};

/* On the stack of a thread that waits. */
struct waiter {
    pthread_cond_t ready;
    const char *domain;
    struct slot *slot; /* handed over */
    struct waiter *next;
};

struct authenticator {
    unsigned processes;
    int64_t deadline_ms, wait_ms;
    const char *program; /* of `strings` */
    const char *argv[ARGUMENTS + RESOLVER_SERVERS_MAX + 1];
    char *strings[ARGUMENTS + RESOLVER_SERVERS_MAX];
    size_t n_strings;
    pthread_mutex_t lock; /* of what follows */
    struct slot *slots, *free;
    struct waiter *first, *last;
    unsigned n_waiters;
    int64_t not_before_ms; /* of a start, when the last one failed */
};

static bool expect_ready(struct slot *slot)
{
    if (wire_receive(slot->process.control, slot->frame, clock_monotonic_ms() + START_MS) != RESULT_OK)
        return false;
    wire_close_fds(slot->frame);
    return wire_type(slot->frame) == AUTH_READY;
}

/* A program that does not start is not started again for every message. */
static enum result start(struct authenticator *authenticator, struct slot *slot, struct problem *problem)
{
    (void)pthread_mutex_lock(&authenticator->lock);
    bool too_soon = clock_monotonic_ms() < authenticator->not_before_ms;
    (void)pthread_mutex_unlock(&authenticator->lock);
    if (too_soon)
        return problem_set(problem, RESULT_TRY_LATER, "%s: failed to start a moment ago",
                           authenticator->program);
    enum result result = helper_start(&slot->process, authenticator->argv, problem);
    if (result == RESULT_OK && expect_ready(slot))
        return RESULT_OK;
    helper_kill(&slot->process);
    (void)pthread_mutex_lock(&authenticator->lock);
    authenticator->not_before_ms = clock_monotonic_ms() + RESTART_AFTER_MS;
    (void)pthread_mutex_unlock(&authenticator->lock);
    if (result != RESULT_OK)
        return result;
    return problem_set(problem, RESULT_TRY_LATER, "%s: did not start: its own lines in the log say why",
                       authenticator->program);
}

static struct timespec at_ms(int64_t monotonic_ms)
{
    return (struct timespec){.tv_sec = monotonic_ms / 1000, .tv_nsec = monotonic_ms % 1000 * 1000000};
}

static void leave_queue(struct authenticator *authenticator, const struct waiter *waiter)
{
    struct waiter *before = NULL;
    for (struct waiter *at = authenticator->first; at; before = at, at = at->next) {
        if (at != waiter)
            continue;
        if (before)
            before->next = at->next;
        else
            authenticator->first = at->next;
        if (authenticator->last == at)
            authenticator->last = before;
        authenticator->n_waiters--;
        return;
    }
}

static void join_queue(struct authenticator *authenticator, struct waiter *waiter)
{
    if (authenticator->last)
        authenticator->last->next = waiter;
    else
        authenticator->first = waiter;
    authenticator->last = waiter;
    authenticator->n_waiters++;
}

/* With the lock held. A domain whose DNS is slow, or somebody who writes in its name for that reason, leaves
 * half of the processes to the others. */
static bool has_its_share(const struct authenticator *authenticator, const char *domain)
{
    unsigned busy = 0, share = (authenticator->processes + 1) / 2;
    for (unsigned i = 0; domain && i < authenticator->processes; i++) {
        const char *other = authenticator->slots[i].domain;
        busy += other && strcmp(other, domain) == 0;
    }
    return busy >= share;
}

/* With the lock held: free slots go to those who wait, in the order they came, but for those whose domain has
 * its share. */
static void hand_out(struct authenticator *authenticator)
{
    for (struct waiter *at = authenticator->first, *next; at && authenticator->free; at = next) {
        next = at->next;
        if (has_its_share(authenticator, at->domain))
            continue;
        leave_queue(authenticator, at);
        at->slot = authenticator->free;
        at->slot->domain = at->domain;
        authenticator->free = at->slot->next;
        (void)pthread_cond_signal(&at->ready);
    }
}

/* With the lock held: waits its turn, NULL when none came in time. */
static struct slot *wait_turn(struct authenticator *authenticator, const char *domain)
{
    struct waiter waiter = {.domain = domain};
    struct timespec until = at_ms(clock_monotonic_ms() + authenticator->wait_ms);
    pthread_condattr_t monotonic;
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&waiter.ready, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    join_queue(authenticator, &waiter);
    hand_out(authenticator);
    int waited = 0;
    while (!waiter.slot && waited == 0)
        waited = pthread_cond_timedwait(&waiter.ready, &authenticator->lock, &until);
    if (!waiter.slot)
        leave_queue(authenticator, &waiter);
    (void)pthread_cond_destroy(&waiter.ready);
    return waiter.slot;
}

/* What all messages for which nothing waits count as. No domain is called so. */
static const char spare_share[] = "";

static struct slot *take_spare(struct authenticator *authenticator, struct problem *problem)
{
    struct slot *slot = NULL;
    (void)pthread_mutex_lock(&authenticator->lock);
    if (!authenticator->n_waiters && authenticator->processes > 1 &&
        !has_its_share(authenticator, spare_share))
        slot = authenticator->free;
    if (slot) {
        slot->domain = spare_share;
        authenticator->free = slot->next;
    } else
        (void)problem_set(problem, RESULT_TRY_LATER, "SPF and DKIM: no process to spare");
    (void)pthread_mutex_unlock(&authenticator->lock);
    return slot;
}

/* domain: stays valid until give_slot. */
static struct slot *take_slot(struct authenticator *authenticator, const char *domain,
                              struct problem *problem)
{
    struct slot *slot = NULL;
    (void)pthread_mutex_lock(&authenticator->lock);
    if (authenticator->n_waiters >= WAITERS_MAX)
        (void)problem_set(problem, RESULT_TRY_LATER, "SPF and DKIM: %d messages wait already", WAITERS_MAX);
    else if (!(slot = wait_turn(authenticator, domain)))
        (void)problem_set(problem, RESULT_TRY_LATER, "SPF and DKIM: no free process within %lld ms",
                          (long long)authenticator->wait_ms);
    (void)pthread_mutex_unlock(&authenticator->lock);
    return slot;
}

static void give_slot(struct authenticator *authenticator, struct slot *slot)
{
    (void)pthread_mutex_lock(&authenticator->lock);
    slot->domain = NULL;
    slot->since_ms = clock_monotonic_ms();
    slot->next = authenticator->free;
    authenticator->free = slot;
    hand_out(authenticator);
    (void)pthread_mutex_unlock(&authenticator->lock);
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

static enum result receive(struct slot *slot, int64_t deadline_ms, struct arena *arena,
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

static enum result run_in_slot(struct authenticator *authenticator, struct slot *slot,
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
    struct slot *slot = message->spare ? take_spare(authenticator, problem)
                                       : take_slot(authenticator, message->domain, problem);
    if (!slot)
        return RESULT_TRY_LATER;
    enum result result = run_in_slot(authenticator, slot, message, arena, proofs_out, problem);
    /* Whatever failed may have left it confused. The next message gets a fresh one. */
    if (result != RESULT_OK)
        helper_kill(&slot->process);
    give_slot(authenticator, slot);
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
    authenticator->program = authenticator->strings[0];
    authenticator->wait_ms = settings->wait_ms;
    authenticator->processes = settings->processes ? settings->processes : 1;
    if (authenticator->processes > PROCESSES_MAX)
        authenticator->processes = PROCESSES_MAX;
    authenticator->deadline_ms = resolver->deadline_ms < 1 ? 1 : resolver->deadline_ms;
    if (authenticator->deadline_ms > AUTH_BUDGET_MAX_MS)
        authenticator->deadline_ms = AUTH_BUDGET_MAX_MS;
    return true;
}

static bool make_slots(struct authenticator *authenticator)
{
    authenticator->slots = calloc(authenticator->processes, sizeof *authenticator->slots);
    for (unsigned i = 0; authenticator->slots && i < authenticator->processes; i++) {
        struct slot *slot = &authenticator->slots[i];
        slot->process.control = -1;
        slot->frame = malloc(sizeof *slot->frame);
        if (!slot->frame)
            return false;
        slot->next = authenticator->free;
        authenticator->free = slot;
    }
    return authenticator->slots != NULL;
}

enum result authenticator_new(const struct authenticator_settings *settings,
                              const struct dns_settings *resolver, struct authenticator **authenticator_out,
                              struct problem *problem)
{
    if (resolver->n_servers > RESOLVER_SERVERS_MAX)
        return problem_set(problem, RESULT_BAD_INPUT, "resolver: more than %d DNS servers",
                           RESOLVER_SERVERS_MAX);
    struct authenticator *authenticator = calloc(1, sizeof *authenticator);
    if (!authenticator)
        return problem_set(problem, RESULT_TRY_LATER, "SPF and DKIM: no memory");
    (void)pthread_mutex_init(&authenticator->lock, NULL);
    enum result result = copy_settings(authenticator, settings, resolver) && make_slots(authenticator)
                             ? start(authenticator, authenticator->free, problem)
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
    struct helper_process retired[PROCESSES_MAX];
    size_t n = 0;
    bool keeps = false;
    int64_t since_ms = clock_monotonic_ms() - idle_ms;
    (void)pthread_mutex_lock(&authenticator->lock);
    for (struct slot *slot = authenticator->free; slot; slot = slot->next) {
        if (!helper_alive(&slot->process))
            continue;
        if (keeps && slot->since_ms <= since_ms)
            retired[n++] = helper_take(&slot->process);
        keeps = true;
    }
    (void)pthread_mutex_unlock(&authenticator->lock);
    while (n)
        helper_kill(&retired[--n]);
}

void authenticator_free(struct authenticator *authenticator)
{
    if (!authenticator)
        return;
    for (unsigned i = 0; authenticator->slots && i < authenticator->processes; i++) {
        helper_kill(&authenticator->slots[i].process);
        free(authenticator->slots[i].frame);
    }
    for (size_t i = 0; i < authenticator->n_strings; i++)
        free(authenticator->strings[i]);
    free(authenticator->slots);
    (void)pthread_mutex_destroy(&authenticator->lock);
    free(authenticator);
}
