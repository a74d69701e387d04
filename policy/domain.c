/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/domain.h"

#include "policy/script.h"

#include <idn2.h>
#include <stdlib.h>
#include <string.h>

enum { LABEL_MAX = 63, DOMAIN_MAX = 253 };

static bool label_is_good(const char *label, size_t length)
{
    if (!length || length > LABEL_MAX || label[0] == '-' || label[length - 1] == '-')
        return false;
    for (size_t i = 0; i < length; i++) {
        char c = label[i];
        /* '_' is no host name, but names some real mail exchangers' subdomains; it is harmless in comparison.
         */
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'))
            return false;
    }
    return true;
}

static bool labels_are_good(const char *domain)
{
    for (const char *label = domain;;) {
        size_t length = strcspn(label, ".");
        if (!label_is_good(label, length))
            return false;
        if (!label[length])
            return true;
        label += length + 1;
    }
}

/* A last label that is a number makes an address, not a name: 192.0.2.1, 127.1, 0x7f.0x1 (RFC 1123, 2.1). */
static bool is_address(const char *domain)
{
    const char *dot = strrchr(domain, '.'), *last = dot ? dot + 1 : domain;
    bool hex = last[0] == '0' && last[1] == 'x' && last[2 + strspn(last + 2, "0123456789abcdef")] == '\0';
    return hex || last[strspn(last, "0123456789")] == '\0';
}

static size_t count_dots(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += *text == '.';
    return n;
}

static bool copy_ascii_lower(const char *domain, char out[DOMAIN_ROOM])
{
    size_t i = 0;
    for (; domain[i]; i++) {
        if (i >= DOMAIN_ROOM - 1 || (unsigned char)domain[i] >= 0x80)
            return false;
        out[i] = domain[i] >= 'A' && domain[i] <= 'Z' ? (char)(domain[i] + ('a' - 'A')) : domain[i];
    }
    out[i] = '\0';
    return true;
}

/* Also checks what is already written as A-labels: an xn-- label must decode and encode back to itself. The
 * library silently drops what cannot be seen and maps forms of letters and dots to others; another server may
 * not, so here such a name is none. */
static bool to_ascii(const char *domain, char out[DOMAIN_ROOM])
{
    char *ascii = NULL;
    bool good = strlen(domain) < DOMAIN_ROOM && script_is_plain(domain) &&
                idn2_to_ascii_8z(domain, &ascii, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT) == IDN2_OK &&
                copy_ascii_lower(ascii, out) && count_dots(domain) == count_dots(out);
    idn2_free(ascii);
    return good;
}

bool domain_canonical(const char *domain, char out[DOMAIN_ROOM])
{
    bool plain = copy_ascii_lower(domain, out);
    if ((!plain || strstr(out, "xn--")) && !to_ascii(domain, out)) {
        out[0] = '\0';
        return false;
    }
    size_t length = strlen(out);
    if (length && out[length - 1] == '.')
        out[--length] = '\0';
    if (length && length <= DOMAIN_MAX && labels_are_good(out) && !is_address(out))
        return true;
    out[0] = '\0';
    return false;
}

bool domain_is_within(const char *domain, const char *parent)
{
    size_t length = strlen(domain), tail = strlen(parent);
    if (length < tail || strcmp(domain + length - tail, parent) != 0)
        return false;
    return length == tail || domain[length - tail - 1] == '.';
}

const char *domain_parent(const char *domain)
{
    const char *dot = strchr(domain, '.');
    return dot ? dot + 1 : NULL;
}
