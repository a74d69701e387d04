/* SPDX-License-Identifier: Apache-2.0 */
#include "config/values.h"

#include "policy/date.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void values_wrong(struct values *values, unsigned line, const char *format, ...)
{
    char what[sizeof values->problem->text];
    va_list args;
    if (values->result != RESULT_OK)
        return;
    va_start(args, format);
    (void)vsnprintf(what, sizeof what, format, args);
    va_end(args);
    values->result = source_problem(values->problem, values->path, line, "%s", what);
}

void values_no_memory(struct values *values)
{
    if (values->result == RESULT_OK)
        values->result =
            problem_set(values->problem, RESULT_TRY_LATER, "%s: no memory to read it", values->path);
}

const struct setting *values_find(const struct block *block, const char *name)
{
    for (size_t i = 0; block && i < block->n_settings; i++)
        if (!strcmp(block->settings[i].name, name))
            return &block->settings[i];
    return NULL;
}

unsigned values_line(const struct block *block, const char *name)
{
    const struct setting *setting = values_find(block, name);
    return setting ? setting->line : block ? block->line : 1;
}

const struct block *values_section(struct values *values, const struct block *block, const char *name)
{
    const struct block *found = NULL;
    for (size_t i = 0; i < block->n_blocks; i++) {
        if (strcmp(block->blocks[i].name, name) != 0)
            continue;
        if (found)
            values_wrong(values, block->blocks[i].line, "section '%s' is there twice: join the two", name);
        found = &block->blocks[i];
    }
    return found;
}

const char *values_text(struct values *values, const struct block *block, const char *name,
                        const char *otherwise)
{
    const struct setting *setting = values_find(block, name);
    if (!setting || values->result != RESULT_OK)
        return otherwise;
    return setting->n_values ? setting->values[0] : otherwise;
}

const char *values_required(struct values *values, const struct block *block, const char *name,
                            const char *example)
{
    const char *text = values_text(values, block, name, "");
    if (!*text)
        values_wrong(values, values_line(block, name), "'%s' is missing or empty: add %s = %s", name, name,
                     example);
    return text;
}

const char *values_path(struct values *values, const struct block *block, const char *name,
                        const char *otherwise)
{
    const char *path = values_text(values, block, name, otherwise);
    if (*path != '/')
        values_wrong(values, values_line(block, name), "%s = %s: write the whole path, from /", name, path);
    return path;
}

const char *const *values_list(struct values *values, const struct block *block, const char *name)
{
    static const char *const empty[] = {NULL};
    const struct setting *setting = values_find(block, name);
    return setting && values->result == RESULT_OK ? setting->values : empty;
}

/* "a, b, c" for a message; in the arena. */
static const char *joined_names(struct values *values, const char *const *names)
{
    const char *joined = "";
    for (size_t i = 0; names[i] && joined; i++)
        joined = arena_printf(values->arena, "%s%s%s", joined, i ? ", " : "", names[i]);
    return joined ? joined : "?";
}

/* names[index] is what was written; otherwise says what could have been. */
static unsigned choose(struct values *values, unsigned line, const char *name, const char *word,
                       const char *const *names)
{
    for (unsigned i = 0; names[i]; i++)
        if (!strcmp(names[i], word))
            return i;
    const char *nearest = syntax_nearest(word, names);
    if (nearest)
        values_wrong(values, line, "%s = %s: no such value: did you mean '%s'?", name, word, nearest);
    else
        values_wrong(values, line, "%s = %s: no such value: write one of %s", name, word,
                     joined_names(values, names));
    return 0;
}

unsigned values_choice(struct values *values, const struct block *block, const char *name,
                       const char *const *names, unsigned otherwise)
{
    const char *word = values_text(values, block, name, NULL);
    return word ? choose(values, values_line(block, name), name, word, names) : otherwise;
}

unsigned values_set(struct values *values, const struct block *block, const char *name,
                    const char *const *names)
{
    const struct setting *setting = values_find(block, name);
    unsigned set = 0;
    if (!setting)
        return 0;
    if (!setting->n_values)
        values_wrong(values, setting->line, "%s = {} is empty: name at least one, or drop the line", name);
    for (size_t i = 0; i < setting->n_values; i++)
        set |= 1u << choose(values, setting->line, name, setting->values[i], names);
    return set;
}

