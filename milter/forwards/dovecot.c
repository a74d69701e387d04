/* SPDX-License-Identifier: Apache-2.0 */
#include "forwards/audit.h"

#include "postfix/command.h"

#include <glob.h>
#include <string.h>
#include <sys/stat.h>

/* Scripts that Dovecot's own configuration names: those of everybody (before, after, default, global) and,
 * where homes are of virtual users, theirs. What a name has of the user or the domain (%u, %d) stands for
 * any. */

enum { LINE_MAX_BYTES = 2048 };

struct dovecot {
    struct audit *audit;
    const char *file;           /* its configuration */
    char homes[LINE_MAX_BYTES]; /* a pattern; "": only accounts of the machine have any */
};

/* "%d", "%Ln", "%2.1Hu", "%{user}": a star. A pattern's own letters in a name lose their meaning. */
static void to_pattern(const char *text, struct buffer *pattern)
{
    while (*text) {
        if (*text == '%' && text[1] == '%') {
            buffer_puts(pattern, "%");
            text += 2;
        } else if (*text == '%' && text[1] == '{') {
            buffer_puts(pattern, "*");
            text += strcspn(text, "}");
            text += *text != '\0';
        } else if (*text == '%') {
            buffer_puts(pattern, "*");
            text++;
            text += strspn(text, "-.0123456789LUERHXNMTS");
            text += *text != '\0';
        } else {
            if (strchr("*?[\\", *text))
                buffer_puts(pattern, "\\");
            buffer_append(pattern, text++, 1);
        }
    }
}

static void read_found(struct dovecot *dovecot, const char *found)
{
    struct audit *audit = dovecot->audit;
    struct stat st;
    char *path = arena_strdup(audit->request->arena, found);
    if (!path || stat(path, &st) != 0)
        return;
    if (S_ISDIR(st.st_mode))
        audit_sieve_folder(audit, path, NULL, NULL);
    else if (S_ISREG(st.st_mode))
        audit_sieve_file(audit, path, NULL, path);
}

static void read_scripts(struct dovecot *dovecot, const char *name)
{
    struct buffer pattern;
    glob_t found = {0};
    buffer_init(&pattern, 0);
    bool below_home = *name == '~';
    if (below_home)
        buffer_puts(&pattern, dovecot->homes);
    to_pattern(name + below_home, &pattern);
    bool usable = !pattern.failed && *buffer_text(&pattern) == '/';
    int code = usable ? glob(buffer_text(&pattern), 0, NULL, &found) : GLOB_NOMATCH;
    for (size_t i = 0; code == 0 && i < found.gl_pathc; i++)
        read_found(dovecot, found.gl_pathv[i]);
    if (code == GLOB_NOSPACE)
        dovecot->audit->report.no_memory = true;
    globfree(&found);
    buffer_free(&pattern);
}

/* "file:~/sieve;active=~/.dovecot.sieve", "/etc/dovecot/sieve/before.d". */
static void take_location(struct dovecot *dovecot, char *value)
{
    struct audit *audit = dovecot->audit;
    char *save = NULL;
    for (char *part = strtok_r(value, ";", &save); part; part = strtok_r(NULL, ";", &save)) {
        if (strncmp(part, "active=", 7) == 0)
            part += 7;
        if (strncmp(part, "file:", 5) == 0)
            part += 5;
        if (*part == '/' || *part == '~')
            read_scripts(dovecot, part);
        else if (strncmp(part, "ldap:", 5) == 0 || strncmp(part, "dict:", 5) == 0)
            audit_unread(
                audit, dovecot->file,
                "Sieve scripts in a directory or database are not read: look with 'doveadm sieve list'");
    }
}

static bool names_scripts(const char *name)
{
    static const char *const names[] = {
        "sieve",        "sieve_dir",         "sieve_global_dir", "sieve_global_path",
        "sieve_global", "sieve_user_script", "sieve_default",    "sieve_discard"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    size_t size = strlen(name);
    return strncmp(name, "sieve_before", 12) == 0 || strncmp(name, "sieve_after", 11) == 0 ||
           (strncmp(name, "imapsieve_", 10) == 0 && ((size > 7 && strcmp(name + size - 7, "_before") == 0) ||
                                                     (size > 6 && strcmp(name + size - 6, "_after") == 0)));
}

/* "name = value", where the name is one of scripts, or of the homes. */
static void take_line(struct dovecot *dovecot, char *line, bool homes)
{
    line += strspn(line, " \t");
    char *equals = strstr(line, " = "), *home = NULL;
    if (!equals)
        return;
    *equals = '\0';
    char *value = equals + 3;
    if (!homes && names_scripts(line))
        take_location(dovecot, value);
    if (homes && strcmp(line, "mail_home") == 0 && *value)
        home = value;
    else if (homes && (strcmp(line, "args") == 0 || strcmp(line, "default_fields") == 0) &&
             !*dovecot->homes && (home = strstr(value, "home=")))
        home += strlen("home=");
    if (!home)
        return;
    struct buffer pattern;
    buffer_init(&pattern, 0);
    home[strcspn(home, " \t")] = '\0';
    to_pattern(home, &pattern);
    if (!pattern.failed && strlen(buffer_text(&pattern)) < sizeof dovecot->homes)
        memcpy(dovecot->homes, buffer_text(&pattern), strlen(buffer_text(&pattern)) + 1);
    buffer_free(&pattern);
}

static void take_lines(struct dovecot *dovecot, const char *text, bool homes)
{
    char *copy = arena_strdup(dovecot->audit->request->arena, text), *save = NULL;
    for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
        take_line(dovecot, line, homes);
}

void audit_dovecot(struct audit *audit, const char *file)
{
    const char *const argv[] = {"doveconf", "-n", "-c", file, NULL};
    struct dovecot dovecot = {.audit = audit, .file = file};
    struct problem problem = {""};
    struct buffer out;
    int status = -1;
    buffer_init(&out, FILE_MAX);
    enum result result = command_output(argv, NULL, &out, &status, &problem);
    if (result == RESULT_OK && status == 0) {
        audit->report.n_files++;
        take_lines(&dovecot, buffer_text(&out), true);
        take_lines(&dovecot, buffer_text(&out), false);
    } else {
        audit_unread(audit, file, problem.text);
    }
    buffer_free(&out);
}
