/* SPDX-License-Identifier: Apache-2.0 */

/* Values of Authentication-Results. What three plain readers take for our name must be ours for us, too: one
 * that knows RFC 8601's CFWS and quoted strings, one that takes the first word, one that takes all before the
 * first semicolon. */

#include "sender/forged.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <stdint.h>

#define NODE "gw1.interieur.gov.example"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const char *skip_cfws(const char *at)
{
    unsigned depth = 0;
    for (; *at; at++) {
        if (*at == '\\' && depth && at[1])
            at++;
        else if (*at == '(')
            depth++;
        else if (*at == ')' && depth)
            depth--;
        else if (!depth && !strchr(" \t\r\n", *at))
            break;
    }
    return at;
}

static bool is_us(const char *at, size_t size)
{
    return size == strlen(NODE) && strncasecmp(at, NODE, size) == 0;
}

static bool careful_reader(const char *value)
{
    char id[64];
    size_t used = 0;
    const char *at = skip_cfws(value);
    if (*at != '"')
        return is_us(at, strcspn(at, " \t\r\n;()\"\\"));
    for (at++; *at && *at != '"' && used < sizeof id; at++) {
        if (*at == '\\' && at[1])
            at++;
        id[used++] = *at;
    }
    return is_us(id, used);
}

static bool reader_of_words(const char *value)
{
    value += strspn(value, " \t\r\n\"");
    return is_us(value, strcspn(value, " \t\r\n;\"("));
}

static bool reader_of_semicolons(const char *value)
{
    size_t size = strcspn(value, ";");
    while (size && strchr(" \t\r\n", *value))
        value++, size--;
    while (size && strchr(" \t\r\n", value[size - 1]))
        size--;
    return is_us(value, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const char ours[] = "\r\n " NODE ";";
    char *value = malloc(sizeof ours + size);
    if (!value)
        abort();
    memcpy(value, bytes, size);
    value[size] = '\0';
    bool claims = forged_claims_us("Authentication-Results", value, NODE);
    if (!claims && (careful_reader(value) || reader_of_words(value) || reader_of_semicolons(value)))
        abort();
    memcpy(value, ours, sizeof ours - 1);
    memcpy(value + sizeof ours - 1, bytes, size);
    value[sizeof ours - 1 + size] = '\0';
    if (!forged_claims_us("Authentication-Results", value, NODE))
        abort();
    free(value);
    return 0;
}
