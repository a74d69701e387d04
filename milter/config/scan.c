/* SPDX-License-Identifier: Apache-2.0 */
#include "config/scan.h"

#include "base/text.h"
#include "policy/script.h"

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
    struct scanned *out;
    bool token_start;       /* nothing but separators stands just before: a comment may begin */
    char last, before_last; /* what is not blank, in plain text: "={" begins a list */
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
    if (!scan->depth)
        scan->out->sections[scan->out->n_sections++] = (struct braces){scan->braces[0], scan->line};
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

static bool in_comment(const struct scan *scan)
{
    return scan->state == STATE_LINE_COMMENT || scan->state == STATE_BLOCK_COMMENT;
}

/* What a word processor or a web page put in the place of plain quotation marks and blanks, or added: nobody
 * sees it, and a name with it is another name. In comments it does no harm, nor do quotation marks inside a
 * string. */
static const char *odd_character(const char *at, bool plain, char room[16])
{
    size_t offset = 0, length = 1;
    char one[5] = "";
    if (plain && (!strncmp(at, "\xe2\x80\x9c", 3) || !strncmp(at, "\xe2\x80\x9d", 3)))
        return "a typographic quotation mark";
    while (length < 4 && ((unsigned char)at[length] & 0xc0) == 0x80)
        length++;
    memcpy(one, at, length);
    uint32_t code = script_find_invisible(one, &offset);
    return code ? script_invisible_name(code, room) : NULL;
}

static enum result check_bytes(struct scan *scan, const char *at, struct problem *problem)
{
    unsigned char c = (unsigned char)*at;
    char room[16];
    bool plain = scan->state == STATE_PLAIN, comment = in_comment(scan);
    if ((c < 0x20 && c != '\n' && c != '\t' && c != '\r') || c == 0x7f)
        return source_problem(problem, scan->source->path, scan->line,
                              "the control byte 0x%02x: this is no text file, or remove it", c);
    const char *odd = c >= 0xc0 && !comment ? odd_character(at, plain, room) : NULL;
    if (odd)
        return source_problem(problem, scan->source->path, scan->line, "%s %s quotation marks: type it again",
                              odd, plain ? "outside" : "within");
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

/* Copies what was taken, comments as blanks; "" goes into an empty list. */
static void put(struct scan *scan, const char *at, size_t step, bool comment)
{
    struct scanned *out = scan->out;
    bool plain = !comment && scan->state == STATE_PLAIN && step == 1;
    if (plain && *at == '}' && scan->last == '{' && scan->before_last == '=') {
        out->text[out->size++] = '"';
        out->text[out->size++] = '"';
    }
    for (size_t i = 0; i < step; i++)
        out->text[out->size++] = comment && at[i] != '\n' ? ' ' : at[i];
    if (comment || (plain && strchr(" \t\r\n", *at)))
        return;
    scan->before_last = scan->last;
    scan->last = *at;
}

static enum result scan_bytes(struct scan *scan, struct problem *problem)
{
    const struct source *source = scan->source;
    for (size_t i = 0; i < source->size;) {
        size_t step = 1;
        bool comment = in_comment(scan);
        enum result result = check_bytes(scan, source->text + i, problem);
        if (result == RESULT_OK)
            result = take(scan, source->text + i, &step, problem);
        if (result != RESULT_OK)
            return result;
        put(scan, source->text + i, step, comment || in_comment(scan));
        scan->line += source->text[i] == '\n';
        i += step;
    }
    return check_end(scan, problem);
}

static size_t count_closing(const struct source *source)
{
    size_t n = 0;
    for (size_t i = 0; i < source->size; i++)
        n += source->text[i] == '}';
    return n;
}

enum result scan_source(struct arena *arena, const struct source *source, struct scanned *scanned_out,
                        struct problem *problem)
{
    struct scan scan = {.source = source, .line = 1, .token_start = true, .out = scanned_out};
    size_t closing = count_closing(source);
    *scanned_out = (struct scanned){
        .text = arena_alloc(arena, source->size + 2 * closing + 1, 1),
        .sections = arena_alloc(arena, closing + 1, sizeof *scanned_out->sections),
    };
    if (!scanned_out->text || !scanned_out->sections)
        return problem_set(problem, RESULT_TRY_LATER, "%s: no memory to read it", source->path);
    for (const char *line = source->text; *line; scan.line++) {
        size_t length = strcspn(line, "\n");
        if (!text_is_utf8(line, length))
            return source_problem(problem, source->path, scan.line, "is not UTF-8: save it as UTF-8 text");
        line += length + (line[length] == '\n');
    }
    scan.line = 1;
    return scan_bytes(&scan, problem);
}

unsigned scan_opening(const struct scanned *scanned, unsigned close_line)
{
    size_t low = 0, high = scanned->n_sections;
    while (low < high) { /* the first that closes after this line */
        size_t middle = low + (high - low) / 2;
        if (scanned->sections[middle].close <= close_line)
            low = middle + 1;
        else
            high = middle;
    }
    if (!low || scanned->sections[low - 1].close != close_line)
        return close_line;
    return scanned->sections[low - 1].open;
}
