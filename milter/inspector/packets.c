/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/packets.h"

#include <string.h>

enum {
    TAG_SESSION_KEY = 1,
    TAG_SIGNATURE = 2,
    TAG_PASSWORD_KEY = 3,
    TAG_PUBLIC_KEY = 6,
    TAG_ENCRYPTED_OLD = 9,
    TAG_MARKER = 10,
    TAG_USER_ID = 13,
    TAG_PUBLIC_SUBKEY = 14,
    TAG_ENCRYPTED = 18,
    TAG_ENCRYPTED_AEAD = 20,
};

enum {
    USER_ID_MAX = 512,
    USER_IDS_MAX = 4096, /* of a message's keys: more names than that are text */
    /* RSA of 8192 bits and its subpackets; behind that a notation may be any file. */
    SIGNATURE_MAX = 1536,
    SIGNATURES_MAX = 4,     /* over one message */
    SESSION_KEY_MAX = 2048, /* of the largest post-quantum kind */
};

void packets_init(struct packets *packets)
{
    *packets = (struct packets){.state = WALK_TAG};
}

static bool is_encrypted(uint8_t tag)
{
    return tag == TAG_ENCRYPTED || tag == TAG_ENCRYPTED_OLD || tag == TAG_ENCRYPTED_AEAD;
}

/* Of a public key as it is sent around: without its owner's picture. */
static bool is_public(uint8_t tag)
{
    return tag == TAG_PUBLIC_KEY || tag == TAG_PUBLIC_SUBKEY || tag == TAG_USER_ID;
}

static void count(struct packets *packets)
{
    bool after_data = packets->n_encrypted > 0;
    if (packets->tag == TAG_SIGNATURE)
        packets->n_signatures++;
    else if ((packets->tag == TAG_SESSION_KEY || packets->tag == TAG_PASSWORD_KEY) && !after_data)
        packets->n_keys++;
    else if (is_encrypted(packets->tag) && !after_data)
        packets->n_encrypted++;
    else if (packets->tag != TAG_MARKER || after_data)
        packets->n_others++;
    packets->n_public += is_public(packets->tag);
}

static void begin_packet(struct packets *packets, uint8_t byte)
{
    if (!(byte & 0x80)) {
        packets->state = WALK_BAD;
        return;
    }
    packets->new_format = byte & 0x40;
    packets->partial = false;
    packets->tag = packets->new_format ? byte & 0x3f : byte >> 2 & 0x0f;
    packets->length_have = 0;
    packets->length_need = packets->new_format ? 1 : 1U << (byte & 3);
    count(packets);
    packets->state = WALK_LENGTH;
    /* Length type 3 of the old format: to the end of the file. */
    if (!packets->new_format && (byte & 3) == 3)
        packets->state = WALK_ENDLESS;
}

/* Longer than what it is called can be. */
static bool is_too_long(uint8_t tag, uint64_t length)
{
    return (tag == TAG_SIGNATURE && length > SIGNATURE_MAX) ||
           ((tag == TAG_SESSION_KEY || tag == TAG_PASSWORD_KEY) && length > SESSION_KEY_MAX);
}

static void begin_body(struct packets *packets, uint64_t length, bool partial)
{
    /* RFC 4880 4.2.2.4: only data packets come in pieces. */
    if (partial && !is_encrypted(packets->tag)) {
        packets->state = WALK_BAD;
        return;
    }
    packets->user_ids += packets->tag == TAG_USER_ID ? length : 0;
    if (packets->tag == TAG_USER_ID && (length > USER_ID_MAX || packets->user_ids > USER_IDS_MAX))
        packets->n_public = 0;
    if (is_too_long(packets->tag, length))
        packets->n_others++;
    packets->partial = partial;
    packets->left = length;
    packets->state = length ? WALK_BODY : WALK_TAG;
}

static void take_length(struct packets *packets, uint8_t byte)
{
    packets->length_bytes[packets->length_have++] = byte;
    const uint8_t *b = packets->length_bytes;
    if (packets->new_format && packets->length_have == 1 && b[0] >= 192) {
        if (b[0] >= 224 && b[0] < 255) {
            begin_body(packets, (uint64_t)1 << (b[0] & 0x1f), true);
            return;
        }
        packets->length_need = b[0] == 255 ? 5 : 2;
    }
    if (packets->length_have < packets->length_need)
        return;
    uint64_t length = 0;
    if (packets->new_format && packets->length_need == 2)
        length = ((uint64_t)(b[0] - 192) << 8) + b[1] + 192;
    else
        for (unsigned i = packets->new_format && packets->length_need == 5; i < packets->length_need; i++)
            length = length << 8 | b[i];
    begin_body(packets, length, false);
}

