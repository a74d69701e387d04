/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/markings.h"

#include "inspector/forms.h"
#include "inspector/label_values.h"
#include "inspector/letterhead.h"
#include "inspector/marking_list.h"
#include "inspector/persons.h"
#include "inspector/ref_numbers.h"
#include "inspector/tags.h"

#include "policy/facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LEVELS_MOST = 2, PERSONS_LEVEL = 2 };

/* Made in the template, once. */
static struct {
    const struct marking_tables *tables;
    struct forms *forms;
    struct headings *headings;
    struct phrases *phrases;
    struct label_values *labels;
} data;

/* A line that may be a marking waits for the line below it. */
struct waiting {
    bool there;
    struct forms_line line;
    struct candidate candidate;
    struct neighbour before;
    unsigned page;
    char raw[FORMS_LINE_MAX];
};

struct markings {
    bool conversation, after_signature;
    bool ruled; /* a line of dashes or stars stands above */
    enum text_place place;
    unsigned page;
    struct neighbour before;
    struct waiting waiting;
    struct letterhead letterhead;
    struct ref_numbers references;
    struct persons persons;
    struct mip_labels mip;
    struct marking_list list;
};

static const char *const places[] = {
    [TEXT_BODY] = "text",     [TEXT_HEADER] = "page header", [TEXT_FOOTER] = "page footer",
    [TEXT_TITLE] = "title",   [TEXT_CELL] = "cell",          [TEXT_NOTE] = "note",
    [TEXT_SHAPE] = "stamp",   [TEXT_HIDDEN] = "hidden text", [TEXT_SUBJECT] = "subject",
    [TEXT_NAME] = "file name"};

void markings_forget(void)
{
    forms_free(data.forms);
    headings_free(data.headings);
    phrases_free(data.phrases);
    label_values_free(data.labels);
    memset(&data, 0, sizeof data);
}

static enum result prepare(const struct text_data *text_data, struct problem *problem)
{
    if (!text_data)
        return RESULT_OK;
    data.tables = text_data->tables;
    data.forms = forms_new(text_data->fold, text_data->tables);
    data.headings = headings_new(text_data->tables);
    data.phrases = phrases_new(text_data->tables);
    data.labels = data.forms ? label_values_new(data.forms, text_data->fold, text_data->tables) : NULL;
    if (data.forms && data.headings && data.phrases && data.labels)
        return RESULT_OK;
    markings_forget();
    return problem_set(problem, RESULT_TRY_LATER, "markings: no memory");
}

static void *open_document(const struct text_about *about)
{
    struct markings *markings = calloc(1, sizeof *markings);
    if (!markings)
        return NULL;
    markings->conversation = about->conversation;
    markings->letterhead.conversation = about->conversation;
    if (about->name && data.forms)
        tags_read_name(data.forms, about->name, strlen(about->name), &markings->list);
    return markings;
}

static bool is_choice(const struct forms_line *line)
{
    unsigned levels = 0, n = 0;
    for (size_t i = 0; i < line->n_rows; i++)
        if (line->rows[i]->rank.level >= 0)
            levels |= 1U << line->rows[i]->rank.level;
    for (; levels; levels &= levels - 1)
        n++;
    return n > LEVELS_MOST;
}

static void add_line(struct markings *markings, const struct forms_line *line,
                     const struct candidate *candidate, enum stance stance)
{
    for (size_t i = 0; i < line->n_rows; i++) {
        const struct marking_row *row = line->rows[i];
        struct marking_seen seen = {.form = row->form,
                                    .rank = row->rank,
                                    .strength = line->announced ? MARKING_STRONG : row->strength,
                                    .stance = stance,
                                    .in_text =
                                        candidate->place != TEXT_HEADER && candidate->place != TEXT_FOOTER,
                                    .number = candidate->number};
        (void)snprintf(seen.where, sizeof seen.where, "%s", places[candidate->place]);
        marking_list_add(&markings->list, &seen);
    }
}

