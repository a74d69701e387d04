/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_HELPER_WIRE_H
#define KHATM_HELPER_WIRE_H

/* How the daemon and its helper programs speak: one frame a packet of a SOCK_SEQPACKET socket, at most
 * WIRE_FRAME_MAX bytes, with up to WIRE_FDS_MAX descriptors (SCM_RIGHTS) that arrive CLOEXEC.
 * A frame is: u8 version, u8 type, then fields; a field is: u8 tag, u32 length (big-endian), bytes. Numbers
 * are u64 big-endian fields. docs/helper-protocol.md specifies it for a second implementation. The reader
 * believes nothing: a frame that is short, has a wrong version or a field past its end is RESULT_BAD_INPUT.
 * Every wait has a deadline. One thread at a time per socket end for receiving; sending a frame is atomic. */

#include "base/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WIRE_VERSION = 1, WIRE_FRAME_MAX = 64 * 1024, WIRE_FDS_MAX = 4 };

struct wire_frame {
    size_t size; /* used bytes; a writer past the end sets `overflow` */
    bool overflow;
    int n_fds;
    int fds[WIRE_FDS_MAX]; /* sending: borrowed. received: owned by the receiver, -1 once taken */
    uint8_t bytes[WIRE_FRAME_MAX];
};

struct wire_field {
    uint8_t tag;
    const uint8_t *bytes; /* within the frame, not NUL-terminated */
    size_t size;
};

/* Both ends CLOEXEC. */
enum result wire_pair(int fds_out[2]) MUST_USE;

void wire_begin(struct wire_frame *frame, uint8_t type);
/* Changes the type of a frame under construction, fields and all. */
void wire_retype(struct wire_frame *frame, uint8_t type);
void wire_put_bytes(struct wire_frame *frame, uint8_t tag, const void *bytes, size_t size);
/* NULL text puts nothing. Text is cut at max_bytes when it is longer. */
void wire_put_text(struct wire_frame *frame, uint8_t tag, const char *text, size_t max_bytes);
void wire_put_number(struct wire_frame *frame, uint8_t tag, uint64_t number);
void wire_put_fd(struct wire_frame *frame, int fd);

/* deadline_ms: monotonic. RESULT_TRY_LATER: deadline or a dead peer. RESULT_BUG: the frame overflowed. */
enum result wire_send(int socket, const struct wire_frame *frame, int64_t deadline_ms) MUST_USE;
/* RESULT_NOT_FOUND: the peer closed. RESULT_TRY_LATER: deadline or error. RESULT_BAD_INPUT: not a frame.
 * Descriptors of a failed frame are closed. */
enum result wire_receive(int socket, struct wire_frame *frame, int64_t deadline_ms) MUST_USE;
void wire_close_fds(struct wire_frame *frame);

uint8_t wire_type(const struct wire_frame *frame);
/* Walks the fields: *cursor starts at 0. RESULT_NOT_FOUND after the last. */
enum result wire_next(const struct wire_frame *frame, size_t *cursor, struct wire_field *field_out) MUST_USE;
enum result wire_number(const struct wire_field *field, uint64_t *number_out) MUST_USE;
/* NUL-terminated; RESULT_BAD_INPUT when it does not fit or holds a NUL. */
enum result wire_text(const struct wire_field *field, char *text, size_t room) MUST_USE;

#endif
