/* SPDX-License-Identifier: Apache-2.0 */
#include "dns/name.h"

#include "base/text.h"

#include <string.h>

static bool labels_are_sane(const char *name, unsigned least)
{
    size_t length = strlen(name);
    if (length && name[length - 1] == '.')
        length--;
    if (!length || length > NAME_MAX_BYTES)
        return false;
    unsigned labels = 1;
    size_t label = 0;
    for (size_t i = 0; i < length; i++) {
        if (name[i] != '.') {
            if (++label > NAME_LABEL_MAX)
                return false;
            continue;
        }
        if (!label)
            return false;
        labels++;
        label = 0;
    }
    return label && labels >= least;
}

bool name_can_be_asked(const char *name, unsigned labels)
{
    return labels_are_sane(name, labels);
}

bool name_is_plain(const char *name, unsigned labels)
{
    size_t length = strlen(name);
    return labels_are_sane(name, labels) && name[length - 1] != '.' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == length;
}

bool name_is_within(const char *name, const char *domain)
{
    size_t n = strlen(name), d = strlen(domain);
    if (!d || n < d || !text_equal_nocase(name + (n - d), domain))
        return false;
    return n == d || name[n - d - 1] == '.';
}

bool name_normalise(const char *name, char *out, size_t room)
{
    size_t length = strlen(name);
    if (length && name[length - 1] == '.')
        length--;
    if (length >= room)
        return false;
    memcpy(out, name, length);
    out[length] = '\0';
    text_lower_in_place(out);
    return true;
}
