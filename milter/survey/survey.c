/* SPDX-License-Identifier: Apache-2.0 */
#include "survey/survey.h"

#include "base/clock.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { SAY_MAX = 600, ESCAPE_BYTES = 4 };

const char *survey_say(struct arena *arena, const char *format, ...)
{
    char said[SAY_MAX], plain[SAY_MAX];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(said, sizeof said, format, args);
    va_end(args);
    text_printable_ascii(said, plain, sizeof plain);
    const char *copy = arena_strdup(arena, plain);
    return copy ? copy : "no memory to say it";
}

void survey_note(struct survey_notes *notes, const char *text)
{
    if (notes->n < SURVEY_NOTES_MAX)
        notes->texts[notes->n++] = text;
}

const char *survey_zone_text(struct arena *arena, const struct dns_record *record)
{
    char *text = arena_alloc(arena, record->size + 1, ESCAPE_BYTES), *to = text;
    for (size_t i = 0; text && i < record->size; i++) {
        uint8_t byte = record->bytes[i];
        if (byte == '"' || byte == '\\')
            to += sprintf(to, "\\%c", byte);
        else if (byte < 0x20 || byte > 0x7e)
            to += sprintf(to, "\\%03u", (unsigned)byte);
        else
            *to++ = (char)byte;
    }
    return text;
}

static struct survey_key *find_key(struct survey *survey, const char *selector)
{
    for (size_t i = 0; i < survey->n_keys; i++)
        if (text_equal_nocase(survey->keys[i].selector, selector))
            return &survey->keys[i];
    return NULL;
}

static void add_key(struct survey *survey, const char *selector, const char *own)
{
    struct survey_key *key = find_key(survey, selector);
    if (!key && survey->n_keys < SURVEY_SELECTORS_MAX)
        key = &survey->keys[survey->n_keys++];
    if (key)
        *key = (struct survey_key){.selector = selector, .own = own};
}

static void list_keys(const struct survey_request *request, struct survey *survey)
{
    for (size_t i = 0; i < request->n_selectors; i++)
        add_key(survey, request->selectors[i], NULL);
    for (size_t i = 0; i < request->n_own; i++)
        if (strcmp(request->own[i].domain, request->domain) == 0)
            add_key(survey, request->own[i].selector, request->own[i].record);
}

void survey_run(const struct survey_request *request, struct survey *survey)
{
    struct resolver *resolver = request->resolver;
    struct arena *arena = request->arena;
    *survey = (struct survey){.domain = request->domain};
    list_keys(request, survey);

    resolver_begin(resolver, arena, clock_monotonic_ms() + request->deadline_ms);
    survey_spf(resolver, arena, request->domain, &survey->spf);
    resolver_end(resolver);

    resolver_begin(resolver, arena, clock_monotonic_ms() + request->deadline_ms);
    for (size_t i = 0; i < survey->n_keys; i++)
        survey_dkim(resolver, arena, request->domain, &survey->keys[i]);
    resolver_end(resolver);

    resolver_begin(resolver, arena, clock_monotonic_ms() + request->deadline_ms);
    survey_dmarc(resolver, arena, request->domain, &survey->dmarc);
    survey_mx(resolver, arena, request->domain, &survey->mx);
    resolver_end(resolver);
}
