/* SPDX-License-Identifier: Apache-2.0 */
#include "wkd/path.h"

#include "base/sha1.h"
#include "base/text.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { QUERY_ROOM = 3 * WKD_LOCAL_MAX + 1, DIGIT_BITS = 5 };

enum result wkd_name(const char *local, char name[WKD_NAME_ROOM])
{
    static const char digits[] = "ybndrfg8ejkmcpqxot1uwisza345h769";
    uint8_t hash[SHA1_BYTES];
    char small[WKD_LOCAL_MAX + 1];
    size_t n = 0;
    unsigned bits = 0, n_bits = 0;
    (void)snprintf(small, sizeof small, "%s", local);
    text_lower_in_place(small);
    if (sha1_bytes(small, strlen(small), hash) != RESULT_OK)
        return RESULT_TRY_LATER;
    /* 160 bits are 32 digits and nothing over. */
    for (size_t i = 0; i < sizeof hash; i++) {
        bits = (bits << 8 | hash[i]) & 0xfff;
        for (n_bits += 8; n_bits >= DIGIT_BITS; n_bits -= DIGIT_BITS)
            name[n++] = digits[bits >> (n_bits - DIGIT_BITS) & 0x1f];
    }
    name[n] = '\0';
    return RESULT_OK;
}

/* RFC 3986, 2.1 and 2.3. */
static void escape(const char *local, char out[QUERY_ROOM])
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
    for (; *local; local++) {
        if (strchr(plain, *local))
            *out++ = *local;
        else
            out += snprintf(out, 4, "%%%02X", (unsigned)(unsigned char)*local);
    }
    *out = '\0';
}

enum result wkd_path(const char *local, const char *domain, bool advanced, char path[WKD_PATH_ROOM])
{
    char name[WKD_NAME_ROOM], query[QUERY_ROOM];
    if (!*local || strlen(local) > WKD_LOCAL_MAX)
        return RESULT_BAD_INPUT;
    if (wkd_name(local, name) != RESULT_OK)
        return RESULT_TRY_LATER;
    escape(local, query);
    int length = snprintf(path, WKD_PATH_ROOM, "/.well-known/openpgpkey/%s%shu/%s?l=%s",
                          advanced ? domain : "", advanced ? "/" : "", name, query);
    return length > 0 && length < WKD_PATH_ROOM ? RESULT_OK : RESULT_BAD_INPUT;
}
