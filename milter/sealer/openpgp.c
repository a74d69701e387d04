/* SPDX-License-Identifier: Apache-2.0 */
#include "sealer/openpgp.h"

#include <stdlib.h>
#include <string.h>

enum {
    TAG_SESSION_KEY = 1,
    TAG_UNPROTECTED_DATA = 9,
    TAG_PROTECTED_DATA = 18,
    TAG_AEAD_DATA = 20,
    SESSION_KEY_MAX = 4400, /* two 16,384-bit numbers and what surrounds them */
    SESSION_KEY_FIXED = 10, /* version, key id, algorithm */
    KEY_ID_AT = 1,
    KEY_ID_OCTETS = 8,
    PARTIAL_FIRST_MIN = 512, /* RFC 4880, 4.2.2.4 */
    DATA_MIN = 33,           /* version, prefix of an 8-byte block cipher, MDC packet */
    NATIVE_POINT = 0x40,     /* RFC 9580, 11.2.2 */
    PLAIN_POINT = 0x04,      /* uncompressed: RFC 6637, 6 */
};

enum algorithm { RSA = 1, RSA_ENCRYPT = 2, ELGAMAL = 16, ECDH = 18 };

enum state { AT_TAG, AT_LENGTH, IN_BODY, AT_END, FAILED };

struct openpgp {
    enum state state;
    const char *why;
    unsigned tag;
    bool new_format, partial, partial_seen;
    unsigned length_octets, n_length; /* wanted and there */
    uint8_t length[5];
    uint64_t left; /* body octets of this packet or part still to come */
    uint64_t size, data_size;
    size_t n_session;
    uint8_t session[SESSION_KEY_MAX];
    size_t n_key_ids;
    uint64_t key_ids[OPENPGP_RECIPIENTS_MAX];
};

struct openpgp *openpgp_new(void)
{
    struct openpgp *scan = calloc(1, sizeof *scan);
    if (scan)
        openpgp_begin(scan);
    return scan;
}

void openpgp_free(struct openpgp *scan)
{
    free(scan);
}

void openpgp_begin(struct openpgp *scan)
{
    scan->state = AT_TAG;
    scan->why = "it is empty";
    scan->tag = 0;
    scan->size = scan->data_size = scan->left = 0;
    scan->n_session = scan->n_key_ids = 0;
}

static void fail(struct openpgp *scan, const char *why)
{
    scan->state = FAILED;
    scan->why = why;
}

/* A multiprecision integer (RFC 4880, 3.2) at *at, which moves past it. */
static bool skip_number(const uint8_t *bytes, size_t size, size_t *at)
{
    if (size - *at < 3)
        return false;
    unsigned bits = (unsigned)bytes[*at] << 8 | bytes[*at + 1], top = bits & 7 ? bits & 7 : 8;
    size_t octets = (bits + 7) / 8;
    *at += 2;
    /* The count is exact: the highest bit it names is set, none above it is. */
    if (!octets || octets > size - *at || bytes[*at] >> (top - 1) != 1)
        return false;
    *at += octets;
    return true;
}

/* A point on a curve that gpg 2.2 knows (RFC 6637, 6; RFC 9580, 9.2): its first octet says how it is written,
 * and so how long it may be. */
