/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/wkd_tree.h"

#include "base/fd.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FOLDERS_MAX = 6, FOLDER_MODE = 0755, FILE_MODE = 0644, TEMPORARY_ROOM = 64 };

static enum result fail(const struct wkd_tree *tree, const char *domain, const char *what,
                        struct problem *problem)
{
    return problem_set(problem, RESULT_TRY_LATER, "%s/%s: %s: %s", tree->path, domain, what, strerror(errno));
}

/* A folder below another, made when it is not there; -1. */
static int enter(int above, const char *name)
{
    bool made = mkdirat(above, name, FOLDER_MODE) == 0;
    if (!made && errno != EEXIST)
        return -1;
    int folder = openat(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder >= 0 && made)
        (void)fchmod(folder, FOLDER_MODE);
    return folder;
}

/* The folder of a method, or its "hu". */
static int descend(const struct wkd_tree *tree, const char *domain, bool advanced, bool hu)
{
    const char *names[FOLDERS_MAX] = {domain, ".well-known", "openpgpkey"};
    size_t n = 3;
    int folder = dup(tree->root);
    if (advanced)
        names[n++] = domain;
    if (hu)
        names[n++] = "hu";
    for (size_t i = 0; i < n && folder >= 0; i++) {
        int next = enter(folder, names[i]);
        fd_close(&folder);
        folder = next;
    }
    return folder;
}

static bool write_file(int folder, const char *name, const struct buffer *bytes)
{
    char temporary[TEMPORARY_ROOM];
    (void)snprintf(temporary, sizeof temporary, ".%s.new", name);
    (void)unlinkat(folder, temporary, 0);
    int fd = openat(folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
    bool good = fd >= 0 && fchmod(fd, FILE_MODE) == 0 &&
                fd_write_all(fd, buffer_text(bytes), bytes->size) == RESULT_OK && fsync(fd) == 0 &&
                renameat(folder, temporary, folder, name) == 0;
    fd_close(&fd);
    return good;
}

static enum result put(const struct wkd_tree *tree, const char *domain, bool hu, const char *name,
                       const struct buffer *bytes, struct problem *problem)
{
    for (int advanced = 0; advanced < 2; advanced++) {
        int folder = descend(tree, domain, advanced, hu);
        if (folder < 0)
            return fail(tree, domain, "a folder cannot be made", problem);
        bool good = write_file(folder, name, bytes);
        fd_close(&folder);
        if (!good)
            return fail(tree, domain, name, problem);
    }
    return RESULT_OK;
}

enum result wkd_tree_open(const char *path, struct wkd_tree *tree, struct problem *problem)
{
    bool made = mkdir(path, FOLDER_MODE) == 0;
    *tree = (struct wkd_tree){.root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), .path = path};
    if (tree->root < 0)
        return problem_set(problem, RESULT_BAD_INPUT, "%s: cannot be opened: %s", path, strerror(errno));
    if (made)
        (void)fchmod(tree->root, FOLDER_MODE);
    return RESULT_OK;
}

void wkd_tree_close(struct wkd_tree *tree)
{
    fd_close(&tree->root);
}

enum result wkd_tree_begin(const struct wkd_tree *tree, const char *domain, struct problem *problem)
{
    struct buffer nothing;
    buffer_init(&nothing, 0);
    return put(tree, domain, false, "policy", &nothing, problem);
}

enum result wkd_tree_put(const struct wkd_tree *tree, const char *domain, const char *name,
                         const struct buffer *key, struct problem *problem)
{
    return put(tree, domain, true, name, key, problem);
}

void wkd_tree_each(const struct wkd_tree *tree, const char *domain,
                   void (*visit)(void *context, const char *name), void *context)
{
    int folder = descend(tree, domain, true, true);
    DIR *names = folder >= 0 ? fdopendir(folder) : NULL;
    if (!names) {
        fd_close(&folder);
        return;
    }
    for (struct dirent *one = readdir(names); one; one = readdir(names))
        if (one->d_name[0] != '.')
            visit(context, one->d_name);
    (void)closedir(names);
}
