/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/references.h"

#include "base/text.h"

#include <string.h>

/* FNV-1a; 0 is kept for "none". */
static uint64_t hash(const char *bytes, size_t size)
{
    uint64_t sum = 0xcbf29ce484222325;
    for (size_t i = 0; i < size; i++)
        sum = (sum ^ (unsigned char)bytes[i]) * 0x100000001b3;
    return sum ? sum : 1;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = text_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static size_t decode_percent(char *id, size_t size)
{
    size_t used = 0;
    for (size_t i = 0; i < size; i++) {
        int high = id[i] == '%' && i + 2 < size ? hex_value(id[i + 1]) : -1;
        int low = high >= 0 ? hex_value(id[i + 2]) : -1;
        id[used++] = low >= 0 ? (char)(high * 16 + low) : id[i];
        i += low >= 0 ? 2 : 0;
    }
    return used;
}

void reference_scan_init(struct reference_scan *scan)
{
    scan->matched = 0;
    scan->in_id = false;
    scan->size = 0;
}

static void end_id(struct reference_scan *scan, struct references *into)
{
    size_t size = decode_percent(scan->id, scan->size);
    uint64_t sum = hash(scan->id, size);
    if (size && into->n < REFERENCES_MAX && !references_have(into, sum))
        into->hashes[into->n++] = sum;
    reference_scan_init(scan);
}

static bool ends_id(char c)
{
    return (unsigned char)c <= ' ' || c == '"' || c == '\'' || c == '<' || c == '>' || c == ')' || c == '&';
}

void reference_scan_feed(struct reference_scan *scan, const char *bytes, size_t size, struct references *into)
{
    static const char wanted[] = "cid:";
    for (size_t i = 0; i < size; i++) {
        char c = bytes[i];
        if (scan->in_id) {
            if (ends_id(c))
                end_id(scan, into);
            else if (scan->size < REFERENCE_ID_MAX)
                scan->id[scan->size++] = c;
            continue;
        }
        char low = text_lower(c);
        scan->matched = low == wanted[scan->matched] ? scan->matched + 1 : low == 'c';
        scan->in_id = scan->matched == sizeof wanted - 1;
    }
}

uint64_t reference_hash_of_field(const char *value, size_t size)
{
    const char *open = memchr(value, '<', size);
    const char *close = open ? memchr(open, '>', size - (size_t)(open - value)) : NULL;
    return close && close > open + 1 ? hash(open + 1, (size_t)(close - open) - 1) : 0;
}

bool references_have(const struct references *references, uint64_t hash)
{
    for (unsigned i = 0; hash && i < references->n; i++)
        if (references->hashes[i] == hash)
            return true;
    return false;
}
