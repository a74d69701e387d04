/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/names.h"

#include <stdio.h>
#include <string.h>

/* One table a vocabulary, in the order of its enum: name and value can then not part company. */
#define COUNT(table) (sizeof(table) / sizeof *(table))

static const char *const verdicts[] = {"pass", "seal", "unseal", "try-later", "reject"};

static const struct {
    const char *name, *status; /* status: RFC 3463 codes as registered with IANA */
} reasons[] = {
    [REASON_NONE] = {"", ""},
    [REASON_RECIPIENT] = {"RECIPIENT", "5.7.1"},
    [REASON_LOOKALIKE] = {"LOOKALIKE", "5.7.1"},
    [REASON_SENDER] = {"SENDER", "5.7.1"},
    [REASON_LEVEL] = {"LEVEL", "5.7.1"},
    [REASON_CIRCLE] = {"CIRCLE", "5.7.1"},
    [REASON_REPLY_TO] = {"REPLY-TO", "5.7.1"},
    [REASON_FORWARD] = {"FORWARD", "5.7.1"},
    [REASON_CONSUMER] = {"CONSUMER", "5.7.1"},
    [REASON_UNLISTED] = {"UNLISTED", "5.7.1"},
    [REASON_UNREADABLE] = {"UNREADABLE", "5.7.1"},
    [REASON_NO_KEY] = {"NO-KEY", "5.7.10"}, /* encryption needed (RFC 8689's neighbour, RFC 5248) */
    [REASON_MIXED] = {"MIXED", "5.7.1"},
    [REASON_AUTH] = {"AUTH", "5.7.26"},              /* several authentication checks failed (RFC 7372) */
    [REASON_AUTH_DKIM] = {"AUTH-DKIM", "5.7.20"},    /* no passing signature (RFC 7372) */
    [REASON_AUTH_SPF] = {"AUTH-SPF", "5.7.23"},      /* SPF validation failed (RFC 7372) */
    [REASON_SEAL_BROKEN] = {"SEAL-BROKEN", "5.7.5"}, /* cryptographic failure (RFC 3463) */
    [REASON_NOT_SEALED] = {"NOT-SEALED", "5.7.10"},
    [REASON_TOO_BIG] = {"TOO-BIG", "5.3.4"},
    [REASON_UNSIGNABLE] = {"UNSIGNABLE", "5.6.0"}, /* other or undefined media error (RFC 3463) */
    [REASON_UNDECIDED] = {"UNDECIDED", "5.7.1"},
    [REASON_INTERNAL] = {"INTERNAL", "4.3.0"},
    [REASON_RETURN] = {"RETURN", ""},
};

static const char *const roles[] = {"submission", "inbound", "egress", "local"};
static const char *const senders[] = {"null", "outsider", "claimed", "government", "service", "staff"};
/* Status: RFC 3463 codes as registered with IANA by RFC 7372; "" where the reason's own code is right. */
static const struct {
    const char *name, *status;
} lacks[] = {
    [LACK_NOTHING] = {"nothing", ""},
    [LACK_LOGIN] = {"login", ""},
    [LACK_TLS] = {"tls", ""},
    [LACK_FROM] = {"from", ""},
    [LACK_AUTHOR] = {"author", ""},
    [LACK_ENVELOPE] = {"envelope", ""},
    [LACK_ENTRY] = {"entry", ""},
    [LACK_DKIM] = {"dkim", "5.7.20"},             /* no passing signature found */
    [LACK_DKIM_UNFIT] = {"dkim-unfit", "5.7.21"}, /* no acceptable signature found */
    [LACK_DKIM_OTHER] = {"dkim-other", "5.7.22"}, /* no valid author-matched signature found */
    [LACK_SPF] = {"spf", "5.7.23"},               /* SPF validation failed */
    [LACK_SPF_ERROR] = {"spf-error", "5.7.24"},   /* SPF validation error */
    [LACK_PROOFS] = {"proofs", "5.7.26"},         /* several authentication checks failed */
    [LACK_TICKET] = {"ticket", ""},
};
static const char *const rcpts[] = {"local",     "government", "partner",  "consumer",
                                    "lookalike", "other",      "malformed"};
