/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/reference.h"

#include <string.h>

struct key {
    char *out;
    size_t size, part; /* part: where the current one begins */
    unsigned parts;
    bool within, failed;
};

/* "007" is written "7", "0" stays. */
static void end_part(struct key *key)
{
    size_t zeros = 0, length = key->size - key->part;
    char *part = key->out + key->part;
    if (!key->within)
        return;
    key->within = false;
    if (strspn(part, "0123456789") != length)
        return;
    while (zeros + 1 < length && part[zeros] == '0')
        zeros++;
    memmove(part, part + zeros, length - zeros + 1);
    key->size -= zeros;
}

static void add(struct key *key, uint32_t code)
{
    if (!key->within) {
        if (key->parts)
            key->out[key->size++] = '/';
        key->part = key->size;
        key->within = true;
        key->parts++;
    }
    key->size += fold_put(code, key->out + key->size);
    key->out[key->size] = '\0';
    if (key->size + 6 > REFERENCE_KEY_ROOM || key->parts > REFERENCE_PARTS_MAX)
        key->failed = true;
}

bool reference_key(const struct fold *fold, const char *text, size_t size, char out[REFERENCE_KEY_ROOM])
{
    struct key key = {.out = out};
    *out = '\0';
    for (size_t at = 0; at < size && !key.failed;) {
        uint32_t one[1];
        const uint32_t *becomes;
        size_t n = fold_character(fold, fold_next(text, size, &at), one, &becomes);
        for (size_t i = 0; i < n && !key.failed; i++) {
            if (fold_class(fold, becomes[i]) == FOLD_OTHER)
                end_part(&key);
            else
                add(&key, becomes[i]);
        }
    }
    end_part(&key);
    return key.parts && !key.failed;
}

void reference_reverse(const char key[REFERENCE_KEY_ROOM], char out[REFERENCE_KEY_ROOM])
{
    size_t used = 0;
    for (size_t end = strlen(key); end;) {
        size_t start = end;
        while (start && key[start - 1] != '/')
            start--;
        memcpy(out + used, key + start, end - start);
        used += end - start;
        if (start)
            out[used++] = '/';
        end = start ? start - 1 : 0;
    }
    out[used] = '\0';
}
