/* SPDX-License-Identifier: Apache-2.0 */

/* Stands where gpg should be. At an encryption it reads its whole input and writes, of FOLDER/ciphertext,
 * what FOLDER/script says, one bit of it changed, and ends as it says; FOLDER is where this copy lies.
 * When it is to sign, too, it says of that what FOLDER/said says. Everything else is gpg's own work. The
 * script: bytes to write, byte to change, bits to change in it, ending. */

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CIPHERTEXT_MAX = 4 * 1024 * 1024 };

struct script {
    size_t size, changed;
    unsigned bits;
    const char *ending;
};

static void give_up(const char *what)
{
    (void)fprintf(stderr, "replayed gpg: %s\n", what);
    _exit(3);
}

static size_t read_file(const char *folder, const char *name, void *bytes, size_t room)
{
    char path[PATH_MAX + 32];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t size = 0;
    for (ssize_t got = 1; fd >= 0 && size < room && got > 0; size += (size_t)got)
        got = read(fd, (char *)bytes + size, room - size);
    if (fd < 0)
        give_up(path);
    (void)close(fd);
    return size;
}

/* A descriptor of the command line; -1: not there. */
static int descriptor_after(char *argv[], const char *option)
{
    for (; argv[0] && argv[1]; argv++)
        if (strcmp(argv[0], option) == 0)
            return (int)strtol(argv[1] + strspn(argv[1], "-&"), NULL, 10);
    return -1;
}

static int has(char *argv[], const char *option)
{
    for (; *argv; argv++)
        if (strcmp(*argv, option) == 0)
            return 1;
    return 0;
}

static void read_input(char *argv[])
{
    static char block[65536];
    int fd = descriptor_after(argv, "--");
    for (ssize_t got = 1; got > 0;)
        got = read(fd, block, sizeof block);
}

static void say(int fd, const char *text)
{
    if (write(fd, text, strlen(text)) < 0)
        give_up("nobody listens");
}

static int replay(char *argv[], const struct script *script, uint8_t *ciphertext, const char *said)
{
    int status = descriptor_after(argv, "--status-fd");
    if (script->bits)
        ciphertext[script->changed] ^= (uint8_t)script->bits;
    if (strcmp(script->ending, "hasty") != 0)
        read_input(argv);
    say(status, "[GNUPG:] BEGIN_ENCRYPTION 2 9\n");
    for (size_t at = 0; at < script->size;) {
        ssize_t sent = write(STDOUT_FILENO, ciphertext + at, script->size - at);
        if (sent <= 0)
            return 4;
        at += (size_t)sent;
    }
    if (strcmp(script->ending, "killed") == 0)
        (void)raise(SIGKILL);
    if (strcmp(script->ending, "stopped") == 0)
        (void)raise(SIGSTOP);
    say(status, said);
    if (strcmp(script->ending, "failing") == 0)
        say(status, "[GNUPG:] FAILURE encrypt 1\n");
    else if (strcmp(script->ending, "silent") != 0)
        say(status, "[GNUPG:] END_ENCRYPTION\n");
    return strcmp(script->ending, "failing") == 0 ? 2 : 0;
}

static int read_script(char *text, struct script *script)
{
    char *rest = text;
    script->size = strtoul(rest, &rest, 10);
    script->changed = strtoul(rest, &rest, 10);
    script->bits = (unsigned)strtoul(rest, &rest, 10);
    script->ending = strtok(rest, " \n");
    return script->ending != NULL;
}

int main(int argc, char *argv[])
{
    static uint8_t ciphertext[CIPHERTEXT_MAX];
    char folder[PATH_MAX] = "", text[256] = "", said[512] = "";
    struct script script = {0};
    if (argc < 1 || readlink("/proc/self/exe", folder, sizeof folder - 1) < 0)
        return 3;
    *strrchr(folder, '/') = '\0';
    if (!has(argv, "--encrypt")) {
        (void)execv("/usr/bin/gpg", argv);
        return 3;
    }
    (void)read_file(folder, "script", text, sizeof text - 1);
    if (!read_script(text, &script) ||
        script.size > read_file(folder, "ciphertext", ciphertext, sizeof ciphertext))
        give_up("the script makes no sense");
    if (has(argv, "--sign"))
        (void)read_file(folder, "said", said, sizeof said - 1);
    return replay(argv, &script, ciphertext, said);
}
