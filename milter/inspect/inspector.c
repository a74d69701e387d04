/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/inspector.h"

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "helper/pages.h"
#include "helper/turns.h"
#include "inspect/collect.h"
#include "inspect/hint.h"
#include "inspect/keeper.h"
#include "inspect/protocol.h"

#include <stdlib.h>

/* GRACE_MS: a child ends itself at the deadline, and 500 ms later its template ends it; what it said just
 * before is still taken. When even that did not happen, the template hangs. HINT_WAIT_SHARE: of the time
 * there is, a message with a hint waits so much of it for khatm-reader. */
enum { GRACE_MS = 1500, TRIES = 2, HINT_WAIT_SHARE = 4 };

/* What is opened lies in the memory of whoever opens it: messages of more than so many bytes a worker wait
 * for each other. */
#define OPENED_BYTES ((uint64_t)20 * 1024 * 1024)

/* One of the three programs. Each has its turns, so that whoever sends what takes long to open holds up none
 * of the mail that has nothing to open. */
struct station {
    enum collect_phase phase;
    struct keeper *keeper;
    struct turns turns;
};

struct inspector {
    const struct inspector_settings *settings;
    struct station first;  /* khatm-inspector: every message without a hint */
    struct station reader; /* khatm-reader: messages with something to open */
    struct station ocr;    /* khatm-ocr: where the settings have it, what is a picture of a page */
};

struct job {
    int message_fd, socket;
    uint64_t size, memory;
    struct turn turn;
    struct keeper *keeper;
    unsigned generation;
    int64_t deadline_ms;
    bool both;                /* khatm-reader says first what khatm-inspector would */
    unsigned n_frames;        /* that came for this phase */
    struct wire_frame *frame; /* while it has its turn: too large for a stack, and for all who wait */
};

/* `more`: program, how many at once, arguments; the rest is the same for all. */
static enum result station_open(struct station *station, const struct inspector_settings *settings,
                                struct keeper_settings more, enum collect_phase phase,
                                struct problem *problem)
{
    more.pack = settings->pack;
    more.pack_size = settings->pack_size;
    if (!more.children)
        more.children = 1;
    station->phase = phase;
    turns_init(&station->turns, more.children,
               phase == COLLECT_MESSAGE ? UINT64_MAX : more.children * OPENED_BYTES);
    return keeper_new(&more, &station->keeper, problem);
}

static void station_close(struct station *station)
{
    if (!station->keeper)
        return;
    keeper_free(station->keeper);
    turns_destroy(&station->turns);
}

static enum result open_all(struct inspector *inspector, struct problem *problem)
{
    const struct inspector_settings *settings = inspector->settings;
    const struct ocr_settings *ocr = &settings->ocr;
    const struct keeper_settings first = {.program = settings->program, .children = settings->workers},
                                 reader = {.program = settings->reader, .children = settings->workers},
                                 letters = {.program = ocr->program,
                                            .children = ocr->workers,
                                            .arguments = {ocr->languages, ocr->data}};
    enum result result = station_open(&inspector->first, settings, first, COLLECT_MESSAGE, problem);
    if (result == RESULT_OK)
        result = station_open(&inspector->reader, settings, reader, COLLECT_DOCUMENTS, problem);
    if (result == RESULT_OK && ocr->languages)
        result = station_open(&inspector->ocr, settings, letters, COLLECT_LETTERS, problem);
    return result;
}

enum result inspector_new(const struct inspector_settings *settings, struct inspector **inspector_out,
                          struct problem *problem)
{
    struct inspector *inspector = calloc(1, sizeof *inspector);
    if (!inspector)
        return problem_set(problem, RESULT_TRY_LATER, "inspector: no memory");
    inspector->settings = settings;
    enum result result = open_all(inspector, problem);
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
    station_close(&inspector->first);
    station_close(&inspector->reader);
    station_close(&inspector->ocr);
    free(inspector);
}

