/* SPDX-License-Identifier: Apache-2.0 */
#include "journal/resemblance.h"

#include <string.h>

enum {
    PROBES_FIRST = 64,
    PROBES_PART = 4, /* of a long text, one hash in so many: a short document within it has some of them */
    WINDOW_PLACES = 4,
    WINDOW_LEAST = 8,    /* hashes; fewer say nothing of a part */
    WINDOW_PERCENT = 40, /* a part of which the text has less is missing */
    HEAD_PLACES = 2,     /* a letterhead may be missing: some programs keep it apart from the text */
    SHARE_PERCENT = 55,
    SAME_PERCENT = 95,
    RARE_LEAST = 4,
    RARE_PERCENT = 36,
    RARE_AGREE = 2,
    PERCENT = 100,
    HEAD_BYTES = 2 * SKETCH_PLACES,
};

/* Enough to compare two documents by, where the index is asked for all of a hash. */
static uint32_t keyed_short(uint64_t keyed)
{
    return (uint32_t)(keyed >> 16);
}

size_t resemblance_probes(const struct keyed_sketch *sketch, unsigned round)
{
    size_t part = sketch->n / PROBES_PART;
    size_t wanted = round == 0 || part < PROBES_FIRST ? PROBES_FIRST : part;
    return wanted < sketch->n ? wanted : sketch->n;
}

void remember(const struct keyed_sketch *sketch, struct remembered *remembered_out)
{
    size_t most = sketch->n < REMEMBERED_MOST ? sketch->n : REMEMBERED_MOST, n = 0;
    *remembered_out = (struct remembered){.sampled = sketch->sampled};
    for (unsigned place = 0; place < SKETCH_PLACES; place++)
        for (size_t i = 0; i < most; i++)
            if (sketch->hashes[i].place == place) {
                remembered_out->hashes[n++] = keyed_short(sketch->hashes[i].keyed);
                remembered_out->counts[place]++;
            }
    remembered_out->n = n;
}

size_t remembered_write(const struct remembered *remembered, uint8_t hashes_out[REMEMBERED_BYTES],
                        uint8_t rare_out[REMEMBERED_RARE * SKETCH_HASH_SIZE])
{
    uint8_t *to = hashes_out;
    for (unsigned place = 0; place < SKETCH_PLACES; place++) {
        *to++ = (uint8_t)(remembered->counts[place] >> 8);
        *to++ = (uint8_t)remembered->counts[place];
    }
    for (size_t i = 0; i < remembered->n; i++)
        for (int shift = 24; shift >= 0; shift -= 8)
            *to++ = (uint8_t)(remembered->hashes[i] >> shift);
    for (size_t i = 0; i < remembered->n_rare; i++)
        keyed_put(remembered->rare[i], rare_out + i * SKETCH_HASH_SIZE);
    return (size_t)(to - hashes_out);
}

enum result remembered_read(const uint8_t *hashes, size_t size, const uint8_t *rare, size_t rare_size,
                            struct remembered *remembered_out)
{
    size_t n = 0;
    *remembered_out = (struct remembered){0};
    if (!hashes || size < HEAD_BYTES || size > REMEMBERED_BYTES || size % 4 ||
        rare_size > REMEMBERED_RARE * SKETCH_HASH_SIZE || rare_size % SKETCH_HASH_SIZE)
        return RESULT_BAD_INPUT;
    for (unsigned place = 0; place < SKETCH_PLACES; place++) {
        remembered_out->counts[place] = (uint16_t)(hashes[2 * place] << 8 | hashes[2 * place + 1]);
        n += remembered_out->counts[place];
    }
    if (n != (size - HEAD_BYTES) / 4)
        return RESULT_BAD_INPUT;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < 4; k++)
            remembered_out->hashes[i] = remembered_out->hashes[i] << 8 | hashes[HEAD_BYTES + 4 * i + k];
    remembered_out->n = n;
    remembered_out->n_rare = rare_size / SKETCH_HASH_SIZE;
    for (size_t i = 0; i < remembered_out->n_rare; i++)
        remembered_out->rare[i] = keyed_get(rare + i * SKETCH_HASH_SIZE);
    return RESULT_OK;
}