/* after: what stands below the waiting line. */
static void settle(struct markings *markings, const struct neighbour *after)
{
    struct waiting *waiting = &markings->waiting;
    if (!waiting->there)
        return;
    waiting->there = false;
    waiting->candidate.raw = waiting->raw;
    add_line(markings, &waiting->line, &waiting->candidate,
             stance_of(&waiting->candidate, &waiting->before, after));
}

static void await(struct markings *markings, const struct text_line *line, const char *raw, size_t size,
                  const struct forms_line *found, bool parted)
{
    struct waiting *waiting = &markings->waiting;
    *waiting = (struct waiting){.there = true, .line = *found, .before = markings->before};
    waiting->before.parted = parted;
    waiting->candidate = (struct candidate){.size = size,
                                            .place = line->place,
                                            .number = line->number,
                                            .conversation = markings->conversation,
                                            .after_signature = markings->after_signature,
                                            .announced = found->announced,
                                            .n_markings = (unsigned)found->n_rows,
                                            .at = found->at,
                                            .letters = found->letters,
                                            .level = -1};
    for (size_t i = 0; i < found->n_rows; i++)
        if (found->rows[i]->rank.level > waiting->candidate.level)
            waiting->candidate.level = found->rows[i]->rank.level;
    memcpy(waiting->raw, raw, size);
}

/* "> > " of a quoted line: what is quoted is still there. */
static size_t quote_size(const struct text_line *line)
{
    size_t at = 0;
    while (at < line->raw_size && (line->raw[at] == '>' || line->raw[at] == ' '))
        at++;
    return memchr(line->raw, '>', at) ? at : 0;
}

static bool is_mounted(enum text_place place)
{
    return place == TEXT_HEADER || place == TEXT_FOOTER || place == TEXT_SHAPE;
}

/* True: the line is markings and nothing else. */
static bool find_markings(const struct text_line *line, const char *raw, size_t size,
                          struct forms_line *found)
{
    bool mounted = is_mounted(line->place);
    if (line->continues || size > FORMS_LINE_MAX ||
        (!mounted && !forms_may_begin(data.forms, line->normal, line->normal_size)))
        return false;
    if (!(mounted ? forms_read_any : forms_read)(data.forms, raw, size, found) || is_choice(found))
        return false;
    for (size_t i = 0; i < found->n_rows; i++)
        if (found->rows[i]->strength > MARKING_WEAK)
            return false;
    return true;
}

/* The line "-- " above a signature, with or without its blank. */
static bool is_signature(const char *raw, size_t size)
{
    return (size == 2 || (size == 3 && raw[2] == ' ')) && raw[0] == '-' && raw[1] == '-';
}

/* The same once more: words of a list that are written alike, and no reason to believe either. */
static bool repeats(const struct waiting *waiting, const struct forms_line *found)
{
    return waiting->there && waiting->line.n_rows == 1 && found->n_rows == 1 &&
           waiting->line.rows[0] == found->rows[0];
}

static void read_lines(struct markings *markings, const struct text_line *line)
{
    size_t quote = quote_size(line);
    const char *raw = line->raw + quote;
    size_t size = line->raw_size - quote;
    if (!line->normal_size) {
        markings->ruled = true;
        markings->after_signature |= markings->conversation && is_signature(raw, size);
        return;
    }
    struct neighbour now = stance_look(raw, size);
    struct forms_line found;
    bool same = line->place == markings->place && line->page == markings->page;
    bool marking = find_markings(line, raw, size, &found);
    bool again = marking && same && repeats(&markings->waiting, &found);
    now.parted = line->after_blank || markings->ruled;
    markings->ruled = false;
    bool midway =
        same && !now.parted && markings->before.there && !markings->before.official && markings->before.open;
    now.official = letterhead_line(&markings->letterhead, data.headings, line, midway) || (marking && !again);
    now.disclaimer = forms_begin_disclaimer(data.forms, line->normal, line->normal_size);
    settle(markings, same ? &now : &(struct neighbour){0});
    if (!same)
        markings->before = (struct neighbour){0};
    markings->before.official &= !again;
    if (marking)
        await(markings, line, raw, size, &found, now.parted);
    markings->place = line->place;
    markings->page = line->page;
    markings->before = now;
}

