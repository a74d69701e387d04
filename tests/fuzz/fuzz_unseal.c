/* SPDX-License-Identifier: Apache-2.0 */
/* What khatm-sealer reads of a message that may be sealed for us, and of a header section that was inside:
 * the first part of the input, up to a NUL, is the outer message, the rest what came out. Whatever the bytes:
 * no crash, nothing beyond them, the same answer however the armour is drained, and only what is well formed
 * goes on. */
#include "sealer/dearmour.h"
#include "sealer/envelope.h"
#include "sealer/fields.h"
#include "sealer/protected.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void insist(int condition)
{
    if (!condition)
        abort();
}

/* All that comes out in pieces of `room`; the sum of its octets in *sum. */
static size_t drain(struct span text, size_t room, unsigned *sum, const char **why)
{
    static uint8_t block[65536];
    struct dearmour armour;
    size_t total = 0;
    ssize_t got = 0;
    *sum = 0;
    if (dearmour_begin(&armour, text))
        while ((got = dearmour_read(&armour, block, room)) > 0) {
            insist((size_t)got <= room);
            for (ssize_t i = 0; i < got; i++)
                *sum = *sum * 31 + block[i];
            total += (size_t)got;
        }
    *why = armour.why;
    return total;
}

static void read_armour(struct span text)
{
    unsigned whole_sum, sum;
    const char *whole_why, *why;
    size_t whole = drain(text, 65536, &whole_sum, &whole_why), pieces = drain(text, 1001, &sum, &why);
    insist(whole <= text.size && whole == pieces && whole_sum == sum && !whole_why == !why);
}

static void read_fields(struct span outer, struct span entity)
{
    struct span header, rest;
    struct buffer fields;
    struct field field;
    struct span text, signature;
    size_t body, n = 0, found = 0;
    bool bad;
    if (envelope_signed(entity, &text, &signature))
        insist(text.bytes >= entity.bytes && text.bytes + text.size <= signature.bytes &&
               signature.bytes + signature.size <= entity.bytes + entity.size);
    if (!fields_split(entity, &header, &body))
        return;
    insist(header.size < body && body <= entity.size);
    for (rest = header; fields_next(&rest, &field, &bad);)
        insist(field.name.size && field.value.bytes + field.value.size <= header.bytes + header.size);
    buffer_init(&fields, (size_t)4 << 20);
    const char *why = protected_fields(outer, header, entity.size & 1, &fields, &n);
    for (size_t i = 0; !fields.failed && i < fields.size; i++)
        found += !fields.bytes[i];
    insist(why || fields.failed || found == 2 * n);
    buffer_free(&fields);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const uint8_t *nul = size ? memchr(bytes, '\0', size) : NULL;
    size_t first = nul ? (size_t)(nul - bytes) : size;
    const struct span message = {bytes, first},
                      entity = {bytes + (nul ? first + 1 : 0), nul ? size - first - 1 : 0};
    struct envelope envelope;
    if (!first || !envelope_read(message, &envelope))
        return 0;
    insist((envelope.form == ENVELOPE_BROKEN) == (envelope.why != NULL));
    if (envelope.form == ENVELOPE_GOOD)
        read_armour(envelope.armour);
    for (size_t at = dearmour_find(message, 0); at < first; at = dearmour_find(message, at + 1))
        read_armour((struct span){bytes + at, first - at});
    insist(envelope_blame(message) != NULL);
    envelope_free(&envelope);
    if (entity.size)
        read_fields(message, entity);
    return 0;
}
