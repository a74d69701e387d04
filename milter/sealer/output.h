/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEALER_OUTPUT_H
#define KHATM_SEALER_OUTPUT_H

/* Buffered writing to the output file. The first failure stays: whoever wrote asks once, at output_flush. The
 * descriptor is borrowed. One thread. */

#include "base/digest.h"
#include "base/result.h"

#include <stddef.h>
#include <stdint.h>

enum { OUTPUT_BLOCK = 64 * 1024 };

struct output {
    int fd;
    enum result result;
    int error; /* errno of the first failure */
    size_t used;
    uint64_t total;        /* bytes handed in */
    struct digest *digest; /* of what is handed in meanwhile; NULL */
    size_t digested;       /* of the buffered bytes */
    char bytes[OUTPUT_BLOCK];
};

void output_begin(struct output *output, int fd);
/* Room for `size` bytes (at most OUTPUT_BLOCK), which count as written. */
char *output_room(struct output *output, size_t size);
/* What follows goes into this digest, too, which is borrowed; NULL: into none any more. */
void output_digest(struct output *output, struct digest *digest);
void output_puts(struct output *output, const char *text);
enum result output_flush(struct output *output) MUST_USE;

#endif
