/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/keeper.h"

#include "base/clock.h"
#include "base/fd.h"
#include "helper/process.h"
#include "inspect/protocol.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { START_MS = 10 * 1000, BACK_OFF_MS = 100, BACK_OFF_MOST_MS = 5000 };

struct keeper {
    struct keeper_settings settings;

    pthread_mutex_t lock; /* guards all below */
    struct helper_process template;
    unsigned
        generation;    /* of the template; tells whether the one that took a job is still the one that runs */
    unsigned failures; /* starts that failed in a row */
    int64_t not_before_ms;
};

/* A file of its own, so that a restarted template reads what this configuration read, whatever the admin's
 * files say by then. */
static enum result send_setup(struct keeper *keeper, struct wire_frame *frame, int64_t deadline_ms)
{
    int fd = -1;
    enum result result = RESULT_OK;
    wire_begin(frame, INSPECT_SETUP);
    if (keeper->settings.pack) {
        fd = memfd_create("markings", MFD_CLOEXEC);
        result =
            fd < 0 ? RESULT_TRY_LATER : fd_write_all(fd, keeper->settings.pack, keeper->settings.pack_size);
        wire_put_fd(frame, fd);
    }
    if (result == RESULT_OK)
        result = wire_send(keeper->template.control, frame, deadline_ms);
    fd_close(&fd);
    return result;
}

static enum result start_template(struct keeper *keeper, struct problem *problem)
{
    char workers[16];
    (void)snprintf(workers, sizeof workers, "%u", keeper->settings.children);
    const char *const argv[] = {keeper->settings.program, workers, keeper->settings.arguments[0],
                                keeper->settings.arguments[1], NULL};
    enum result result = helper_start(&keeper->template, argv, problem);
    if (result != RESULT_OK)
        return result;
    struct wire_frame *frame = malloc(sizeof *frame);
    int64_t deadline_ms = clock_monotonic_ms() + START_MS;
    result = frame ? send_setup(keeper, frame, deadline_ms) : RESULT_TRY_LATER;
    if (result == RESULT_OK)
        result = wire_receive(keeper->template.control, frame, deadline_ms);
    bool ready = result == RESULT_OK && wire_type(frame) == INSPECT_READY;
    if (result == RESULT_OK)
        wire_close_fds(frame);
    free(frame);
    if (!ready) {
        helper_kill(&keeper->template);
        return problem_set(problem, RESULT_TRY_LATER, "%s: did not start: its own lines in the log say why",
                           keeper->settings.program);
    }
    keeper->generation++;
    return RESULT_OK;
}

/* A process that is being killed closes its socket some time before it can be waited for. */
static bool template_alive(struct keeper *keeper)
{
    struct pollfd poller = {.fd = keeper->template.control};
    if (!helper_alive(&keeper->template))
        return false;
    return poll(&poller, 1, 0) == 0;
}

/* With the lock held. A program that cannot start is not started again for every message. */
static enum result ensure_template(struct keeper *keeper, struct problem *problem)
{
    if (template_alive(keeper))
        return RESULT_OK;
    helper_kill(&keeper->template);
    if (clock_monotonic_ms() < keeper->not_before_ms)
        return problem_set(problem, RESULT_TRY_LATER,
                           "%s: failed to start a moment ago, waiting before the next try",
                           keeper->settings.program);
    enum result result = start_template(keeper, problem);
    if (result == RESULT_OK) {
        keeper->failures = 0;
        return RESULT_OK;
    }
    if (keeper->failures < 16)
        keeper->failures++;
    int64_t wait_ms = (int64_t)BACK_OFF_MS << keeper->failures;
    keeper->not_before_ms = clock_monotonic_ms() + (wait_ms < BACK_OFF_MOST_MS ? wait_ms : BACK_OFF_MOST_MS);
    return result;
}

enum result keeper_new(const struct keeper_settings *settings, struct keeper **keeper_out,
                       struct problem *problem)
{
    struct keeper *keeper = calloc(1, sizeof *keeper);
    if (!keeper)
        return problem_set(problem, RESULT_TRY_LATER, "inspector: no memory");
    pthread_mutex_init(&keeper->lock, NULL);
    keeper->settings = *settings;
    keeper->template.control = -1;
    enum result result = ensure_template(keeper, problem);
    if (result != RESULT_OK) {
        keeper_free(keeper);
        return result;
    }
    *keeper_out = keeper;
    return RESULT_OK;
}

void keeper_free(struct keeper *keeper)
{
    if (!keeper)
        return;
    helper_kill(&keeper->template);
    pthread_mutex_destroy(&keeper->lock);
    free(keeper);
}

enum result keeper_send(struct keeper *keeper, const struct wire_frame *job, int64_t deadline_ms,
                        unsigned *generation_out, struct problem *problem)
{
    pthread_mutex_lock(&keeper->lock);
    enum result result = ensure_template(keeper, problem);
    if (result == RESULT_OK) {
        result = wire_send(keeper->template.control, job, deadline_ms);
        if (result != RESULT_OK)
            (void)problem_set(problem, result, "%s: takes no job", keeper->settings.program);
    }
    *generation_out = keeper->generation;
    pthread_mutex_unlock(&keeper->lock);
    return result;
}

bool keeper_lost(struct keeper *keeper, unsigned generation)
{
    pthread_mutex_lock(&keeper->lock);
    bool lost = generation != keeper->generation || !template_alive(keeper);
    pthread_mutex_unlock(&keeper->lock);
    return lost;
}

void keeper_retire(struct keeper *keeper, unsigned generation)
{
    pthread_mutex_lock(&keeper->lock);
    if (generation == keeper->generation)
        helper_kill(&keeper->template);
    pthread_mutex_unlock(&keeper->lock);
}
