/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_PERSONS_H
#define KHATM_INSPECTOR_PERSONS_H

/* Lists of persons, by the numbers of their national identity cards: one or two letters and five to seven
 * digits, as a word of its own. Only how many different ones there are is kept, not which. */

#include "inspector/phrases.h"

enum {
    PERSONS_MAX = 128,  /* different numbers that are told apart */
    PERSONS_SERIES = 3, /* numbers without a word beside them are of so many places at least: else they count
                           something */
};

struct persons {
    size_t n;
    bool named; /* words such as "CIN" stand in the document */
    unsigned n_series;
    size_t n_hashes; /* words as programs name versions; where these prevail, numbers without a word are
                        theirs */
    uint16_t series[PERSONS_SERIES]; /* the letters before the digits, as far as they differ */
    uint64_t seen[PERSONS_MAX];
};

/* line: in its normal form; digits: it has some. */
void persons_read(struct persons *persons, const struct phrases *phrases, const char *line, size_t size,
                  bool digits);
/* beside, alone: as in the file `personal`. */
bool persons_are_a_list(const struct persons *persons, unsigned beside, unsigned alone);

#endif
