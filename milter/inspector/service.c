/* SPDX-License-Identifier: Apache-2.0 */

#include "inspector/service.h"

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "helper/pages.h"
#include "helper/process.h"
#include "helper/sandbox.h"
#include "helper/template.h"
#include "inspect/protocol.h"
#include "inspector/charset.h"
#include "inspector/examine.h"
#include "inspector/mime.h"
#include "inspector/text_sink.h"
#include "policy/marking_pack.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { GRACE_MS = 500, CPU_SPARE_S = 1, SETUP_MS = 10 * 1000, MEMORY_LEAST = 64 * 1024 * 1024 };

struct workshop {
    const struct skills *skills;
    void *pack; /* what to look for, as the daemon sent it; NULL: nothing */
    struct marking_tables *tables;
    struct text_data data;
    struct sandbox *sandbox;
    struct examiner *examiner;
    uint64_t own_bytes; /* address space of the template: libraries and their data, which children share */
};

struct job {
    struct examine_limits limits;
    uint64_t memory_bytes;
};

static unsigned as_unsigned(uint64_t number)
{
    return number > 1000000 ? 1000000 : (unsigned)number;
}

static void read_job(const struct wire_frame *frame, struct job *job)
{
    struct wire_field field;
    size_t cursor = 0;
    uint64_t number;
    *job = (struct job){0};
    while (wire_next(frame, &cursor, &field) == RESULT_OK) {
        if (wire_number(&field, &number) != RESULT_OK)
            continue;
        if (field.tag == JOB_SIZE)
            job->limits.size = number;
        else if (field.tag == JOB_DEPTH)
            job->limits.depth = as_unsigned(number);
        else if (field.tag == JOB_PARTS)
            job->limits.parts = as_unsigned(number);
        else if (field.tag == JOB_MEMORY)
            job->memory_bytes = number;
        else if (field.tag == JOB_BOTH)
            job->limits.both = number != 0;
    }
    if (job->memory_bytes < MEMORY_LEAST)
        job->memory_bytes = MEMORY_LEAST;
}

/* Where strangers choose what a library does, it is their processor time that has to end. */
static unsigned cpu_limit(const struct workshop *workshop, const struct examine_limits *limits)
{
    if (!workshop->skills->last || workshop->skills->patient)
        return 0;
    return (unsigned)((budget_cpu_ms(limits->size) + (limits->both ? EXAMINE_FIRST_CPU_MS : 0)) / 1000) +
           CPU_SPARE_S;
}

/* In the child. */
static void work(void *context, const struct wire_frame *frame, int64_t deadline_ms)
{
    const struct workshop *workshop = context;
    struct job job;
    read_job(frame, &job);
    job.limits.final = true;
    const struct sandbox_limits limits = {.memory_bytes = workshop->own_bytes + job.memory_bytes,
                                          .wall_ms = clock_left_ms(deadline_ms),
                                          .cpu_s = cpu_limit(workshop, &job.limits)};
    if (sandbox_enter(workshop->sandbox, &limits) != RESULT_OK)
        _exit(126);
    examine(workshop->examiner, TEMPLATE_INPUT_FD, TEMPLATE_OUTPUT_FD, &job.limits, deadline_ms);
    _exit(0);
}

