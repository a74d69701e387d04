/* SPDX-License-Identifier: Apache-2.0 */
#include "dns/dkim_key.h"

#include "base/text.h"

#include <string.h>

static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool dkim_is_base64(const char *text)
{
    size_t size = strspn(text, base64), padding = strspn(text + size, "=");
    return size && padding <= 2 && !text[size + padding] && (size + padding) % 4 == 0;
}

unsigned dkim_list_count(const char *list, const char *name)
{
    unsigned count = 0;
    size_t length = strlen(name);
    while (*list) {
        size_t size = strcspn(list, ":");
        count += size == length && text_starts_nocase(list, name);
        list += size + (list[size] ? 1 : 0);
    }
    return count;
}

static enum dkim_key_kind kind_of(const char *type)
{
    if (!type || text_equal_nocase(type, "rsa"))
        return DKIM_KEY_RSA;
    return text_equal_nocase(type, "ed25519") ? DKIM_KEY_ED25519 : DKIM_KEY_OTHER;
}

static const char *judge(struct dkim_key *key)
{
    const struct dkim_tags *tags = &key->tags;
    const char *version = dkim_tag(tags, "v"), *hashes = dkim_tag(tags, "h"), *services = dkim_tag(tags, "s");
    const char *flags = dkim_tag(tags, "t"), *data = dkim_tag(tags, "p");
    key->kind = kind_of(dkim_tag(tags, "k"));
    key->testing = flags && dkim_list_count(flags, "y");
    key->strict = flags && dkim_list_count(flags, "s");
    key->revoked = !data[0];
    if (key->record->size > DKIM_KEY_TEXT_MAX)
        return "its key is larger than any in use";
    if (version && (strcmp(version, "DKIM1") != 0 || strcmp(tags->tags[0].name, "v") != 0))
        return "its key record has an unknown version";
    if (key->revoked)
        return "its key was revoked";
    if (!dkim_is_base64(data))
        return "its key cannot be read";
    if (hashes && !dkim_list_count(hashes, "sha256"))
        return "its key is not for SHA-256";
    if (services && !dkim_list_count(services, "email") && !dkim_list_count(services, "*"))
        return "its key is not for mail";
    return key->testing ? "its key is in test mode (t=y)" : "";
}

/* Keeps the last record that has a key; *n_out counts them. */
static enum result find(const struct dns_answer *answer, struct arena *arena, struct dkim_key *key,
                        unsigned *n_out)
{
    struct dkim_tags tags;
    *n_out = 0;
    for (size_t i = 0; i < answer->n_records; i++) {
        const struct dns_record *record = &answer->records[i];
        enum result result = dkim_tags_parse((const char *)record->bytes, record->size, arena, &tags);
        if (result == RESULT_TRY_LATER)
            return result;
        if (result != RESULT_OK || !dkim_tag(&tags, "p"))
            continue;
        key->tags = tags;
        key->record = record;
        (*n_out)++;
    }
    return RESULT_OK;
}

enum result dkim_key_read(const struct dns_answer *answer, struct arena *arena, struct dkim_key *key)
{
    unsigned n = 0;
    *key = (struct dkim_key){.why = answer->status == DNS_VOID ? "its key is not in DNS" : answer->why,
                             .try_later = answer->status == DNS_TRY_LATER};
    if (answer->status != DNS_FOUND)
        return RESULT_OK;
    enum result result = find(answer, arena, key, &n);
    if (result != RESULT_OK)
        return result;
    if (n == 1) {
        key->why = judge(key);
        return RESULT_OK;
    }
    key->record = NULL;
    key->why = n ? "there is more than one key at its selector" : "its key record cannot be read";
    return RESULT_OK;
}