static void write_job(struct job *job, const struct inspector_settings *settings)
{
    wire_begin(job->frame, INSPECT_JOB);
    wire_put_number(job->frame, JOB_SIZE, job->size);
    wire_put_number(job->frame, JOB_DEPTH, settings->depth);
    wire_put_number(job->frame, JOB_PARTS, settings->parts);
    wire_put_number(job->frame, JOB_MEMORY, job->memory);
    wire_put_number(job->frame, JOB_DEADLINE, (uint64_t)clock_left_ms(job->deadline_ms));
    if (job->both)
        wire_put_number(job->frame, JOB_BOTH, 1);
}

static enum result send_job(struct job *job, const struct inspector_settings *settings,
                            struct problem *problem)
{
    int pair[2];
    if (wire_pair(pair) != RESULT_OK)
        return problem_set(problem, RESULT_TRY_LATER, "inspector: no socket for a message");
    write_job(job, settings);
    wire_put_fd(job->frame, job->message_fd);
    wire_put_fd(job->frame, pair[1]);
    enum result result = keeper_send(job->keeper, job->frame, job->deadline_ms, &job->generation, problem);
    fd_close(&pair[1]);
    job->socket = pair[0];
    job->frame->n_fds = 0;
    return result;
}

/* RESULT_OK: END came. RESULT_NOT_FOUND: the child closed before. RESULT_TRY_LATER: the deadline.
 * RESULT_BAD_INPUT: it said what no inspector says. RESULT_BUG: no memory. */
