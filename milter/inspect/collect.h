/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECT_COLLECT_H
#define KHATM_INSPECT_COLLECT_H

/* Turns the frames of one inspector child into findings. The child parsed a stranger's bytes and may be in
 * his hands: every count is bounded, every text is checked for length and UTF-8, every number for its range,
 * and flags are only ever added. It may still lie about what it saw; no check can tell. Everything lives in
 * the arena given. One thread. */

#include "helper/wire.h"
#include "inspect/findings.h"

struct collect;

/* parts: how many entities a message may have. NULL: no memory. */
struct collect *collect_new(struct arena *arena, unsigned parts);
/* What the next frames are about: all of the message, which forgets what was collected before; or its
 * documents, by khatm-reader, which may add to it but not say who the message is from; or letters that
 * khatm-ocr believes to see in pictures: of parts that are there, level, caveats, markings, reference
 * numbers, and digest and sketch of a text where none was told. All else that it says, and that it fails, is
 * ignored. */
enum collect_phase { COLLECT_MESSAGE, COLLECT_DOCUMENTS, COLLECT_LETTERS };
void collect_begin(struct collect *collect, enum collect_phase phase);
/* RESULT_BAD_INPUT: not what an inspector says. RESULT_BUG: no memory. An END frame completes the findings,
 * unless it says itself that something was not read. */
enum result collect_frame(struct collect *collect, const struct wire_frame *frame) MUST_USE;
/* No more frames come, and END did not. Of the message: it is incomplete, by these LIMIT_*. Of documents:
 * those that were not read are unread. `why` is borrowed for ever: a literal. */
void collect_cut(struct collect *collect, unsigned limits, const char *why);
/* The message was read to its end, and a part of it was left to khatm-reader. */
bool collect_wants_reader(const struct collect *collect);
/* Some document could not be read, and is a picture or may hold some. */
bool collect_wants_letters(const struct collect *collect);
/* Call once, when nothing more comes: what was wanted and not read becomes an unread document. */
struct findings *collect_findings(struct collect *collect);

#endif
