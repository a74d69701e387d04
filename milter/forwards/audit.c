/* SPDX-License-Identifier: Apache-2.0 */
#include "forwards/audit.h"

#include "base/text.h"
#include "policy/mailbox.h"

#include <string.h>

/* The array with room for one more; NULL: no memory. */
static void *grown(struct audit *audit, void *array, size_t used, size_t *room, size_t size)
{
    if (used < *room)
        return array;
    size_t more = *room ? 2 * *room : 64;
    void *next = arena_alloc(audit->request->arena, more, size);
    if (!next) {
        audit->report.no_memory = true;
        return NULL;
    }
    if (used)
        memcpy(next, array, used * size);
    *room = more;
    return next;
}

bool audit_first_time(struct audit *audit, const char *what)
{
    for (size_t i = 0; i < audit->n_seen; i++)
        if (strcmp(audit->seen[i], what) == 0)
            return false;
    const char **seen = grown(audit, audit->seen, audit->n_seen, &audit->room_seen, sizeof *seen);
    if (!seen)
        return false;
    audit->seen = seen;
    seen[audit->n_seen++] = arena_strdup(audit->request->arena, what);
    audit->report.no_memory = audit->report.no_memory || !seen[audit->n_seen - 1];
    audit->n_seen -= !seen[audit->n_seen - 1];
    return true;
}

void audit_unread(struct audit *audit, const char *what, const char *why)
{
    for (size_t i = 0; i < audit->report.n_unread; i++)
        if (strcmp(audit->unread[i].what, what) == 0 && strcmp(audit->unread[i].why, why) == 0)
            return;
    struct forwards_unread *unread =
        grown(audit, audit->unread, audit->report.n_unread, &audit->room_unread, sizeof *unread);
    if (!unread)
        return;
    audit->report.unread = audit->unread = unread;
    struct forwards_unread one = {.what = arena_strdup(audit->request->arena, what),
                                  .why = arena_strdup(audit->request->arena, why)};
    if (one.what && one.why)
        unread[audit->report.n_unread++] = one;
    else
        audit->report.no_memory = true;
}

const char *audit_read(struct audit *audit, const char *path, const struct owner *owner)
{
    const char *text = NULL;
    struct problem problem = {""};
    enum result result = file_read(audit->request->arena, path, owner, &text, &problem);
    if (result == RESULT_OK)
        audit->report.n_files++;
    if (result != RESULT_OK && result != RESULT_NOT_FOUND)
        audit_unread(audit, path, problem.text);
    return result == RESULT_OK ? text : NULL;
}

static bool is_listed(const struct audit *audit, const struct forward *one)
{
    for (size_t i = 0; i < audit->report.n_forwards; i++) {
        const struct forward *other = &audit->forwards[i];
        if (strcmp(other->place.file, one->place.file) == 0 && text_equal_nocase(other->key, one->key) &&
            strcmp(other->target, one->target) == 0)
            return true;
    }
    return false;
}

static void add(struct audit *audit, const struct origin *origin, struct forward one)
{
    struct arena *arena = audit->request->arena;
    one.source = origin->source;
    one.place = origin->place;
    one.key = arena_strdup(arena, origin->key);
    one.target = arena_strdup(arena, one.target);
    one.why = arena_strdup(arena, one.why);
    struct forward *forwards =
        grown(audit, audit->forwards, audit->report.n_forwards, &audit->room_forwards, sizeof *forwards);
    if (!forwards || !one.key || !one.target || !one.why) {
        audit->report.no_memory = true;
        return;
    }
    audit->report.forwards = audit->forwards = forwards;
    if (!origin->is_compiled || !is_listed(audit, &one))
        forwards[audit->report.n_forwards++] = one;
}

void audit_unknown(struct audit *audit, const struct origin *origin, const char *target, const char *why)
{
    audit->report.n_targets++;
    add(audit, origin, (struct forward){.target = target, .why = why});
}

/* A table that fails knows nothing: the domain then counts as elsewhere. */
static bool answers(const struct audit *audit, const char *table, const char *key)
{
    struct problem problem = {""};
    struct buffer out;
    buffer_init(&out, 0);
    enum result result = postfix_postmap(audit->request->postfix, "-q", key, table, NULL, &out, &problem);
    bool found = result == RESULT_OK && out.size;
    buffer_free(&out);
    return found;
}

