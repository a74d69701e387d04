/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/notices.h"

#include "policy/lines.h"
#include "policy/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NOTICES_MAX = 200, KEY_ROOM = 40, LANGUAGE_ROOM = 12 };

struct row {
    char language[LANGUAGE_ROOM], key[KEY_ROOM];
    char *what, *remedy;
    struct notice notice; /* points at the row's own strings */
};

struct notices {
    struct row *rows[NOTICES_MAX];
    size_t count;
};

/* The names of fields and where they are in struct notice_fields. */
static const struct {
    const char *name;
    size_t offset;
} fields_table[] = {
    {"address", offsetof(struct notice_fields, address)},
    {"domain", offsetof(struct notice_fields, domain)},
    {"class", offsetof(struct notice_fields, class)},
    {"suggestion", offsetof(struct notice_fields, suggestion)},
    {"key", offsetof(struct notice_fields, key)},
    {"since", offsetof(struct notice_fields, since)},
    {"level", offsetof(struct notice_fields, level)},
    {"size", offsetof(struct notice_fields, size)},
    {"limit", offsetof(struct notice_fields, limit)},
    {"sealed", offsetof(struct notice_fields, sealed)},
    {"reference", offsetof(struct notice_fields, reference)},
    {"contact", offsetof(struct notice_fields, contact)},
    {"login", offsetof(struct notice_fields, login)},
    {"from", offsetof(struct notice_fields, from)},
    {"envelope", offsetof(struct notice_fields, envelope)},
    {"why", offsetof(struct notice_fields, why)},
    {"typed", offsetof(struct notice_fields, typed)},
    {"more", offsetof(struct notice_fields, more)},
};
enum { FIELD_COUNT = sizeof fields_table / sizeof *fields_table };

struct notices *notices_new(void)
{
    return calloc(1, sizeof(struct notices));
}

static void row_free(struct row *row)
{
    if (!row)
        return;
    free(row->what);
    free(row->remedy);
    free(row);
}

void notices_free(struct notices *notices)
{
    if (!notices)
        return;
    for (size_t i = 0; i < notices->count; i++)
        row_free(notices->rows[i]);
    free(notices);
}

/* The field whose name and '}' stand here; -1: none. */
static int field_at(const char *text)
{
    for (int i = 0; i < FIELD_COUNT; i++) {
        size_t length = strlen(fields_table[i].name);
        if (!strncmp(text, fields_table[i].name, length) && text[length] == '}')
            return i;
    }
    return -1;
}

static bool key_is_known(const char *key)
{
    enum reason reason;
    enum key_state state;
    enum sender_lack lack;
    if (!strcmp(key, "FORWARD.ticket") || !strcmp(key, "FORWARD.sign") || !strcmp(key, "FORWARD.typed") ||
        !strcmp(key, "NO-KEY.personal") || !strcmp(key, "LEVEL.service") || !strcmp(key, "MIXED.return") ||
        !strcmp(key, "TOO-BIG.header") || !strcmp(key, "TOO-BIG.rcpts") || !strcmp(key, "TOO-BIG.sealed") ||
        !strcmp(key, "MORE"))
        return true;
    if (!strncmp(key, "NO-KEY.", 7))
        return key_state_parse(key + 7, &state) && state != KEY_USABLE && state != KEY_UNKNOWN;
    const char *dot = strchr(key, '.');
    if (!dot)
        return reason_parse(key, &reason);
    char plain[KEY_ROOM];
    (void)snprintf(plain, sizeof plain, "%.*s", (int)(dot - key), key);
    return reason_parse(plain, &reason) && reason_is_about_sender(reason) &&
           sender_lack_parse(dot + 1, &lack) && lack != LACK_NOTHING;
}

static const struct notice *find(const struct notices *notices, const char *language, const char *key)
{
    for (size_t i = 0; i < notices->count; i++) {
        struct row *row = notices->rows[i];
        if (!strcmp(row->key, key) && (!language || !strcmp(row->language, language)))
            return &row->notice;
    }
    return NULL;
}

const struct notice *notices_find(const struct notices *notices, const char *language, const char *key)
{
    char plain[KEY_ROOM];
    const struct notice *found = find(notices, language, key);
    (void)snprintf(plain, sizeof plain, "%.*s", (int)strcspn(key, "."), key);
    if (!found)
        found = find(notices, language, plain);
    if (!found)
        found = find(notices, NULL, key);
    return found ? found : find(notices, NULL, plain);
}

enum reason notices_missing(const struct notices *notices, const char *language, enum reason after)
{
    for (int i = (int)after + 1; i < REASON_COUNT; i++)
        if (i != REASON_RETURN && !find(notices, language, reason_name((enum reason)i)))
            return (enum reason)i;
    return REASON_NONE;
}

static bool is_about(const struct row *row, const char *reason)
{
    size_t length = strlen(reason);
    return !strncmp(row->key, reason, length) && (!row->key[length] || row->key[length] == '.');
}

static void take_over(struct notices *notices, const char *language, const char *reason, struct notices *rest)
{
    for (size_t i = 0; i < rest->count; i++) {
        struct row *row = rest->rows[i];
        if (!row || strcmp(row->language, language) != 0 || !is_about(row, reason) ||
            find(notices, language, row->key) || notices->count >= NOTICES_MAX)
            continue;
        notices->rows[notices->count++] = row;
        rest->rows[i] = NULL;
    }
}

void notices_complete(struct notices *notices, const char *language, struct notices *rest)
{
    for (enum reason reason = notices_missing(notices, language, REASON_NONE); reason != REASON_NONE;
         reason = notices_missing(notices, language, reason))
        take_over(notices, language, reason_name(reason), rest);
    notices_free(rest);
}

