/* SPDX-License-Identifier: Apache-2.0 */
#include "forwards/audit.h"

#include <glob.h>
#include <pwd.h>
#include <string.h>

static void read_forward(struct audit *audit, const char *path, const struct passwd *user)
{
    const struct owner owner = {.uid = user->pw_uid, .gid = user->pw_gid};
    if (!audit_first_time(audit, path))
        return;
    const char *text = audit_read(audit, path, &owner);
    const struct origin origin = {
        .source = "forward", .place = {.file = path, .line = 1}, .key = user->pw_name, .owner = &owner};
    if (text)
        audit_targets(audit, &origin, text);
}

static void put_escaped(struct buffer *pattern, const char *text)
{
    for (; *text; text++) {
        if (strchr("*?[\\", *text))
            buffer_puts(pattern, "\\");
        buffer_append(pattern, text, 1);
    }
}

static bool is_name(const char *name, size_t size, const char *what)
{
    return strlen(what) == size && strncmp(name, what, size) == 0;
}

/* The value of a $name of local(8), what only a delivery knows as a star. False: it is empty, and nobody has
 * such a file. */
static bool put_name(const struct audit *audit, const struct passwd *user, const char *name, size_t size,
                     struct buffer *pattern)
{
    const char *delimiter = postfix_value(audit->request->postfix, "recipient_delimiter");
    bool is_delimiter = is_name(name, size, "recipient_delimiter");
    if (is_name(name, size, "home"))
        put_escaped(pattern, user->pw_dir);
    else if (is_name(name, size, "user") || is_name(name, size, "local"))
        put_escaped(pattern, user->pw_name);
    else if ((is_delimiter || is_name(name, size, "extension")) && !*delimiter)
        return false;
    else if (is_delimiter)
        buffer_printf(pattern, "[%s]", delimiter);
    else
        buffer_puts(pattern, "*");
    return true;
}

/* One word of forward_path as a pattern of files. */
static bool expand(const struct audit *audit, const char *word, const struct passwd *user,
                   struct buffer *pattern)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    bool usable = true;
    while (*word && usable) {
        if (*word != '$') {
            char one[2] = {*word++};
            put_escaped(pattern, one);
            continue;
        }
        bool braced = word[1] == '{' || word[1] == '(';
        word += 1 + braced;
        size_t size = strspn(word, letters);
        usable = put_name(audit, user, word, size, pattern);
        word += braced ? strcspn(word, "})") : size;
        word += braced && *word;
    }
    return usable && !pattern->failed;
}

static void read_forwards(struct audit *audit, const struct passwd *user)
{
    const struct owner owner = {.uid = user->pw_uid, .gid = user->pw_gid};
    const char *rest = postfix_raw(audit->request->postfix, "forward_path"), *word = NULL;
    while ((word = tables_word(audit->request->arena, &rest))) {
        struct buffer pattern;
        glob_t found = {0};
        buffer_init(&pattern, 0);
        bool usable = expand(audit, word, user, &pattern) && file_as(&owner);
        int code = usable ? glob(buffer_text(&pattern), GLOB_NOMAGIC, NULL, &found) : GLOB_NOMATCH;
        if (usable)
            file_as_before();
        for (size_t i = 0; code == 0 && i < found.gl_pathc; i++) {
            const char *path = arena_strdup(audit->request->arena, found.gl_pathv[i]);
            if (path)
                read_forward(audit, path, user);
        }
        if (code == GLOB_NOSPACE)
            audit->report.no_memory = true;
        globfree(&found);
        buffer_free(&pattern);
    }
}

static void read_scripts(struct audit *audit, const struct passwd *user)
{
    const struct owner owner = {.uid = user->pw_uid, .gid = user->pw_gid};
    const char *script = arena_printf(audit->request->arena, "%s/.dovecot.sieve", user->pw_dir);
    const char *folder = arena_printf(audit->request->arena, "%s/sieve", user->pw_dir);
    const char *name = arena_strdup(audit->request->arena, user->pw_name);
    if (!script || !folder || !name)
        return;
    audit_sieve_file(audit, script, &owner, name);
    audit_sieve_folder(audit, folder, &owner, name);
    const char *rc = arena_printf(audit->request->arena, "%s/.procmailrc", user->pw_dir);
    const char *home = arena_strdup(audit->request->arena, user->pw_dir);
    if (rc && home)
        audit_procmail(audit, rc, &owner, name, home);
}

void audit_users(struct audit *audit)
{
    setpwent();
    for (const struct passwd *user; (user = getpwent());) {
        audit->report.n_users++;
        buffer_printf(&audit->keys, "%s\n", user->pw_name);
        for (size_t i = 0; audit->request->local_domains[i]; i++)
            buffer_printf(&audit->keys, "%s@%s\n", user->pw_name, audit->request->local_domains[i]);
        if (*user->pw_dir != '/')
            continue;
        read_forwards(audit, user);
        read_scripts(audit, user);
    }
    endpwent();
}
