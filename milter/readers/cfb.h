/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_READERS_CFB_H
#define KHATM_READERS_CFB_H

/* Compound files ([MS-CFB], "OLE2"): storages that hold storages and streams, by libgsf, which this is the
 * only place to see. Read-only, from memory. */

#include "base/buffer.h"
#include "inspector/reader.h"

enum { CFB_NAME_ROOM = 128, CFB_DEPTH_MAX = 16 };

struct cfb; /* a storage or a stream */

/* In the template. */
enum result cfb_prepare(struct problem *problem) MUST_USE;

/* NULL: it is no compound file. Borrows the bytes. */
struct cfb *cfb_open(const void *bytes, size_t size);
void cfb_close(struct cfb *cfb);
bool cfb_is_storage(const struct cfb *cfb);
/* UTF-8; "" for the root. */
const char *cfb_name(const struct cfb *cfb);
unsigned cfb_children(const struct cfb *cfb);
/* To be closed. NULL: damaged, or no such one. */
struct cfb *cfb_child(const struct cfb *cfb, unsigned at);
struct cfb *cfb_find(const struct cfb *cfb, const char *name);
/* Replaces what the buffer holds by the stream. NULL: whole; else why not. */
const char *cfb_load(struct reading *reading, const struct cfb *cfb, struct buffer *buffer);

#endif
