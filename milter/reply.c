/* SPDX-License-Identifier: Apache-2.0 */
#include "reply.h"

#include "base/clock.h"
#include "base/text.h"
#include "policy/names.h"
#include "policy/notices.h"
#include "policy/registry.h"

#include <stdio.h>
#include <string.h>

enum {
    LINE_BYTES = 480,   /* RFC 5321 4.5.3.1.5 allows 512 with code, status and CRLF */
    GROUPS_MAX = 4,     /* different causes that one reply tells; the journal has the rest */
    ALSO_NAMED_MAX = 6, /* further recipients named for one cause */
    NUMBER_ROOM = 32,
};

/* How much a reply tells. */
struct measure {
    size_t groups, names;
};

static size_t line_count(const struct reply *reply)
{
    size_t n = 0;
    while (n < REPLY_LINES_MAX && reply->lines[n])
        n++;
    return n;
}

static void add_line(struct message *message, struct reply *reply, const char *text)
{
    size_t n = line_count(reply);
    if (n < REPLY_LINES_MAX && *text)
        reply->lines[n] = arena_strdup(message->arena, text);
}

static const char *status_code(enum reason reason, const struct gathered *gathered)
{
    const char *status = reason_status_of(reason, gathered ? gathered->facts.sender.lacks : LACK_NOTHING);
    return *status ? status : "5.7.1";
}

static const struct notice *find_notice(const struct config *config, const char *key)
{
    return notices_find(config->notices, config->languages[0] ? config->languages[0] : "fr", key);
}

/* Every domain that takes mail has a postmaster (RFC 5321 4.5.1). */
static const char *find_contact(struct message *message, const char *domain)
{
    const struct registry_entry *entry = domain ? registry_find(message->config->registry, domain) : NULL;
    if (entry && entry->contact)
        return entry->contact;
    return domain ? arena_printf(message->arena, "postmaster@%s", domain) : NULL;
}

/* It is the signs of a forward that decided, and neither the document itself nor who could have typed the
 * address. */
static bool is_sent_on(const struct policy_facts *facts, const struct rcpt_facts *rcpt)
{
    bool outside = rcpt->class == RCPT_CONSUMER || rcpt->class == RCPT_OTHER;
    return outside && facts->forward && facts->known != FACT_YES && !(facts->content & CONTENT_SEALED);
}

/* A level that a person may send, and a machine may not. */
static bool is_for_persons(const struct policy_facts *facts)
{
    enum { MOST = 3 };
    return facts->sender.class == SENDER_SERVICE && facts->level <= MOST;
}

static void notice_key(const struct message *message, enum reason reason, bool grown,
                       const struct gathered *gathered, const struct rcpt_facts *rcpt, char *key, size_t room)
{
    if (reason == REASON_NO_KEY && rcpt && rcpt->key_personal && rcpt->key == KEY_MISSING)
        (void)snprintf(key, room, "%s.personal", reason_name(reason));
    else if (reason == REASON_NO_KEY && rcpt)
        (void)snprintf(key, room, "%s.%s", reason_name(reason), key_state_name(rcpt->key));
    else if (reason == REASON_FORWARD && rcpt &&
             (rcpt->class == RCPT_GOVERNMENT || rcpt->class == RCPT_PARTNER))
        (void)snprintf(key, room, "%s.%s", reason_name(reason), sender_lack_name(LACK_TICKET));
    else if (reason == REASON_FORWARD && rcpt && rcpt->typed && message->attach->role == ROLE_EGRESS)
        (void)snprintf(key, room, "%s.typed", reason_name(reason));
    else if (reason == REASON_LEVEL && gathered && is_for_persons(&gathered->facts))
        (void)snprintf(key, room, "%s.%s", reason_name(reason), sender_class_name(SENDER_SERVICE));
    else if (reason == REASON_TOO_BIG && message->header_too_big && !message->body_too_big)
        (void)snprintf(key, room, "%s.header", reason_name(reason));
    else if (reason == REASON_TOO_BIG && message->too_many_rcpts && !message->body_too_big)
        (void)snprintf(key, room, "%s.rcpts", reason_name(reason));
    else if (reason == REASON_TOO_BIG && grown)
        (void)snprintf(key, room, "%s.sealed", reason_name(reason));
    else if (reason == REASON_MIXED && rcpt && rcpt->returns == FACT_YES)
        (void)snprintf(key, room, "%s.return", reason_name(reason));
    else if (reason == REASON_FORWARD && rcpt && gathered && is_sent_on(&gathered->facts, rcpt))
        (void)snprintf(key, room, "%s.sign", reason_name(reason));
    else if (gathered && reason_is_about_sender(reason))
        (void)snprintf(key, room, "%s.%s", reason_name(reason),
                       sender_lack_name(gathered->facts.sender.lacks));
    else
        (void)snprintf(key, room, "%s", reason_name(reason));
}

