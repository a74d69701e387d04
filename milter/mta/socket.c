/* SPDX-License-Identifier: Apache-2.0 */
#include "mta/mta.h"

#include "base/fd.h"
#include "config/socket.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static enum result refuse(const char *name, const char *why, struct problem *problem)
{
    return problem_set(problem, RESULT_TRY_LATER, "socket %s: %s", name, why);
}

static enum result try_folder(const char *name, const char *path, struct problem *problem)
{
    char folder[sizeof(struct sockaddr_un)];
    const char *slash = strrchr(path, '/');
    (void)snprintf(folder, sizeof folder, "%.*s", slash > path ? (int)(slash - path) : 1, path);
    if (access(folder, W_OK | X_OK) == 0)
        return RESULT_OK;
    return problem_set(problem, RESULT_TRY_LATER,
                       "socket %s: cannot be made in %s: %s: make that folder, and let it belong to the user "
                       "khatmd runs as",
                       name, folder, strerror(errno));
}

/* libmilter would take the name away from who listens there: mail would come here, and wait for ever once
 * this process ends. */
static enum result try_unix(const char *name, int fd, const struct sockaddr_storage *address, socklen_t size,
                            struct problem *problem)
{
    struct stat status;
    const char *path = ((const struct sockaddr_un *)address)->sun_path;
    if (connect(fd, (const struct sockaddr *)address, size) == 0 || errno == EAGAIN)
        return refuse(name, "another khatmd answers there: systemctl stop khatmd, or end it", problem);
    if (errno == EACCES)
        return refuse(name,
                      "may not be used by this user: start khatmd as the user it belongs to, or remove it if "
                      "nobody answers there",
                      problem);
    if (lstat(path, &status) == 0 && !S_ISSOCK(status.st_mode))
        return refuse(name, "something else has that name: remove it, or name another socket", problem);
    return try_folder(name, path, problem);
}

static enum result try_port(const char *name, int fd, const struct sockaddr_storage *address, socklen_t size,
                            struct problem *problem)
{
    const int on = 1; /* as libmilter: connections that linger are no obstacle */
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (const struct sockaddr *)address, size) == 0)
        return RESULT_OK;
    if (errno == EADDRINUSE)
        return refuse(name, "another khatmd or program has that port: end it, or name another port", problem);
    if (errno == EADDRNOTAVAIL)
        return refuse(name, "this machine has no such address: name one that it has", problem);
    if (errno == EACCES)
        return refuse(name, "this user may not have that port: name one above 1023", problem);
    return problem_set(problem, RESULT_TRY_LATER, "socket %s: cannot be bound: %s: name another", name,
                       strerror(errno));
}

enum result mta_try(const char *name, struct problem *problem)
{
    struct sockaddr_storage address;
    socklen_t size;
    if (!socket_address(name, &address, &size))
        return refuse(name, "is no address: see khatm.conf(5)", problem);
    int fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return problem_set(problem, RESULT_TRY_LATER, "socket %s: none can be made: %s: try again", name,
                           strerror(errno));
    enum result result = address.ss_family == AF_UNIX ? try_unix(name, fd, &address, size, problem)
                                                      : try_port(name, fd, &address, size, problem);
    fd_close(&fd);
    return result;
}
