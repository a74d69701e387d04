/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_MESSAGE_H
#define KHATM_MESSAGE_H

/* One message on its way, from whichever door it came (MTA or `khatm explain`): what the envelope said, the
 * header fields as handed over, and the spool that holds all bytes. Lives in one arena, used by one thread.
 * Bytes of header fields are the sender's: only the inspector interprets them. */

#include "base/arena.h"
#include "config/config.h"
#include "spool/spool.h"

enum { MESSAGE_HEADERS_MAX = 1000, MESSAGE_HEADER_BYTES_MAX = 512 * 1024, MESSAGE_RCPTS_MAX = 2000 };

struct header_field {
    const char *name;
    const char *value; /* everything after the colon, leading space kept, folds as CRLF */
    unsigned index;    /* 1-based among fields of this name, as smfi_chgheader counts */
};

struct message {
    struct arena *arena;
    const struct config *config;          /* a reference of its own */
    const struct attach_settings *attach; /* within config */
    char reference[13];
    const char *queue_id;                   /* NULL until known */
    const char *client_address;             /* "192.0.2.1", "2001:db8::1"; NULL: local */
    const char *helo, *login, *tls_version; /* NULL: none */
    const char *envelope_from;              /* without <>; "" for the null sender */
    const char **rcpts;                     /* without <> */
    const char **typed; /* what each was before aliases and forwards (RFC 3461 4.2, ORCPT); NULL: not said */
    size_t n_rcpts, room_rcpts;
    struct header_field *headers;
    size_t n_headers, room_headers, header_bytes;
    bool header_too_big; /* a limit above was reached: the message cannot be judged, for good */
    bool body_too_big;   /* the spool's limit was reached */
    bool too_many_rcpts; /* role local: there were more than are here */
    struct spool spool;
    struct spool opened; /* header section and body as they were before sealing; fd -1: not opened */
};

/* A new message with its own arena, reference and spool, holding a reference on config. */
enum result message_new(const struct config *config, const struct attach_settings *attach,
                        struct message **message_out, struct problem *problem) MUST_USE;
void message_free(struct message *message);

/* <> around an address is taken off. RESULT_TRY_LATER: no memory; RESULT_BAD_INPUT: too many recipients, but
 * with role local it sets too_many_rcpts and succeeds. */
enum result message_set_from(struct message *message, const char *envelope_from) MUST_USE;
/* parameters: of RCPT, NULL-terminated; NULL: none. */
enum result message_add_rcpt(struct message *message, const char *address,
                             const char *const *parameters) MUST_USE;

/* Copies a field. Past a limit it sets header_too_big and succeeds. RESULT_TRY_LATER: no memory. */
enum result message_add_header(struct message *message, const char *name, const char *value) MUST_USE;
/* After the last field: writes the header section and the empty line to the spool. */
enum result message_end_header(struct message *message) MUST_USE;
/* Bytes of the body with CRLF line ends. Past the spool's limit it sets body_too_big and succeeds.
 * RESULT_TRY_LATER: the spool's disk is full or broken. */
enum result message_add_body(struct message *message, const void *bytes, size_t size) MUST_USE;

/* What of it is past a limit, so that it is refused unread; NULL: nothing. */
const char *message_excess(const struct message *message);
/* The n-th (from 0) field of this name, compared without case; NULL when there are fewer. */
const struct header_field *message_header(const struct message *message, const char *name, size_t n);
/* What stands between < and > of the first Message-ID field, in the arena; NULL when there is none. */
const char *message_id(struct message *message);

#endif
