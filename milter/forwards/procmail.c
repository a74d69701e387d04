/* SPDX-License-Identifier: Apache-2.0 */
#include "forwards/audit.h"

#include <string.h>

/* procmailrc(5): a recipe is a line ":0 …", conditions "* …", and one line that says what to do: "! address",
 * "| program", "{" for more recipes, or a mailbox. Conditions are not weighed. */

enum { INCLUDES_MAX = 16 };

static const char blanks[] = " \t\r\n";

struct rc {
    struct audit *audit;
    const char *path, *key, *home;
    const struct owner *owner;
    unsigned depth;
    bool in_recipe;
};

static struct origin origin_at(const struct rc *rc, unsigned line)
{
    return (struct origin){
        .source = "procmail", .place = {.file = rc->path, .line = line}, .key = rc->key, .owner = rc->owner};
}

/* Words that begin with - are sendmail's own; a $name stands for what only the delivery knows. */
static void take_addresses(const struct rc *rc, struct origin *origin, char *text)
{
    char *save = NULL;
    for (char *word = strtok_r(text, ", \t\r\n", &save); word; word = strtok_r(NULL, ", \t\r\n", &save)) {
        if (*word == '#')
            return;
        origin->is_pattern = strchr(word, '$') || strchr(word, '`');
        if (strchr(word, '`'))
            audit_unknown(rc->audit, origin, word, "a command: where it sends cannot be known");
        else if (*word != '-')
            audit_address(rc->audit, origin, word);
    }
}

static void read_rc(const struct rc *from, const char *path);

/* "INCLUDERC=file" and "SWITCHRC=file" go on there. */
static void follow(const struct rc *rc, char *file)
{
    static const char *const homes[] = {"$HOME/", "${HOME}/", "~/"};
    const char *path = file;
    file[strcspn(file, blanks)] = '\0';
    for (size_t i = 0; rc->home && i < sizeof homes / sizeof *homes; i++)
        if (strncmp(file, homes[i], strlen(homes[i])) == 0)
            path = arena_printf(rc->audit->request->arena, "%s/%s", rc->home, file + strlen(homes[i]));
    if (path == file && *file != '/' && rc->home && !strchr(file, '$'))
        path = arena_printf(rc->audit->request->arena, "%s/%s", rc->home, file);
    if (!*file || !path)
        return;
    if (*path != '/' || strchr(path, '$') || strchr(path, '`'))
        audit_unread(rc->audit, rc->path, "goes on in a file whose name only the delivery knows");
    else if (rc->depth >= INCLUDES_MAX)
        audit_unread(rc->audit, path, "too many files include one another");
    else
        read_rc(rc, path);
}

static char *unquoted(char *text)
{
    size_t size = strlen(text);
    if (size > 1 && (*text == '"' || *text == '\'') && text[size - 1] == *text) {
        text[size - 1] = '\0';
        return text + 1;
    }
    return text;
}

static void take_assignment(const struct rc *rc, const struct origin *origin, char *line)
{
    char *value = strchr(line, '=');
    if (!value)
        return;
    *value++ = '\0';
    line[strcspn(line, blanks)] = '\0';
    value = unquoted(value + strspn(value, blanks));
    if (strcmp(line, "INCLUDERC") == 0 || strcmp(line, "SWITCHRC") == 0)
        follow(rc, value);
    else if (*value == '|' || strchr(value, '`') || strcmp(line, "TRAP") == 0)
        audit_unknown(rc->audit, origin, value, "a command: where it sends cannot be known");
}

static void take_action(struct rc *rc, struct origin *origin, char *line)
{
    rc->in_recipe = false;
    if (*line == '!')
        take_addresses(rc, origin, line + 1);
    else if (*line == '|')
        audit_command(rc->audit, origin, line + 1);
    else if (strncmp(line, "/", 1) != 0)
        take_assignment(rc, origin, line); /* NAME=| program; a mailbox has no = */
}

/* Blocks may stand on one line with what is in them. */
static void take_line(struct rc *rc, char *line, unsigned number)
{
    struct origin origin = origin_at(rc, number);
    line += strspn(line, " \t\r");
    if (rc->in_recipe && *line == '{')
        rc->in_recipe = false;
    line += strspn(line, "{} \t\r");
    if (!*line || *line == '#' || *line == '*')
        return;
    if (*line == ':') {
        rc->in_recipe = true;
        return;
    }
    if (rc->in_recipe)
        take_action(rc, &origin, line);
    else
        take_assignment(rc, &origin, line);
}

/* A backslash before its end carries a line on. */
static void take_lines(struct rc *rc, char *text)
{
    unsigned number = 1;
    while (*text) {
        char *end = text;
        unsigned lines = 1;
        for (; *end && *end != '\n'; end++)
            if (*end == '\\' && end[1] == '\n') {
                *end = ' ';
                *++end = ' ';
                lines++;
            }
        char *next = *end ? end + 1 : end;
        *end = '\0';
        take_line(rc, text, number);
        number += lines;
        text = next;
    }
}

static void read_rc(const struct rc *from, const char *path)
{
    struct rc rc = *from;
    const char *text = NULL;
    rc.path = path;
    rc.depth++;
    rc.in_recipe = false;
    if (!audit_first_time(rc.audit, path) || !(text = audit_read(rc.audit, path, rc.owner)))
        return;
    char *copy = arena_strdup(rc.audit->request->arena, text);
    if (copy)
        take_lines(&rc, copy);
    else
        rc.audit->report.no_memory = true;
}

void audit_procmail(struct audit *audit, const char *path, const struct owner *owner, const char *key,
                    const char *home)
{
    const struct rc rc = {.audit = audit, .key = key, .home = home, .owner = owner};
    read_rc(&rc, path);
}
