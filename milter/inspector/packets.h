/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_PACKETS_H
#define KHATM_INSPECTOR_PACKETS_H

/* What encrypted or signed bytes really are: a walk over OpenPGP packet headers (RFC 4880 4.2), fed in
 * pieces, a reader of its ASCII armour (RFC 4880 6.2), and a short look into CMS (RFC 5652). Nothing is
 * decrypted and no packet body is read: bytes inside an encrypted packet may be anything, which is why even
 * "opaque" mail is not let out to everybody. No allocation. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum packets_kind {
    PACKETS_OTHER,       /* not packets, not whole, or a mixture */
    PACKETS_SIGNATURES,  /* nothing but signatures, few and of a size that signatures have */
    PACKETS_PUBLIC_KEYS, /* public keys, user ids that are short and few, signatures */
    PACKETS_ENCRYPTED,   /* session keys, then one encrypted packet, nothing else */
};

struct packets {
    enum { WALK_TAG, WALK_LENGTH, WALK_BODY, WALK_ENDLESS, WALK_BAD } state;
    uint8_t tag;
    bool new_format, partial;
    uint8_t length_bytes[5];
    unsigned length_have, length_need;
    uint64_t left; /* of the body */
    unsigned n_signatures, n_keys, n_encrypted, n_others;
    unsigned n_public; /* of the others */
    uint64_t user_ids; /* bytes */
};

void packets_init(struct packets *packets);
void packets_feed(struct packets *packets, const void *bytes, size_t size);
enum packets_kind packets_kind(const struct packets *packets);

enum { ARMOUR_LINE_MAX = 128, ARMOUR_HEADERS_MAX = 1024 /* "Comment: …" */ };

struct armour {
    enum { ARMOUR_BEFORE, ARMOUR_HEADERS, ARMOUR_BODY, ARMOUR_AFTER, ARMOUR_BROKEN } state;
    struct packets packets;
    uint64_t size; /* decoded bytes */
    size_t header_bytes;
    bool padded;
    size_t line_size; /* of the line that packets_armour_feed has not seen the end of */
    char line[ARMOUR_LINE_MAX + 2];
};

void packets_armour_init(struct armour *armour);
/* One line without its end, "-----BEGIN PGP ...-----" included. */
void packets_armour_line(struct armour *armour, const char *line, size_t size);
/* The same from bytes in pieces; packets_armour_finish takes the last line. */
void packets_armour_feed(struct armour *armour, const char *bytes, size_t size);
void packets_armour_finish(struct armour *armour);
/* PACKETS_OTHER too when it is not closed or something stands around it. */
enum packets_kind packets_armour_kind(const struct armour *armour);

enum cms_kind {
    CMS_OTHER,
    CMS_ENVELOPED,
    CMS_DETACHED_SIGNATURE,
    CMS_READABLE, /* signed or compressed: the content is in it, in clear */
};

/* head: the first bytes, size of them; total: of the whole. */
enum cms_kind cms_peek(const uint8_t *head, size_t size, uint64_t total);

#endif
