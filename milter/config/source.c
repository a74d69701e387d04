/* SPDX-License-Identifier: Apache-2.0 */
#include "config/source.h"

#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum result source_problem(struct problem *problem, const char *path, unsigned line, const char *format, ...)
{
    char what[sizeof problem->text];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(what, sizeof what, format, args);
    va_end(args);
    if (!line)
        return problem_set(problem, RESULT_BAD_INPUT, "%s: %s", path, what);
    return problem_set(problem, RESULT_BAD_INPUT, "%s:%u: %s", path, line, what);
}

const char *source_beside(struct arena *arena, const char *base, const char *name)
{
    const char *slash = strrchr(base, '/');
    if (*name == '/' || !slash)
        return arena_strdup(arena, name);
    return arena_printf(arena, "%.*s/%s", (int)(slash - base), base, name);
}

static enum result check_file(const char *path, int fd, size_t limit, bool guarded, size_t *size_out,
                              struct problem *problem)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return source_problem(problem, path, 0, "cannot be read: %s", strerror(errno));
    if (!S_ISREG(st.st_mode))
        return source_problem(problem, path, 0, "is not a file: name a regular file");
    if (st.st_size < 0 || (size_t)st.st_size > limit)
        return source_problem(problem, path, 0, "is over %zu bytes: is this the right file?", limit);
    if (st.st_mode & (guarded ? S_IWGRP | S_IWOTH : S_IWOTH))
        return source_problem(problem, path, 0,
                              "may be written by %s: chmod go-w it, since who writes it decides "
                              "what leaves",
                              st.st_mode & S_IWOTH ? "everybody" : "its group");
    *size_out = (size_t)st.st_size;
    return RESULT_OK;
}

static unsigned line_of(const char *text, size_t at)
{
    unsigned line = 1;
    for (size_t i = 0; i < at; i++)
        line += text[i] == '\n';
    return line;
}

void source_add_to_digest(struct digest *digest, const struct source *source)
{
    char length[32];
    int n = snprintf(length, sizeof length, "%zu\n", source->size);
    digest_update(digest, length, n > 0 ? (size_t)n : 0);
    digest_update(digest, source->text, source->size);
}

enum result source_read_bytes(struct arena *arena, const char *path, size_t limit, bool guarded,
                              struct source *source_out, struct problem *problem)
{
    size_t size = 0;
    char *text = NULL;
    *source_out = (struct source){.path = path, .text = ""};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0) {
        int why = errno;
        (void)source_problem(problem, path, 0, "cannot be read: %s: check the name and who may read it",
                             strerror(why));
        return why == ENOENT ? RESULT_NOT_FOUND : RESULT_BAD_INPUT;
    }
    enum result result = check_file(path, fd, limit, guarded, &size, problem);
    if (result == RESULT_OK && !(text = arena_alloc(arena, size + 1, 1)))
        result = problem_set(problem, RESULT_TRY_LATER, "%s: no memory to read it", path);
    if (result == RESULT_OK && size && fd_read_at(fd, text, size, 0) != RESULT_OK)
        result = source_problem(problem, path, 0, "could not be read to its end: try again");
    fd_close(&fd);
    if (result == RESULT_OK)
        *source_out = (struct source){.path = path, .text = text, .size = size};
    return result;
}

/* As editors of Windows begin a file. NULL: it does not. */
static const char *odd_mark(const struct source *source)
{
    static const struct {
        const char *bytes, *name;
    } marks[] = {{"\xef\xbb\xbf", "UTF-8"}, {"\xff\xfe", "UTF-16"}, {"\xfe\xff", "UTF-16"}};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (strncmp(source->text, marks[i].bytes, strlen(marks[i].bytes)) == 0)
            return marks[i].name;
    return NULL;
}

enum result source_read(struct arena *arena, const char *path, size_t limit, bool guarded,
                        struct digest *digest, struct source *source_out, struct problem *problem)
{
    enum result result = source_read_bytes(arena, path, limit, guarded, source_out, problem);
    if (result != RESULT_OK)
        return result;
    const char *mark = odd_mark(source_out);
    if (mark)
        return source_problem(problem, path, 1,
                              "begins with a byte order mark of %s: save it as UTF-8 without one", mark);
    const char *nul = memchr(source_out->text, '\0', source_out->size);
    if (nul)
        return source_problem(problem, path, line_of(source_out->text, (size_t)(nul - source_out->text)),
                              "a NUL byte: this is not a text file, restore it");
    if (digest)
        source_add_to_digest(digest, source_out);
    return RESULT_OK;
}
