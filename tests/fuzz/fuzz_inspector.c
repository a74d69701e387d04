/* SPDX-License-Identifier: Apache-2.0 */

/* Whole messages through everything that the children of khatm-inspector and khatm-reader do, without the
 * sandbox and in one process: structure, raw scan, GMime, addresses, decoding, kinds, readers. What they say
 * must be what the daemon's side accepts, and for every input that is shorter than its limits they must reach
 * the end. */

#include "base/clock.h"
#include "base/fd.h"
#include "inspect/collect.h"
#include "inspector/card_reader.h"
#include "inspector/charset.h"
#include "inspector/examine.h"
#include "inspector/mime.h"
#include "inspector/plain.h"
#include "readers/readers.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { DEPTH = 16, PARTS = 100, MOST_MS = 10 * 1000 };

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static struct examiner *first, *reader;

static const struct reader *const first_readers[] = {&card_reader, &plain_reader, NULL};
static const struct skills first_skills = {.readers = first_readers};
static const struct skills reader_skills = {
    .readers = readers_all, .last = true, .kind_new = kind_new, .kind_of = kind_of};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    mime_prepare();
    if (charset_load(NULL) != RESULT_OK || examiner_new(&first_skills, &first, NULL) != RESULT_OK ||
        examiner_new(&reader_skills, &reader, NULL) != RESULT_OK)
        abort();
    for (size_t i = 0; readers_all[i]; i++)
        if (readers_all[i]->prepare && readers_all[i]->prepare(NULL) != RESULT_OK)
            abort();
    return 0;
}

/* The socket holds what a small message says; a large one blocks the sender, so both ends are read in turn
 * here only after the fact. */
static void take_answer(struct collect *collect, int socket, int64_t deadline_ms)
{
    struct wire_frame *frame = malloc(sizeof *frame);
    if (!frame)
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
}

static void run(struct examiner *examiner, int message, size_t size, struct collect *collect)
{
    const struct examine_limits limits = {.size = size, .depth = DEPTH, .parts = PARTS};
    int64_t deadline_ms = clock_monotonic_ms() + MOST_MS;
    int pair[2];
    if (wire_pair(pair) != RESULT_OK)
        abort();
    examine(examiner, message, pair[0], &limits, deadline_ms);
    fd_close(&pair[0]);
    take_answer(collect, pair[1], deadline_ms);
    fd_close(&pair[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct arena *arena = arena_new(0);
    struct collect *collect = arena ? collect_new(arena, PARTS) : NULL;
    int fd = memfd_create("message", MFD_CLOEXEC);
    if (!collect || fd < 0 || fd_write_all(fd, bytes, size) != RESULT_OK)
        abort();
    run(first, fd, size, collect);
    if (collect_wants_reader(collect)) {
        collect_begin(collect, COLLECT_DOCUMENTS);
        run(reader, fd, size, collect);
    }
    const struct findings *findings = collect_findings(collect);
    for (size_t i = 0; i < findings->n_parts; i++)
        if (findings->parts[i].flags & (PART_WANTED | PART_READ))
            abort();
    arena_free(arena);
    fd_close(&fd);
    return 0;
}
