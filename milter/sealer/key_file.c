/* SPDX-License-Identifier: Apache-2.0 */
#include "sealer/key_file.h"

#include "sealer/dearmour.h"
#include "sealer/packet.h"

#include <string.h>

enum packet_tag {
    TAG_SIGNATURE = 2,
    TAG_SECRET_KEY = 5,
    TAG_PUBLIC_KEY = 6,
    TAG_SECRET_SUBKEY = 7,
    TAG_USER_ID = 13,
    TAG_PUBLIC_SUBKEY = 14,
    TAG_USER_ATTRIBUTE = 17,
};

static enum result refuse(struct problem *problem, const char *why)
{
    return problem_set(problem, RESULT_BAD_INPUT, "%s", why);
}

static const char SECRET[] = "it holds a secret key, which must never leave its owner: take the public one, "
                             "gpg --export";

/* A binary key begins with a packet's first octet, whose highest bit is set; armour is text. */
static bool is_armoured(struct span file)
{
    return file.size && !(file.bytes[0] & 0x80);
}

static bool has_line(struct span file, const char *line)
{
    return memmem(file.bytes, file.size, line, strlen(line)) != NULL;
}

static enum result dearmour(struct span file, struct buffer *key, struct problem *problem)
{
    enum { BLOCK = 16384 };
    struct dearmour armour;
    uint8_t block[BLOCK];
    ssize_t got = 0;
    if (has_line(file, "-----BEGIN PGP PRIVATE KEY BLOCK-----"))
        return refuse(problem, SECRET);
    if (!has_line(file, "-----BEGIN PGP PUBLIC KEY BLOCK-----"))
        return refuse(problem, "it is no OpenPGP public key");
    if (dearmour_begin_key(&armour, file))
        while ((got = dearmour_read(&armour, block, sizeof block)) > 0)
            buffer_append(key, block, (size_t)got);
    return armour.why ? refuse(problem, armour.why) : RESULT_OK;
}

static const char *judge(unsigned tag, bool first, size_t *n_keys)
{
    switch (tag) {
    case TAG_SECRET_KEY:
    case TAG_SECRET_SUBKEY:
        return SECRET;
    case TAG_PUBLIC_KEY:
        return ++*n_keys > 1 ? "it holds more than one key: give them one by one" : NULL;
    case TAG_SIGNATURE:
        return first ? "it is a signature or a revocation, not a key" : NULL;
    case TAG_USER_ID:
    case TAG_PUBLIC_SUBKEY:
    case TAG_USER_ATTRIBUTE:
        return first ? "it does not begin with a key" : NULL;
    default:
        return first ? "it is no OpenPGP public key" : "it holds more than a public key";
    }
}

static const char *look_at(struct span key)
{
    size_t n_keys = 0;
    bool first = true;
    if (!key.size)
        return "it is empty";
    while (key.size) {
        struct span body;
        unsigned tag = 0;
        if (!packet_take(&key, &tag, &body))
            return first ? "it is no OpenPGP public key" : "it is cut off or damaged";
        const char *why = judge(tag, first, &n_keys);
        if (why)
            return why;
        first = false;
    }
    return NULL;
}

enum result key_file_read(struct span file, struct buffer *key, struct problem *problem)
{
    enum result result = RESULT_OK;
    if (is_armoured(file))
        result = dearmour(file, key, problem);
    else
        buffer_append(key, file.bytes, file.size);
    if (result != RESULT_OK)
        return result;
    if (key->failed)
        return problem_set(problem, RESULT_TRY_LATER, "no memory for the key");
    const char *why = look_at((struct span){(const uint8_t *)key->bytes, key->size});
    return why ? refuse(problem, why) : RESULT_OK;
}
