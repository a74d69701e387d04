/* SPDX-License-Identifier: Apache-2.0 */
#include "sealer/key_trim.h"

#include "base/digest.h"
#include "base/text.h"
#include "sealer/gpg_persons.h"
#include "sealer/packet.h"

#include <string.h>

enum { TAG_SIGNATURE = 2, TAG_PUBLIC_KEY = 6, TAG_USER_ID = 13, TAG_SUBKEY = 14 };
enum { SUBPACKET_ISSUER = 16, SUBPACKET_ISSUER_FINGERPRINT = 33, KEY_ID_SIZE = 8, USER_ID_MAX = 1024 };

/* RFC 4880, 5.2.3.5, and the fingerprint that later took its place; the last 8 octets of both are the id. */
static const uint8_t *issuer_in(struct span subpackets)
{
    uint64_t length = 0;
    struct span one;
    while (packet_length(&subpackets, &length) && packet_cut(&subpackets, length, &one)) {
        unsigned type = one.size ? one.bytes[0] & 0x7f : 0;
        if ((type == SUBPACKET_ISSUER || type == SUBPACKET_ISSUER_FINGERPRINT) && one.size > KEY_ID_SIZE)
            return one.bytes + one.size - KEY_ID_SIZE;
    }
    return NULL;
}

/* Id of the key that made a signature; NULL: it does not say. */
static const uint8_t *issuer_of(struct span signature)
{
    struct span head, hashed, count, other;
    if (!signature.size)
        return NULL;
    if (signature.bytes[0] == 3)
        return packet_cut(&signature, 7 + KEY_ID_SIZE, &head) ? head.bytes + 7 : NULL;
    if (signature.bytes[0] != 4 || !packet_cut(&signature, 6, &head) ||
        !packet_cut(&signature, packet_number(head.bytes + 4, 2), &hashed))
        return NULL;
    const uint8_t *id = issuer_in(hashed);
    if (id || !packet_cut(&signature, 2, &count) ||
        !packet_cut(&signature, packet_number(count.bytes, 2), &other))
        return id;
    return issuer_in(other);
}

static bool is_wanted_signature(const struct key_trim *trim, struct span signature)
{
    const uint8_t *id = issuer_of(signature);
    for (size_t i = 0; id && i < trim->n_signers; i++) {
        uint8_t signer[KEY_ID_SIZE];
        if (hex_decode(trim->signers[i] + SEAL_FINGERPRINT_SIZE - 2 * KEY_ID_SIZE, signer, sizeof signer) ==
                RESULT_OK &&
            memcmp(signer, id, sizeof signer) == 0)
            return true;
    }
    return false;
}

static bool address_of(struct span user_id, char address[SEAL_ADDRESS_MAX + 1])
{
    char text[USER_ID_MAX + 1];
    if (user_id.size > USER_ID_MAX || memchr(user_id.bytes, '\0', user_id.size))
        return false;
    memcpy(text, user_id.bytes, user_id.size);
    text[user_id.size] = '\0';
    return gpg_persons_address(text, address);
}

enum place { ON_KEY, ON_USER_ID, ON_OTHER_USER_ID };

static enum place place_of(const struct key_trim *trim, unsigned tag, struct span body)
{
    char address[SEAL_ADDRESS_MAX + 1];
    if (tag == TAG_USER_ID && address_of(body, address) && text_equal_nocase(address, trim->address))
        return ON_USER_ID;
    return tag == TAG_PUBLIC_KEY || tag == TAG_SUBKEY ? ON_KEY : ON_OTHER_USER_ID;
}

enum result key_trim(struct span key, const struct key_trim *trim, struct buffer *out)
{
    enum place place = ON_OTHER_USER_ID;
    bool found = false;
    while (key.size) {
        struct span whole = key, body;
        unsigned tag = 0;
        if (!packet_take(&key, &tag, &body))
            return RESULT_BAD_INPUT;
        whole.size -= key.size;
        if (tag != TAG_SIGNATURE)
            place = place_of(trim, tag, body);
        found = found || place == ON_USER_ID;
        if (place == ON_KEY ||
            (place == ON_USER_ID && (tag == TAG_USER_ID || is_wanted_signature(trim, body))))
            buffer_append(out, whole.bytes, whole.size);
    }
    if (out->failed)
        return RESULT_TRY_LATER;
    return found ? RESULT_OK : RESULT_NOT_FOUND;
}

void key_each_address(struct span key, void (*visit)(void *context, const char *address), void *context)
{
    char address[SEAL_ADDRESS_MAX + 1];
    struct span body;
    unsigned tag = 0, n = 0;
    while (n < SEAL_PERSONS_MAX && packet_take(&key, &tag, &body)) {
        if (tag != TAG_USER_ID || !address_of(body, address))
            continue;
        visit(context, address);
        n++;
    }
}
