/* SPDX-License-Identifier: Apache-2.0 */
#include "config/scan.h"

#include "base/text.h"

#include <stdbool.h>
#include <string.h>

enum { BRACES_MAX = 8 };

enum state { STATE_PLAIN, STATE_LINE_COMMENT, STATE_BLOCK_COMMENT, STATE_DOUBLE, STATE_SINGLE };

struct scan {
    const struct source *source;
    enum state state;
    unsigned line, began; /* began: line where string or comment opened */
    unsigned braces[BRACES_MAX];
    size_t depth;
    bool token_start; /* nothing but separators stands just before: a comment may begin */
};

static bool is_separator(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || strchr("{}()=,+", c);
}

static enum result open_brace(struct scan *scan, struct problem *problem)
{
    if (scan->depth == BRACES_MAX)
        return source_problem(problem, scan->source->path, scan->line,
                              "braces nested deeper than %d: close the ones before", BRACES_MAX);
    scan->braces[scan->depth++] = scan->line;
    return RESULT_OK;
}

static enum result close_brace(struct scan *scan, struct problem *problem)
{
    if (!scan->depth)
        return source_problem(problem, scan->source->path, scan->line,
                              "a '}' that closes nothing: remove it, or add the '{' before");
    scan->depth--;
    return RESULT_OK;
}

/* In plain text; *step: bytes taken. */
static enum result take_plain(struct scan *scan, const char *at, size_t *step, struct problem *problem)
{
    bool start = scan->token_start;
    scan->token_start = is_separator(*at);
    scan->began = scan->line;
    if (*at == '"' || *at == '\'') {
        scan->state = *at == '"' ? STATE_DOUBLE : STATE_SINGLE;
    } else if (start && (*at == '#' || (at[0] == '/' && at[1] == '/'))) {
        scan->state = STATE_LINE_COMMENT;
    } else if (start && at[0] == '/' && at[1] == '*') {
        scan->state = STATE_BLOCK_COMMENT;
        *step = 2;
    } else if (*at == '{') {
        return open_brace(scan, problem);
    } else if (*at == '}') {
        return close_brace(scan, problem);
    }
    return RESULT_OK;
}

static void take_quoted(struct scan *scan, const char *at, size_t *step)
{
    bool closes = *at == (scan->state == STATE_DOUBLE ? '"' : '\'');
    if (*at == '\\' && at[1] && at[1] != '\n')
        *step = 2;
    else if (closes)
        scan->state = STATE_PLAIN;
    scan->token_start = closes;
}

static enum result take(struct scan *scan, const char *at, size_t *step, struct problem *problem)
{
    if (at[0] == '$' && at[1] == '{' && scan->state != STATE_LINE_COMMENT &&
        scan->state != STATE_BLOCK_COMMENT)
        return source_problem(problem, scan->source->path, scan->line,
                              "'${…}': variables are not expanded, write the value itself");
    switch (scan->state) {
    case STATE_PLAIN:
        return take_plain(scan, at, step, problem);
    case STATE_DOUBLE:
    case STATE_SINGLE:
        take_quoted(scan, at, step);
        return RESULT_OK;
    case STATE_LINE_COMMENT:
        if (*at == '\n')
            scan->state = STATE_PLAIN;
        scan->token_start = true;
        return RESULT_OK;
    case STATE_BLOCK_COMMENT:
        if (at[0] == '*' && at[1] == '/') {
            scan->state = STATE_PLAIN;
            *step = 2;
        }
        scan->token_start = true;
        return RESULT_OK;
    }
    return RESULT_BUG;
}

/* Quotation marks and blanks that a word processor or a web page put in the place of the plain ones. */
static const char *odd_character(const char *at)
{
    static const struct {
        const char *bytes, *name;
    } odd[] = {
        {"\xc2\xa0", "a no-break space"},
        {"\xe2\x80\x8b", "a zero-width space"},
        {"\xe2\x80\x8e", "a direction mark"},
        {"\xe2\x80\x8f", "a direction mark"},
        {"\xe2\x80\xaa", "a direction mark"},
        {"\xe2\x80\xab", "a direction mark"},
        {"\xe2\x80\xac", "a direction mark"},
        {"\xe2\x80\xad", "a direction mark"},
        {"\xe2\x80\xae", "a direction mark"},
        {"\xe2\x80\xaf", "a narrow no-break space"},
        {"\xe2\x80\x9c", "a typographic quotation mark"},
        {"\xe2\x80\x9d", "a typographic quotation mark"},
        {"\xef\xbb\xbf", "a byte order mark"},
    };
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        if (!strncmp(at, odd[i].bytes, strlen(odd[i].bytes)))
            return odd[i].name;
    return NULL;
}

static enum result check_bytes(struct scan *scan, const char *at, struct problem *problem)
{
    unsigned char c = (unsigned char)*at;
    bool plain = scan->state == STATE_PLAIN;
    if ((c < 0x20 && c != '\n' && c != '\t' && c != '\r') || c == 0x7f)
        return source_problem(problem, scan->source->path, scan->line,
                              "the control byte 0x%02x: this is no text file, or remove it", c);
    if (plain && c >= 0x80 && odd_character(at))
        return source_problem(problem, scan->source->path, scan->line,
                              "%s outside quotation marks: type it again", odd_character(at));
    return RESULT_OK;
}

static enum result check_end(const struct scan *scan, struct problem *problem)
{
    const char *path = scan->source->path;
    if (scan->state == STATE_DOUBLE || scan->state == STATE_SINGLE)
        return source_problem(problem, path, scan->began, "a string that never ends: close it with %s",
                              scan->state == STATE_DOUBLE ? "\"" : "'");
    if (scan->state == STATE_BLOCK_COMMENT)
        return source_problem(problem, path, scan->began, "a comment that never ends: close it with */");
    if (scan->depth)
        return source_problem(problem, path, scan->braces[scan->depth - 1],
                              "a '{' that is never closed: add the '}'");
    return RESULT_OK;
}

enum result scan_source(const struct source *source, struct problem *problem)
{
    struct scan scan = {.source = source, .line = 1, .token_start = true};
    if (!text_is_utf8(source->text, source->size))
        return source_problem(problem, source->path, 0, "is not UTF-8: save it as UTF-8 text");
    for (size_t i = 0; i < source->size;) {
        size_t step = 1;
        enum result result = check_bytes(&scan, source->text + i, problem);
        if (result == RESULT_OK)
            result = take(&scan, source->text + i, &step, problem);
        if (result != RESULT_OK)
            return result;
        scan.line += source->text[i] == '\n';
        i += step;
    }
    return check_end(&scan, problem);
}
