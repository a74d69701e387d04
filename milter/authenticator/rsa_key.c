/* SPDX-License-Identifier: Apache-2.0 */

/* libopendkim has OpenSSL read the key of each signature. OpenSSL 3 asks all of its decoders what the key may
 * be, 130 µs of processor time, six times as much as the verification; its reader of RSA keys alone takes
 * 1.5 µs. Keys of DKIM are RSA here (Ed25519 is read elsewhere), so this stands in front of OpenSSL's
 * function of the name, for this program. What is no RSA key is left to that. */

/* The one way to read just that. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

static EVP_PKEY *rsa_key(const unsigned char *der, long size)
{
    RSA *rsa = d2i_RSA_PUBKEY(NULL, &der, size);
    EVP_PKEY *key = rsa ? EVP_PKEY_new() : NULL;
    if (key && EVP_PKEY_assign_RSA(key, rsa))
        return key;
    EVP_PKEY_free(key);
    RSA_free(rsa);
    return NULL;
}

EVP_PKEY *d2i_PUBKEY_bio(BIO *bio, EVP_PKEY **key_out)
{
    char *bytes = NULL;
    long size = BIO_get_mem_data(bio, &bytes);
    if (size <= 0)
        return NULL;
    const unsigned char *at = (const unsigned char *)bytes;
    EVP_PKEY *key = rsa_key(at, size);
    if (!key) {
        ERR_clear_error();
        key = d2i_PUBKEY(NULL, &at, size);
    }
    if (key && key_out) {
        EVP_PKEY_free(*key_out);
        *key_out = key;
    }
    return key;
}