bool values_yes(struct values *values, const struct block *block, const char *name, bool otherwise)
{
    static const char *const names[] = {"no", "yes", NULL};
    return values_choice(values, block, name, names, otherwise);
}

/* Digits, then a unit. False: no digits, or more than fits. */
static bool split_number(const char *text, uint64_t *number, const char **unit)
{
    size_t digits = strspn(text, "0123456789");
    *number = 0;
    *unit = text + digits;
    if (!digits || digits > 15)
        return false;
    for (size_t i = 0; i < digits; i++)
        *number = *number * 10 + (uint64_t)(text[i] - '0');
    return true;
}

struct unit {
    const char *name;
    uint64_t factor;
};

/* In the largest unit that divides it. */
static void show(uint64_t number, const struct unit *units, char out[40])
{
    const struct unit *best = units;
    for (; units->name; units++)
        if (number % units->factor == 0)
            best = units;
    (void)snprintf(out, 40, "%llu%s", (unsigned long long)(number / best->factor), best->name);
}

/* `form` shows how it is written. */
static uint64_t measured(struct values *values, const struct block *block, const char *name,
                         const struct unit *units, const char *form, uint64_t least, uint64_t most)
{
    const char *text = values_text(values, block, name, ""), *written = "";
    unsigned line = values_line(block, name);
    uint64_t number;
    char from[40], to[40];
    if (!split_number(text, &number, &written)) {
        values_wrong(values, line, "%s = %s is not a number with its unit: write it like %s", name, text,
                     form);
        return least;
    }
    const struct unit *unit = units;
    while (unit->name && strcmp(unit->name, written) != 0)
        unit++;
    if (!unit->name) {
        values_wrong(values, line, "%s = %s has %s%s: write it like %s", name, text,
                     *written ? "an unknown unit, " : "no unit", written, form);
        return least;
    }
    if (number <= most / unit->factor && number * unit->factor >= least)
        return number * unit->factor;
    show(least, units, from);
    show(most, units, to);
    values_wrong(values, line, "%s = %s is out of bounds: from %s to %s", name, text, from, to);
    return least;
}

unsigned values_number(struct values *values, const struct block *block, const char *name, unsigned otherwise,
                       unsigned least, unsigned most)
{
    const char *text = values_text(values, block, name, NULL), *rest = "";
    uint64_t number = 0;
    if (!text)
        return otherwise;
    if (!split_number(text, &number, &rest) || *rest)
        values_wrong(values, values_line(block, name), "%s = %s is not a plain number: write digits only",
                     name, text);
    else if (number < least || number > most)
        values_wrong(values, values_line(block, name), "%s = %s is out of bounds: from %u to %u", name, text,
                     least, most);
    return values->result == RESULT_OK ? (unsigned)number : otherwise;
}

uint64_t values_size(struct values *values, const struct block *block, const char *name, uint64_t otherwise,
                     uint64_t least, uint64_t most)
{
    static const struct unit units[] = {
        {"", 1}, {"K", 1024}, {"M", 1024 * 1024}, {"G", 1024 * 1024 * 1024}, {NULL, 0}};
    if (!values_text(values, block, name, NULL))
        return otherwise;
    return measured(values, block, name, units, "50M (K, M, G)", least, most);
}

int64_t values_duration_ms(struct values *values, const struct block *block, const char *name,
                           int64_t otherwise, int64_t least, int64_t most)
{
    static const struct unit units[] = {{"ms", 1}, {"s", 1000}, {"min", 60000}, {"h", 3600000}, {NULL, 0}};
    if (!values_text(values, block, name, NULL))
        return otherwise;
    return (int64_t)measured(values, block, name, units, "20s (ms, s, min, h)", (uint64_t)least,
                             (uint64_t)most);
}

int64_t values_date(struct values *values, const struct block *block, const char *name)
{
    const char *text = values_text(values, block, name, NULL);
    int64_t seconds = 0;
    if (text && !date_parse(text, &seconds))
        values_wrong(values, values_line(block, name), "%s = %s is no day: write it like \"2027-05-31\"",
                     name, text);
    return seconds;
}