/* As people know it, and what else may be the reason: "3 CONFIDENTIEL, ENQUETE". */
static void write_level(const struct policy_facts *facts, char *level, size_t room)
{
    char caveats[64];
    caveat_names(facts->caveats, caveats, sizeof caveats);
    (void)snprintf(level, room, "%d %s%s%s", facts->level, level_name(facts->level),
                   facts->caveats ? ", " : "", facts->caveats ? caveats : "");
}

/* Digits in threes, as a large number is read: "26 214 400". */
static void write_number(uint64_t n, char out[NUMBER_ROOM])
{
    char digits[NUMBER_ROOM];
    size_t used = 0;
    (void)snprintf(digits, sizeof digits, "%llu", (unsigned long long)n);
    for (size_t i = 0, left = strlen(digits); left; i++, left--) {
        if (i && left % 3 == 0)
            out[used++] = ' ';
        out[used++] = digits[i];
    }
    out[used] = '\0';
}

/* One cause: what it is, for whom (`also`: a line for the others), and what to do. rcpt may be NULL. */
static void add_cause(struct message *message, const struct gathered *gathered,
                      const struct judgement *judgement, const struct rcpt_facts *rcpt, const char *also,
                      struct reply *reply)
{
    enum reason reason = rcpt && gathered ? judgement->decision->rcpts[rcpt - gathered->facts.rcpts].reason
                                          : judgement->reason;
    char key[64], since[21] = "", level[80] = "", limit[NUMBER_ROOM], size[NUMBER_ROOM], grown[NUMBER_ROOM],
                  line[LINE_BYTES];
    const struct config *config = message->config;
    if (rcpt && rcpt->key_time)
        clock_format_utc(rcpt->key_time, since);
    since[10 < strlen(since) ? 10 : strlen(since)] = '\0'; /* the day is enough */
    if (gathered)
        write_level(&gathered->facts, level, sizeof level);
    write_number(message->spool.size, size);
    write_number(judgement->grown, grown);
    write_number(judgement->grown ? config->sealing.size_limit : config->spool.message_limit, limit);
    notice_key(message, reason, judgement->grown, gathered, rcpt, key, sizeof key);
    struct notice_fields fields = {
        .address = rcpt ? rcpt->address : NULL,
        .domain = rcpt ? rcpt->domain : NULL,
        .class = rcpt ? rcpt_class_name(rcpt->class) : NULL,
        .suggestion = rcpt ? rcpt->suggestion : NULL,
        .key = rcpt ? rcpt->key_fingerprint : NULL,
        .since = *since ? since : NULL,
        .level = level,
        .size = size,
        .limit = limit,
        .sealed = grown,
        .reference = message->reference,
        .login = message->login,
        .from = gathered ? gathered->facts.sender.from : NULL,
        .envelope =
            arena_printf(message->arena, "<%s>", message->envelope_from ? message->envelope_from : ""),
        .why = !gathered                      ? NULL
               : reason == REASON_UNSIGNABLE  ? judgement->detail
               : reason == REASON_SEAL_BROKEN ? gathered->facts.seal_why
               : reason == REASON_NO_KEY      ? (rcpt ? rcpt->key_why : NULL)
               : reason == REASON_FORWARD     ? gathered->facts.forward_why
                                              : gathered->facts.sender.why,
        .typed = rcpt ? rcpt->typed : NULL,
        .contact = rcpt ? find_contact(message, rcpt->domain) : NULL,
    };
    const struct notice *notice = find_notice(config, key);
    if (!notice) {
        (void)snprintf(line, sizeof line, "%s", key);
        add_line(message, reply, line);
        return;
    }
    notices_render(notice->what, &fields, line, sizeof line);
    add_line(message, reply, line);
    add_line(message, reply, also);
    notices_render(notice->remedy, &fields, line, sizeof line);
    add_line(message, reply, line);
}

