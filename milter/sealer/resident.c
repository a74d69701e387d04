/* SPDX-License-Identifier: Apache-2.0 */
#include "sealer/resident.h"

#include "base/fd.h"
#include "sealer/assuan.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    BLOCK = 64 * 1024,
    AT_ONCE = 64,        /* commands before their answers are read; those must fit a socket */
    MESSAGES_MAX = 1000, /* then a fresh one: what it may leak stays small */
    THEIR_SOCKET = 3,    /* descriptors of gpg */
    THEIR_STATUS = 4,
};

struct resident {
    const char *program, *homedir;
    pid_t pid; /* 0: none */
    struct assuan talk;
    struct stat met; /* the program's file when it was started last */
    bool useless;    /* that one knows no such mode */
    unsigned served;
    size_t in_at, in_size; /* of what is still to be written to gpg */
    char in[BLOCK], out[BLOCK];
};

/* One message on its way through gpg; -1: closed. */
struct flow {
    const struct gpg_encryption *encryption;
    int in, out;
    bool fed; /* all of it */
};

struct resident *resident_new(const char *program, const char *homedir)
{
    struct resident *resident = calloc(1, sizeof *resident);
    if (!resident)
        return NULL;
    resident->program = program;
    resident->homedir = homedir;
    resident->talk.socket = resident->talk.status = -1;
    return resident;
}

void resident_free(struct resident *resident)
{
    if (!resident)
        return;
    resident_end(resident);
    free(resident);
}

bool resident_runs(const struct resident *resident)
{
    return resident->pid > 0;
}

