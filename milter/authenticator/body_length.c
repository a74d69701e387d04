/* SPDX-License-Identifier: Apache-2.0 */
#include "authenticator/body_length.h"

enum { CRLF_BYTES = 2 };

static void add_char(struct body_length *length, char c)
{
    bool blank = c == ' ' || c == '\t';
    length->simple.line++;
    length->run = blank ? 0 : length->run + 1;
    if (length->run > length->longest_run)
        length->longest_run = length->run;
    length->bare |= c == '\r' || c == '\n';
    if (!blank) {
        length->relaxed.line += length->relaxed.blank_pending ? 2 : 1;
        length->relaxed.blank_pending = false;
    } else {
        length->relaxed.blank_pending = true;
    }
}

/* Empty lines count once something comes behind them. */
static void end_line(struct body_line *line)
{
    line->blank_pending = false;
    if (!line->line) {
        line->blank_lines++;
        return;
    }
    line->total += line->blank_lines * CRLF_BYTES + line->line + CRLF_BYTES;
    line->blank_lines = line->line = 0;
}

void body_length_add(struct body_length *length, const void *bytes, size_t size)
{
    const char *text = bytes;
    for (size_t i = 0; i < size; i++) {
        bool after_return = length->carriage_return;
        length->ends_in_crlf = false;
        length->carriage_return = text[i] == '\r';
        if (after_return && text[i] == '\n') {
            end_line(&length->simple);
            end_line(&length->relaxed);
            length->run = 0;
            length->ends_in_crlf = true;
            continue;
        }
        if (after_return)
            add_char(length, '\r');
        if (text[i] != '\r')
            add_char(length, text[i]);
    }
}

static uint64_t total_of(struct body_line line)
{
    if (line.line)
        end_line(&line);
    return line.total;
}

static struct body_length closed(struct body_length length)
{
    if (length.carriage_return)
        add_char(&length, '\r');
    return length;
}

uint64_t body_length_simple(const struct body_length *length)
{
    uint64_t total = total_of(closed(*length).simple);
    return total ? total : CRLF_BYTES;
}

uint64_t body_length_relaxed(const struct body_length *length)
{
    return total_of(closed(*length).relaxed);
}
