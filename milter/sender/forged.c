/* SPDX-License-Identifier: Apache-2.0 */
#include "sender/forged.h"

#include "base/text.h"
#include "policy/domain.h"

#include <string.h>

enum { WORD_MAX = 400, COMMENTS_DEEP = 100 };

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_control(char c)
{
    return (unsigned char)c < ' ' || c == 0x7f;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* May be part of a host name, in whatever charset. */
static bool is_host(char c)
{
    return is_digit(c) || (text_lower(c) >= 'a' && text_lower(c) <= 'z') || c == '.' || c == '-' ||
           c == '_' || (unsigned char)c >= 0x80;
}

/* A word with characters that some program maps to others, or does not show, may be our name for somebody. */
static bool word_is_us(const char *at, size_t size, const char *node)
{
    char word[WORD_MAX], domain[DOMAIN_ROOM];
    bool ascii = true;
    while (size && *at == '.')
        at++, size--;
    while (size && at[size - 1] == '.')
        size--;
    if (!size || size >= sizeof word)
        return false;
    memcpy(word, at, size);
    word[size] = '\0';
    for (size_t i = 0; i < size; i++)
        ascii = ascii && (unsigned char)word[i] < 0x80;
    if (ascii)
        return text_equal_nocase(word, node);
    return !domain_canonical(word, domain) || strcmp(domain, node) == 0;
}

/* Our name as a word before the first ";", whatever stands around it. */
static bool is_named(const char *value, const char *node)
{
    size_t end = strcspn(value, ";");
    for (size_t i = 0; i < end;) {
        size_t size = 0;
        while (i + size < end && is_host(value[i + size]))
            size++;
        if (word_is_us(value + i, size, node))
            return true;
        i += size ? size : 1;
    }
    return false;
}

/* The value without comments and whatever else some reader skips, as far as the first ";"; with quotes, or
 * without them, too. Where it is cut off within a comment or a quoted string, *open_out is set. */
static size_t bare_text(const char *value, bool quotes, char *out, size_t room, bool *open_out)
{
    unsigned depth = 0;
    bool quoted = false;
    size_t used = 0;
    for (; *value && (*value != ';' || depth || quoted); value++) {
        if (*value == '\\' && value[1])
            value++;
        else if (*value == '"' && !depth) {
            quoted = !quoted;
            if (quotes && used + 1 < room)
                out[used++] = '"';
            continue;
        } else if (*value == '(' && !quoted && depth < COMMENTS_DEEP) {
            depth++;
            continue;
        } else if (*value == ')' && depth) {
            depth--;
            continue;
        }
        if (!depth && !is_blank(*value) && !is_control(*value) && used + 1 < room)
            out[used++] = *value;
    }
    out[used] = '\0';
    *open_out = depth || quoted;
    return used;
}

/* As a careful reader takes it: blanks within it, then the version number (RFC 8601, 2.2), fall away, too.
 * The end of a quoted string ends the name for some, and not for others. */
static bool is_bare_us(const char *value, bool quotes, const char *node)
{
    char bare[WORD_MAX];
    bool open;
    size_t length = strlen(node), at = 0;
    (void)bare_text(value, quotes, bare, sizeof bare, &open);
    if (open)
        return true;
    while (bare[at] == '.' || bare[at] == '"')
        at++;
    if (!text_starts_nocase(bare + at, node))
        return false;
    at += length;
    while (bare[at] == '.' || is_digit(bare[at]))
        at++;
    return !is_host(bare[at]);
}

static bool has_encoded_word(const char *value)
{
    const char *found = strstr(value, "=?");
    return found && (size_t)(found - value) < strcspn(value, ";");
}

/* A blank before the colon belongs to the name for some, and not for others. */
static bool is_called(const char *name, const char *wanted)
{
    size_t length = strlen(wanted);
    if (!text_starts_nocase(name, wanted))
        return false;
    for (name += length; *name; name++)
        if (!is_blank(*name))
            return false;
    return true;
}

bool forged_is_ours(const char *name)
{
    return text_starts_nocase(name, "X-Khatm-") || text_starts_nocase(name, "Khatm-");
}

bool forged_claims_us(const char *name, const char *value, const char *node)
{
    return forged_is_ours(name) || (is_called(name, "Authentication-Results") &&
                                    (is_named(value, node) || is_bare_us(value, false, node) ||
                                     is_bare_us(value, true, node) || has_encoded_word(value)));
}