static bool is_delivered_here(const struct audit *audit, const char *domain)
{
    for (size_t i = 0; audit->delivered[i]; i++)
        if (strcmp(audit->delivered[i], domain) == 0)
            return true;
    for (size_t i = 0; i < audit->n_domain_tables; i++)
        if (answers(audit, audit->domain_tables[i], domain))
            return true;
    return false;
}

static bool stays(const struct audit *audit, const struct recipient *recipient)
{
    switch (recipient->class) {
    case RCPT_LOCAL:
    case RCPT_GOVERNMENT:
    case RCPT_PARTNER:
        return true;
    case RCPT_CONSUMER:
    case RCPT_LOOKALIKE:
    case RCPT_OTHER:
    case RCPT_MALFORMED:
        break;
    }
    return *recipient->domain && is_delivered_here(audit, recipient->domain);
}

void audit_address_as(struct audit *audit, const struct origin *origin, const char *target, const char *as)
{
    const struct forwards_request *request = audit->request;
    struct recipient recipient;
    char domain[DOMAIN_ROOM];
    audit->report.n_targets++;
    if (!as) {
        audit->report.no_memory = true;
        return;
    }
    recipient_classify(as, request->local_domains, request->registry, request->lists, request->today_seconds,
                       &recipient);
    /* A domain of one label, such as localhost: half an address for everybody but this Postfix. */
    if (recipient.class == RCPT_MALFORMED && !mailbox_split(as, domain) && is_delivered_here(audit, domain))
        return;
    if (!stays(audit, &recipient))
        add(audit, origin,
            (struct forward){
                .target = target, .is_known = true, .class = recipient.class, .why = recipient.why});
}

/* The text of the n-th group of a regular expression, when all it can meet is the names it spells; false:
 * anything else. Alternatives stay separated by |. */
static bool group_names(const char *pattern, unsigned n, char *out, size_t room)
{
    unsigned group = 0;
    size_t used = 0;
    for (; *pattern; pattern++) {
        if (*pattern == '\\' && pattern[1])
            pattern++;
        else if (*pattern == '(' && pattern[1] != '?' && ++group == n)
            break;
    }
    if (!*pattern)
        return false;
    for (pattern++; *pattern && *pattern != ')' && used + 1 < room; pattern++) {
        bool dot = *pattern == '\\' && pattern[1] == '.';
        pattern += dot;
        bool plain =
            dot || strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-|", *pattern);
        if (!plain)
            return false;
        out[used++] = *pattern;
    }
    out[used] = '\0';
    return *pattern == ')' && !strchr("*+?{", pattern[1] ? pattern[1] : ' ');
}

/* "$1", "${1}", "$(1)": the number, 0: none of these; *size_out: its bytes. */
static unsigned group_at(const char *text, size_t *size_out)
{
    bool braced = text[0] == '$' && (text[1] == '{' || text[1] == '(');
    const char *digit = text + 1 + braced;
    bool is_group = text[0] == '$' && *digit >= '1' && *digit <= '9' && (!braced || strchr("})", digit[1]));
    *size_out = is_group ? (size_t)(digit + 1 + braced - text) : 0;
    return is_group ? (unsigned)(*digit - '0') : 0;
}

static const char cannot_know[] = "the domain comes from what was written: where it goes cannot be known";

/* The domain of the target is one group, which spells names. */
static void judge_group(struct audit *audit, const struct origin *origin, const char *target,
                        const char *domain)
{
    char names[DOMAIN_ROOM * 4], *save = NULL;
    size_t size = 0;
    unsigned n = group_at(domain, &size);
    if (!n || domain[size] || !group_names(origin->key, n, names, sizeof names)) {
        audit_unknown(audit, origin, target, cannot_know);
        return;
    }
    for (char *name = strtok_r(names, "|", &save); name; name = strtok_r(NULL, "|", &save)) {
        const char *as = arena_printf(audit->request->arena, "x@%s", name);
        audit_address_as(audit, origin, target, as);
    }
}

void audit_address(struct audit *audit, const struct origin *origin, const char *target)
{
    struct arena *arena = audit->request->arena;
    const char *written = target, *as = NULL;
    if (*target == '\\')
        target++;
    const char *at = strrchr(target, '@');
    bool varies = origin->is_pattern && strchr(target, '$');
    if (!*target)
        return;
    if (varies && (!at || strchr(at, '$'))) {
        judge_group(audit, origin, written, at ? at + 1 : target);
        return;
    }
    if (at == target || (at && varies))
        as = arena_printf(arena, "x%s", at);
    else
        as = at ? target : arena_printf(arena, "%s@%s", target, audit->origin);
    audit_address_as(audit, origin, written, as);
}