/* The text has this hash, or one with the same upper bits. */
static bool has(const struct keyed_sketch *sketch, uint32_t hash)
{
    size_t low = 0, high = sketch->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (keyed_short(sketch->hashes[middle].keyed) < hash)
            low = middle + 1;
        else
            high = middle;
    }
    return low < sketch->n && keyed_short(sketch->hashes[low].keyed) == hash;
}

/* How many of a document's hashes may be expected in the sketch of a text that has all of it: a longer text
 * leaves out more. */
static double part_sampled(const struct keyed_sketch *sketch, const struct remembered *remembered)
{
    return sketch->sampled < remembered->sampled ? (double)sketch->sampled / (double)remembered->sampled : 1;
}

/* A part of the document of which the text has nothing. */
static bool lacks_part(const struct remembered *remembered, const unsigned agree[SKETCH_PLACES],
                       double expected)
{
    for (unsigned from = HEAD_PLACES; from < SKETCH_PLACES; from++) {
        unsigned n = 0, n_agree = 0, until = from;
        while (until < SKETCH_PLACES && (until < from + WINDOW_PLACES || n * expected < WINDOW_LEAST)) {
            n += remembered->counts[until];
            n_agree += agree[until++];
        }
        if (until >= from + WINDOW_PLACES && n * expected >= WINDOW_LEAST &&
            n_agree * PERCENT < n * expected * WINDOW_PERCENT)
            return true;
    }
    return false;
}

/* Of the text's hashes, those that the document would be remembered by if it had them. */
static size_t count_comparable(const struct keyed_sketch *sketch, const struct remembered *remembered)
{
    uint32_t last = remembered->n < REMEMBERED_MOST ? UINT32_MAX : 0;
    size_t n = 0;
    for (size_t i = 0; i < remembered->n; i++)
        if (remembered->hashes[i] > last)
            last = remembered->hashes[i];
    for (size_t i = 0; i < sketch->n && keyed_short(sketch->hashes[i].keyed) <= last; i++)
        n += sketch->hashes[i].plain <= remembered->sampled;
    return n;
}

void resemblance_compare(const struct keyed_sketch *sketch, const struct remembered *remembered,
                         struct likeness *likeness_out)
{
    unsigned agree[SKETCH_PLACES] = {0};
    size_t at = 0, n_agree = 0;
    double part = part_sampled(sketch, remembered), expected = (double)remembered->n * part;
    for (unsigned place = 0; place < SKETCH_PLACES; place++)
        for (unsigned i = 0; i < remembered->counts[place] && at < remembered->n; i++)
            agree[place] += has(sketch, remembered->hashes[at++]);
    for (unsigned place = 0; place < SKETCH_PLACES; place++)
        n_agree += agree[place];
    double share = expected > 0 ? (double)n_agree * PERCENT / expected : 0;
    likeness_out->share = share > PERCENT ? PERCENT : (unsigned)share;
    likeness_out->whole = expected >= RESEMBLANCE_LEAST && likeness_out->share >= SHARE_PERCENT &&
                          !lacks_part(remembered, agree, part);
    likeness_out->same = likeness_out->whole && likeness_out->share >= SAME_PERCENT &&
                         n_agree * PERCENT >= count_comparable(sketch, remembered) * SAME_PERCENT;
}

bool resemblance_by_rare(const struct keyed_sketch *sketch, const struct remembered *remembered,
                         const bool still_rare[REMEMBERED_RARE])
{
    unsigned n = 0, n_agree = 0;
    double part = part_sampled(sketch, remembered);
    for (size_t i = 0; i < remembered->n_rare; i++) {
        if (!still_rare[i])
            continue;
        n++;
        n_agree += has(sketch, keyed_short(remembered->rare[i]));
    }
    return n >= RARE_LEAST && n_agree >= RARE_AGREE && n_agree * PERCENT >= n * part * RARE_PERCENT;
}
