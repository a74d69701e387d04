/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/mailbox.h"

#include "policy/script.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { ADDRESS_MAX = 254 }; /* RFC 5321 4.5.3.1.3: a path of 256 with its <> */

/* Bytes that another server could read as routing, quoting or list syntax. NULL: none. */
static const char *odd_byte(const char *local, size_t length)
{
    static const struct {
        char byte;
        const char *why;
    } odd[] = {
        {'@', "more than one @"},
        {'%', "a % in the local part is a route to another domain on some servers"},
        {'!', "a ! in the local part is a route to another domain on some servers"},
        {'\\', "a backslash in the local part is read in two ways"},
        {'"', "a quotation mark within the local part"},
        {'<', "angle brackets within the address"},
        {'>', "angle brackets within the address"},
        {'(', "a comment within the address"},
        {')', "a comment within the address"},
        {'[', "brackets in the local part"},
        {']', "brackets in the local part"},
        {',', "a comma in the local part"},
        {';', "a semicolon in the local part"},
        {':', "a colon in the local part"},
    };
    for (size_t i = 0; i < length; i++)
        for (size_t k = 0; k < sizeof odd / sizeof *odd; k++)
            if (local[i] == odd[k].byte)
                return odd[k].why;
    return NULL;
}

static bool contains(const char *text, size_t length, const char *what)
{
    return memmem(text, length, what, strlen(what)) != NULL;
}

static const char *odd_quoted(const char *local, size_t length)
{
    if (!length)
        return "nothing stands before the @";
    if (memchr(local, '@', length))
        return "a quoted local part with an @";
    if (local[0] == ' ' || local[length - 1] == ' ' || contains(local, length, "  "))
        return "blanks that some servers take away";
    return NULL;
}

static const char *odd_unquoted(const char *local, size_t length)
{
    if (!length)
        return "nothing stands before the @";
    if (memchr(local, ' ', length))
        return "a blank within the address";
    if (local[0] == '.' || local[length - 1] == '.' || contains(local, length, ".."))
        return "a dot at an end of the local part, or two in a row";
    return NULL;
}

static const char *odd_unicode(const char *address, size_t length)
{
    char local[ADDRESS_MAX + 1];
    (void)snprintf(local, sizeof local, "%.*s", (int)length, address);
    if (!script_is_plain(local))
        return "characters that some servers turn into others, or that cannot be seen";
    if (!script_is_word(local))
        return "signs beyond ASCII in the local part";
    return NULL;
}

/* What makes the local part one that two servers could read in two ways; NULL: nothing. */
static const char *odd_local(const char *local, size_t length)
{
    bool quoted = length >= 2 && local[0] == '"' && local[length - 1] == '"';
    const char *odd = quoted ? odd_quoted(local + 1, length - 2) : odd_unquoted(local, length);
    if (quoted) {
        local++;
        length -= 2;
    }
    if (!odd)
        odd = odd_byte(local, length);
    if (!odd && strchr("|/-", local[0]))
        odd = "a |, / or - in front is a command, a file or an option on some servers";
    return odd ? odd : odd_unicode(local, length);
}

static const char *odd_address(const char *address)
{
    if (!*address)
        return "the address is empty";
    if (strlen(address) > ADDRESS_MAX)
        return "the address is too long";
    for (const unsigned char *c = (const unsigned char *)address; *c; c++)
        if (*c < 0x20 || *c == 0x7f)
            return "a control character within the address";
    if (*address == '@')
        return strchr(address, ':') ? "a source route" : "nothing stands before the @";
    return strchr(address, '@') ? NULL : "no domain: write the whole address";
}

const char *mailbox_split(const char *address, char domain[DOMAIN_ROOM])
{
    domain[0] = '\0';
    const char *odd = odd_address(address), *at = strrchr(address, '@');
    if (odd || !at)
        return odd;
    if ((odd = odd_local(address, (size_t)(at - address))))
        return odd;
    if (at[1] == '[')
        return "an address literal instead of a domain";
    if (!domain_canonical(at + 1, domain))
        return "what stands after the @ is not a domain";
    return NULL;
}
