/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_READERS_DEFLATED_H
#define KHATM_READERS_DEFLATED_H

/* A file that stands deflated (RFC 1950) within another. */

#include "inspector/reader.h"
#include "readers/bytes.h"

/* Hands it on without a name. `damaged`: the reason when it is. */
void deflated_embedded(struct reading *reading, struct bytes packed, const char *damaged);

#endif
