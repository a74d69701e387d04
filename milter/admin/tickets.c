/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/command.h"
#include "base/buffer.h"
#include "base/digest.h"
#include "base/fd.h"
#include "config/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char usage_tickets[] =
    "usage: khatm tickets make FILE\n"
    "       khatm tickets rotate FILE\n"
    "\n"
    "The file of keys by which the egress role knows what the submission role\n"
    "approved; tickets.keys in khatm.conf names it. Nodes of one ministry have copies\n"
    "of one file.\n"
    "\n"
    "  make     a new file; one that is there stays as it is\n"
    "  rotate   the next key comes into use, which all nodes have had since the last\n"
    "           time; the old one still reads tickets of mail under way, a new one is\n"
    "           kept for the next time. Copy the file to all nodes, and not again\n"
    "           before the mail server's queue lifetime (five days) is over\n"
    "\n"
    "Exit: 0 done, 64 usage, 65 the file is none of ours, 73 it cannot be made\n";

enum { FILE_MAX = 64 * 1024, LINE_MAX_BYTES = 256, ID_DIGITS = 8 };

static const char HEAD[] =
    "# Keys of tickets: the first makes them, all read them. Secret; the same on all nodes.\n";

struct line {
    char text[LINE_MAX_BYTES]; /* "" for none */
};

static int complain(const char *argv0, int code, const char *path, const char *what)
{
    (void)fprintf(stderr, "%s: %s: %s\n", argv0, path, what);
    return code;
}

static enum result new_key(struct line *line)
{
    uint8_t id[ID_DIGITS / 2], key[TICKET_KEY_BYTES];
    char id_hex[ID_DIGITS + 1], key_hex[2 * TICKET_KEY_BYTES + 1];
    if (random_bytes(id, sizeof id) != RESULT_OK || random_bytes(key, sizeof key) != RESULT_OK)
        return RESULT_TRY_LATER;
    hex_encode(id, sizeof id, id_hex);
    hex_encode(key, sizeof key, key_hex);
    (void)snprintf(line->text, sizeof line->text, "%s %s\n", id_hex, key_hex);
    explicit_bzero(key, sizeof key);
    explicit_bzero(key_hex, sizeof key_hex);
    return RESULT_OK;
}

static bool is_key(const char *line)
{
    size_t id = strspn(line, "0123456789abcdefghijklmnopqrstuvwxyz");
    return id && id < TICKET_KEY_ID_ROOM && line[id] == ' ' &&
           strspn(line + id + 1, "0123456789abcdef") == (size_t)2 * TICKET_KEY_BYTES;
}

/* The key that makes tickets now and the one that will. */
static int read_keys(const char *argv0, const char *path, struct line *now, struct line *next,
                     struct stat *status)
{
    char line[LINE_MAX_BYTES];
    FILE *file = fopen(path, "re");
    if (!file || fstat(fileno(file), status) != 0 || !S_ISREG(status->st_mode)) {
        if (file)
            (void)fclose(file);
        return complain(argv0, EX_CANTCREAT, path, "cannot be read: make it with 'khatm tickets make'");
    }
    while (!*next->text && fgets(line, sizeof line, file))
        if (is_key(line))
            memcpy(*now->text ? next->text : now->text, line, sizeof line);
    (void)fclose(file);
    explicit_bzero(line, sizeof line);
    return *now->text ? EX_OK
                      : complain(argv0, EX_DATAERR, path, "no file of ticket keys: nothing was changed");
}

static bool write_new(const char *path, int flags, const struct buffer *text, const struct stat *like)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
    if (fd < 0)
        return false;
    bool done = fd_write_all(fd, text->bytes, text->size) == RESULT_OK;
    if (done && like)
        done = fchown(fd, like->st_uid, like->st_gid) == 0 && fchmod(fd, like->st_mode & 0660) == 0;
    done = done && fsync(fd) == 0;
    fd_close(&fd);
    return done;
}

static void put_keys(struct buffer *text, const struct line *keys, size_t n)
{
    buffer_init(text, FILE_MAX);
    buffer_puts(text, HEAD);
    for (size_t i = 0; i < n; i++)
        buffer_puts(text, keys[i].text);
}

static void forget(struct buffer *text, struct line *keys, size_t size)
{
    if (text->bytes)
        explicit_bzero(text->bytes, text->size);
    explicit_bzero(keys, size);
    buffer_free(text);
}

static int make(const char *argv0, const char *path)
{
    struct buffer text;
    struct line keys[2];
    int code = EX_OK;
    bool made = new_key(&keys[0]) == RESULT_OK && new_key(&keys[1]) == RESULT_OK;
    put_keys(&text, keys, made ? 2 : 0);
    if (!made || text.failed)
        code = complain(argv0, EX_CANTCREAT, path, "no random bytes for a key");
    else if (!write_new(path, O_EXCL, &text, NULL))
        code = complain(argv0, EX_CANTCREAT, path,
                        errno == EEXIST ? "is there already: rotate changes the key" : strerror(errno));
    forget(&text, keys, sizeof keys);
    return code;
}

/* The key that comes into use has been on all nodes since the time before, and the one that goes out of use
 * is still read: at no moment does a node meet a ticket that it cannot read. */
static int rotate(const char *argv0, const char *path)
{
    enum { NOW, NEXT, LAST, KEYS };
    struct buffer text;
    struct stat status;
    struct line keys[KEYS] = {{""}, {""}, {""}};
    char draft[4096];
    int length = snprintf(draft, sizeof draft, "%s.new", path);
    int code = read_keys(argv0, path, &keys[LAST], &keys[NOW], &status);
    if (code == EX_OK &&
        ((!*keys[NOW].text && new_key(&keys[NOW]) != RESULT_OK) || new_key(&keys[NEXT]) != RESULT_OK))
        code = complain(argv0, EX_CANTCREAT, path, "no random bytes for a key");
    put_keys(&text, keys, KEYS);
    if (code == EX_OK && (text.failed || length >= (int)sizeof draft ||
                          !write_new(draft, O_TRUNC, &text, &status) || rename(draft, path) != 0))
        code = complain(argv0, EX_CANTCREAT, path, strerror(errno));
    forget(&text, keys, sizeof keys);
    return code;
}

int cmd_tickets(int argc, char **argv)
{
    bool makes = argc > 1 && strcmp(argv[1], "make") == 0;
    if (argc < 2 || (!makes && strcmp(argv[1], "rotate") != 0))
        return command_usage_error(argv[0], "make or rotate?");
    if (argc != 3)
        return command_usage_error(argv[0], "one FILE");
    return makes ? make(argv[0], argv[2]) : rotate(argv[0], argv[2]);
}
