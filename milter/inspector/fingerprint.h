/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_FINGERPRINT_H
#define KHATM_INSPECTOR_FINGERPRINT_H

/* By what a document is recognised when its bytes are others: the SHA-256 of its words, each followed by one
 * blank (words.h), and their sketch (sketch.h). A text of fewer than FINGERPRINT_WORDS_LEAST words has no
 * digest: the page number of a scan would be known everywhere. Neither names nor subjects count, since they
 * change first; page headers, footers and deleted text count in the sketch only, since programs disagree
 * about where they stand. Memory: one block of constant size a document. */

#include "inspector/text_sink.h"

enum { FINGERPRINT_WORDS_LEAST = 12 };

extern const struct text_consumer fingerprint_consumer;

#endif
