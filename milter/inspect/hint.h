/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECT_HINT_H
#define KHATM_INSPECT_HINT_H

/* A guess whether khatm-reader will have something to open: does a line near the beginning of the message say
 * Content-Type: application/…? It decides where the message goes first and nothing else: what is found in it
 * is the same either way (inspector.c), so it may be wrong in both directions and is no reading of MIME.
 * Plain linear code over a stranger's bytes. Thread-safe. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum hint { HINT_NONE, HINT_DOCUMENT, HINT_SEALED };

/* The first that lines of the text give. HINT_SEALED: what follows is ciphertext, which nobody opens. */
enum hint hint_in(const char *text, size_t size);
/* message_fd: as in inspector_run. False, too, when it cannot be read. */
bool hint_document(int message_fd, uint64_t message_size);

#endif
