/* SPDX-License-Identifier: Apache-2.0 */
#include "postfix/file.h"

#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool file_as(const struct owner *owner)
{
    if (!owner || getuid() != 0)
        return true;
    if (setgroups(1, &owner->gid) == 0 && setegid(owner->gid) == 0 && seteuid(owner->uid) == 0)
        return true;
    file_as_before();
    return false;
}

void file_as_before(void)
{
    if (getuid() != 0)
        return;
    /* In this order: only root may change groups. */
    if (seteuid(0) != 0 || setegid(getgid()) != 0 || setgroups(0, NULL) != 0)
        _exit(71);
}

bool file_is_there(const char *path)
{
    return access(path, F_OK) == 0;
}

static enum result read_open(struct arena *arena, int fd, const char **text_out, struct problem *problem)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return problem_set(problem, RESULT_BAD_INPUT, "%s", strerror(errno));
    if (!S_ISREG(st.st_mode))
        return problem_set(problem, RESULT_BAD_INPUT, "is not a regular file");
    if (st.st_size > FILE_MAX)
        return problem_set(problem, RESULT_BAD_INPUT, "is over %d bytes", FILE_MAX);
    size_t size = (size_t)st.st_size;
    char *text = arena_alloc(arena, size + 1, 1);
    if (!text)
        return problem_set(problem, RESULT_TRY_LATER, "no memory");
    if (size && fd_read_at(fd, text, size, 0) != RESULT_OK)
        return problem_set(problem, RESULT_BAD_INPUT, "could not be read to its end");
    for (char *nul = text; size && (nul = memchr(nul, '\0', size - (size_t)(nul - text)));)
        *nul = '?';
    *text_out = text;
    return RESULT_OK;
}

enum result file_read(struct arena *arena, const char *path, const struct owner *owner, const char **text_out,
                      struct problem *problem)
{
    *text_out = "";
    if (!file_as(owner))
        return problem_set(problem, RESULT_BAD_INPUT, "cannot be read as its user");
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK), why = errno;
    if (owner)
        file_as_before();
    if (fd < 0 && (why == ENOENT || why == ENOTDIR))
        return problem_set(problem, RESULT_NOT_FOUND, "there is no such file");
    if (fd < 0)
        return problem_set(problem, RESULT_BAD_INPUT, "%s", strerror(why));
    enum result result = read_open(arena, fd, text_out, problem);
    fd_close(&fd);
    return result;
}
