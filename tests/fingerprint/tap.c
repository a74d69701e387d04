/* SPDX-License-Identifier: Apache-2.0 */
#include "tap.h"

#include "inspector/words.h"
#include "policy/fold.h"

#include <stdlib.h>

/* Where the next document's words go: one thread, one document at a time. */
static struct tapped *target;
static struct words reading;

static void take(void *context, uint64_t hash)
{
    struct tapped *tapped = context;
    if (tapped->n < TAP_WORDS_MAX)
        tapped->hashes[tapped->n++] = hash;
}

static void *open_tap(const struct text_about *about)
{
    (void)about;
    reading = (struct words){.take = take, .context = target};
    target->n = 0;
    return &reading;
}

static void on_line(void *state, const struct text_line *line)
{
    words_line(state, line);
}

static void close_tap(void *state, struct text_finding *finding)
{
    (void)finding;
    words_end(state);
}

static const struct text_consumer tap = {.open = open_tap, .line = on_line, .close = close_tap};

/* Instead of the inspector's own. */
const struct text_consumer *const text_consumers[] = {&tap, NULL};

void tap_prepare(void)
{
    struct fold *fold = NULL;
    size_t size = 0;
    struct problem problem;
    if (fold_make(&fold, &size) != POLICY_OK)
        abort();
    const struct text_data data = {.fold = fold};
    if (text_sink_prepare(&data, &problem) != RESULT_OK)
        abort();
}

void tap_read(const char *text, size_t size, struct tapped *tapped)
{
    static const struct text_about about = {.kind = "text/plain"};
    struct text_finding finding;
    target = tapped;
    struct text_sink *sink = text_sink_open(&about);
    if (!sink)
        abort();
    text_sink_text(sink, TEXT_BODY, text, size);
    text_sink_close(sink, &finding);
}
