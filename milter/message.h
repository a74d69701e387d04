/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_MESSAGE_H
#define KHATM_MESSAGE_H

/* One message on its way, from whichever door it came (MTA or `khatm explain`): what the envelope said, the header
 * fields as handed over, and the spool that holds all bytes. Lives in one arena, used by one thread. Bytes of header
 * fields are the sender's: only the inspector interprets them. */

#include "base/arena.h"
#include "config/config.h"
#include "spool/spool.h"

enum { MESSAGE_HEADERS_MAX = 1000, MESSAGE_HEADER_BYTES_MAX = 512 * 1024, MESSAGE_RCPTS_MAX = 2000 };

struct header_field {
    const char *name;
    const char *value; /* everything after the colon, leading space kept, line ends CRLF */
    unsigned index;    /* 1-based among fields of this name, as smfi_chgheader counts */
};

struct message {
    struct arena *arena;
    const struct config *config;          /* a reference of its own */
    const struct attach_settings *attach; /* within config */
    char reference[13];
    const char *queue_id;       /* NULL until known */
    const char *client_address; /* "192.0.2.1", "2001:db8::1"; NULL: local */
    const char *helo, *login, *tls_version; /* NULL: none */
    const char *envelope_from;  /* without <>; "" for the null sender */
    const char **rcpts;         /* without <> */
    size_t n_rcpts, room_rcpts;
    struct header_field *headers;
    size_t n_headers, room_headers, header_bytes;
    bool too_many; /* headers, header bytes or recipients past the limit: cannot be judged, permanent */
    bool odd_bytes; /* NUL or another thing that the protocol cannot carry */
    struct spool spool;
};

/* A new message with its own arena and reference, holding a reference on config. NULL: no memory. */
struct message *message_new(const struct config *config, const struct attach_settings *attach);
void message_free(struct message *message);

enum result message_set_from(struct message *message, const char *envelope_from) MUST_USE;
enum result message_add_rcpt(struct message *message, const char *address) MUST_USE;
/* Copies; writes the field to the spool. RESULT_TRY_LATER: memory or disk. */
enum result message_add_header(struct message *message, const char *name, const char *value, struct problem *problem) MUST_USE;

/* The n-th (from 0) field of this name, compared without case; NULL when there are fewer. */
const struct header_field *message_header(const struct message *message, const char *name, size_t n);
/* First Message-ID between <>, NULL when there is none. In the arena. */
const char *message_id(const struct message *message);

#endif
