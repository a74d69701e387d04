/* SPDX-License-Identifier: Apache-2.0 */
#include "readers/ber.h"

enum { INDEFINITE = 0x80, CONSTRUCTED = 0x20, LONG_TAG = 0x1f, DEPTH_MAX = 16, PIECES_DEPTH_MAX = 4 };

static struct bytes behind(struct bytes bytes, size_t at)
{
    return bytes_cut(bytes, at, bytes.size - at);
}

/* The bytes of tag and length; 0: damaged. */
static size_t read_head(struct bytes bytes, uint64_t *length_out, bool *indefinite_out)
{
    if (bytes.size < 2 || (bytes.at[0] & LONG_TAG) == LONG_TAG)
        return 0;
    size_t extra = bytes.at[1] & 0x7f;
    *indefinite_out = bytes.at[1] == INDEFINITE;
    *length_out = *indefinite_out ? 0 : bytes.at[1];
    if (bytes.at[1] < INDEFINITE || *indefinite_out)
        return 2;
    if (extra > 4 || bytes.size < 2 + extra)
        return 0;
    *length_out = 0;
    for (size_t i = 0; i < extra; i++)
        *length_out = *length_out << 8 | bytes.at[2 + i];
    return 2 + extra;
}

static bool take(struct bytes *rest, struct ber_element *element, unsigned depth);

/* Up to the two zeros that end it. */
static bool take_indefinite(struct bytes *rest, struct bytes *value, unsigned depth)
{
    struct bytes left = *rest;
    struct ber_element inner;
    while (left.size >= 2 && (left.at[0] || left.at[1]))
        if (!take(&left, &inner, depth + 1))
            return false;
    if (left.size < 2)
        return false;
    *value = bytes_cut(*rest, 0, rest->size - left.size);
    *rest = behind(left, 2);
    return true;
}

static bool take(struct bytes *rest, struct ber_element *element, unsigned depth)
{
    uint64_t length;
    bool indefinite;
    size_t head = read_head(*rest, &length, &indefinite);
    if (!head || depth > DEPTH_MAX || !bytes_hold(*rest, head, length))
        return false;
    element->tag = rest->at[0];
    *rest = behind(*rest, head);
    if (indefinite)
        return (element->tag & CONSTRUCTED) && take_indefinite(rest, &element->value, depth);
    element->value = bytes_cut(*rest, 0, length);
    *rest = behind(*rest, (size_t)length);
    return true;
}

bool ber_next(struct bytes *rest, struct ber_element *element_out)
{
    return take(rest, element_out, 0);
}

bool ber_take(struct bytes *rest, uint8_t tag, struct bytes *value_out)
{
    struct ber_element element;
    if (!rest->size || rest->at[0] != tag || !ber_next(rest, &element))
        return false;
    *value_out = element.value;
    return true;
}

static bool put_octets(const struct ber_element *element, struct buffer *out, unsigned depth)
{
    struct bytes rest = element->value;
    struct ber_element piece;
    if (element->tag == BER_OCTETS) {
        buffer_append(out, rest.at, rest.size);
        return !out->failed;
    }
    if (element->tag != BER_OCTETS_IN_PIECES || depth > PIECES_DEPTH_MAX)
        return false;
    while (rest.size)
        if (!ber_next(&rest, &piece) || !put_octets(&piece, out, depth + 1))
            return false;
    return true;
}

bool ber_octets(const struct ber_element *element, struct buffer *out)
{
    return put_octets(element, out, 0);
}
