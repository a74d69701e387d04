/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/number.h"

#include "base/text.h"

#include <string.h>

static void add(const char *key, char keys[NUMBER_KEYS][REFERENCE_KEY_ROOM], size_t *n)
{
    for (size_t i = 0; i < *n; i++)
        if (!strcmp(keys[i], key))
            return;
    memmove(keys[*n], key, strlen(key) + 1);
    ++*n;
}

/* From the other end, but letters that stand together stay as they are read: what a paper in Arabic has as
 * 771/A.B/2026 is typed 2026/A.B/771 as well. */
static void turn(const char key[REFERENCE_KEY_ROOM], char out[REFERENCE_KEY_ROOM])
{
    char run[REFERENCE_KEY_ROOM], turned[REFERENCE_KEY_ROOM];
    reference_reverse(key, out);
    for (char *at = out; *at;) {
        at += strspn(at, "0123456789/");
        size_t size = strcspn(at, "0123456789");
        while (size && at[size - 1] == '/')
            size--;
        memcpy(run, at, size);
        run[size] = '\0';
        reference_reverse(run, turned);
        memcpy(at, turned, size);
        at += size;
    }
}

static void add_all(const char key[REFERENCE_KEY_ROOM], char keys[NUMBER_KEYS][REFERENCE_KEY_ROOM], size_t *n)
{
    char other[REFERENCE_KEY_ROOM];
    add(key, keys, n);
    reference_reverse(key, other);
    add(other, keys, n);
    turn(key, other);
    add(other, keys, n);
}

enum result number_keys(const char *text, char keys[NUMBER_KEYS][REFERENCE_KEY_ROOM], size_t *n_out)
{
    char key[REFERENCE_KEY_ROOM], rest[REFERENCE_KEY_ROOM] = "";
    struct fold *fold;
    size_t fold_size;
    *n_out = 0;
    if (fold_make(&fold, &fold_size) != POLICY_OK)
        return RESULT_TRY_LATER;
    bool good = reference_key(fold, text, strlen(text), key);
    fold_free(fold);
    if (!good)
        return RESULT_OK;
    add_all(key, keys, n_out);
    /* "N/154/DGCL" was typed "n° 154/DGCL". */
    const char *slash = strchr(key, '/');
    if (slash && strcspn(key, "0123456789") > (size_t)(slash - key)) {
        memcpy(rest, slash + 1, strlen(slash + 1) + 1);
        add_all(rest, keys, n_out);
    }
    return RESULT_OK;
}

/* Crockford's reading: case does not matter, O is 0, I and L are 1. NUL for what is no digit. */
static char reference_digit(char c)
{
    static const char read_as[] = "0123456789abcdefghjkmnpqrstvwxyzoil";
    static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ011";
    const char *found = c ? strchr(read_as, text_lower(c)) : NULL;
    return found ? digits[found - read_as] : '\0';
}

/* "kh-7f3k-29qx", "KH7F3K29QX": what people make of a reference they read out. */
bool number_reference(const char *text, char reference[REFERENCE_BYTES])
{
    static const char form[REFERENCE_BYTES] = "KH-....-....";
    size_t used = strlen("KH-");
    if (!text_starts_nocase(text, "kh"))
        return false;
    memcpy(reference, form, sizeof form);
    for (text += 2; *text; text++) {
        if (*text == '-')
            continue;
        if (form[used] == '-')
            used++;
        if (form[used] != '.' || !(reference[used] = reference_digit(*text)))
            return false;
        used++;
    }
    return used == REFERENCE_BYTES - 1;
}