static bool is_point(const uint8_t *point, size_t octets)
{
    static const struct {
        uint8_t form;
        size_t octets;
    } rows[] = {
        {NATIVE_POINT, 1 + 32},    /* Curve25519 */
        {PLAIN_POINT, 1 + 2 * 32}, /* P-256, brainpoolP256r1, secp256k1 */
        {PLAIN_POINT, 1 + 2 * 48}, /* P-384, brainpoolP384r1 */
        {PLAIN_POINT, 1 + 2 * 64}, /* brainpoolP512r1 */
        {PLAIN_POINT, 1 + 2 * 66}, /* P-521 */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (point[0] == rows[i].form && octets == rows[i].octets)
            return true;
    return false;
}

/* A session key of 128, 192 or 256 bits with algorithm and checksum, padded to eight octets and wrapped (RFC
 * 6637, 8; RFC 3394). */
static bool is_wrapped_key(size_t octets)
{
    return octets == 32 || octets == 40 || octets == 48;
}

/* What follows the algorithm octet fills the packet exactly, as that algorithm lays it out. */
static bool session_key_fits(const uint8_t *bytes, size_t size)
{
    size_t at = SESSION_KEY_FIXED, number = at + 2;
    unsigned algorithm = bytes[SESSION_KEY_FIXED - 1];
    if (algorithm != RSA && algorithm != RSA_ENCRYPT && algorithm != ELGAMAL && algorithm != ECDH)
        return false;
    if (!skip_number(bytes, size, &at))
        return false;
    /* The point, then a counted wrapped key (RFC 6637, 10). */
    if (algorithm == ECDH)
        return is_point(bytes + number, at - number) && at < size && is_wrapped_key(bytes[at]) &&
               bytes[at] == size - at - 1;
    if (algorithm == ELGAMAL && !skip_number(bytes, size, &at))
        return false;
    return at == size;
}

static void end_session_key(struct openpgp *scan)
{
    const uint8_t *bytes = scan->session;
    uint64_t key_id = 0;
    if (scan->n_session <= SESSION_KEY_FIXED || bytes[0] != 3 || !session_key_fits(bytes, scan->n_session)) {
        fail(scan, "a session-key packet is not one that gpg writes");
        return;
    }
    if (scan->n_key_ids == OPENPGP_RECIPIENTS_MAX) {
        fail(scan, "too many session-key packets");
        return;
    }
    for (size_t i = 0; i < KEY_ID_OCTETS; i++)
        key_id = key_id << 8 | bytes[KEY_ID_AT + i];
    scan->key_ids[scan->n_key_ids++] = key_id;
    scan->state = AT_TAG;
}

static void end_chunk(struct openpgp *scan)
{
    if (scan->partial)
        scan->state = AT_LENGTH;
    else if (scan->tag == TAG_SESSION_KEY)
        end_session_key(scan);
    else if (scan->data_size < DATA_MIN)
        fail(scan, "the encrypted data packet is too short to hold anything");
    else
        scan->state = AT_END;
}

static void begin_body(struct openpgp *scan)
{
    scan->state = IN_BODY;
    if (scan->tag == TAG_SESSION_KEY && scan->left > SESSION_KEY_MAX)
        fail(scan, "a session-key packet is too long");
    else if (!scan->left)
        end_chunk(scan);
}

static void read_tag(struct openpgp *scan, uint8_t octet)
{
    scan->new_format = octet & 0x40;
    scan->tag = scan->new_format ? octet & 0x3f : octet >> 2 & 0x0f;
    scan->partial = scan->partial_seen = false;
    scan->n_session = scan->n_length = 0;
    scan->left = 0;
    bool data = scan->tag == TAG_PROTECTED_DATA || scan->tag == TAG_AEAD_DATA;
    if (!(octet & 0x80)) {
        fail(scan, "it is not made of OpenPGP packets");
    } else if (scan->tag == TAG_UNPROTECTED_DATA) {
        fail(scan, "it is not protected against change (no MDC, no AEAD)");
    } else if (scan->tag != TAG_SESSION_KEY && !data) {
        fail(scan, "it holds a packet that has no place there");
    } else if (data && !scan->n_key_ids) {
        fail(scan, "it is encrypted to nobody");
    } else if (!scan->new_format && (octet & 3) == 3) {
        fail(scan, "a packet has no definite end");
    } else {
        scan->state = AT_LENGTH;
        scan->length_octets = scan->new_format ? 0 : 1U << (octet & 3);
    }
}

/* New-format lengths (RFC 4880, 4.2.2): the first octet says how many there are. */
static unsigned length_octets_of(uint8_t first)
{
    if (first == 255)
        return 5;
    return first >= 192 && first < 224 ? 2 : 1;
}

static void begin_part(struct openpgp *scan, uint8_t octet)
{
    scan->partial = true;
    scan->left = (uint64_t)1 << (octet & 31);
    if (scan->tag == TAG_SESSION_KEY || (!scan->partial_seen && scan->left < PARTIAL_FIRST_MIN))
        fail(scan, "a packet is cut into parts where it may not be");
    else
        begin_body(scan);
    scan->partial_seen = true;
}

static void read_length(struct openpgp *scan, uint8_t octet)
{
    if (scan->new_format && scan->n_length == 0)
        scan->length_octets = length_octets_of(octet);
    scan->length[scan->n_length++] = octet;
    if (scan->n_length < scan->length_octets)
        return;
    const uint8_t *length = scan->length;
    unsigned octets = scan->n_length, first = 0;
    scan->n_length = 0;
    scan->partial = false;
    if (scan->new_format && length[0] >= 224 && length[0] < 255) {
        begin_part(scan, length[0]);
        return;
    }
    if (scan->new_format && octets == 5)
        first = 1;
    scan->left = 0;
    for (unsigned i = first; i < octets; i++)
        scan->left = scan->left << 8 | length[i];
    if (scan->new_format && octets == 2)
        scan->left = scan->left - (192 << 8) + 192;
    begin_body(scan);
}

/* Of a session-key packet, from `start` on. */
static void hide_key_id(uint8_t *bytes, size_t start, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (start + i >= KEY_ID_AT && start + i < KEY_ID_AT + KEY_ID_OCTETS)
            bytes[i] = 0;
}

/* hides: the bytes may be written to, and key ids are to be made zero. */
static size_t read_body(struct openpgp *scan, const uint8_t *bytes, bool hides, size_t size)
{
    size_t take = size < scan->left ? size : (size_t)scan->left;
    if (scan->tag == TAG_SESSION_KEY) {
        memcpy(scan->session + scan->n_session, bytes, take);
        if (hides)
            hide_key_id((uint8_t *)(uintptr_t)bytes, scan->n_session, take);
        scan->n_session += take;
    } else {
        if (!scan->data_size && bytes[0] != 1)
            fail(scan, "the encrypted data packet has a version that gpg does not write");
        scan->data_size += take;
    }
    scan->left -= take;
    if (!scan->left && scan->state == IN_BODY)
        end_chunk(scan);
    return take;
}

static bool feed(struct openpgp *scan, const uint8_t *bytes, bool hides, size_t size)
{
    scan->size += size;
    for (size_t at = 0; at < size && scan->state != FAILED;) {
        switch (scan->state) {
        case AT_TAG:
            read_tag(scan, bytes[at++]);
            break;
        case AT_LENGTH:
            read_length(scan, bytes[at++]);
            break;
        case IN_BODY:
            at += read_body(scan, bytes + at, hides, size - at);
            break;
        case AT_END:
            fail(scan, "something follows the encrypted data");
            break;
        case FAILED:
            break;
        }
    }
    return scan->state != FAILED;
}

bool openpgp_feed(struct openpgp *scan, const uint8_t *bytes, size_t size)
{
    return feed(scan, bytes, false, size);
}

bool openpgp_feed_hiding(struct openpgp *scan, uint8_t *bytes, size_t size)
{
    return feed(scan, bytes, true, size);
}

const char *openpgp_why(const struct openpgp *scan)
{
    if (scan->state == AT_END)
        return NULL;
    return scan->state != FAILED && scan->size ? "it ends in the middle" : scan->why;
}

enum result openpgp_end(const struct openpgp *scan, struct problem *problem)
{
    const char *why = openpgp_why(scan);
    if (!why)
        return RESULT_OK;
    return problem_set(problem, RESULT_BAD_INPUT, "what gpg wrote is not a whole encrypted message: %s", why);
}

const uint64_t *openpgp_key_ids(const struct openpgp *scan, size_t *n_out)
{
    *n_out = scan->n_key_ids;
    return scan->key_ids;
}

bool openpgp_is_aead(const struct openpgp *scan)
{
    return scan->tag == TAG_AEAD_DATA;
}

uint64_t openpgp_data_size(const struct openpgp *scan)
{
    return scan->data_size;
}

uint64_t openpgp_size(const struct openpgp *scan)
{
    return scan->size;
}
