/* SPDX-License-Identifier: Apache-2.0 */
#include "dkimsigner/body_digest.h"

/* What libopendkim calls. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include <dlfcn.h>
#include <openssl/sha.h>
#include <stdbool.h>
#include <string.h>

typedef int finish(unsigned char *, SHA256_CTX *);

static struct {
    uint8_t digest[DIGEST_BYTES];
    bool waits;
} laid;

void body_digest_lay(const uint8_t digest[DIGEST_BYTES])
{
    memcpy(laid.digest, digest, sizeof laid.digest);
    laid.waits = true;
}

enum result body_digest_taken(void)
{
    bool taken = !laid.waits;
    laid.waits = false;
    return taken ? RESULT_OK : RESULT_BUG;
}

static finish *openssl(void)
{
    static finish *found;
    /* ISO C has no way from a pointer to an object to one to a function. */
    if (!found)
        *(void **)&found = dlsym(RTLD_NEXT, "SHA256_Final");
    return found;
}

enum result body_digest_warm(void)
{
    return openssl() ? RESULT_OK : RESULT_BUG;
}

int SHA256_Final(unsigned char *out, SHA256_CTX *context)
{
    bool empty = !context->Nl && !context->Nh && !context->num;
    finish *original = openssl();
    if (laid.waits && empty) {
        memcpy(out, laid.digest, sizeof laid.digest);
        laid.waits = false;
        return 1;
    }
    return original ? original(out, context) : 0;
}
