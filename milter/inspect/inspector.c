/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/inspector.h"

#include "base/clock.h"
#include "base/fd.h"
#include "inspect/collect.h"
#include "inspect/keeper.h"
#include "inspect/protocol.h"
#include "inspect/turns.h"

#include <stdlib.h>

/* GRACE_MS: a child ends itself at the deadline, and 500 ms later its template ends it; what it said just
 * before is still taken. When even that did not happen, the template hangs. */
enum { GRACE_MS = 1500, TRIES = 2 };

/* One of the two programs. Each has its turns, so that whoever sends what takes long to open holds up none of
 * the mail that has nothing to open. */
struct station {
    enum collect_phase phase;
    struct keeper *keeper;
    struct turns turns;
};

struct inspector {
    const struct inspector_settings *settings;
    struct station first;  /* khatm-inspector: every message */
    struct station reader; /* khatm-reader: messages with something to open */
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

static enum result station_open(struct station *station, const struct inspector_settings *settings,
                                const char *program, enum collect_phase phase, struct problem *problem)
{
    const struct keeper_settings keeper = {.program = program,
                                           .children = settings->workers ? settings->workers : 1,
                                           .pack = settings->pack,
                                           .pack_size = settings->pack_size};
    station->phase = phase;
    turns_init(&station->turns, keeper.children);
    return keeper_new(&keeper, &station->keeper, problem);
}

static void station_close(struct station *station)
{
    keeper_free(station->keeper);
    turns_destroy(&station->turns);
}

enum result inspector_new(const struct inspector_settings *settings, struct inspector **inspector_out,
                          struct problem *problem)
{
    struct inspector *inspector = calloc(1, sizeof *inspector);
    if (!inspector)
        return problem_set(problem, RESULT_TRY_LATER, "inspector: no memory");
    inspector->settings = settings;
    enum result first =
        station_open(&inspector->first, settings, settings->program, COLLECT_MESSAGE, problem);
    enum result reader = first == RESULT_OK ? station_open(&inspector->reader, settings, settings->reader,
                                                           COLLECT_DOCUMENTS, problem)
                                            : first;
    if (reader == RESULT_OK) {
        *inspector_out = inspector;
        return RESULT_OK;
    }
    station_close(&inspector->first);
    if (first == RESULT_OK)
        station_close(&inspector->reader);
    free(inspector);
    return reader;
}

void inspector_free(struct inspector *inspector)
{
    if (!inspector)
        return;
    station_close(&inspector->first);
    station_close(&inspector->reader);
    free(inspector);
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
static enum result run_with_turn(struct station *station, struct job *job,
                                 const struct inspector_settings *settings, struct collect *collect,
                                 struct problem *problem)
{
    enum result result = problem_set(problem, RESULT_TRY_LATER, "inspector: no time left");
    job->keeper = station->keeper;
    for (int try = 0; try < TRIES && result == RESULT_TRY_LATER && clock_left_ms(job->deadline_ms) > 0;
         try++) {
        collect_begin(collect, station->phase);
        result = send_job(job, settings, problem);
        if (result == RESULT_OK)
            result = answer(job, collect, problem);
        fd_close(&job->socket);
    }
    return result;
}

static enum result run_at(struct station *station, struct job *job, const struct inspector_settings *settings,
                          struct collect *collect, struct problem *problem)
{
    if (turns_take(&station->turns, job->deadline_ms) != RESULT_OK)
        return problem_set(problem, RESULT_TRY_LATER, "inspector: all %u workers were busy for %lld ms",
                           settings->workers, (long long)settings->deadline_ms);
    enum result result = run_with_turn(station, job, settings, collect, problem);
    turns_give(&station->turns);
    return result;
}

enum result inspector_run(struct inspector *inspector, int message_fd, uint64_t message_size,
                          struct arena *arena, struct findings **findings_out, struct problem *problem)
{
    const struct inspector_settings *settings = inspector->settings;
    struct collect *collect = collect_new(arena, settings->parts);
    struct job *job = malloc(sizeof *job);
    if (!job || !collect) {
        free(job);
        return problem_set(problem, RESULT_TRY_LATER, "inspector: no memory");
    }
    job->socket = -1;
    job->message_fd = message_fd;
    job->size = message_size;
    job->deadline_ms = clock_monotonic_ms() + settings->deadline_ms;
    enum result result = run_at(&inspector->first, job, settings, collect, problem);
    if (result == RESULT_OK && collect_wants_reader(collect))
        result = run_at(&inspector->reader, job, settings, collect, problem);
    if (result == RESULT_OK)
        *findings_out = collect_findings(collect);
    free(job);
    return result;
}
