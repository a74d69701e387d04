/* SPDX-License-Identifier: Apache-2.0 */
#include "sealer/key_flaw.h"

#include "base/sha1.h"
#include "seal/protocol.h"
#include "sealer/packet.h"

#include <string.h>

enum { TAG_PUBLIC_KEY = 6, TAG_PUBLIC_SUBKEY = 14 };
enum { RSA = 1, RSA_LAST = 3, ECDH = 18, EDDSA = 22 };
enum {
    HEAD = 6, /* version, four octets of time, algorithm */
    V4 = 4,
    POINT = 32,
    NATIVE = 0x40, /* before a point that is in its curve's own form */
    EXPONENT_BITS_MAX = 256,
    PRIMES_BELOW = 1000,
    FRAME = 0x99,
    FRAMED_MAX = 65535,
    KEY_ID = 8,
};

static const uint8_t CURVE25519[] = {0x2b, 0x06, 0x01, 0x04, 0x01, 0x97, 0x55, 0x01, 0x05, 0x01};
static const uint8_t ED25519[] = {0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x0f, 0x01};

/* The points of order 1, 2, 4 and 8 and what else decodes to them, least octet first, without the highest
 * bit, which no implementation reads (RFC 7748 5). Of Curve25519: D. J. Bernstein,
 * cr.yp.to/ecdh.html#validate; any secret leads from them to zero (RFC 7748 6.1). */
static const uint8_t LOW_ORDER_X[][POINT] = {
    {0},
    {1},
    {0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a,
     0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00},
    {0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef, 0x5b,
     0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57},
};
/* Of Edwards25519 (RFC 8032 5.1.3): who signs with such a key need not know a secret. */
static const uint8_t LOW_ORDER_Y[][POINT] = {
    {0},
    {1},
    {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
     0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},
    {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
     0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a},
};
enum { LOW_ORDER = sizeof LOW_ORDER_X / sizeof *LOW_ORDER_X };

/* --- numbers
 * -------------------------------------------------------------------------------------------------- */

/* A multiprecision integer without its leading zeros. */
static bool take_number(struct span *from, struct span *number)
{
    struct span bits;
    if (!packet_cut(from, 2, &bits) ||
        !packet_cut(from, (packet_number(bits.bytes, bits.size) + 7) / 8, number))
        return false;
    while (number->size && !number->bytes[0]) {
        number->bytes++;
        number->size--;
    }
    return true;
}

static bool is_odd(struct span number)
{
    return number.size && (number.bytes[number.size - 1] & 1);
}

static bool is_divisible(struct span number, unsigned by)
{
    unsigned rest = 0;
    for (size_t i = 0; i < number.size; i++)
        rest = (rest << 8 | number.bytes[i]) % by;
    return rest == 0;
}

static bool is_prime(unsigned number)
{
    for (unsigned by = 3; by * by <= number; by += 2)
        if (number % by == 0)
            return false;
    return true;
}

static bool has_small_factor(struct span number)
{
    if (!is_odd(number))
        return true;
    for (unsigned prime = 3; prime < PRIMES_BELOW; prime += 2)
        if (is_prime(prime) && is_divisible(number, prime))
            return true;
    return false;
}

/* --- a key
 * -------------------------------------------------------------------------------------------------------- */

/* FIPS 186-5 A.1.1 wants the exponent odd, above 65,536 and below 2^256. Old programs made keys with 3, 17
 * and 41, to which the random padding of RFC 4880 13.1.1 does no harm. */
static unsigned rsa_flaw(struct span material)
{
    struct span modulus, exponent;
    if (!take_number(&material, &modulus) || !take_number(&material, &exponent))
        return SEAL_FLAW_FORM;
    if (!is_odd(exponent) || (exponent.size == 1 && exponent.bytes[0] == 1))
        return SEAL_FLAW_EXPONENT;
    if (exponent.size > EXPONENT_BITS_MAX / 8)
        return SEAL_FLAW_LONG_EXPONENT;
    return has_small_factor(modulus) ? SEAL_FLAW_FACTOR : SEAL_FLAW_NONE;
}

/* p - 1, p and p + 1 of p = 2^255 - 19: -1, and 0 and 1 once more. */
static bool is_around_p(const uint8_t point[POINT])
{
    for (size_t i = 1; i < POINT - 1; i++)
        if (point[i] != 0xff)
            return false;
    return point[0] >= 0xec && point[0] <= 0xee && point[POINT - 1] == 0x7f;
}

