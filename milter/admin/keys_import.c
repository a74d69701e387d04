/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/keys_take.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { FILE_MAX = 1024 * 1024 };

static const char *file_name(const struct keys_options *options)
{
    return strcmp(options->object, "-") == 0 ? "standard input" : options->object;
}

static int refuse(const struct keys_options *options, int code, const char *why)
{
    (void)fprintf(stderr, "%s: %s: not taken in: %s\n", options->argv0, file_name(options), why);
    return code;
}

/* Read as whoever calls us: the file may be his alone. */
static int read_file(const struct keys_options *options, struct buffer *bytes)
{
    char block[16384];
    bool standard = strcmp(options->object, "-") == 0;
    int fd = standard ? STDIN_FILENO : open(options->object, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    ssize_t got = fd < 0 ? -1 : read(fd, block, sizeof block);
    for (; got > 0 && !bytes->failed; got = read(fd, block, sizeof block))
        buffer_append(bytes, block, (size_t)got);
    int error = got < 0 ? errno : 0;
    if (fd >= 0 && !standard)
        (void)close(fd);
    if (error)
        return refuse(options, EX_DATAERR, strerror(error));
    return bytes->failed ? refuse(options, EX_DATAERR, "it is too long for a key") : EX_OK;
}

static int import(struct keys_world *world, const struct buffer *bytes)
{
    struct problem problem = {""};
    struct keys_taken taken;
    enum result result = keys_ready_home(world, &problem);
    if (result == RESULT_OK)
        result = keys_take(world, bytes, NULL, &taken, &problem);
    if (result != RESULT_OK)
        return refuse(world->options, result == RESULT_BAD_INPUT ? EX_DATAERR : EX_TEMPFAIL, problem.text);
    return keys_taken_say(world, &taken);
}

int keys_import(const struct keys_options *options)
{
    struct keys_world world;
    struct buffer bytes;
    buffer_init(&bytes, FILE_MAX);
    int code = read_file(options, &bytes);
    if (code == EX_OK) {
        code = keys_open(options, &world);
        if (code == EX_OK)
            code = import(&world, &bytes);
        keys_close(&world);
    }
    buffer_free(&bytes);
    return code;
}
