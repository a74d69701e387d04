/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_STREAM_H
#define KHATM_INSPECTOR_STREAM_H

/* The message as a GMime stream. GMime's own file stream moves the descriptor's position, which other
 * processes share; this one reads at offsets through the source's window. Read-only. Private to mime.c. */

#include "inspector/source.h"

#include <gmime/gmime.h>

/* A new reference; borrows the source. */
GMimeStream *source_stream_new(struct source *source);
/* Registers the type, so that no child has to. */
void source_stream_prepare(void);

#endif
