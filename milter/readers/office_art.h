/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_READERS_OFFICE_ART_H
#define KHATM_READERS_OFFICE_ART_H

/* Pictures of old office documents ([MS-ODRAW] 2.2.23 and on), handed on as embedded files. */

#include "inspector/reader.h"
#include "readers/bytes.h"

enum { OFFICE_ART_HEAD = 8 };

struct office_art_record {
    unsigned version, instance, kind;
    struct bytes body;
    bool whole;
};

/* The record at *at; moves it on. False at the end. */
bool office_art_next(struct bytes bytes, uint64_t *at, struct office_art_record *record_out);
/* All pictures in a run of records. */
void office_art_pictures(struct reading *reading, struct bytes bytes);
/* The stream "Data" of Word: pictures one after the other, each with a head of its own ([MS-DOC] 2.9.192). */
void office_art_word_data(struct reading *reading, struct bytes bytes);

#endif