static void end_piece(struct packets *packets)
{
    packets->length_have = 0;
    packets->length_need = 1;
    packets->state = packets->partial ? WALK_LENGTH : WALK_TAG;
}

void packets_feed(struct packets *packets, const void *bytes, size_t size)
{
    const uint8_t *next = bytes;
    while (size) {
        size_t used = 1;
        switch (packets->state) {
        case WALK_TAG:
            begin_packet(packets, *next);
            break;
        case WALK_LENGTH:
            take_length(packets, *next);
            break;
        case WALK_BODY:
            used = packets->left < size ? (size_t)packets->left : size;
            packets->left -= used;
            if (!packets->left)
                end_piece(packets);
            break;
        case WALK_ENDLESS:
        case WALK_BAD:
            return;
        }
        next += used;
        size -= used;
    }
}

enum packets_kind packets_kind(const struct packets *packets)
{
    bool whole = packets->state == WALK_TAG || (packets->state == WALK_ENDLESS && is_encrypted(packets->tag));
    bool public = packets->n_public && packets->n_public == packets->n_others;
    if (whole && public && !packets->n_keys && !packets->n_encrypted)
        return PACKETS_PUBLIC_KEYS;
    if (!whole || packets->n_others)
        return PACKETS_OTHER;
    if (packets->n_encrypted == 1 && packets->n_keys && !packets->n_signatures)
        return PACKETS_ENCRYPTED;
    if (packets->n_signatures && packets->n_signatures <= SIGNATURES_MAX && !packets->n_keys &&
        !packets->n_encrypted)
        return PACKETS_SIGNATURES;
    return PACKETS_OTHER;
}

void packets_armour_init(struct armour *armour)
{
    *armour = (struct armour){.state = ARMOUR_BEFORE};
    packets_init(&armour->packets);
}

static int value_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Every line of armour is whole groups of four; what is not, is no armour that a gateway has to understand.
 */
static bool decode_line(struct armour *armour, const char *line, size_t size)
{
    uint8_t bytes[ARMOUR_LINE_MAX];
    size_t used = 0;
    if (size % 4 || size > ARMOUR_LINE_MAX || armour->padded)
        return false;
    for (size_t i = 0; i < size; i += 4) {
        size_t good = 4;
        while (good > 2 && i + 4 == size && line[i + good - 1] == '=')
            good--;
        uint32_t group = 0;
        for (size_t k = 0; k < 4; k++) {
            int value = k < good ? value_of(line[i + k]) : 0;
            if (value < 0)
                return false;
            group = group << 6 | (uint32_t)value;
        }
        for (size_t k = 0; k + 1 < good; k++)
            bytes[used++] = (uint8_t)(group >> (16 - 8 * k));
        armour->padded = good < 4;
    }
    armour->size += used;
    packets_feed(&armour->packets, bytes, used);
    return true;
}

static bool begins(const char *line, size_t size, const char *with)
{
    return size >= strlen(with) && memcmp(line, with, strlen(with)) == 0;
}

static void body_line(struct armour *armour, const char *line, size_t size)
{
    if (begins(line, size, "-----END PGP "))
        armour->state = ARMOUR_AFTER;
    else if (size == 5 && line[0] == '=' && value_of(line[1]) >= 0)
        armour->padded = true; /* the checksum: no data after it */
    else if (!decode_line(armour, line, size))
        armour->state = ARMOUR_BROKEN;
}

void packets_armour_line(struct armour *armour, const char *line, size_t size)
{
    while (size && (line[size - 1] == ' ' || line[size - 1] == '\t' || line[size - 1] == '\r'))
        size--;
    switch (armour->state) {
    case ARMOUR_BEFORE:
        if (begins(line, size, "-----BEGIN PGP "))
            armour->state = ARMOUR_HEADERS;
        else if (size)
            armour->state = ARMOUR_BROKEN;
        break;
    case ARMOUR_HEADERS:
        if (!size)
            armour->state = ARMOUR_BODY;
        else if (size > ARMOUR_LINE_MAX || !memchr(line, ':', size) ||
                 (armour->header_bytes += size) > ARMOUR_HEADERS_MAX)
            armour->state = ARMOUR_BROKEN;
        break;
    case ARMOUR_BODY:
        if (size)
            body_line(armour, line, size);
        break;
    case ARMOUR_AFTER:
        if (size)
            armour->state = ARMOUR_BROKEN;
        break;
    case ARMOUR_BROKEN:
        break;
    }
}