static enum result measure(uint64_t *bytes_out, struct problem *problem)
{
    char text[64] = "";
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    bool good = fd >= 0 && read(fd, text, sizeof text - 1) > 0;
    fd_close(&fd);
    *bytes_out = strtoull(text, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
    return good && *bytes_out ? RESULT_OK
                              : problem_set(problem, RESULT_TRY_LATER, "/proc/self/statm: cannot be read");
}

/* The pack, read to its end; the caller frees it. */
static enum result read_pack(int fd, void **bytes_out, size_t *size_out)
{
    struct stat about;
    if (fstat(fd, &about) != 0 || about.st_size <= 0 || about.st_size > MARKING_PACK_MAX)
        return RESULT_BAD_INPUT;
    void *bytes = malloc((size_t)about.st_size);
    enum result result = bytes ? fd_read_at(fd, bytes, (size_t)about.st_size, 0) : RESULT_TRY_LATER;
    if (result != RESULT_OK) {
        free(bytes);
        return result;
    }
    *bytes_out = bytes;
    *size_out = (size_t)about.st_size;
    return RESULT_OK;
}

/* The daemon's first frame. */
static enum result take_setup(struct workshop *workshop, struct problem *problem)
{
    struct wire_frame *frame = malloc(sizeof *frame);
    size_t size = 0;
    enum result result =
        frame ? wire_receive(HELPER_CONTROL_FD, frame, clock_monotonic_ms() + SETUP_MS) : RESULT_TRY_LATER;
    if (result == RESULT_OK) {
        if (wire_type(frame) != INSPECT_SETUP)
            result = RESULT_BAD_INPUT;
        else if (frame->n_fds)
            result = read_pack(frame->fds[0], &workshop->pack, &size);
        wire_close_fds(frame);
    }
    free(frame);
    if (result == RESULT_OK && workshop->pack &&
        !marking_unpack(workshop->pack, size, &workshop->data.fold, &workshop->tables))
        result = RESULT_BAD_INPUT;
    workshop->data.tables = workshop->tables;
    return result == RESULT_OK ? RESULT_OK
                               : problem_set(problem, result, "khatmd does not say what to look for");
}

static int compare_bytes(const void *a, const void *b)
{
    return *(const char *)a - *(const char *)b;
}

/* The C library asks the kernel how much memory there is when it first sorts more than a kilobyte, and keeps
 * the answer; a child must not ask. */
static void sort_once(void)
{
    char bytes[4096];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i * 7 % 127);
    qsort(bytes, sizeof bytes, 1, compare_bytes);
}

static enum result warm_up(struct workshop *workshop, struct problem *problem)
{
    const struct reader *const *readers = workshop->skills->readers;
    /* What a character is; other categories are files to map that nobody asks. */
    (void)setlocale(LC_CTYPE, "C.UTF-8");
    sort_once();
    enum result result = helper_harden(problem);
    if (result == RESULT_OK)
        result = charset_load(problem);
    if (result != RESULT_OK)
        return result;
    mime_prepare();
    for (size_t i = 0; readers[i] && result == RESULT_OK; i++)
        if (readers[i]->prepare)
            result = readers[i]->prepare(problem);
    if (result == RESULT_OK)
        result = text_sink_prepare(workshop->data.fold ? &workshop->data : NULL, problem);
    if (result != RESULT_OK)
        return result;
    result = examiner_new(workshop->skills, &workshop->examiner, problem);
    if (result == RESULT_OK)
        result = examiner_warm_up(workshop->examiner, problem);
    if (result == RESULT_OK)
        result = sandbox_new(&workshop->sandbox, problem);
    if (result == RESULT_OK)
        result = measure(&workshop->own_bytes, problem);
    pages_hand_back();
    if (result == RESULT_OK)
        result = sandbox_fence(workshop->sandbox, problem);
    return result;
}

int service_main(int argc, char **argv, const struct skills *skills)
{
    struct workshop workshop = {.skills = skills};
    struct problem problem = {{0}};
    log_open(program_invocation_short_name, 0, LOG_LEVEL_INFO);
    unsigned long children = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
    if (children < 1 || children > TEMPLATE_CHILDREN_MAX) {
        log_error("is started by khatmd, with 1 to %d children", TEMPLATE_CHILDREN_MAX);
        return 64;
    }
    enum result result = take_setup(&workshop, &problem);
    if (result == RESULT_OK)
        result = warm_up(&workshop, &problem);
    const struct template_service service = {.ready_frame = INSPECT_READY,
                                             .job_frame = INSPECT_JOB,
                                             .deadline_tag = JOB_DEADLINE,
                                             .children = (unsigned)children,
                                             .grace_ms = GRACE_MS,
                                             .work = work,
                                             .context = &workshop};
    if (result == RESULT_OK)
        result = template_serve(HELPER_CONTROL_FD, &service, &problem);
    if (result != RESULT_OK)
        log_error("%s", problem.text);
    examiner_free(workshop.examiner);
    sandbox_free(workshop.sandbox);
    charset_unload();
    marking_tables_free(workshop.tables);
    free(workshop.pack);
    return result == RESULT_OK ? 0 : 1;
}
