/* SPDX-License-Identifier: Apache-2.0 */
#include "forwards/audit.h"

#include "postfix/logical.h"

#include <string.h>

enum { INCLUDES_MAX = 16 };

static const char include_mark[] = ":include:", blanks[] = " \t\r\n";

/* Programs that deliver here, or answer nobody but the sender and return no content. */
static bool is_harmless(const char *program)
{
    static const char *const names[] = {"dovecot-lda", "vacation", "mail.local", "mlmmj-receive",
                                        "mlmmj-recieve"};
    const char *slash = strrchr(program, '/');
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(slash ? slash + 1 : program, names[i]) == 0)
            return true;
    return false;
}

/* procmail(1), whose files are read for everybody; with one of its own it does what that says. */
static bool is_procmail(const char *program, const char *command)
{
    const char *slash = strrchr(program, '/');
    return strcmp(slash ? slash + 1 : program, "procmail") == 0 && !strstr(command, " -m") &&
           !strchr(command + strlen(program), '/') && !strstr(command, "rc");
}

/* The word after "-L" is the folder of an mlmmj list. */
static void follow_mlmmj(struct audit *audit, const char *command)
{
    const char *option = strstr(command, " -L");
    if (!option || !strstr(command, "mlmmj"))
        return;
    option += 3;
    option += strspn(option, blanks);
    char *path = arena_strndup(audit->request->arena, option, strcspn(option, " \t\r\n\"'"));
    if (path && !strchr(path, '$'))
        audit_mlmmj_list(audit, path);
}

void audit_command(struct audit *audit, const struct origin *origin, const char *command)
{
    command += strspn(command, blanks);
    char *program = arena_strndup(audit->request->arena, command, strcspn(command, " \t\r\n\"'"));
    if (!*command || !program)
        return;
    /* More than one program when the shell has a say. */
    if (!(is_harmless(program) || is_procmail(program, command)) || strpbrk(command, ";|&`<>(\\"))
        audit_unknown(audit, origin, command, "a command: where it sends cannot be known");
    follow_mlmmj(audit, command);
}

static void include(struct audit *audit, const struct origin *origin, const char *path)
{
    if (!audit_first_time(audit, path))
        return;
    if (origin->depth >= INCLUDES_MAX) {
        audit_unread(audit, path, "too many files include one another");
        return;
    }
    const char *text = audit_read(audit, path, origin->owner);
    if (!text)
        return;
    const struct origin inside = {.source = "include",
                                  .place = {.file = path, .line = 1},
                                  .key = origin->key,
                                  .owner = origin->owner,
                                  .depth = origin->depth + 1};
    audit_targets(audit, &inside, text);
}

static void take_words(struct audit *audit, const struct origin *origin, char *text)
{
    char *save = NULL;
    for (char *word = strtok_r(text, blanks, &save); word; word = strtok_r(NULL, blanks, &save))
        if (strchr(word, '@') || !strpbrk(word, "()"))
            audit_address(audit, origin, word);
}

/* Without the quotation marks around all of it, and the backslashes within. */
static char *unquote(char *item)
{
    size_t size = strlen(item), to = 0;
    if (size < 2 || item[0] != '"' || item[size - 1] != '"')
        return item;
    for (size_t from = 1; from < size - 1; from++) {
        from += item[from] == '\\' && from + 2 < size;
        item[to++] = item[from];
    }
    item[to] = '\0';
    return item;
}

/* One of aliases(5)' kinds of target. */
static void take_item(struct audit *audit, const struct origin *origin, char *item)
{
    char *angle = strchr(item, '<');
    bool quoted = *item == '"';
    char *plain = unquote(item);
    plain += strspn(plain, blanks);
    if (*plain == '|') {
        audit_command(audit, origin, plain + 1);
    } else if (strncasecmp(plain, include_mark, sizeof include_mark - 1) == 0) {
        plain += sizeof include_mark - 1;
        include(audit, origin, plain + strspn(plain, blanks));
    } else if (*plain == '/') {
        return; /* a file */
    } else if (angle && !quoted) {
        angle[strcspn(angle, ">")] = '\0';
        audit_address(audit, origin, angle + 1);
    } else if (quoted) {
        audit_address(audit, origin, plain);
    } else {
        take_words(audit, origin, plain);
    }
}

/* The end of an item: a comma or a line end that no quotation mark, bracket or comment holds. */
static const char *item_end(const char *text)
{
    bool quoted = false;
    int comment = 0;
    for (; *text; text++) {
        if (*text == '\n' || (*text == ',' && !quoted && !comment))
            return text;
        if (*text == '\\' && text[1] && text[1] != '\n')
            text++;
        else if (*text == '"' && !comment)
            quoted = !quoted;
        else if (!quoted && *text == '(')
            comment++;
        else if (!quoted && *text == ')' && comment)
            comment--;
    }
    return text;
}

/* "\user" must keep its backslash; a quoted item is whole. A "Name" <address> begins with a quotation mark
 * too.
 */
static void take(struct audit *audit, const struct origin *origin, const char *start, const char *end)
{
    start += strspn(start, " \t\r");
    while (end > start && strchr(blanks, end[-1]))
        end--;
    if (end == start || *start == '#')
        return;
    char *item = arena_strndup(audit->request->arena, start, (size_t)(end - start));
    if (!item) {
        audit->report.no_memory = true;
        return;
    }
    size_t size = strlen(item);
    const char *angle = *item == '"' ? strrchr(item, '<') : NULL;
    take_item(audit, origin, angle && item[size - 1] == '>' ? item + (angle - item) : item);
}

void audit_targets(struct audit *audit, const struct origin *origin, const char *text)
{
    struct origin here = *origin;
    while (*text) {
        const char *end = *text == '#' ? text + strcspn(text, "\n") : item_end(text);
        take(audit, &here, text, end);
        here.place.line += here.place.line && *end == '\n';
        text = end + (*end != '\0');
    }
}
