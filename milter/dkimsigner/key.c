/* SPDX-License-Identifier: Apache-2.0 */
#include "dkimsigner/key.h"

#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FILE_BYTES_MAX = 32 * 1024, RSA_BITS_LEAST = 2048, RSA_BITS_MOST = 8192, ED25519_BYTES = 32 };

static const char infix[] = "._domainkey.";

/* Whoever can read the key can sign as the whole domain. */
static enum result check_mode(int fd, const char *file, size_t *size_out, struct problem *problem)
{
    struct stat about;
    if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode))
        return problem_set(problem, RESULT_BAD_INPUT, "%s: is no file: name that of a private key", file);
    if (about.st_mode & (S_IRWXG | S_IRWXO))
        return problem_set(problem, RESULT_BAD_INPUT,
                           "%s: others than its owner may read this private key: chmod 600 %s", file, file);
    if (about.st_size <= 0 || about.st_size > FILE_BYTES_MAX)
        return problem_set(problem, RESULT_BAD_INPUT,
                           "%s: is no private key: make one with opendkim-genkey or openssl genpkey", file);
    *size_out = (size_t)about.st_size;
    return RESULT_OK;
}

static enum result read_file(const char *file, char text[FILE_BYTES_MAX], size_t *size_out,
                             struct problem *problem)
{
    int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return problem_set(problem, RESULT_BAD_INPUT,
                           "%s: cannot be opened: %s: khatmd's user must own this private key", file,
                           strerror(errno));
    enum result result = check_mode(fd, file, size_out, problem);
    if (result == RESULT_OK && fd_read_at(fd, text, *size_out, 0) != RESULT_OK)
        result = problem_set(problem, RESULT_BAD_INPUT, "%s: cannot be read: %s", file, strerror(errno));
    fd_close(&fd);
    return result;
}

/* There is nobody to ask. */
static int no_passphrase(char *room, int size, int writing, void *context)
{
    (void)room;
    (void)size;
    (void)writing;
    (void)context;
    return -1;
}

static enum result judge(EVP_PKEY *pkey, struct signing_key *key, struct problem *problem)
{
    int kind = EVP_PKEY_get_base_id(pkey), bits = EVP_PKEY_get_bits(pkey);
    if (kind == EVP_PKEY_ED25519) {
        key->kind = DKIMSIGN_ED25519;
        key->bits = ED25519_BYTES * 8;
        return RESULT_OK;
    }
    if (kind != EVP_PKEY_RSA)
        return problem_set(problem, RESULT_BAD_INPUT,
                           "%s: is neither an RSA nor an Ed25519 key: DKIM knows no others", key->file);
    if (bits < RSA_BITS_LEAST || bits > RSA_BITS_MOST)
        return problem_set(problem, RESULT_BAD_INPUT,
                           "%s: an RSA key of %d bits: %d to %d are wanted: opendkim-genkey -b %d", key->file,
                           bits, RSA_BITS_LEAST, RSA_BITS_MOST, RSA_BITS_LEAST);
    key->kind = DKIMSIGN_RSA;
    key->bits = (unsigned)bits;
    return RESULT_OK;
}

static char *base64(const unsigned char *bytes, int size)
{
    char *text = size > 0 ? malloc(((size_t)size + 2) / 3 * 4 + 1) : NULL;
    if (text)
        (void)EVP_EncodeBlock((unsigned char *)text, bytes, size);
    return text;
}

/* RFC 6376 3.6.1 for RSA, RFC 8463 4.2 for Ed25519. */
static char *public_text(EVP_PKEY *pkey, enum dkimsign_kind kind)
{
    unsigned char raw[ED25519_BYTES], *der = NULL;
    size_t size = sizeof raw;
    if (kind == DKIMSIGN_ED25519)
        return EVP_PKEY_get_raw_public_key(pkey, raw, &size) == 1 ? base64(raw, (int)size) : NULL;
    int length = i2d_PUBKEY(pkey, &der);
    char *text = base64(der, length);
    OPENSSL_free(der);
    return text;
}

/* Whatever the file wraps it in, libopendkim gets one form. */
static char *private_text(EVP_PKEY *pkey)
{
    char *bytes = NULL, *text = NULL;
    BIO *bio = BIO_new(BIO_s_mem());
    if (bio && PEM_write_bio_PKCS8PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL)) {
        long size = BIO_get_mem_data(bio, &bytes);
        text = size > 0 ? strndup(bytes, (size_t)size) : NULL;
        OPENSSL_cleanse(bytes, (size_t)(size > 0 ? size : 0));
    }
    BIO_free(bio);
    return text;
}

static enum result take(EVP_PKEY *pkey, struct signing_key *key, struct problem *problem)
{
    if (!pkey)
        return problem_set(problem, RESULT_BAD_INPUT,
                           "%s: is no private key in PEM, or has a passphrase: make one with opendkim-genkey "
                           "or openssl genpkey",
                           key->file);
    enum result result = judge(pkey, key, problem);
    if (result != RESULT_OK)
        return result;
    key->public_text = public_text(pkey, key->kind);
    key->pem = private_text(pkey);
    return key->public_text && key->pem
               ? RESULT_OK
               : problem_set(problem, RESULT_TRY_LATER, "%s: no memory for this private key", key->file);
}

static enum result split_name(struct signing_key *key, struct problem *problem)
{
    const char *middle = strstr(key->name, infix);
    if (!middle || middle == key->name || !middle[sizeof infix - 1])
        return problem_set(problem, RESULT_BUG, "%s: is no name of a key", key->name);
    key->selector = strndup(key->name, (size_t)(middle - key->name));
    key->domain = strdup(middle + sizeof infix - 1);
    return key->selector && key->domain ? RESULT_OK
                                        : problem_set(problem, RESULT_TRY_LATER, "no memory for a key");
}

enum result signing_key_read(const char *name, const char *file, struct signing_key *key_out,
                             struct problem *problem)
{
    char text[FILE_BYTES_MAX];
    size_t size = 0;
    *key_out = (struct signing_key){.name = name, .file = file};
    enum result result = split_name(key_out, problem);
    if (result == RESULT_OK)
        result = read_file(file, text, &size, problem);
    if (result != RESULT_OK)
        return result;
    BIO *bio = BIO_new_mem_buf(text, (int)size);
    EVP_PKEY *pkey = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL) : NULL;
    result = take(pkey, key_out, problem);
    EVP_PKEY_free(pkey);
    BIO_free(bio);
    OPENSSL_cleanse(text, sizeof text);
    return result;
}

void signing_key_free(struct signing_key *key)
{
    if (key->pem)
        OPENSSL_cleanse(key->pem, strlen(key->pem));
    free(key->pem);
    free(key->public_text);
    free(key->selector);
    free(key->domain);
    *key = (struct signing_key){.name = NULL};
}