static void take_line(void *state, const struct text_line *line)
{
    struct markings *markings = state;
    if (!data.forms)
        return;
    if (line->place == TEXT_SUBJECT) {
        tags_read_subject(data.forms, data.labels, line->raw, line->raw_size, &markings->list);
        return;
    }
    if (line->place == TEXT_NAME) {
        tags_read_name(data.forms, line->raw, line->raw_size, &markings->list);
        return;
    }
    bool digits = strcspn(line->normal, "0123456789") < line->normal_size;
    read_lines(markings, line);
    persons_read(&markings->persons, data.phrases, line->normal, line->normal_size, digits);
    if (!digits)
        ref_numbers_pass(&markings->references, line->normal, line->normal_size);
    else if (ref_numbers_read(&markings->references, data.phrases, line->normal, line->normal_size))
        letterhead_reference(&markings->letterhead, line->number);
}

/* Titles and keywords of a document are like lines of it. */
static void take_text_property(struct markings *markings, const char *name, const char *value)
{
    static const char *const texts[] = {"Title", "Subject", "Keywords", "Description", "Comments"};
    struct forms_line found;
    size_t size = strnlen(value, FORMS_LINE_MAX + 1), i = 0;
    while (i < sizeof texts / sizeof *texts && strcmp(name, texts[i]) != 0)
        i++;
    if (i == sizeof texts / sizeof *texts || size > FORMS_LINE_MAX ||
        !forms_read(data.forms, value, size, &found) || is_choice(&found))
        return;
    struct candidate candidate = {.raw = value,
                                  .size = size,
                                  .place = TEXT_TITLE,
                                  .number = 1,
                                  .level = -1,
                                  .at = found.at,
                                  .letters = found.letters};
    candidate.n_markings = (unsigned)found.n_rows;
    candidate.announced = found.announced;
    for (size_t k = 0; k < found.n_rows; k++)
        if (found.rows[k]->rank.level > candidate.level)
            candidate.level = found.rows[k]->rank.level;
    const struct neighbour nobody = {0};
    add_line(markings, &found, &candidate, stance_of(&candidate, &nobody, &nobody));
}

static void take_property(void *state, const char *name, const char *value)
{
    struct markings *markings = state;
    if (!data.labels || label_values_read(data.labels, name, value, &markings->mip, &markings->list))
        return;
    take_text_property(markings, name, value);
}

static void add_persons(struct markings *markings)
{
    if (!persons_are_a_list(&markings->persons, data.tables->list_beside, data.tables->list_alone))
        return;
    struct marking_seen seen = {.form = "list of persons",
                                .rank = {.level = PERSONS_LEVEL, .caveats = CAVEAT_DCP},
                                .stance = STANCE_FIRM};
    (void)snprintf(seen.where, sizeof seen.where, "%zu%s numbers of identity cards", markings->persons.n,
                   markings->persons.n == PERSONS_MAX ? " or more" : "");
    marking_list_add(&markings->list, &seen);
}

static void close_document(void *state, struct text_finding *finding)
{
    struct markings *markings = state;
    if (data.forms) {
        const struct neighbour nobody = {0};
        settle(markings, &nobody);
        label_values_close(data.labels, &markings->mip, &markings->list);
        add_persons(markings);
        bool official = letterhead_is_official(&markings->letterhead);
        marking_list_close(&markings->list, official, finding);
        finding->administrative |= official;
    }
    /* Numbers in people's talk are theirs. */
    size_t n = markings->conversation && !finding->administrative ? 0 : markings->references.n;
    for (size_t i = 0; i < n && finding->n_references < INSPECT_REFERENCES_MAX; i++)
        (void)snprintf(finding->references[finding->n_references++], INSPECT_REFERENCE_MAX + 1, "%s",
                       markings->references.keys[i]);
    free(markings);
}

const struct text_consumer markings_consumer = {.prepare = prepare,
                                                .open = open_document,
                                                .line = take_line,
                                                .property = take_property,
                                                .close = close_document};
