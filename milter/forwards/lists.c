/* SPDX-License-Identifier: Apache-2.0 */
#include "forwards/audit.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

/* mlmmj(1): one address a line in every file of these folders, and in control/owner. */
static const char *const folders[] = {"subscribers.d", "digesters.d", "nomailsubs.d"};

static void read_addresses(struct audit *audit, const char *path, const char *list)
{
    const struct origin origin = {.source = "list", .place = {.file = path, .line = 1}, .key = list};
    const char *text = audit_read(audit, path, NULL);
    if (text)
        audit_targets(audit, &origin, text);
}

static void read_folder(struct audit *audit, const char *path, const char *list)
{
    DIR *folder = opendir(path);
    if (!folder && errno != ENOENT)
        audit_unread(audit, path, strerror(errno));
    for (const struct dirent *entry; folder && (entry = readdir(folder));) {
        const char *file = arena_printf(audit->request->arena, "%s/%s", path, entry->d_name);
        if (file && *entry->d_name != '.')
            read_addresses(audit, file, list);
    }
    if (folder)
        (void)closedir(folder);
}

/* What the list calls itself; its folder when it does not say. */
static const char *list_address(struct audit *audit, const char *path)
{
    struct arena *arena = audit->request->arena;
    const char *file = arena_printf(arena, "%s/control/listaddress", path), *text = NULL;
    if (!file || file_read(arena, file, NULL, &text, NULL) != RESULT_OK || !*text)
        return path;
    const char *first = arena_strndup(arena, text, strcspn(text, "\r\n"));
    return first ? first : path;
}

void audit_mlmmj_list(struct audit *audit, const char *path)
{
    struct arena *arena = audit->request->arena;
    char *plain = arena_strdup(arena, path);
    for (size_t size = plain ? strlen(plain) : 0; size > 1 && plain[size - 1] == '/'; size--)
        plain[size - 1] = '\0';
    const char *mark = plain ? arena_printf(arena, "list %s", plain) : NULL;
    if (!mark || !audit_first_time(audit, mark))
        return;
    const char *list = list_address(audit, plain), *owner = arena_printf(arena, "%s/control/owner", plain);
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        const char *folder = arena_printf(arena, "%s/%s", plain, folders[i]);
        if (folder)
            read_folder(audit, folder, list);
    }
    if (owner)
        read_addresses(audit, owner, list);
}

void audit_mlmmj_folder(struct audit *audit, const char *path)
{
    DIR *folder = opendir(path);
    if (!folder && errno != ENOENT)
        audit_unread(audit, path, strerror(errno));
    for (const struct dirent *entry; folder && (entry = readdir(folder));) {
        const char *list = arena_printf(audit->request->arena, "%s/%s", path, entry->d_name);
        if (list && *entry->d_name != '.')
            audit_mlmmj_list(audit, list);
    }
    if (folder)
        (void)closedir(folder);
}