static const char *const known_bys[] = {"nothing", "bytes", "text", "sketch"};
static const char *const keys[] = {"unknown",  "usable",    "missing", "expired", "revoked",
                                   "disabled", "sign-only", "weak",    "broken"};
static const char *const seals[] = {"none", "verified", "unsigned", "broken"};
static const char *const facts[] = {"unknown", "no", "yes"};
static const char *const levels[] = {"PUBLIC",       "INTERNE", "DIFFUSION RESTREINTE",
                                     "CONFIDENTIEL", "SECRET",  "TRES SECRET"};
/* In the order of the flags' bits. */
static const char *const contents[] = {"document", "opaque", "sealed", "ambiguous"};
static const char *const caveats[] = {"ENQUETE", "DCP", "PERSONNEL", "URGENT", "EMBARGO"};
static const char *const forwards[] = {"resent", "automatic", "delivered", "nested"};

_Static_assert(COUNT(reasons) == REASON_COUNT, "a reason without a name");
_Static_assert(COUNT(roles) == ROLE_COUNT, "a role without a name");
_Static_assert(COUNT(senders) == SENDER_CLASS_COUNT, "a sender class without a name");
_Static_assert(COUNT(lacks) == SENDER_LACK_COUNT, "a lack without a name");
_Static_assert(COUNT(rcpts) == RCPT_CLASS_COUNT, "a recipient class without a name");
_Static_assert(COUNT(keys) == KEY_STATE_COUNT, "a key state without a name");
_Static_assert(COUNT(seals) == SEAL_STATE_COUNT, "a state of a seal without a name");
_Static_assert(COUNT(forwards) == FORWARD_FLAG_COUNT, "a sign of a forward without a name");
_Static_assert(COUNT(levels) == LEVEL_MAX + 1, "a level without a name");

static const char *name_at(const char *const *table, size_t count, size_t value)
{
    return value < count ? table[value] : "?";
}

/* -1: no such name. */
static int index_of(const char *const *table, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (!strcmp(table[i], name))
            return (int)i;
    return -1;
}

static const char *flag_name(const char *const *table, size_t count, unsigned flag)
{
    for (size_t i = 0; i < count; i++)
        if (flag == 1u << i)
            return table[i];
    return "?";
}

static void flag_names(const char *const *table, size_t count, unsigned flags, char *out, size_t room)
{
    size_t used = 0;
    if (!room)
        return;
    (void)snprintf(out, room, "none");
    for (size_t i = 0; i < count && used < room; i++) {
        if (!(flags & 1u << i))
            continue;
        int wrote = snprintf(out + used, room - used, "%s%s", used ? ", " : "", table[i]);
        used += wrote > 0 ? (size_t)wrote : 0;
    }
}

const char *verdict_name(enum verdict verdict)
{
    return name_at(verdicts, COUNT(verdicts), verdict);
}

const char *reason_name(enum reason reason)
{
    return (size_t)reason < COUNT(reasons) ? reasons[reason].name : "?";
}

const char *reason_status(enum reason reason)
{
    return (size_t)reason < COUNT(reasons) ? reasons[reason].status : "";
}

const char *role_name(enum policy_role role)
{
    return name_at(roles, COUNT(roles), role);
}

const char *sender_class_name(enum sender_class sender)
{
    return name_at(senders, COUNT(senders), sender);
}

const char *sender_lack_name(enum sender_lack lack)
{
    return (size_t)lack < COUNT(lacks) ? lacks[lack].name : "?";
}

bool reason_is_about_sender(enum reason reason)
{
    return reason == REASON_SENDER || reason == REASON_AUTH || reason == REASON_AUTH_DKIM ||
           reason == REASON_AUTH_SPF;
}

const char *reason_status_of(enum reason reason, enum sender_lack lack)
{
    const char *status =
        reason_is_about_sender(reason) && (size_t)lack < COUNT(lacks) ? lacks[lack].status : "";
    return *status ? status : reason_status(reason);
}

const char *rcpt_class_name(enum rcpt_class rcpt)
{
    return name_at(rcpts, COUNT(rcpts), rcpt);
}

const char *key_state_name(enum key_state key)
{
    return name_at(keys, COUNT(keys), key);
}