static bool same_text(const char *a, const char *b)
{
    return a && b ? !strcmp(a, b) : a == b;
}

/* The same words but for the address, as far as they say what to do. */
static bool same_cause(const struct message *message, const struct gathered *gathered,
                       const struct judgement *judgement, size_t a, size_t b)
{
    char key_a[64], key_b[64];
    const struct rcpt_decision *decided = judgement->decision->rcpts;
    const struct rcpt_facts *rcpts = gathered->facts.rcpts;
    if (decided[a].verdict != VERDICT_REJECT || decided[b].verdict != VERDICT_REJECT)
        return false;
    notice_key(message, decided[a].reason, judgement->grown, gathered, &rcpts[a], key_a, sizeof key_a);
    notice_key(message, decided[b].reason, judgement->grown, gathered, &rcpts[b], key_b, sizeof key_b);
    return !strcmp(key_a, key_b) && same_text(rcpts[a].suggestion, rcpts[b].suggestion) &&
           same_text(rcpts[a].typed, rcpts[b].typed);
}

/* The other recipients refused for the same cause as `one`, in one line, at most so many by name; "" when
 * there are none. Returns how many. */
static size_t name_others(const struct message *message, const struct gathered *gathered,
                          const struct judgement *judgement, size_t one, size_t names, char line[LINE_BYTES])
{
    char address[80];
    size_t named = 0, more = 0;
    (void)snprintf(line, LINE_BYTES, "Idem:");
    for (size_t i = 0; i < gathered->facts.n_rcpts; i++) {
        if (i == one || !same_cause(message, gathered, judgement, one, i))
            continue;
        const struct notice_fields fields = {.address = gathered->facts.rcpts[i].address};
        notices_render("{address}", &fields, address, sizeof address);
        size_t used = strlen(line);
        if (named >= names || used + strlen(address) + 24 > (size_t)LINE_BYTES) {
            more++;
            continue;
        }
        (void)snprintf(line + used, (size_t)LINE_BYTES - used, "%s %s", named ? "," : "", address);
        named++;
    }
    if (more)
        (void)snprintf(line + strlen(line), (size_t)LINE_BYTES - strlen(line), " (+%zu)", more);
    if (!named && !more)
        *line = '\0';
    return named + more;
}

/* Recipients of whose cause the reply says nothing. */
static void add_untold(struct message *message, size_t n, struct reply *reply)
{
    char count[24], line[LINE_BYTES];
    const struct notice *notice = find_notice(message->config, "MORE");
    if (!n)
        return;
    (void)snprintf(count, sizeof count, "%zu", n);
    const struct notice_fields fields = {.more = count};
    notices_render(notice ? notice->what : "(+{more})", &fields, line, sizeof line);
    add_line(message, reply, line);
    if (!notice)
        return;
    notices_render(notice->remedy, &fields, line, sizeof line);
    add_line(message, reply, line);
}

/* The recipient that decided comes first: the reply's status code is for its cause. */
static void add_causes(struct message *message, const struct gathered *gathered,
                       const struct judgement *judgement, const struct measure *measure, struct reply *reply)
{
    const struct policy_facts *facts = &gathered->facts;
    const struct decision *decision = judgement->decision;
    char others[LINE_BYTES];
    size_t told[GROUPS_MAX] = {0}, groups = 0, n_told = 0, n_refused = 0;
    for (size_t i = 0; i < facts->n_rcpts; i++)
        n_refused += decision->rcpts[i].verdict == VERDICT_REJECT;
    for (size_t k = 0; k <= facts->n_rcpts && groups < measure->groups; k++) {
        size_t i = k == 0 ? decision->rcpt : k - 1;
        if (i >= facts->n_rcpts || decision->rcpts[i].verdict != VERDICT_REJECT)
            continue;
        bool seen = false;
        for (size_t g = 0; g < groups && !seen; g++)
            seen = told[g] == i || same_cause(message, gathered, judgement, told[g], i);
        if (seen)
            continue;
        told[groups++] = i;
        n_told += 1 + name_others(message, gathered, judgement, i, measure->names, others);
        add_cause(message, gathered, judgement, &facts->rcpts[i], others, reply);
    }
    add_untold(message, n_refused - n_told, reply);
}

