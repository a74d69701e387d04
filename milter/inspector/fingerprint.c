/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/fingerprint.h"

#include "inspector/sketch.h"
#include "inspector/words.h"

#include <stdlib.h>
#include <string.h>

enum { SPELT_ROOM = 4096 };

struct fingerprint {
    struct digest *digest;
    bool begun;     /* the rest is set */
    bool digesting; /* of a place that goes into the digest too */
    struct words words;
    uint64_t n_digested;
    size_t n_spelt;
    struct sketch sketch;
    char spelt[SPELT_ROOM];
};

static void put(struct fingerprint *fingerprint, const char *bytes, size_t size)
{
    if (fingerprint->n_spelt + size > SPELT_ROOM) {
        digest_update(fingerprint->digest, fingerprint->spelt, fingerprint->n_spelt);
        fingerprint->n_spelt = 0;
    }
    memcpy(fingerprint->spelt + fingerprint->n_spelt, bytes, size);
    fingerprint->n_spelt += size;
}

static void spell(void *context, const char *bytes, size_t size)
{
    struct fingerprint *fingerprint = context;
    if (fingerprint->digesting)
        put(fingerprint, bytes, size);
}

static void take(void *context, uint64_t hash)
{
    struct fingerprint *fingerprint = context;
    sketch_word(&fingerprint->sketch, hash);
    if (!fingerprint->digesting)
        return;
    fingerprint->n_digested++;
    put(fingerprint, " ", 1);
}

static void begin(struct fingerprint *fingerprint)
{
    fingerprint->n_digested = fingerprint->n_spelt = 0;
    fingerprint->words = (struct words){.take = take, .spell = spell, .context = fingerprint};
    fingerprint->digesting = true;
    sketch_begin(&fingerprint->sketch);
    fingerprint->begun = true;
}

/* Large, and begun only when there is text: of a header section there is none. */
static void *open_fingerprint(const struct text_about *about)
{
    (void)about;
    struct fingerprint *fingerprint = malloc(sizeof *fingerprint);
    struct digest *digest = fingerprint ? digest_new() : NULL;
    if (!digest) {
        free(fingerprint);
        return NULL;
    }
    fingerprint->digest = digest;
    fingerprint->begun = false;
    return fingerprint;
}

static bool is_digested(enum text_place place)
{
    switch (place) {
    case TEXT_BODY:
    case TEXT_TITLE:
    case TEXT_CELL:
    case TEXT_NOTE:
    case TEXT_SHAPE:
        return true;
    case TEXT_HEADER:
    case TEXT_FOOTER:
    case TEXT_HIDDEN:
    case TEXT_SUBJECT:
    case TEXT_NAME:
        return false;
    }
    return false;
}

static void read_line(void *state, const struct text_line *line)
{
    struct fingerprint *fingerprint = state;
    bool digested = is_digested(line->place);
    if (line->place == TEXT_SUBJECT || line->place == TEXT_NAME)
        return;
    if (!fingerprint->begun)
        begin(fingerprint);
    if (digested != fingerprint->digesting)
        words_end(&fingerprint->words);
    fingerprint->digesting = digested;
    words_line(&fingerprint->words, line);
}

static void finish(struct fingerprint *fingerprint, struct text_finding *finding)
{
    words_end(&fingerprint->words);
    digest_update(fingerprint->digest, fingerprint->spelt, fingerprint->n_spelt);
    finding->has_sha256 = fingerprint->n_digested >= FINGERPRINT_WORDS_LEAST &&
                          digest_finish(fingerprint->digest, finding->sha256) == RESULT_OK;
    finding->sketch_size = sketch_finish(&fingerprint->sketch, finding->sketch);
}

static void close_fingerprint(void *state, struct text_finding *finding)
{
    struct fingerprint *fingerprint = state;
    if (fingerprint->begun)
        finish(fingerprint, finding);
    digest_free(fingerprint->digest);
    free(fingerprint);
}

const struct text_consumer fingerprint_consumer = {
    .open = open_fingerprint, .line = read_line, .close = close_fingerprint};