static enum policy_status check_template(const char *text, struct refusal *refusal)
{
    if (!*text)
        return policy_refuse(refusal, "nothing stands after the colon: write the line");
    for (const char *c = text; *c; c++) {
        if (*c < 0x20 || *c > 0x7e)
            return policy_refuse(refusal, "the byte 0x%02x: SMTP replies are ASCII, write without accents",
                                 (unsigned char)*c);
        if (*c == '{' && field_at(c + 1) < 0)
            return policy_refuse(refusal, "unknown field at '%.20s': see khatm.conf(5) for the names", c);
    }
    if (strlen(text) > NOTICE_LINE_MAX)
        return policy_refuse(refusal, "the line has over %d bytes: shorten it", NOTICE_LINE_MAX);
    return POLICY_OK;
}

static enum policy_status begin_row(struct notices *notices, const char *language, char *line,
                                    struct row **row_out, struct refusal *refusal)
{
    char *end = strchr(line, ']');
    if (!end || end[1])
        return policy_refuse(refusal, "'%.40s' is no key: write it like [CONSUMER]", line);
    *end = '\0';
    if (!key_is_known(line + 1))
        return policy_refuse(refusal, "'%.40s' is no reason: see khatm.rules(5) for the names", line + 1);
    if (find(notices, language, line + 1))
        return policy_refuse(refusal, "'%.40s' is there twice: keep one", line + 1);
    if (notices->count >= NOTICES_MAX)
        return policy_refuse(refusal, "more than %d texts: shorten the file", NOTICES_MAX);
    struct row *row = calloc(1, sizeof *row);
    if (!row)
        return POLICY_NO_MEMORY;
    (void)snprintf(row->language, sizeof row->language, "%.*s", LANGUAGE_ROOM - 1, language);
    (void)snprintf(row->key, sizeof row->key, "%.*s", KEY_ROOM - 1, line + 1);
    row->notice.key = row->key;
    notices->rows[notices->count++] = row;
    *row_out = row;
    return POLICY_OK;
}

static enum policy_status set_text(struct row *row, const char *line, struct refusal *refusal)
{
    bool what = !strncmp(line, "what:", 5), remedy = !strncmp(line, "remedy:", 7);
    if (!row || (!what && !remedy))
        return policy_refuse(refusal, "'%.40s' is neither [KEY], what: nor remedy: mend the line", line);
    const char *text = line + (what ? 5 : 7);
    text += strspn(text, " ");
    char **to = what ? &row->what : &row->remedy;
    if (*to)
        return policy_refuse(refusal, "a second '%s' for %s: keep one", what ? "what:" : "remedy:", row->key);
    enum policy_status status = check_template(text, refusal);
    if (status != POLICY_OK)
        return status;
    *to = strdup(text);
    if (!*to)
        return POLICY_NO_MEMORY;
    row->notice.what = row->what;
    row->notice.remedy = row->remedy;
    return POLICY_OK;
}

static enum policy_status end_row(const struct row *row, struct refusal *refusal)
{
    if (row && (!row->what || !row->remedy))
        return policy_refuse(refusal, "%s lacks '%s': add it", row->key, row->what ? "remedy:" : "what:");
    return POLICY_OK;
}

/* Where a reading has got to. */
struct reading {
    struct notices *notices;
    const char *language;
    struct row *row; /* the block it is in; NULL: none yet */
};

static enum policy_status take_line(char *line, void *context, struct refusal *refusal)
{
    struct reading *reading = context;
    size_t length = strlen(line);
    while (length && (line[length - 1] == '\r' || line[length - 1] == ' '))
        line[--length] = '\0';
    if (!length || line[0] == '#')
        return POLICY_OK;
    if (line[0] != '[')
        return set_text(reading->row, line, refusal);
    enum policy_status status = end_row(reading->row, refusal);
    if (status != POLICY_OK)
        return status;
    return begin_row(reading->notices, reading->language, line, &reading->row, refusal);
}

enum policy_status notices_parse(struct notices *notices, const char *language, const char *text, size_t size,
                                 struct refusal *refusal)
{
    struct reading reading = {notices, language, NULL};
    enum policy_status status = lines_each(text, size, take_line, &reading, refusal);
    return status == POLICY_OK ? end_row(reading.row, refusal) : status;
}

static const char *field_value(const struct notice_fields *fields, int index)
{
    const char *value;
    memcpy(&value, (const char *)fields + fields_table[index].offset, sizeof value);
    return value && *value ? value : "-";
}

/* Cut fields end in "..", so that nobody takes the cut address for the whole one. */
static size_t put_field(const char *value, char *out, size_t room)
{
    size_t n = 0;
    for (; *value && n < NOTICE_FIELD_MAX && n + 1 < room; value++, n++)
        out[n] = *value >= 0x20 && *value < 0x7f ? *value : '?';
    if (*value && n >= 2)
        memcpy(out + n - 2, "..", 2);
    return n;
}

void notices_render(const char *template, const struct notice_fields *fields, char *out, size_t room)
{
    size_t used = 0;
    if (!room)
        return;
    for (const char *c = template; *c && used + 1 < room;) {
        int field = *c == '{' ? field_at(c + 1) : -1;
        if (field < 0) {
            out[used++] = *c++;
            continue;
        }
        used += put_field(field_value(fields, field), out + used, room - used);
        c += strlen(fields_table[field].name) + 2;
    }
    out[used] = '\0';
}
