/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_MARKINGS_H
#define KHATM_INSPECTOR_MARKINGS_H

/* The text sink's consumer that finds what makes a document what it is: markings and caveats, the letterhead,
 * reference numbers, lists of persons, labels (docs/policy.md). Its data comes from the template; a
 * document's state is a few kilobytes, however long the document. */

#include "inspector/text_sink.h"

extern const struct text_consumer markings_consumer;

/* Frees what `prepare` made: for tests. */
void markings_forget(void);

#endif
