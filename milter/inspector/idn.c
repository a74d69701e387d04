/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/idn.h"

#include "base/text.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/uidna.h>

enum { DOMAIN_ROOM = 256, FAILED = -1 };

static bool is_plain(const char *domain)
{
    for (const char *c = domain; *c; c++)
        if ((unsigned char)*c >= 0x80 || ((c == domain || c[-1] == '.') && text_starts_nocase(c, "xn--")))
            return false;
    return true;
}

static bool convert(const char *domain, char out[DOMAIN_ROOM])
{
    UErrorCode error = U_ZERO_ERROR;
    UIDNAInfo info = UIDNA_INFO_INITIALIZER;
    UIDNA *idna =
        uidna_openUTS46(UIDNA_NONTRANSITIONAL_TO_ASCII | UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ, &error);
    if (U_FAILURE(error))
        return false;
    int32_t size = uidna_nameToASCII_UTF8(idna, domain, -1, out, DOMAIN_ROOM, &info, &error);
    uidna_close(idna);
    return U_SUCCESS(error) && !info.errors && size < DOMAIN_ROOM;
}

int idn_to_ascii(const char *domain, char **ascii_out, int flags)
{
    char ascii[DOMAIN_ROOM];
    (void)flags;
    *ascii_out = NULL;
    if (!is_plain(domain)) {
        if (!convert(domain, ascii))
            return FAILED;
        domain = ascii;
    }
    char *copy = strdup(domain);
    if (!copy)
        return FAILED;
    for (char *c = copy; *c; c++)
        *c = text_lower(*c);
    *ascii_out = copy;
    return 0;
}

void idn_free(void *ascii)
{
    free(ascii);
}
