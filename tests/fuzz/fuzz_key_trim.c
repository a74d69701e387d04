/* SPDX-License-Identifier: Apache-2.0 */
/* What is left of a key for one address: whole packets of what came, no user id of anybody else, and nothing
 * more to take away. */
#include "base/text.h"
#include "sealer/key_trim.h"
#include "sealer/packet.h"

#include <stdlib.h>
#include <string.h>

enum { TAG_USER_ID = 13 };

static const char address[] = "anne@a.b";
static const char signers[2][SEAL_FINGERPRINT_SIZE + 1] = {"000000000000000000000000AABBCCDDEEFF0011",
                                                           "0000000000000000000000001122334455667788"};

struct visits {
    unsigned all, others;
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void insist(int condition)
{
    if (!condition)
        abort();
}

static void visit(void *context, const char *whose)
{
    struct visits *visits = context;
    visits->all++;
    visits->others += !text_equal_nocase(whose, address);
}

static struct span span_of(const struct buffer *buffer)
{
    return (struct span){(const uint8_t *)buffer->bytes, buffer->size};
}

/* Each packet of what is left is one of what came, in the same order. */
static void check_packets(struct span left, struct span came)
{
    while (left.size) {
        struct span whole = left, other = came, body;
        unsigned tag = 0;
        insist(packet_take(&left, &tag, &body));
        whole.size -= left.size;
        do {
            came = other;
            insist(packet_take(&other, &tag, &body));
        } while ((size_t)(other.bytes - came.bytes) != whole.size ||
                 memcmp(came.bytes, whole.bytes, whole.size) != 0);
        came = other;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const struct key_trim how = {address, signers, 2};
    const struct span key = {bytes, size};
    struct buffer left, again;
    struct visits visits = {0};
    buffer_init(&left, 0);
    buffer_init(&again, 0);
    key_each_address(key, visit, &visits);
    insist(visits.all <= SEAL_PERSONS_MAX);
    if (key_trim(key, &how, &left) == RESULT_OK) {
        check_packets(span_of(&left), key);
        visits = (struct visits){0};
        key_each_address(span_of(&left), visit, &visits);
        insist(visits.all > 0 && visits.others == 0);
        insist(key_trim(span_of(&left), &how, &again) == RESULT_OK);
        insist(again.size == left.size && memcmp(again.bytes, left.bytes, left.size) == 0);
    }
    buffer_free(&left);
    buffer_free(&again);
    return 0;
}
