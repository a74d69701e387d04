/* SPDX-License-Identifier: Apache-2.0 */

/* Whole messages through everything that the inspector's child does, without the sandbox and in one process:
 * structure, raw scan, GMime, addresses, decoding, kinds. What it says must be what the daemon's side
 * accepts, and for every input that is shorter than its limits it must reach the end. */

#include "base/clock.h"
#include "base/fd.h"
#include "inspect/collect.h"
#include "inspector/charset.h"
#include "inspector/examine.h"
#include "inspector/mime.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { DEPTH = 16, PARTS = 100, MOST_MS = 10 * 1000 };

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static struct examiner *examiner;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    mime_prepare();
    if (charset_load(NULL) != RESULT_OK || examiner_new(&examiner, NULL) != RESULT_OK)
        abort();
    return 0;
}

/* The socket holds what a small message says; a large one blocks the sender, so both ends are read in turn
 * here only after the fact. */
static void check_answer(int socket, int64_t deadline_ms)
{
    struct arena *arena = arena_new(0);
    struct wire_frame *frame = malloc(sizeof *frame);
    struct collect *collect = arena ? collect_new(arena, PARTS) : NULL;
    if (!frame || !collect)
        abort();
    bool ended = false;
    while (!ended && wire_receive(socket, frame, deadline_ms) == RESULT_OK) {
        if (collect_frame(collect, frame) != RESULT_OK)
            abort();
        ended = wire_type(frame) == INSPECT_END;
    }
    if (!ended)
        abort();
    free(frame);
    arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const struct examine_limits limits = {.size = size, .depth = DEPTH, .parts = PARTS};
    int pair[2], fd = memfd_create("message", MFD_CLOEXEC);
    if (fd < 0 || fd_write_all(fd, bytes, size) != RESULT_OK || wire_pair(pair) != RESULT_OK)
        abort();
    int64_t deadline_ms = clock_monotonic_ms() + MOST_MS;
    examine(examiner, fd, pair[0], &limits, deadline_ms);
    fd_close(&pair[0]);
    check_answer(pair[1], deadline_ms);
    fd_close(&pair[1]);
    fd_close(&fd);
    return 0;
}