static enum result receive(struct job *job, struct collect *collect)
{
    for (job->n_frames = 0;; job->n_frames++) {
        enum result result = wire_receive(job->socket, job->frame, job->deadline_ms + GRACE_MS);
        if (result != RESULT_OK)
            return result;
        wire_close_fds(job->frame);
        uint8_t type = wire_type(job->frame);
        if (type != INSPECT_FINDINGS && type != INSPECT_END)
            return RESULT_BAD_INPUT;
        result = collect_frame(collect, job->frame);
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

/* Takes a turn and what a job needs while it has it. */
static enum result job_begin(struct station *station, struct job *job, int64_t wait_until_ms,
                             struct problem *problem)
{
    job->turn = (struct turn){.bytes = job->size};
    if (turns_take(&station->turns, &job->turn, wait_until_ms) != RESULT_OK)
        return problem_set(problem, RESULT_TRY_LATER, "inspector: all workers were busy to the deadline");
    if (station->phase != COLLECT_MESSAGE) /* it lies in memory while it is read: what is ours need not */
        pages_rest_beside(job->size);
    job->frame = malloc(sizeof *job->frame);
    if (job->frame)
        return RESULT_OK;
    turns_give(&station->turns, &job->turn);
    return problem_set(problem, RESULT_TRY_LATER, "inspector: no memory");
}

static void job_end(struct station *station, struct job *job)
{
    free(job->frame);
    job->frame = NULL;
    turns_give(&station->turns, &job->turn);
}

static enum result run_at(struct station *station, struct job *job, const struct inspector_settings *settings,
                          struct collect *collect, struct problem *problem)
{
    enum result result = job_begin(station, job, job->deadline_ms, problem);
    if (result != RESULT_OK)
        return result;
    result = run_with_turn(station, job, settings, collect, problem);
    job_end(station, job);
    return result;
}

static enum result run_in_turn(struct inspector *inspector, struct job *job, struct collect *collect,
                               struct problem *problem)
{
    enum result result = run_at(&inspector->first, job, inspector->settings, collect, problem);
    if (result == RESULT_OK && collect_wants_reader(collect))
        result = run_at(&inspector->reader, job, inspector->settings, collect, problem);
    return result;
}

/* RESULT_NOT_FOUND: khatm-reader did not come as far as khatm-inspector would have, and what it said counts
 * for nothing. */
static enum result receive_first(struct job *job, struct collect *collect)
{
    enum result result = receive(job, collect);
    if (result == RESULT_OK)
        return RESULT_OK;
    if (result == RESULT_TRY_LATER)
        keeper_retire(job->keeper, job->generation);
    bool late = result == RESULT_NOT_FOUND && clock_left_ms(job->deadline_ms) == 0;
    if (!late || keeper_lost(job->keeper, job->generation))
        return RESULT_NOT_FOUND;
    collect_cut(collect, LIMIT_TIME, "not read in the time allowed");
    return RESULT_OK;
}

/* The same child's second part. It may leave it to another: then it is silent. */
static enum result go_on(struct inspector *inspector, struct job *job, struct collect *collect,
                         struct problem *problem)
{
    collect_begin(collect, COLLECT_DOCUMENTS);
    enum result result = answer(job, collect, problem);
    bool again = result == RESULT_TRY_LATER || !job->n_frames;
    fd_close(&job->socket);
    return again && clock_left_ms(job->deadline_ms) > 0
               ? run_with_turn(&inspector->reader, job, inspector->settings, collect, problem)
               : result;
}

static enum result run_both(struct inspector *inspector, struct job *job, struct collect *collect,
                            struct problem *problem)
{
    job->keeper = inspector->reader.keeper;
    collect_begin(collect, COLLECT_MESSAGE);
    job->both = true;
    enum result result = send_job(job, inspector->settings, problem);
    job->both = false;
    result = result == RESULT_OK ? receive_first(job, collect) : RESULT_NOT_FOUND;
    if (result == RESULT_OK && collect_wants_reader(collect))
        result = go_on(inspector, job, collect, problem);
    fd_close(&job->socket);
    return result;
}

/* Both programs' work in one process of khatm-reader. RESULT_NOT_FOUND: it must be begun anew. */
static enum result run_at_once(struct inspector *inspector, struct job *job, struct collect *collect,
                               struct problem *problem)
{
    int64_t wait_ms = clock_left_ms(job->deadline_ms) / HINT_WAIT_SHARE;
    if (job_begin(&inspector->reader, job, clock_monotonic_ms() + wait_ms, problem) != RESULT_OK)
        return RESULT_NOT_FOUND;
    enum result result = run_both(inspector, job, collect, problem);
    job_end(&inspector->reader, job);
    return result;
}

static bool is_for_reader(const struct inspector *inspector, int message_fd, uint64_t message_size)
{
    switch (inspector->settings->order) {
    case ORDER_IN_TURN:
        return false;
    case ORDER_AT_ONCE:
        return true;
    case ORDER_BY_HINT:
        break;
    }
    return hint_document(message_fd, message_size);
}

/* What is read of a picture only adds, so mail is decided without it when it cannot be had. */
static void read_letters(struct inspector *inspector, struct job *job, struct collect *collect)
{
    const struct inspector_settings *settings = inspector->settings;
    struct problem problem = {{0}};
    job->deadline_ms = clock_monotonic_ms() + settings->ocr.deadline_ms;
    job->memory = settings->ocr.memory;
    if (run_at(&inspector->ocr, job, settings, collect, &problem) != RESULT_OK)
        log_warning("letters in pictures: decided without them: %s", problem.text);
}

enum result inspector_run(struct inspector *inspector, int message_fd, uint64_t message_size,
                          struct arena *arena, struct findings **findings_out, struct problem *problem)
{
    const struct inspector_settings *settings = inspector->settings;
    struct collect *collect = collect_new(arena, settings->parts);
    struct job job = {.socket = -1,
                      .message_fd = message_fd,
                      .size = message_size,
                      .memory = settings->memory,
                      .deadline_ms = clock_monotonic_ms() + settings->deadline_ms};
    if (!collect)
        return problem_set(problem, RESULT_TRY_LATER, "inspector: no memory");
    enum result result = RESULT_NOT_FOUND;
    if (is_for_reader(inspector, message_fd, message_size))
        result = run_at_once(inspector, &job, collect, problem);
    if (result == RESULT_NOT_FOUND)
        result = run_in_turn(inspector, &job, collect, problem);
    if (result == RESULT_OK && inspector->ocr.keeper && collect_wants_letters(collect))
        read_letters(inspector, &job, collect);
    if (result == RESULT_OK)
        *findings_out = collect_findings(collect);
    return result;
}
