/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/cage.h"

#include "base/clock.h"
#include "base/fd.h"
#include "helper/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    MEMORY_MAX = 512 * 1024 * 1024,
    DESCRIPTORS_MAX = 160,
    GRACE_MS = 2000,
    FAILED = 126,
    COLOUR_MAX = 5, /* "1;31m" */
};

/* A file of the C library would ask the kernel what it is, which the sandbox forbids: text is gathered in
 * memory. */
static int work_and_tell(const struct cage_work *work, const struct sandbox *sandbox, int output)
{
    const struct sandbox_limits limits = {
        .memory_bytes = MEMORY_MAX, .wall_ms = work->wall_ms, .descriptors = DESCRIPTORS_MAX};
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out || sandbox_enter(sandbox, &limits) != RESULT_OK)
        return FAILED;
    int code = work->run(work->context, out);
    if (fclose(out) != 0 || fd_write_all(output, text, size) != RESULT_OK)
        return FAILED;
    return code;
}

static void become_child(const struct cage_work *work, const struct sandbox *sandbox, int output)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 ||
        dup2(output, STDERR_FILENO) < 0)
        _exit(FAILED);
    _exit(work_and_tell(work, sandbox, output));
}

/* False: too late, or it said too much. */
static bool listen_to(int input, int64_t until_ms, struct buffer *heard)
{
    char block[4096];
    for (;;) {
        struct pollfd poller = {.fd = input, .events = POLLIN};
        int ready = poll(&poller, 1, clock_left_ms(until_ms));
        if (ready < 0 && errno == EINTR)
            continue;
        ssize_t got = ready > 0 ? read(input, block, sizeof block) : -1;
        if (got <= 0)
            return got == 0 && !heard->failed;
        buffer_append(heard, block, (size_t)got);
    }
}

/* Bytes of a colour's escape sequence after "\033["; 0: it is none. */
static size_t colour_at(const char *text)
{
    size_t digits = strspn(text, "0123456789;");
    return digits < COLOUR_MAX && text[digits] == 'm' ? digits + 1 : 0;
}

static void take_harmless(const char *text, size_t size, bool colours, struct buffer *said)
{
    for (size_t i = 0; i < size; i++) {
        size_t colour = colours && text[i] == '\033' && text[i + 1] == '[' ? colour_at(text + i + 2) : 0;
        if (colour) {
            buffer_append(said, text + i, colour + 2);
            i += colour + 1;
        } else {
            buffer_append(said, text[i] == '\n' || (text[i] >= ' ' && text[i] <= '~') ? text + i : "?", 1);
        }
    }
}

static enum result attend(pid_t child, int input, const struct cage_work *work, struct buffer *said,
                          int *code_out)
{
    struct buffer heard;
    int status = 0;
    buffer_init(&heard, CAGE_SAYS_MAX);
    bool whole = listen_to(input, clock_monotonic_ms() + work->wall_ms + GRACE_MS, &heard);
    if (!whole)
        (void)kill(child, SIGKILL);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    whole = whole && WIFEXITED(status) && WEXITSTATUS(status) != FAILED;
    if (whole) {
        *code_out = WEXITSTATUS(status);
        take_harmless(buffer_text(&heard), heard.size, work->colours, said);
    }
    buffer_free(&heard);
    return whole && !said->failed ? RESULT_OK : RESULT_TRY_LATER;
}

enum result cage_run(const struct cage_work *work, struct buffer *said, int *code_out,
                     struct problem *problem)
{
    struct sandbox *sandbox = NULL;
    int ends[2] = {-1, -1};
    *code_out = FAILED;
    enum result result = sandbox_new_with_network(&sandbox, problem);
    if (result != RESULT_OK)
        return result;
    pid_t child = pipe2(ends, O_CLOEXEC) == 0 ? fork() : -1;
    if (child == 0)
        become_child(work, sandbox, ends[1]);
    int why = errno;
    fd_close(&ends[1]);
    result = child > 0 ? attend(child, ends[0], work, said, code_out) : RESULT_TRY_LATER;
    fd_close(&ends[0]);
    sandbox_free(sandbox);
    if (child < 0)
        return problem_set(problem, result, "no process can be started: %s", strerror(why));
    return result == RESULT_OK
               ? RESULT_OK
               : problem_set(problem, result, "the process that asked DNS died or was too late");
}
