/* SPDX-License-Identifier: Apache-2.0 */
#include "forwards/audit.h"
#include "forwards/sieve.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

enum { DEPTH_MAX = 16 };

struct script {
    struct audit *audit;
    const char *path, *key;
};

/* Blanks around it are what a string over many lines has. */
static const char *trimmed(struct audit *audit, const char *text)
{
    text += strspn(text, " \t\r\n");
    size_t size = strlen(text);
    while (size && strchr(" \t\r\n", text[size - 1]))
        size--;
    char *copy = arena_strndup(audit->request->arena, text, size);
    audit->report.no_memory = audit->report.no_memory || !copy;
    return copy ? copy : "";
}

static void on_action(void *context, const struct sieve_action *action)
{
    const struct script *script = context;
    struct audit *audit = script->audit;
    const char *target = trimmed(audit, action->target);
    const struct origin origin = {
        .source = "sieve", .place = {.file = script->path, .line = action->line}, .key = script->key};
    const char *at = strrchr(target, '@'), *angle = strrchr(target, '<');
    if (!action->is_address)
        audit_unknown(audit, &origin, target, "a program or a list: where it sends cannot be known");
    else if (action->varies && (!at || strstr(at, "${")))
        audit_unknown(audit, &origin, target, "made of variables: where it goes cannot be known");
    else if (action->varies)
        audit_address_as(audit, &origin, target, arena_printf(audit->request->arena, "x%s", at));
    else if (angle || !at)
        audit_targets(audit, &origin, target);
    else
        audit_address(audit, &origin, target);
}

void audit_sieve_file(struct audit *audit, const char *path, const struct owner *owner, const char *key)
{
    const char *text = NULL;
    if (!audit_first_time(audit, path) || !(text = audit_read(audit, path, owner)))
        return;
    struct script script = {.audit = audit, .path = path, .key = key};
    if (!sieve_read(audit->request->arena, text, on_action, &script))
        audit_unread(audit, path, "is not whole as a Sieve script: something in it may have been missed");
}

static bool is_script(const char *name)
{
    size_t size = strlen(name);
    return (size > 6 && strcmp(name + size - 6, ".sieve") == 0) ||
           (size > 4 && strcmp(name + size - 4, ".siv") == 0);
}

static void walk(struct audit *audit, const char *path, const struct owner *owner, const char *key,
                 int depth);

static void visit(struct audit *audit, const char *path, const char *name, const struct owner *owner,
                  const char *key, int depth)
{
    struct stat st;
    bool readable = file_as(owner), found = readable && lstat(path, &st) == 0;
    if (readable)
        file_as_before();
    if (found && S_ISDIR(st.st_mode) && strcmp(name, ".") != 0 && strcmp(name, "..") != 0)
        walk(audit, path, owner, key ? key : name, depth + 1);
    else if (found && is_script(name))
        audit_sieve_file(audit, path, owner, key ? key : path);
}

/* key: the user; NULL: each folder in it is named after one. Links to folders are not followed. */
static void walk(struct audit *audit, const char *path, const struct owner *owner, const char *key, int depth)
{
    if (depth > DEPTH_MAX) {
        audit_unread(audit, path, "folders within folders: not looked into");
        return;
    }
    bool ready = file_as(owner);
    DIR *folder = ready ? opendir(path) : NULL;
    int why = errno;
    if (ready)
        file_as_before();
    if (!folder && (why != ENOENT && why != ENOTDIR))
        audit_unread(audit, path, strerror(why));
    for (const struct dirent *entry; folder && (entry = readdir(folder));) {
        const char *name = arena_strdup(audit->request->arena, entry->d_name);
        const char *below = name ? arena_printf(audit->request->arena, "%s/%s", path, name) : NULL;
        if (below)
            visit(audit, below, name, owner, key, depth);
    }
    if (folder)
        (void)closedir(folder);
}

void audit_sieve_folder(struct audit *audit, const char *path, const struct owner *owner, const char *key)
{
    walk(audit, path, owner, key, 0);
}
