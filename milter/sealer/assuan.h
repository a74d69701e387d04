/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEALER_ASSUAN_H
#define KHATM_SEALER_ASSUAN_H

/* The client's half of Assuan, as far as gpg's server mode needs it: lines to it, "OK" or not from it, and
 * beside that what it says on its descriptor of status lines, which is emptied while answers are awaited, so
 * that it never fills. Waits for ever. */

#include <stdbool.h>
#include <stddef.h>

enum { ASSUAN_LINE_MAX = 1000 }; /* libassuan's own limit, without the line end */

struct assuan {
    int socket, status;  /* status: does not block */
    bool end_encryption; /* it said so; the caller sets it back */
    size_t n_line, n_said;
    char line[ASSUAN_LINE_MAX + 1], said[ASSUAN_LINE_MAX + 1];
};

/* Whole lines, and a descriptor along with their first byte; -1: none. False: it is gone. */
bool assuan_send(struct assuan *assuan, const char *lines, size_t size, int fd);
/* The next n answers. False: one of them is no "OK", or it is gone. */
bool assuan_answers(struct assuan *assuan, size_t n);

#endif
