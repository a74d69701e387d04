/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/inspector.h"

#include "base/clock.h"
#include "base/fd.h"
#include "helper/process.h"
#include "helper/wire.h"
#include "inspect/collect.h"
#include "inspect/protocol.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

/* GRACE_MS: a child ends itself at the deadline, and 500 ms later its template ends it; what it said just
 * before is still taken. When even that did not happen, the template hangs. */
enum { START_MS = 10 * 1000, GRACE_MS = 1500, BACK_OFF_MS = 100, BACK_OFF_MOST_MS = 5000, TRIES = 2 };

struct inspector {
    const struct inspector_settings *settings;

    pthread_mutex_t turns_lock;
    pthread_cond_t turn_free;
    unsigned turns;

    pthread_mutex_t template_lock; /* guards all below */
    struct helper_process template;
    unsigned generation; /* of the template; tells whether "mine" is still the one that runs */
    unsigned failures;   /* starts that failed in a row */
    int64_t not_before_ms;
};

/* What one job needs while it runs; too large for a thread's stack. */
struct job {
    int socket;
    unsigned generation;
    int64_t deadline_ms;
    struct wire_frame frame;
};

static enum result start_template(struct inspector *inspector, struct problem *problem)
{
    char workers[16];
    (void)snprintf(workers, sizeof workers, "%u", inspector->settings->workers);
    const char *const argv[] = {inspector->settings->program, workers, NULL};
    enum result result = helper_start(&inspector->template, argv, problem);
    if (result != RESULT_OK)
        return result;
    struct wire_frame *frame = malloc(sizeof *frame);
    result = frame ? wire_receive(inspector->template.control, frame, clock_monotonic_ms() + START_MS)
                   : RESULT_TRY_LATER;
    bool ready = result == RESULT_OK && wire_type(frame) == INSPECT_READY;
    if (result == RESULT_OK)
        wire_close_fds(frame);
    free(frame);
    if (!ready) {
        helper_kill(&inspector->template);
        return problem_set(problem, RESULT_TRY_LATER, "%s: did not start: its own lines in the log say why",
                           inspector->settings->program);
    }
    inspector->generation++;
    return RESULT_OK;
}

/* A process that is being killed closes its socket some time before it can be waited for. */
static bool template_alive(struct inspector *inspector)
{
    struct pollfd poller = {.fd = inspector->template.control};
    if (!helper_alive(&inspector->template))
        return false;
    return poll(&poller, 1, 0) == 0;
}

/* With template_lock held. A program that cannot start is not started again for every message. */
static enum result ensure_template(struct inspector *inspector, struct problem *problem)
{
    if (template_alive(inspector))
        return RESULT_OK;
    helper_kill(&inspector->template);
    if (clock_monotonic_ms() < inspector->not_before_ms)
        return problem_set(problem, RESULT_TRY_LATER,
                           "%s: failed to start a moment ago, waiting before the next try",
                           inspector->settings->program);
    enum result result = start_template(inspector, problem);
    if (result == RESULT_OK) {
        inspector->failures = 0;
        return RESULT_OK;
    }
    if (inspector->failures < 16)
        inspector->failures++;
    int64_t wait_ms = (int64_t)BACK_OFF_MS << inspector->failures;
    inspector->not_before_ms =
        clock_monotonic_ms() + (wait_ms < BACK_OFF_MOST_MS ? wait_ms : BACK_OFF_MOST_MS);
    return result;
}

enum result inspector_new(const struct inspector_settings *settings, struct inspector **inspector_out,
                          struct problem *problem)
{
    struct inspector *inspector = calloc(1, sizeof *inspector);
    if (!inspector)
        return problem_set(problem, RESULT_TRY_LATER, "inspector: no memory");
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&inspector->turns_lock, NULL);
    pthread_mutex_init(&inspector->template_lock, NULL);
    pthread_cond_init(&inspector->turn_free, &monotonic);
    pthread_condattr_destroy(&monotonic);
    inspector->settings = settings;
    inspector->turns = settings->workers ? settings->workers : 1;
    inspector->template.control = -1;
    enum result result = ensure_template(inspector, problem);
    if (result != RESULT_OK) {
        inspector_free(inspector);
        return result;
    }
    *inspector_out = inspector;
    return RESULT_OK;
}

void inspector_free(struct inspector *inspector)
{
    if (!inspector)
        return;
    helper_kill(&inspector->template);
    pthread_cond_destroy(&inspector->turn_free);
    pthread_mutex_destroy(&inspector->template_lock);
    pthread_mutex_destroy(&inspector->turns_lock);
    free(inspector);
}

static enum result take_turn(struct inspector *inspector, int64_t deadline_ms)
{
    const struct timespec until = {.tv_sec = deadline_ms / 1000, .tv_nsec = deadline_ms % 1000 * 1000000};
    int error = 0;
    pthread_mutex_lock(&inspector->turns_lock);
    while (!inspector->turns && !error)
        error = pthread_cond_timedwait(&inspector->turn_free, &inspector->turns_lock, &until);
    bool got = inspector->turns > 0;
    if (got)
        inspector->turns--;
    pthread_mutex_unlock(&inspector->turns_lock);
    return got ? RESULT_OK : RESULT_TRY_LATER;
}

static void give_turn(struct inspector *inspector)
{
    pthread_mutex_lock(&inspector->turns_lock);
    inspector->turns++;
    pthread_cond_signal(&inspector->turn_free);
    pthread_mutex_unlock(&inspector->turns_lock);
}