void packets_armour_finish(struct armour *armour)
{
    packets_armour_line(armour, armour->line, armour->line_size);
    armour->line_size = 0;
}

void packets_armour_feed(struct armour *armour, const char *bytes, size_t size)
{
    for (size_t i = 0; i < size && armour->state != ARMOUR_BROKEN; i++) {
        if (bytes[i] == '\n')
            packets_armour_finish(armour);
        else if (armour->line_size == sizeof armour->line)
            armour->state = ARMOUR_BROKEN;
        else
            armour->line[armour->line_size++] = bytes[i];
    }
}

enum packets_kind packets_armour_kind(const struct armour *armour)
{
    return armour->state == ARMOUR_AFTER ? packets_kind(&armour->packets) : PACKETS_OTHER;
}

struct der {
    const uint8_t *at;
    size_t left;
};

/* Steps into the value of the next element; *length_out is UINT64_MAX for BER's indefinite form. */
static bool der_enter(struct der *der, uint8_t tag, uint64_t *length_out)
{
    if (der->left < 2 || der->at[0] != tag)
        return false;
    size_t skip = 2, extra = der->at[1] & 0x7f;
    uint64_t length = der->at[1];
    if (der->at[1] == 0x80)
        length = UINT64_MAX;
    else if (der->at[1] & 0x80) {
        if (extra > 4 || der->left < 2 + extra)
            return false;
        length = 0;
        for (size_t i = 0; i < extra; i++)
            length = length << 8 | der->at[2 + i];
        skip += extra;
    }
    der->at += skip;
    der->left -= skip;
    *length_out = length;
    return true;
}

static bool der_skip(struct der *der, uint8_t tag)
{
    uint64_t length;
    if (!der_enter(der, tag, &length) || length > der->left)
        return false;
    der->at += length;
    der->left -= (size_t)length;
    return true;
}

static bool der_oid(struct der *der, const uint8_t *oid, size_t size)
{
    uint64_t length;
    if (!der_enter(der, 0x06, &length) || length != size || der->left < size ||
        memcmp(der->at, oid, size) != 0)
        return false;
    der->at += size;
    der->left -= size;
    return true;
}

/* SignedData (RFC 5652 5.1) whose encapContentInfo is an OID and nothing more: the content is elsewhere. */
static bool signs_elsewhere(struct der der)
{
    uint64_t length;
    if (!der_enter(&der, 0xa0, &length) || !der_enter(&der, 0x30, &length) || !der_skip(&der, 0x02) ||
        !der_skip(&der, 0x31) || !der_enter(&der, 0x30, &length))
        return false;
    if (length != UINT64_MAX)
        return der.left >= 2 && der.at[0] == 0x06 && (uint64_t)der.at[1] + 2 == length;
    return der_skip(&der, 0x06) && der.left >= 2 && der.at[0] == 0 && der.at[1] == 0;
}

enum cms_kind cms_peek(const uint8_t *head, size_t size, uint64_t total)
{
    static const uint8_t signed_data[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02};
    static const uint8_t enveloped[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x03};
    static const uint8_t enveloped_auth[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d,
                                             0x01, 0x09, 0x10, 0x01, 0x17};
    static const uint8_t compressed[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x09};
    struct der der = {.at = head, .left = size}, oid;
    uint64_t length;
    if (!der_enter(&der, 0x30, &length))
        return CMS_OTHER;
    /* Exactly one element: nothing clear behind it. */
    if (length != UINT64_MAX && length + (uint64_t)(der.at - head) != total)
        return CMS_OTHER;
    oid = der;
    if (der_oid(&oid, enveloped, sizeof enveloped))
        return CMS_ENVELOPED;
    oid = der;
    if (der_oid(&oid, enveloped_auth, sizeof enveloped_auth))
        return CMS_ENVELOPED;
    oid = der;
    if (der_oid(&oid, signed_data, sizeof signed_data))
        return signs_elsewhere(oid) ? CMS_DETACHED_SIGNATURE : CMS_READABLE;
    oid = der;
    return der_oid(&oid, compressed, sizeof compressed) ? CMS_READABLE : CMS_OTHER;
}