const char *seal_state_name(enum seal_state seal)
{
    return name_at(seals, COUNT(seals), seal);
}

const char *fact_name(enum fact fact)
{
    return name_at(facts, COUNT(facts), fact);
}

const char *level_name(int level)
{
    return level < 0 ? "?" : name_at(levels, COUNT(levels), (size_t)level);
}

const char *content_flag_name(unsigned flag)
{
    return flag ? flag_name(contents, COUNT(contents), flag) : "none";
}

const char *caveat_name(unsigned flag)
{
    return flag_name(caveats, COUNT(caveats), flag);
}

const char *forward_flag_name(unsigned flag)
{
    return flag_name(forwards, COUNT(forwards), flag);
}

bool role_parse(const char *name, enum policy_role *out)
{
    int i = index_of(roles, COUNT(roles), name);
    if (i >= 0)
        *out = (enum policy_role)i;
    return i >= 0;
}

bool sender_class_parse(const char *name, enum sender_class *out)
{
    int i = index_of(senders, COUNT(senders), name);
    if (i >= 0)
        *out = (enum sender_class)i;
    return i >= 0;
}

bool sender_lack_parse(const char *name, enum sender_lack *out)
{
    for (size_t i = 0; i < COUNT(lacks); i++) {
        if (strcmp(lacks[i].name, name) != 0)
            continue;
        *out = (enum sender_lack)i;
        return true;
    }
    return false;
}

bool rcpt_class_parse(const char *name, enum rcpt_class *out)
{
    int i = index_of(rcpts, COUNT(rcpts), name);
    if (i >= 0)
        *out = (enum rcpt_class)i;
    return i >= 0;
}

const char *known_by_name(enum known_by by)
{
    return name_at(known_bys, COUNT(known_bys), by);
}

bool known_by_parse(const char *name, enum known_by *out)
{
    int i = index_of(known_bys, COUNT(known_bys), name);
    if (i >= 0)
        *out = (enum known_by)i;
    return i >= 0;
}

bool key_state_parse(const char *name, enum key_state *out)
{
    int i = index_of(keys, COUNT(keys), name);
    if (i >= 0)
        *out = (enum key_state)i;
    return i >= 0;
}

bool seal_state_parse(const char *name, enum seal_state *out)
{
    int i = index_of(seals, COUNT(seals), name);
    if (i >= 0)
        *out = (enum seal_state)i;
    return i >= 0;
}

bool fact_parse(const char *name, enum fact *out)
{
    int i = index_of(facts, COUNT(facts), name);
    if (i >= 0)
        *out = (enum fact)i;
    return i >= 0;
}

bool verdict_parse(const char *name, enum verdict *out)
{
    int i = index_of(verdicts, COUNT(verdicts), name);
    if (i >= 0)
        *out = (enum verdict)i;
    return i >= 0;
}

bool content_flag_parse(const char *name, unsigned *out)
{
    int i = index_of(contents, COUNT(contents), name);
    bool none = !strcmp(name, "none");
    if (i >= 0 || none)
        *out = none ? 0 : 1u << i;
    return i >= 0 || none;
}

bool caveat_parse(const char *name, unsigned *out)
{
    int i = index_of(caveats, COUNT(caveats), name);
    if (i >= 0)
        *out = 1u << i;
    return i >= 0;
}

bool forward_flag_parse(const char *name, unsigned *out)
{
    int i = index_of(forwards, COUNT(forwards), name);
    if (i >= 0)
        *out = 1u << i;
    return i >= 0;
}

bool reason_parse(const char *name, enum reason *out)
{
    for (size_t i = REASON_NONE + 1; i < COUNT(reasons); i++) {
        if (strcmp(reasons[i].name, name) != 0)
            continue;
        *out = (enum reason)i;
        return true;
    }
    return false;
}

void content_names(unsigned content, char *out, size_t room)
{
    flag_names(contents, COUNT(contents), content, out, room);
}

void caveat_names(unsigned set, char *out, size_t room)
{
    flag_names(caveats, COUNT(caveats), set, out, room);
}

void forward_names(unsigned forward, char *out, size_t room)
{
    flag_names(forwards, COUNT(forwards), forward, out, room);
}
