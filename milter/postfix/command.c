/* SPDX-License-Identifier: Apache-2.0 */
#include "postfix/command.h"

#include "base/clock.h"
#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { DEADLINE_MS = 60000, COMPLAINT_MAX = 400 };

static void become(const char *const argv[], const int files[3])
{
    static const char *const environment[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", NULL};
    for (int i = 0; i < 3; i++)
        if (dup2(files[i], i) < 0)
            _exit(127);
    (void)execvpe(argv[0], (char *const *)(uintptr_t)argv, (char *const *)(uintptr_t)environment);
    _exit(127);
}

/* False: it did not end in time. */
static bool await(pid_t child, int *status)
{
    int64_t until_ms = clock_monotonic_ms() + DEADLINE_MS;
    int watch = pidfd_open(child, 0);
    struct pollfd poller = {.fd = watch, .events = POLLIN};
    int ready = 0;
    while (watch >= 0 && (ready = poll(&poller, 1, clock_left_ms(until_ms))) < 0 && errno == EINTR)
        ;
    fd_close(&watch);
    if (ready <= 0)
        (void)kill(child, SIGKILL);
    while (waitpid(child, status, 0) < 0 && errno == EINTR)
        ;
    return ready > 0 && WIFEXITED(*status);
}

static bool take(int file, struct buffer *out)
{
    char block[8192];
    ssize_t got = 0;
    for (off_t at = 0; (got = pread(file, block, sizeof block, at)) > 0; at += got)
        buffer_append(out, block, (size_t)got);
    return got == 0 && !out->failed;
}

static void first_line(int file, struct problem *complaint)
{
    char text[COMPLAINT_MAX + 1];
    ssize_t got = pread(file, text, COMPLAINT_MAX, 0);
    text[got > 0 ? got : 0] = '\0';
    text[strcspn(text, "\n")] = '\0';
    (void)problem_set(complaint, RESULT_OK, "%s", text);
}

static enum result run(const char *const argv[], int files[3], struct buffer *out, int *status_out,
                       struct problem *complaint)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0)
        become(argv, files);
    if (child < 0)
        return problem_set(complaint, RESULT_TRY_LATER, "%s cannot be started: %s", argv[0], strerror(errno));
    if (!await(child, &status))
        return problem_set(complaint, RESULT_TRY_LATER, "%s did not end by itself", argv[0]);
    if (WEXITSTATUS(status) == 127)
        return problem_set(complaint, RESULT_TRY_LATER, "%s cannot be run: is it installed?", argv[0]);
    if (!take(files[1], out))
        return problem_set(complaint, RESULT_TRY_LATER, "%s: its answer is too long", argv[0]);
    first_line(files[2], complaint);
    *status_out = WEXITSTATUS(status);
    return RESULT_OK;
}

enum result command_output(const char *const argv[], const char *input, struct buffer *out, int *status_out,
                           struct problem *complaint)
{
    int files[3] = {-1, -1, -1};
    bool ready = true;
    *status_out = -1;
    for (int i = 0; i < 3; i++)
        ready = (files[i] = memfd_create("khatm", MFD_CLOEXEC)) >= 0 && ready;
    if (ready && input)
        ready =
            fd_write_all(files[0], input, strlen(input)) == RESULT_OK && lseek(files[0], 0, SEEK_SET) == 0;
    enum result result = ready ? run(argv, files, out, status_out, complaint)
                               : problem_set(complaint, RESULT_TRY_LATER, "no memory to run %s", argv[0]);
    for (int i = 0; i < 3; i++)
        fd_close(&files[i]);
    return result;
}
