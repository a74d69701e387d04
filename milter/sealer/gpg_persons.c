/* SPDX-License-Identifier: Apache-2.0 */
#include "sealer/gpg_persons.h"

#include "base/clock.h"

#include <string.h>

enum { ID_AT = SEAL_FINGERPRINT_SIZE - 16, CLASS_FIRST = 0x10, CLASS_LAST = 0x13 };

bool gpg_persons_address(const char *user_id, char address[SEAL_ADDRESS_MAX + 1])
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "!#$%&'*+-/=?^_`{|}~.@";
    const char *open = strchr(user_id, '<'), *start = open ? open + 1 : user_id;
    size_t length = strspn(start, plain);
    const char *at = memchr(start, '@', length);
    bool ends = open ? strcmp(start + length, ">") == 0 : !start[length];
    if (!ends || length > SEAL_ADDRESS_MAX || !at || at == start || at + 1 == start + length ||
        memchr(at + 1, '@', length - (size_t)(at + 1 - start)))
        return false;
    memcpy(address, start, length);
    address[length] = '\0';
    return true;
}

struct word {
    bool given;
    int64_t since, until;
};

/* The certifier's last word on this user id. */
static struct word word_of(gpgme_user_id_t uid, const char *certifier_id, int64_t now)
{
    struct word word = {.given = false};
    int64_t taken_back = 0;
    for (gpgme_key_sig_t sig = uid->signatures; sig; sig = sig->next) {
        if (sig->status || sig->invalid || !sig->keyid || strcmp(sig->keyid, certifier_id) != 0)
            continue;
        if (sig->revoked) {
            taken_back = sig->timestamp > taken_back ? sig->timestamp : taken_back;
        } else if (sig->sig_class >= CLASS_FIRST && sig->sig_class <= CLASS_LAST &&
                   sig->timestamp >= word.since) {
            bool over = sig->expired || (sig->expires && sig->expires <= now);
            word = (struct word){.given = !over, .since = sig->timestamp, .until = sig->expires};
        }
    }
    word.given = word.given && word.since > taken_back;
    return word;
}

void gpg_persons_read(gpgme_key_t from, const struct gpg_certifiers *certifiers, struct gpg_key *to)
{
    int64_t now = clock_wall_ms() / 1000;
    for (gpgme_user_id_t uid = from->uids; uid; uid = uid->next) {
        struct gpg_person person;
        if (uid->revoked || uid->invalid || !uid->uid || !gpg_persons_address(uid->uid, person.address))
            continue;
        for (size_t i = 0; i < certifiers->n && to->n_persons < SEAL_PERSONS_MAX; i++) {
            const char *fingerprint = certifiers->fingerprints[i];
            struct word word = word_of(uid, fingerprint + ID_AT, now);
            if (!word.given || strcmp(fingerprint, to->fingerprint) == 0)
                continue;
            memcpy(person.certifier, fingerprint, sizeof person.certifier);
            person.until = word.until;
            to->persons[to->n_persons++] = person;
        }
    }
}

bool gpg_persons_clash(gpgme_key_t key, const struct gpg_certifiers *certifiers)
{
    for (gpgme_subkey_t subkey = key->subkeys; subkey; subkey = subkey->next)
        for (size_t i = 0; subkey->keyid && i < certifiers->n; i++)
            if (strcmp(subkey->keyid, certifiers->fingerprints[i] + ID_AT) == 0 &&
                (!subkey->fpr || strcmp(subkey->fpr, certifiers->fingerprints[i]) != 0))
                return true;
    return false;
}
