/* SPDX-License-Identifier: Apache-2.0 */
#include "seal/key_judge.h"

#include <stdio.h>
#include <string.h>

bool key_is_past(int64_t expires, int64_t now)
{
    return expires && expires <= now;
}

/* The subkey that gpg 2.2 takes: the newest of those valid now, the first of equals; the primary key only
 * when no subkey will do. NULL: none. */
static const struct key_subkey *encryption_subkey(const struct key_entry *entry, int64_t now)
{
    const struct key_subkey *best = NULL;
    const unsigned bad = SEAL_KEY_REVOKED | SEAL_KEY_INVALID | SEAL_KEY_DISABLED;
    for (size_t i = 0; i < entry->n_subkeys; i++) {
        const struct key_subkey *subkey = &entry->subkeys[i];
        bool good = (subkey->flags & SEAL_KEY_ENCRYPTS) && !(subkey->flags & bad) &&
                    !key_is_past(subkey->expires, now) && subkey->created <= now;
        bool better = !best || (best->flags & SEAL_KEY_PRIMARY) || subkey->created > best->created;
        if (good && better)
            best = subkey;
    }
    return best;
}

/* No subkey serves: was there one that ran out, one that was withdrawn, or never any? */
static enum key_state why_none(const struct key_entry *entry, int64_t now, int64_t *time_out)
{
    enum key_state state = KEY_SIGN_ONLY;
    for (size_t i = 0; i < entry->n_subkeys; i++) {
        const struct key_subkey *subkey = &entry->subkeys[i];
        if (!(subkey->flags & SEAL_KEY_ENCRYPTS))
            continue;
        if (subkey->flags & SEAL_KEY_REVOKED) {
            state = state == KEY_SIGN_ONLY ? KEY_REVOKED : state;
        } else if (key_is_past(subkey->expires, now)) {
            state = KEY_EXPIRED;
            *time_out = subkey->expires > *time_out ? subkey->expires : *time_out;
        }
    }
    return state;
}

/* One phrase; NULL: strong enough. */
static const char *weakness(const struct key_subkey *subkey, unsigned rsa_min_bits)
{
    static const char *const flaws[] = {
        [SEAL_FLAW_FORM] = "the numbers in it cannot be read",
        [SEAL_FLAW_EXPONENT] = "its RSA exponent is 0, 1 or even, so it protects nothing",
        [SEAL_FLAW_LONG_EXPONENT] = "its RSA exponent is longer than 256 bits",
        [SEAL_FLAW_FACTOR] = "its RSA modulus has a small factor, so it protects nothing",
        [SEAL_FLAW_LOW_ORDER] = "its point on the curve is of low order, so it protects nothing",
    };
    if (subkey->flaw)
        return flaws[subkey->flaw];
    bool weak =
        subkey->flags & SEAL_KEY_RSA ? subkey->bits < rsa_min_bits : !(subkey->flags & SEAL_KEY_CURVE);
    return weak ? subkey->algorithm : NULL;
}

static bool is_weak(const struct key_subkey *subkey, const char *which, unsigned rsa_min_bits,
                    struct key_info *info)
{
    const char *why = weakness(subkey, rsa_min_bits);
    if (why)
        (void)snprintf(info->why, sizeof info->why, "%s%s", which, why);
    return why != NULL;
}

enum key_state key_judge(const struct key_entry *entry, unsigned rsa_min_bits, int64_t now,
                         struct key_info *info)
{
    const struct key_subkey *subkey = encryption_subkey(entry, now);
    const struct key_subkey *shown = subkey ? subkey : &entry->subkeys[0];
    memcpy(info->algorithm, shown->algorithm, sizeof shown->algorithm);
    info->expires = entry->expires;
    if (subkey && subkey->expires && (!info->expires || subkey->expires < info->expires))
        info->expires = subkey->expires;
    if (entry->flags & SEAL_KEY_REVOKED) {
        info->time = entry->revoked;
        return KEY_REVOKED;
    }
    if (entry->flags & SEAL_KEY_DISABLED)
        return KEY_DISABLED;
    if (key_is_past(entry->expires, now)) {
        info->time = entry->expires;
        return KEY_EXPIRED;
    }
    if (entry->flags & SEAL_KEY_INVALID)
        return KEY_SIGN_ONLY;
    if (!subkey)
        return why_none(entry, now, &info->time);
    /* Whoever can sign for the primary key can put a subkey of his own under it. */
    if (is_weak(subkey, "", rsa_min_bits, info) ||
        is_weak(&entry->subkeys[0], "the primary key: ", rsa_min_bits, info))
        return KEY_WEAK;
    info->encryption_key_ids[0] = subkey->key_id;
    return KEY_USABLE;
}