void resident_end(struct resident *resident)
{
    /* Before its pipes are closed: the end of its input must not look like the end of a message. One that was
     * reaped already is no child any more, and its number may be another's. */
    if (resident->pid > 0 && waitpid(resident->pid, NULL, WNOHANG) == 0) {
        (void)kill(resident->pid, SIGKILL);
        while (waitpid(resident->pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    resident->pid = 0;
    fd_close(&resident->talk.socket);
    fd_close(&resident->talk.status);
}

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* The process, with nothing open but /dev/null and its ends of socket and status pipe. 0: none. */
static pid_t spawn(const struct resident *resident, int socket, int status)
{
    const char *const argv[] = {"gpg",
                                "--homedir",
                                resident->homedir,
                                "--batch",
                                "--no-tty",
                                "--status-fd",
                                "4",
                                "--exit-on-status-write-error",
                                "--charset",
                                "utf8",
                                "--disable-dirmngr",
                                "--always-trust",
                                "--compress-algo=none",
                                "--no-encrypt-to",
                                "--server",
                                NULL};
    posix_spawn_file_actions_t actions;
    pid_t pid = 0;
    if (posix_spawn_file_actions_init(&actions) != 0)
        return 0;
    int error = 0;
    for (int fd = 0; fd <= 2 && !error; fd++)
        error = posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
    if (!error)
        error = posix_spawn_file_actions_adddup2(&actions, socket, THEIR_SOCKET);
    if (!error)
        error = posix_spawn_file_actions_adddup2(&actions, status, THEIR_STATUS);
    /* By this libassuan knows that its socket carries descriptors. Of no other child's concern. */
    if (!error && setenv("_assuan_connection_fd", "3", 1) == 0) {
        error = posix_spawn(&pid, resident->program, &actions, NULL, (char *const *)(uintptr_t)argv, environ);
        (void)unsetenv("_assuan_connection_fd");
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    return error ? 0 : pid;
}

static bool start(struct resident *resident)
{
    int pair[2] = {-1, -1}, status[2] = {-1, -1};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0 && pipe2(status, O_CLOEXEC) == 0 &&
        pair[1] > THEIR_STATUS && status[1] > THEIR_STATUS && fcntl(status[0], F_SETFL, O_NONBLOCK) == 0)
        resident->pid = spawn(resident, pair[1], status[1]);
    fd_close(&pair[1]);
    fd_close(&status[1]);
    resident->talk = (struct assuan){.socket = pair[0], .status = status[0]};
    resident->served = 0;
    /* Its greeting. */
    return resident->pid > 0 && assuan_answers(&resident->talk, 1);
}

/* One that runs the program that is there now. */
static bool ready(struct resident *resident)
{
    struct stat now;
    if (stat(resident->program, &now) != 0)
        return false;
    bool same = same_file(&now, &resident->met);
    if (same && (resident_runs(resident) || resident->useless))
        return resident_runs(resident);
    resident_end(resident);
    resident->met = now;
    resident->useless = !start(resident);
    return !resident->useless;
}

static bool name_recipients(struct resident *resident, const struct gpg_encryption *encryption)
{
    enum { LINE = sizeof "RECIPIENT " + SEAL_FINGERPRINT_SIZE };
    char lines[sizeof "RESET\n" + AT_ONCE * LINE + 1] = "RESET\n";
    size_t size = strlen(lines), n = 1;
    for (size_t i = 0; i < encryption->n_fingerprints; i++) {
        size += (size_t)snprintf(lines + size, sizeof lines - size, "RECIPIENT %s\n",
                                 encryption->fingerprints[i]);
        n++;
        if (n < AT_ONCE && i + 1 < encryption->n_fingerprints)
            continue;
        if (!assuan_send(&resident->talk, lines, size, -1) || !assuan_answers(&resident->talk, n))
            return false;
        size = n = 0;
    }
    return encryption->n_fingerprints > 0;
}

static bool begin(struct resident *resident, struct flow *flow)
{
    static const char input[] = "INPUT FD\n", output[] = "OUTPUT FD\nENCRYPT\n";
    int in[2] = {-1, -1}, out[2] = {-1, -1};
    bool good = pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0 &&
                fcntl(in[1], F_SETFL, O_NONBLOCK) == 0 && fcntl(out[0], F_SETFL, O_NONBLOCK) == 0 &&
                assuan_send(&resident->talk, input, sizeof input - 1, in[0]) &&
                assuan_send(&resident->talk, output, sizeof output - 1, out[1]);
    fd_close(&in[0]);
    fd_close(&out[1]);
    flow->in = in[1];
    flow->out = out[0];
    return good && assuan_answers(&resident->talk, 2);
}

/* False: the message cannot be read, or gpg does not take it. At its end flow->in is closed. */
static bool feed(struct resident *resident, struct flow *flow)
{
    const struct gpg_encryption *encryption = flow->encryption;
    if (resident->in_at == resident->in_size) {
        ssize_t got = encryption->read(encryption->context, resident->in, sizeof resident->in);
        if (got < 0)
            return false;
        flow->fed = got == 0;
        if (flow->fed)
            fd_close(&flow->in);
        resident->in_at = 0;
        resident->in_size = (size_t)got;
    }
    if (flow->fed)
        return true;
    ssize_t sent = write(flow->in, resident->in + resident->in_at, resident->in_size - resident->in_at);
    if (sent > 0)
        resident->in_at += (size_t)sent;
    return sent > 0 || errno == EAGAIN || errno == EINTR;
}

/* False: nobody wants more of it. At its end flow->out is closed. */
static bool drain(struct resident *resident, struct flow *flow)
{
    const struct gpg_encryption *encryption = flow->encryption;
    ssize_t got = read(flow->out, resident->out, sizeof resident->out);
    if (got > 0)
        return encryption->write(encryption->context, resident->out, (size_t)got) == got;
    if (got == 0)
        fd_close(&flow->out);
    return got == 0 || errno == EAGAIN || errno == EINTR;
}

/* Until gpg closes its output, which one that dies does, too. */
static bool pump(struct resident *resident, struct flow *flow)
{
    resident->in_at = resident->in_size = 0;
    while (flow->out >= 0) {
        struct pollfd polls[] = {{flow->in, POLLOUT, 0}, {flow->out, POLLIN, 0}};
        if (poll(polls, 2, -1) < 0 && errno != EINTR)
            return false;
        if (flow->in >= 0 && polls[0].revents && !feed(resident, flow))
            return false;
        if (polls[1].revents && !drain(resident, flow))
            return false;
    }
    return flow->fed;
}

enum result resident_encrypt(struct resident *resident, const struct gpg_encryption *encryption)
{
    struct flow flow = {.encryption = encryption, .in = -1, .out = -1};
    resident->talk.end_encryption = false;
    bool good = ready(resident) && name_recipients(resident, encryption) && begin(resident, &flow) &&
                pump(resident, &flow) && assuan_answers(&resident->talk, 1) && resident->talk.end_encryption;
    if (!good || ++resident->served == MESSAGES_MAX)
        resident_end(resident);
    fd_close(&flow.in);
    fd_close(&flow.out);
    return good ? RESULT_OK : RESULT_TRY_LATER;
}
