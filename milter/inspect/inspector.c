/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/inspector.h"

#include "base/clock.h"
#include "base/fd.h"
#include "inspect/collect.h"
#include "inspect/keeper.h"
#include "inspect/protocol.h"

#include <pthread.h>
#include <stdlib.h>

/* GRACE_MS: a child ends itself at the deadline, and 500 ms later its template ends it; what it said just
 * before is still taken. When even that did not happen, the template hangs. */
enum { GRACE_MS = 1500, TRIES = 2 };

struct inspector {
    const struct inspector_settings *settings;
    struct keeper *first;  /* khatm-inspector: every message */
    struct keeper *reader; /* khatm-reader: messages with something to open */

    pthread_mutex_t turns_lock;
    pthread_cond_t turn_free;
    unsigned turns;
};

/* What one message needs while it is looked at; too large for a thread's stack. */
struct job {
    int message_fd, socket;
    uint64_t size;
    struct keeper *keeper;
    unsigned generation;
    int64_t deadline_ms;
    struct wire_frame frame;
};

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
    pthread_cond_init(&inspector->turn_free, &monotonic);
    pthread_condattr_destroy(&monotonic);
    inspector->settings = settings;
    inspector->turns = settings->workers ? settings->workers : 1;
    struct keeper_settings keeper = {.program = settings->program,
                                     .children = inspector->turns,
                                     .pack = settings->pack,
                                     .pack_size = settings->pack_size};
    enum result result = keeper_new(&keeper, &inspector->first, problem);
    keeper.program = settings->reader;
    if (result == RESULT_OK)
        result = keeper_new(&keeper, &inspector->reader, problem);
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
    keeper_free(inspector->first);
    keeper_free(inspector->reader);
    pthread_cond_destroy(&inspector->turn_free);
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

static enum result send_job(struct job *job, const struct inspector_settings *settings,
                            struct problem *problem)
{
    int pair[2];
    if (wire_pair(pair) != RESULT_OK)
        return problem_set(problem, RESULT_TRY_LATER, "inspector: no socket for a message");
    write_job(&job->frame, settings, job->size, job->deadline_ms);
    wire_put_fd(&job->frame, job->message_fd);
    wire_put_fd(&job->frame, pair[1]);
    enum result result = keeper_send(job->keeper, &job->frame, job->deadline_ms, &job->generation, problem);
    fd_close(&pair[1]);
    job->socket = pair[0];
    job->frame.n_fds = 0;
    return result;
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

static enum result answer(struct job *job, struct collect *collect, struct problem *problem)
{
    enum result result = receive(job, collect);
    switch (result) {
    case RESULT_OK:
        return RESULT_OK;
    case RESULT_NOT_FOUND:
        if (keeper_lost(job->keeper, job->generation))
            return problem_set(problem, RESULT_TRY_LATER, "inspector: ended while it read a message");
        if (clock_left_ms(job->deadline_ms) == 0)
            collect_cut(collect, LIMIT_TIME, "not read in the time allowed");
        else
            collect_cut(collect, 0, "the inspector ended on it");
        return RESULT_OK;
    case RESULT_TRY_LATER:
        keeper_retire(job->keeper, job->generation);
        return problem_set(problem, RESULT_TRY_LATER, "inspector: hung and was killed");
    case RESULT_BAD_INPUT:
    case RESULT_UNCERTAIN:
        collect_cut(collect, 0, "the inspector gave no sensible answer");
        return RESULT_OK;
    case RESULT_BUG:
        break;
    }
    return problem_set(problem, RESULT_TRY_LATER, "inspector: no memory for the findings");
}

/* Findings of a try whose template died stay: they only rise, and the next try says them again. */
static enum result run_at(struct inspector *inspector, struct job *job, struct keeper *keeper,
                          struct collect *collect, struct problem *problem)
{
    enum result result = problem_set(problem, RESULT_TRY_LATER, "inspector: no time left");
    job->keeper = keeper;
    for (int try = 0; try < TRIES && result == RESULT_TRY_LATER && clock_left_ms(job->deadline_ms) > 0;
         try++) {
        collect_begin(collect, keeper == inspector->first ? COLLECT_MESSAGE : COLLECT_DOCUMENTS);
        result = send_job(job, inspector->settings, problem);
        if (result == RESULT_OK)
            result = answer(job, collect, problem);
        fd_close(&job->socket);
    }
    return result;
}

static enum result run_with_turn(struct inspector *inspector, struct job *job, struct arena *arena,
                                 struct findings **findings_out, struct problem *problem)
{
    struct collect *collect = collect_new(arena, inspector->settings->parts);
    if (!collect)
        return problem_set(problem, RESULT_TRY_LATER, "inspector: no memory");
    enum result result = run_at(inspector, job, inspector->first, collect, problem);
    if (result == RESULT_OK && collect_wants_reader(collect))
        result = run_at(inspector, job, inspector->reader, collect, problem);
    if (result == RESULT_OK)
        *findings_out = collect_findings(collect);
    return result;
}

enum result inspector_run(struct inspector *inspector, int message_fd, uint64_t message_size,
                          struct arena *arena, struct findings **findings_out, struct problem *problem)
{
    struct job *job = malloc(sizeof *job);
    if (!job)
        return problem_set(problem, RESULT_TRY_LATER, "inspector: no memory");
    job->socket = -1;
    job->message_fd = message_fd;
    job->size = message_size;
    job->deadline_ms = clock_monotonic_ms() + inspector->settings->deadline_ms;
    enum result result = take_turn(inspector, job->deadline_ms);
    if (result == RESULT_OK) {
        result = run_with_turn(inspector, job, arena, findings_out, problem);
        give_turn(inspector);
    } else
        (void)problem_set(problem, result, "inspector: all %u workers were busy for %lld ms",
                          inspector->settings->workers, (long long)inspector->settings->deadline_ms);
    free(job);
    return result;
}
