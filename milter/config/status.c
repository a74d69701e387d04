/* SPDX-License-Identifier: Apache-2.0 */
#include "config/status.h"

#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

static const char NAME[] = "khatmd.status", DRAFT[] = "khatmd.status.new", FIRST[] = "khatm-status 1\n";
static const char *const outcomes[] = {
    [STATUS_IN_FORCE] = "in-force", [STATUS_REFUSED] = "refused", [STATUS_LATER] = "try-later"};

enum { TEXT_MAX = 2048, START_FIELD = 22, OUTCOMES = sizeof outcomes / sizeof *outcomes };

/* Field 22 of /proc/PID/stat, proc(5); what stands before the last parenthesis may hold anything. */
static bool read_start(pid_t pid, uint64_t *started_out)
{
    char path[64], text[1024];
    (void)snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    fd_close(&fd);
    if (size <= 0)
        return false;
    text[size] = '\0';
    const char *at = strrchr(text, ')');
    for (int field = 2; at && field < START_FIELD; field++)
        at = strchr(at + 1, ' ');
    *started_out = at ? strtoull(at, NULL, 10) : 0;
    return *started_out > 0;
}

enum result status_self(struct status *status)
{
    status->pid = getpid();
    return read_start(status->pid, &status->started) ? RESULT_OK : RESULT_TRY_LATER;
}

static enum result write_draft(int directory, const struct status *status)
{
    char text[TEXT_MAX];
    int size = snprintf(text, sizeof text,
                        "%spid %ld\nstarted %" PRIu64 "\nattempts %" PRIu64
                        "\noutcome %s\ndigest %s\ntime %" PRId64 "\nwhy %s\n",
                        FIRST, (long)status->pid, status->started, status->attempts,
                        outcomes[status->outcome], status->digest, status->time, status->why);
    int fd = openat(directory, DRAFT, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return RESULT_TRY_LATER;
    enum result result = size > 0 && size < TEXT_MAX ? fd_write_all(fd, text, (size_t)size) : RESULT_BUG;
    fd_close(&fd);
    return result;
}

enum result status_write(const char *directory, const struct status *status, struct problem *problem)
{
    (void)mkdir(directory, 0700);
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum result result = fd < 0 ? RESULT_TRY_LATER : write_draft(fd, status);
    if (result == RESULT_OK && renameat(fd, DRAFT, fd, NAME) != 0)
        result = RESULT_TRY_LATER;
    if (result != RESULT_OK)
        problem_set(problem, result, "%s/%s: cannot be written: %s", directory, NAME, strerror(errno));
    fd_close(&fd);
    return result;
}

void status_remove(const char *directory)
{
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0)
        (void)unlinkat(fd, NAME, 0);
    fd_close(&fd);
}

/* The rest of the line "NAME REST"; *at moves behind it. NULL: another line. */
static char *take_line(char **at, const char *name)
{
    size_t length = strlen(name);
    char *line = *at, *end = strchr(line, '\n');
    if (!end || strncmp(line, name, length) != 0 || line[length] != ' ')
        return NULL;
    *end = '\0';
    *at = end + 1;
    return line + length + 1;
}

static bool take_number(char **at, const char *name, uint64_t *number_out)
{
    const char *digits = take_line(at, name);
    if (!digits || !*digits || strlen(digits) > 19 || digits[strspn(digits, "0123456789")])
        return false;
    *number_out = strtoull(digits, NULL, 10);
    return true;
}

static bool take_outcome(char **at, enum status_outcome *outcome_out)
{
    const char *word = take_line(at, "outcome");
    for (int i = 0; word && i < (int)OUTCOMES; i++)
        if (strcmp(word, outcomes[i]) == 0) {
            *outcome_out = (enum status_outcome)i;
            return true;
        }
    return false;
}

static bool parse(char *text, struct status *status)
{
    uint64_t pid = 0, when = 0;
    char *at = text + sizeof FIRST - 1;
    if (strncmp(text, FIRST, sizeof FIRST - 1) != 0 || !take_number(&at, "pid", &pid) || !pid ||
        pid > INT32_MAX || !take_number(&at, "started", &status->started) ||
        !take_number(&at, "attempts", &status->attempts) || !take_outcome(&at, &status->outcome))
        return false;
    const char *digest = take_line(&at, "digest");
    if (!digest || strlen(digest) != DIGEST_HEX - 1 || !take_number(&at, "time", &when))
        return false;
    const char *why = take_line(&at, "why");
    if (!why || *at)
        return false;
    status->pid = (pid_t)pid;
    status->time = (int64_t)when;
    (void)snprintf(status->digest, sizeof status->digest, "%s", digest);
    (void)snprintf(status->why, sizeof status->why, "%s", why);
    return true;
}

enum result status_read(const char *directory, struct status *status, uid_t *owner_out,
                        struct problem *problem)
{
    char path[4096], text[TEXT_MAX];
    struct stat about;
    memset(status, 0, sizeof *status);
    memset(&about, 0, sizeof about);
    (void)snprintf(path, sizeof path, "%s/%s", directory, NAME);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return problem_set(problem, errno == EACCES ? RESULT_UNCERTAIN : RESULT_NOT_FOUND, "%s: %s", path,
                           strerror(errno));
    ssize_t size = fstat(fd, &about) == 0 && S_ISREG(about.st_mode) ? read(fd, text, sizeof text - 1) : -1;
    fd_close(&fd);
    text[size > 0 ? size : 0] = '\0';
    *owner_out = about.st_uid;
    return size > 0 && parse(text, status)
               ? RESULT_OK
               : problem_set(problem, RESULT_BAD_INPUT, "%s: is damaged: restart khatmd", path);
}

/* One that ended and waits for its parent has a number still. */
static bool has_ended(int pidfd)
{
    struct pollfd poller = {.fd = pidfd, .events = POLLIN};
    return poll(&poller, 1, 0) != 0;
}

enum result status_open_process(const struct status *status, uid_t owner, int *pidfd_out)
{
    char path[64];
    struct stat about;
    uint64_t started = 0;
    (void)snprintf(path, sizeof path, "/proc/%ld", (long)status->pid);
    *pidfd_out = pidfd_open(status->pid, 0);
    if (*pidfd_out >= 0 && read_start(status->pid, &started) && started == status->started &&
        stat(path, &about) == 0 && about.st_uid == owner && !has_ended(*pidfd_out))
        return RESULT_OK;
    fd_close(pidfd_out);
    return RESULT_NOT_FOUND;
}
