/* SPDX-License-Identifier: Apache-2.0 */
#include "helper/template.h"

#include "base/clock.h"
#include "base/fd.h"
#include "helper/heap.h"
#include "helper/pages.h"
#include "helper/sandbox.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SEND_MS = 1000, DEADLINE_MOST_MS = 3600 * 1000 };

struct child {
    pid_t pid;
    int64_t kill_at;
};

struct server {
    const struct template_service *service;
    int control, signals;
    unsigned n_children;
    struct child children[TEMPLATE_CHILDREN_MAX];
    struct wire_frame frame;
};

static void reap(struct server *server)
{
    struct signalfd_siginfo drained;
    pid_t pid;
    /* Of one signal no more than one waits; poll tells of the next. */
    if (read(server->signals, &drained, sizeof drained) != (ssize_t)sizeof drained)
        return;
    while (server->n_children && (pid = waitpid(-1, NULL, WNOHANG)) > 0)
        for (unsigned i = 0; i < server->n_children; i++)
            if (server->children[i].pid == pid) {
                server->children[i] = server->children[--server->n_children];
                break;
            }
}

/* Only unreaped children are in the table, so no other process can have got the number. */
static int kill_late(const struct server *server)
{
    int64_t now = clock_monotonic_ms(), next = INT64_MAX;
    for (unsigned i = 0; i < server->n_children; i++) {
        if (server->children[i].kill_at <= now)
            (void)kill(server->children[i].pid, SIGKILL);
        else if (server->children[i].kill_at < next)
            next = server->children[i].kill_at;
    }
    return next == INT64_MAX ? -1 : clock_left_ms(next) + 1;
}

static int64_t job_deadline(const struct server *server)
{
    struct wire_field field;
    size_t cursor = 0;
    uint64_t span_ms = 0;
    while (wire_next(&server->frame, &cursor, &field) == RESULT_OK)
        if (field.tag == server->service->deadline_tag && wire_number(&field, &span_ms) != RESULT_OK)
            span_ms = 0;
    if (span_ms > DEADLINE_MOST_MS)
        span_ms = DEADLINE_MOST_MS;
    return clock_monotonic_ms() + (int64_t)span_ms;
}

/* Standard error may be a socket, the service manager's, to which a child may send: lines in our name. */
static void become_child(struct server *server, int64_t deadline_ms)
{
    int input = server->frame.fds[0], output = server->frame.fds[1];
    /* The two may sit where the other has to go: lift both out of the way first. */
    input = dup(input);
    output = dup(output);
    if (input < 0 || output < 0 || dup2(input, TEMPLATE_INPUT_FD) < 0 ||
        dup2(output, TEMPLATE_OUTPUT_FD) < 0 || close_range(TEMPLATE_OUTPUT_FD + 1, ~0U, 0) != 0 ||
        (!sandbox_keeps_stderr() && dup2(STDIN_FILENO, STDERR_FILENO) < 0))
        _exit(126);
    server->service->work(server->service->context, &server->frame, deadline_ms);
    _exit(125);
}

static void start_job(struct server *server)
{
    if (wire_type(&server->frame) != server->service->job_frame || server->frame.n_fds != 2)
        return;
    int64_t deadline_ms = job_deadline(server);
    pid_t pid = fork();
    if (pid == 0)
        become_child(server, deadline_ms);
    /* Without a process the output socket simply closes: the daemon sees an answer that never came. */
    if (pid > 0)
        server->children[server->n_children++] =
            (struct child){.pid = pid, .kill_at = deadline_ms + server->service->grace_ms};
}

static enum result serve(struct server *server)
{
    for (;;) {
        bool room = server->n_children < server->service->children;
        struct pollfd pollers[2] = {{.fd = server->signals, .events = POLLIN},
                                    {.fd = room ? server->control : -1, .events = POLLIN}};
        if (poll(pollers, 2, kill_late(server)) < 0 && errno != EINTR)
            return RESULT_BUG;
        if (pollers[0].revents)
            reap(server);
        if (!pollers[1].revents)
            continue;
        enum result result = wire_receive(server->control, &server->frame, clock_monotonic_ms());
        if (result == RESULT_NOT_FOUND)
            return RESULT_OK;
        if (result != RESULT_OK)
            continue;
        start_job(server);
        wire_close_fds(&server->frame);
    }
}

enum result template_serve(int control, const struct template_service *service, struct problem *problem)
{
    struct server *server = calloc(1, sizeof *server);
    if (!server)
        return problem_set(problem, RESULT_TRY_LATER, "template: no memory");
    sigset_t watched;
    sigemptyset(&watched);
    sigaddset(&watched, SIGCHLD);
    server->service = service;
    server->control = control;
    server->signals = -1;
    enum result result = RESULT_BUG;
    if (sigprocmask(SIG_BLOCK, &watched, NULL) != 0)
        goto out;
    server->signals = signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK);
    if (server->signals < 0)
        goto out;
    pages_rest(); /* of what warmed it up */
    heap_settle();
    wire_begin(&server->frame, service->ready_frame);
    result = wire_send(control, &server->frame, clock_monotonic_ms() + SEND_MS);
    if (result == RESULT_OK)
        result = serve(server);
out:
    for (unsigned i = 0; i < server->n_children; i++)
        (void)kill(server->children[i].pid, SIGKILL);
    fd_close(&server->signals);
    free(server);
    if (result != RESULT_OK)
        return problem_set(problem, result, "template: cannot serve: %s", strerror(errno));
    return result;
}