static void compose(struct message *message, const struct gathered *gathered,
                    const struct judgement *judgement, const struct measure *measure, struct reply *reply)
{
    char line[LINE_BYTES];
    memset(reply->lines, 0, sizeof reply->lines);
    if (judgement->decision && gathered && judgement->verdict != VERDICT_TRY_LATER)
        add_causes(message, gathered, judgement, measure, reply);
    else
        add_cause(message, gathered, judgement, NULL, "", reply);
    (void)snprintf(line, sizeof line, "Reference %s (%s)", message->reference,
                   reason_name(judgement->reason));
    add_line(message, reply, line);
}

/* Octets of the lines as one, with its NUL. */
static size_t joined_size(const struct reply *reply)
{
    size_t size = 0;
    for (size_t i = 0; i < line_count(reply); i++)
        size += strlen(reply->lines[i]) + 1;
    return size;
}

/* At the end of a word: half an address is not to be taken for a whole one. */
static void cut(char *line, size_t room)
{
    static const char mark[] = " ...";
    size_t used = strlen(line);
    while (used && (used + sizeof mark > room || line[used] != ' '))
        used--;
    while (used && strchr(" ,;:(", line[used - 1]))
        used--;
    memcpy(line + used, mark, sizeof mark);
}

/* The reference is what must not be cut. */
static void join_lines(struct message *message, struct reply *reply)
{
    char line[LINE_BYTES];
    size_t n = line_count(reply), used = 0;
    if (n < 2)
        return;
    const char *reference = reply->lines[n - 1];
    size_t room = sizeof line - strlen(reference) - 1;
    for (size_t i = 0; i + 1 < n && used < room; i++) {
        int wrote = snprintf(line + used, room - used, "%s%s", i ? " " : "", reply->lines[i]);
        used += wrote > 0 ? (size_t)wrote : 0;
    }
    if (used >= room)
        cut(line, room);
    used = strnlen(line, room - 1);
    (void)snprintf(line + used, sizeof line - used, " %s", reference);
    memset(reply->lines, 0, sizeof reply->lines);
    add_line(message, reply, line);
}

/* What refuses at the last hop, or of a program's mail, is told in a delivery report, whose author makes one
 * line of several: better that we say in whole sentences what fits, and of how many it says nothing. */
static void compose_line(struct message *message, const struct gathered *gathered,
                         const struct judgement *judgement, struct measure measure, struct reply *reply)
{
    while (joined_size(reply) > LINE_BYTES && measure.groups + measure.names > 1) {
        if (measure.groups > 1)
            measure.groups--;
        else
            measure.names--;
        compose(message, gathered, judgement, &measure, reply);
    }
    join_lines(message, reply);
}

void reply_compose(struct message *message, const struct gathered *gathered,
                   const struct judgement *judgement, struct reply *reply)
{
    const struct measure all = {GROUPS_MAX, ALSO_NAMED_MAX};
    bool later = judgement->verdict == VERDICT_TRY_LATER;
    reply->answer = later ? ANSWER_TRY_LATER : ANSWER_REJECT;
    reply->status = later ? "4.3.0" : status_code(judgement->reason, gathered);
    reply->code = later ? "451" : judgement->reason == REASON_TOO_BIG ? "552" : "550";
    compose(message, gathered, judgement, &all, reply);
    if (message->attach->role == ROLE_EGRESS || message->attach->role == ROLE_LOCAL)
        compose_line(message, gathered, judgement, all, reply);
    if (!reply->lines[0])
        reply->lines[0] = "Khatm";
}
