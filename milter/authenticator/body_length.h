/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_AUTHENTICATOR_BODY_LENGTH_H
#define KHATM_AUTHENTICATOR_BODY_LENGTH_H

/* How long a body is once it is canonical (RFC 6376, 3.4.3 and 3.4.4), to tell whether l= leaves a part of it
 * out. libopendkim cannot say: what it reports as written stops at l=. Fed in blocks of any size, both
 * methods at once. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct body_length {
    struct body_line {
        uint64_t total, line, blank_lines;
        bool blank_pending; /* relaxed: a run of blanks that counts as one if something follows */
    } simple, relaxed;
    bool carriage_return;      /* the last byte, not counted yet */
    bool ends_in_crlf;         /* the last two */
    uint64_t run, longest_run; /* bytes without a blank or line end among them */
    bool bare;                 /* a CR or LF that is no line end was there */
};

void body_length_add(struct body_length *length, const void *bytes, size_t size);
uint64_t body_length_simple(const struct body_length *length);
uint64_t body_length_relaxed(const struct body_length *length);

#endif
