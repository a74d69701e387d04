/* SPDX-License-Identifier: Apache-2.0 */
#include "seal/exchange.h"

#include "base/clock.h"
#include "base/fd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* The sealer's own timer comes after ours, which can say what happened; it is for a daemon that is gone. */
enum { TIMER_GRACE_MS = 1000 };

enum result exchange_nonsense(struct problem *problem)
{
    return problem_set(problem, RESULT_TRY_LATER, "khatm-sealer: answered nonsense");
}

enum result exchange_file(const void *bytes, size_t size, int *fd_out, struct problem *problem)
{
    int fd = memfd_create("khatm", MFD_CLOEXEC);
    if (fd >= 0 && fd_write_all(fd, bytes, size) == RESULT_OK) {
        *fd_out = fd;
        return RESULT_OK;
    }
    problem_set(problem, RESULT_TRY_LATER, "khatm-sealer: no memory file for its input: %s", strerror(errno));
    fd_close(&fd);
    return RESULT_TRY_LATER;
}

enum result exchange_names(const char (*names)[FINGERPRINT_HEX], size_t n, int *fd_out,
                           struct problem *problem)
{
    char *lines = malloc(n * FINGERPRINT_HEX + 1);
    if (!lines)
        return problem_set(problem, RESULT_TRY_LATER, "khatm-sealer: no memory");
    for (size_t i = 0; i < n; i++) {
        memcpy(lines + i * FINGERPRINT_HEX, names[i], FINGERPRINT_HEX - 1);
        lines[i * FINGERPRINT_HEX + FINGERPRINT_HEX - 1] = '\n';
    }
    enum result result = exchange_file(lines, n * FINGERPRINT_HEX, fd_out, problem);
    free(lines);
    return result;
}

void exchange_begin(struct wire_frame *frame, enum seal_frame type, int64_t deadline_ms)
{
    wire_begin(frame, (uint8_t)type);
    wire_put_number(frame, SEAL_TAG_BUDGET, (uint64_t)clock_left_ms(deadline_ms) + TIMER_GRACE_MS);
}

enum result exchange_send(struct helper_process *process, const struct wire_frame *frame, int64_t deadline_ms,
                          struct problem *problem)
{
    if (wire_send(process->control, frame, deadline_ms) == RESULT_OK)
        return RESULT_OK;
    return problem_set(problem, RESULT_TRY_LATER, "khatm-sealer: %s",
                       frame->overflow ? "the request does not fit a frame" : "does not take requests");
}

enum result exchange_receive(struct helper_process *process, struct wire_frame *frame, int64_t deadline_ms,
                             struct problem *problem)
{
    enum result result = wire_receive(process->control, frame, deadline_ms);
    if (result == RESULT_OK && frame->n_fds) {
        wire_close_fds(frame);
        return exchange_nonsense(problem);
    }
    if (result == RESULT_OK)
        return RESULT_OK;
    if (result == RESULT_BAD_INPUT)
        return exchange_nonsense(problem);
    if (result == RESULT_NOT_FOUND || clock_left_ms(deadline_ms))
        return problem_set(problem, RESULT_TRY_LATER, "khatm-sealer: died at work");
    return problem_set(problem, RESULT_TRY_LATER, "khatm-sealer: gpg did not answer in time and was killed");
}