static bool is_low_order(struct span number, const uint8_t list[LOW_ORDER][POINT])
{
    uint8_t point[POINT] = {0};
    if (number.size == POINT + 1 && number.bytes[0] == NATIVE) {
        number.bytes++;
        number.size--;
    }
    if (number.size > POINT)
        return false;
    /* Without NATIVE before it zeros at the front are cut off. */
    if (number.size)
        memcpy(point + POINT - number.size, number.bytes, number.size);
    point[POINT - 1] &= 0x7f;
    for (size_t i = 0; i < LOW_ORDER; i++)
        if (memcmp(point, list[i], POINT) == 0)
            return true;
    return is_around_p(point);
}

static bool is_curve(struct span name, const uint8_t *oid, size_t size)
{
    return name.size == size && memcmp(name.bytes, oid, size) == 0;
}

static unsigned curve_flaw(struct span material, unsigned algorithm)
{
    struct span size, curve, point;
    if (!packet_cut(&material, 1, &size) || !packet_cut(&material, size.bytes[0], &curve) ||
        !take_number(&material, &point))
        return SEAL_FLAW_FORM;
    if (algorithm == ECDH && is_curve(curve, CURVE25519, sizeof CURVE25519) &&
        is_low_order(point, LOW_ORDER_X))
        return SEAL_FLAW_LOW_ORDER;
    if (algorithm == EDDSA && is_curve(curve, ED25519, sizeof ED25519) && is_low_order(point, LOW_ORDER_Y))
        return SEAL_FLAW_LOW_ORDER;
    return SEAL_FLAW_NONE;
}

unsigned key_flaw(struct span packet_body)
{
    struct span head;
    /* Another version has another form, and a longer fingerprint than can be pinned. */
    if (!packet_cut(&packet_body, HEAD, &head) || head.bytes[0] != V4)
        return SEAL_FLAW_NONE;
    unsigned algorithm = head.bytes[HEAD - 1];
    if (algorithm >= RSA && algorithm <= RSA_LAST)
        return rsa_flaw(packet_body);
    if (algorithm == ECDH || algorithm == EDDSA)
        return curve_flaw(packet_body, algorithm);
    return SEAL_FLAW_NONE;
}

/* --- a ring
 * ------------------------------------------------------------------------------------------------------- */

/* The end of the fingerprint (RFC 4880 12.2). */
static enum result read_key_id(struct span body, uint64_t *id_out)
{
    uint8_t digest[SHA1_BYTES];
    struct buffer framed;
    const uint8_t frame[] = {FRAME, (uint8_t)(body.size >> 8), (uint8_t)body.size};
    buffer_init(&framed, 0);
    buffer_append(&framed, frame, sizeof frame);
    buffer_append(&framed, body.bytes, body.size);
    enum result result = framed.failed ? RESULT_TRY_LATER : sha1_bytes(framed.bytes, framed.size, digest);
    buffer_free(&framed);
    if (result == RESULT_OK)
        *id_out = packet_number(digest + SHA1_BYTES - KEY_ID, KEY_ID);
    return result;
}

enum result key_flaws_find(struct span keys, struct buffer *flaws)
{
    while (keys.size) {
        struct key_flaw one = {0, SEAL_FLAW_NONE};
        struct span body;
        unsigned tag = 0;
        if (!packet_take(&keys, &tag, &body))
            return RESULT_TRY_LATER;
        if ((tag == TAG_PUBLIC_KEY || tag == TAG_PUBLIC_SUBKEY) && body.size <= FRAMED_MAX)
            one.flaw = key_flaw(body);
        if (one.flaw == SEAL_FLAW_NONE)
            continue;
        if (read_key_id(body, &one.key_id) != RESULT_OK)
            return RESULT_TRY_LATER;
        buffer_append(flaws, &one, sizeof one);
    }
    return flaws->failed ? RESULT_TRY_LATER : RESULT_OK;
}

unsigned key_flaws_of(const struct buffer *flaws, uint64_t key_id)
{
    struct key_flaw one;
    for (size_t at = 0; at + sizeof one <= flaws->size; at += sizeof one) {
        memcpy(&one, flaws->bytes + at, sizeof one);
        if (one.key_id == key_id)
            return one.flaw;
    }
    return SEAL_FLAW_NONE;
}