static void write_job(struct wire_frame *frame, const struct inspector_settings *settings, uint64_t size,
                      int64_t deadline_ms)
{
    wire_begin(frame, INSPECT_JOB);
    wire_put_number(frame, JOB_SIZE, size);
    wire_put_number(frame, JOB_DEPTH, settings->depth);
    wire_put_number(frame, JOB_PARTS, settings->parts);
    wire_put_number(frame, JOB_MEMORY, settings->memory);
    wire_put_number(frame, JOB_DEADLINE, (uint64_t)clock_left_ms(deadline_ms));
}

static enum result send_job(struct inspector *inspector, struct job *job, int message_fd, uint64_t size,
                            struct problem *problem)
{
    int pair[2];
    if (wire_pair(pair) != RESULT_OK)
        return problem_set(problem, RESULT_TRY_LATER, "inspector: no socket for a message");
    write_job(&job->frame, inspector->settings, size, job->deadline_ms);
    wire_put_fd(&job->frame, message_fd);
    wire_put_fd(&job->frame, pair[1]);
    pthread_mutex_lock(&inspector->template_lock);
    enum result result = ensure_template(inspector, problem);
    if (result == RESULT_OK) {
        result = wire_send(inspector->template.control, &job->frame, job->deadline_ms);
        if (result != RESULT_OK)
            (void)problem_set(problem, result, "inspector: takes no job");
    }
    job->generation = inspector->generation;
    pthread_mutex_unlock(&inspector->template_lock);
    fd_close(&pair[1]);
    job->socket = pair[0];
    job->frame.n_fds = 0;
    return result;
}

/* The child answered nothing more. If its template is gone too, then the cause was not the message. */
static bool template_died(struct inspector *inspector, const struct job *job)
{
    pthread_mutex_lock(&inspector->template_lock);
    bool died = job->generation != inspector->generation || !template_alive(inspector);
    pthread_mutex_unlock(&inspector->template_lock);
    return died;
}

/* The template neither took the job nor ended its child. The next message gets a new one. */
static void retire_template(struct inspector *inspector, const struct job *job)
{
    pthread_mutex_lock(&inspector->template_lock);
    if (job->generation == inspector->generation)
        helper_kill(&inspector->template);
    pthread_mutex_unlock(&inspector->template_lock);
}

/* RESULT_OK: END came. RESULT_NOT_FOUND: the child closed before. RESULT_TRY_LATER: the deadline.
 * RESULT_BAD_INPUT: it said what no inspector says. RESULT_BUG: no memory. */
static enum result receive(struct job *job, struct collect *collect)
{
    for (;;) {
        enum result result = wire_receive(job->socket, &job->frame, job->deadline_ms + GRACE_MS);
        if (result != RESULT_OK)
            return result;
        wire_close_fds(&job->frame);
        uint8_t type = wire_type(&job->frame);
        if (type != INSPECT_FINDINGS && type != INSPECT_END)
            return RESULT_BAD_INPUT;
        result = collect_frame(collect, &job->frame);
        if (result != RESULT_OK || type == INSPECT_END)
            return result;
    }
}

static enum result answer(struct inspector *inspector, struct job *job, struct collect *collect,
                          struct problem *problem)
{
    enum result result = receive(job, collect);
    switch (result) {
    case RESULT_OK:
        return RESULT_OK;
    case RESULT_NOT_FOUND:
        if (template_died(inspector, job))
            return problem_set(problem, RESULT_TRY_LATER, "inspector: ended while it read a message");
        if (clock_left_ms(job->deadline_ms) == 0)
            collect_incomplete(collect, LIMIT_TIME, "not read in the time allowed");
        else
            collect_incomplete(collect, 0, "the inspector ended on it");
        return RESULT_OK;
    case RESULT_TRY_LATER:
        retire_template(inspector, job);
        return problem_set(problem, RESULT_TRY_LATER, "inspector: hung and was killed");
    case RESULT_BAD_INPUT:
    case RESULT_UNCERTAIN:
        collect_incomplete(collect, 0, "the inspector gave no sensible answer");
        return RESULT_OK;
    case RESULT_BUG:
        break;
    }
    return problem_set(problem, RESULT_TRY_LATER, "inspector: no memory for the findings");
}

static enum result run_with_turn(struct inspector *inspector, struct job *job, int message_fd, uint64_t size,
                                 struct arena *arena, struct findings **findings_out, struct problem *problem)
{
    enum result result = RESULT_TRY_LATER;
    for (int try = 0; try < TRIES && result == RESULT_TRY_LATER && clock_left_ms(job->deadline_ms) > 0;
         try++) {
        struct collect *collect = collect_new(arena, inspector->settings->parts);
        if (!collect)
            return problem_set(problem, RESULT_TRY_LATER, "inspector: no memory");
        result = send_job(inspector, job, message_fd, size, problem);
        if (result == RESULT_OK)
            result = answer(inspector, job, collect, problem);
        fd_close(&job->socket);
        if (result == RESULT_OK)
            *findings_out = collect_findings(collect);
    }
    return result;
}

enum result inspector_run(struct inspector *inspector, int message_fd, uint64_t message_size,
                          struct arena *arena, struct findings **findings_out, struct problem *problem)
{
    struct job *job = malloc(sizeof *job);
    if (!job)
        return problem_set(problem, RESULT_TRY_LATER, "inspector: no memory");
    job->socket = -1;
    job->deadline_ms = clock_monotonic_ms() + inspector->settings->deadline_ms;
    enum result result = take_turn(inspector, job->deadline_ms);
    if (result == RESULT_OK) {
        (void)problem_set(problem, RESULT_OK, "inspector: no time left");
        result = run_with_turn(inspector, job, message_fd, message_size, arena, findings_out, problem);
        give_turn(inspector);
    } else
        (void)problem_set(problem, result, "inspector: all %u workers were busy for %lld ms",
                          inspector->settings->workers, (long long)inspector->settings->deadline_ms);
    free(job);
    return result;
}
