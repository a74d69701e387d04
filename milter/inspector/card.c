/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/card.h"

#include "base/text.h"
#include "inspector/decode.h"

#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_BYTES = 40, COMPONENT_MAX = 16 };

struct property {
    char name[NAME_MAX_BYTES + 1]; /* upper case, without a group */
    const char *params, *value;
    size_t params_size, value_size;
};

struct card {
    enum card_kind kind;
    unsigned depth, components;
    char open[CARD_DEPTH_MAX][COMPONENT_MAX + 1];
    size_t text;
    struct rawscan *scan;
    struct picture_allowance *allowance;
};

static const char malformed[] = "card or calendar that is none by its content";

static bool is_one_of(const char *name, const char *const *names)
{
    for (; *names; names++)
        if (text_equal_nocase(name, *names))
            return true;
    return false;
}

/* Folds are a line end and a blank (RFC 5545 3.1); in vCard 2.1 a "=" at the end of a quoted-printable line.
 * `out` holds size + 1 bytes; lines end with LF. */
static size_t unfold(const char *bytes, size_t size, char *out)
{
    size_t used = 0;
    for (size_t i = 0; i < size; i++) {
        bool crlf = bytes[i] == '\r' && i + 1 < size && bytes[i + 1] == '\n';
        size_t after = i + (crlf ? 2 : 1);
        if ((crlf || bytes[i] == '\n') && after < size && (bytes[after] == ' ' || bytes[after] == '\t')) {
            i = after;
            continue;
        }
        if (!crlf)
            out[used++] = bytes[i];
    }
    return used;
}

/* [group.]NAME[;params]:value */
static bool read_property(const char *line, size_t size, struct property *property)
{
    size_t at = 0, name = 0;
    while (at < size && !strchr(";:", line[at])) {
        unsigned char c = (unsigned char)line[at++];
        if (c == '.') {
            name = 0;
            continue;
        }
        bool good = c == '-' || c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                    (c >= 'a' && c <= 'z');
        if (!good || name == NAME_MAX_BYTES)
            return false;
        property->name[name++] = (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    }
    property->name[name] = '\0';
    property->params = line + at;
    for (bool quoted = false; at < size && (quoted || line[at] != ':'); at++)
        quoted ^= line[at] == '"';
    if (!name || at == size)
        return false;
    property->params_size = (size_t)(line + at - property->params);
    property->value = line + at + 1;
    property->value_size = size - at - 1;
    return true;
}

static bool has_param(const struct property *property, const char *wanted)
{
    size_t length = strlen(wanted);
    for (size_t i = 0; i + length < property->params_size; i++) {
        const char *at = property->params + i;
        char stop = i + 1 + length < property->params_size ? at[1 + length] : ';';
        if (*at == ';' && text_starts_nocase(at + 1, wanted) && (stop == ';' || stop == ','))
            return true;
    }
    return false;
}

static bool says_binary(const struct property *property)
{
    static const char *const params[] = {"ENCODING=B",     "ENCODING=BASE64", "BASE64",
                                         "ENCODING=\"B\"", "VALUE=BINARY",    "TYPE=BASE64"};
    for (size_t i = 0; i < sizeof params / sizeof *params; i++)
        if (has_param(property, params[i]))
            return true;
    return false;
}

static bool is_quoted(const struct property *property)
{
    return has_param(property, "ENCODING=QUOTED-PRINTABLE") || has_param(property, "QUOTED-PRINTABLE");
}

static const char *judge_picture(struct card *card, const char *base64, size_t size)
{
    struct decoder decoder;
    char *bytes = malloc(size + 8);
    if (!bytes)
        return "no memory for a card";
    decoder_init(&decoder, ENCODING_BASE64);
    size_t decoded = decoder_feed(&decoder, base64, size, bytes);
    decoded += decoder_finish(&decoder, bytes + decoded);
    const char *why = decoder.odd ? malformed : picture_judge(card->allowance, bytes, decoded, true);
    free(bytes);
    return why;
}

static const char *judge_component(struct card *card, const struct property *property, bool begins)
{
    static const char *const contact[] = {"VCARD", NULL};
    static const char *const calendar[] = {"VCALENDAR", "VEVENT", "VTIMEZONE", "STANDARD",
                                           "DAYLIGHT",  "VALARM", "VFREEBUSY", NULL};
    char name[COMPONENT_MAX + 1];
    if (property->value_size > COMPONENT_MAX)
        return malformed;
    memcpy(name, property->value, property->value_size);
    name[property->value_size] = '\0';
    if (!begins) {
        if (!card->depth || !text_equal_nocase(card->open[--card->depth], name))
            return malformed;
        return NULL;
    }
    bool outer = text_equal_nocase(name, card->kind == CARD_CONTACT ? "VCARD" : "VCALENDAR");
    if (outer != !card->depth || card->depth == CARD_DEPTH_MAX ||
        !is_one_of(name, card->kind == CARD_CONTACT ? contact : calendar))
        return malformed;
    memcpy(card->open[card->depth++], name, sizeof name);
    card->components++;
    return NULL;
}

/* As it is shown: line ends are written \n in a value. */
static void scan_value(struct rawscan *scan, const char *value, size_t size)
{
    const char *end = value + size, *sign;
    while ((sign = memchr(value, '\\', (size_t)(end - value))) && sign + 1 < end) {
        rawscan_feed(scan, value, (size_t)(sign - value));
        if (sign[1] == 'n' || sign[1] == 'N')
            rawscan_feed(scan, "\n", 1);
        else
            rawscan_feed(scan, sign + 1, 1);
        value = sign + 2;
    }
    rawscan_feed(scan, value, (size_t)(end - value));
    rawscan_feed(scan, "\n", 1);
}

static const char *scan_quoted(struct rawscan *scan, const char *value, size_t size)
{
    struct decoder decoder;
    char *text = malloc(size + 8);
    if (!text)
        return "no memory for a card";
    decoder_init(&decoder, ENCODING_QUOTED);
    size_t decoded = decoder_feed(&decoder, value, size, text);
    decoded += decoder_finish(&decoder, text + decoded);
    scan_value(scan, text, decoded);
    free(text);
    return decoder.odd;
}

/* Text goes on as mail shows it: through the scan that bodies go through. */
static const char *judge_text(struct card *card, const struct property *property)
{
    /* RFC 5545 and 6350, and what Outlook and others always add. */
    static const char *const prose[] = {"ADR",     "ATTENDEE", "COMMENT",    "CONTACT",   "DESCRIPTION",
                                        "LABEL",   "LOCATION", "NOTE",       "ORGANIZER", "SUMMARY",
                                        "EXDATE",  "RDATE",    "X-ALT-DESC", "FREEBUSY",  "MEMBER",
                                        "RELATED", "URL",      "CATEGORIES", NULL};
    size_t most = is_one_of(property->name, prose) ? CARD_VALUE_MAX : CARD_PRIVATE_VALUE_MAX;
    card->text += property->value_size;
    if (property->value_size > most || property->params_size > CARD_PRIVATE_VALUE_MAX ||
        card->text > (card->kind == CARD_CONTACT ? CONTACT_TEXT_MAX : CALENDAR_TEXT_MAX))
        return "card or calendar with too much text";
    if (is_quoted(property))
        return scan_quoted(card->scan, property->value, property->value_size);
    scan_value(card->scan, property->value, property->value_size);
    return NULL;
}

static const char *judge_property(struct card *card, const struct property *property)
{
    static const char *const files[] = {"ATTACH", "AGENT", "SOUND", "KEY", "IMAGE", NULL};
    static const char *const pictures[] = {"PHOTO", "LOGO", NULL};
    static const char data[] = "data:image/", base64[] = ";base64,";
    bool begins = !strcmp(property->name, "BEGIN");
    if (begins || !strcmp(property->name, "END"))
        return judge_component(card, property, begins);
    if (!card->depth)
        return malformed;
    if (is_one_of(property->name, files) || strstr(property->name, "ATTACH"))
        return "card or calendar with a file in it";
    bool picture = is_one_of(property->name, pictures), binary = says_binary(property);
    if (binary && !picture)
        return "card or calendar with a file in it";
    if (picture && binary)
        return judge_picture(card, property->value, property->value_size);
    if (picture && property->value_size > sizeof data && text_starts_nocase(property->value, data)) {
        const char *mark = memmem(property->value, property->value_size, base64, sizeof base64 - 1);
        if (!mark || mark - property->value > NAME_MAX_BYTES)
            return malformed;
        mark += sizeof base64 - 1;
        return judge_picture(card, mark, property->value_size - (size_t)(mark - property->value));
    }
    return judge_text(card, property);
}

/* vCard 2.1 goes on after a "=" at the end of a quoted-printable line. */
static size_t logical_line(const char *text, const char *end, struct property *property)
{
    const char *stop = memchr(text, '\n', (size_t)(end - text));
    size_t length = (size_t)((stop ? stop : end) - text);
    if (!read_property(text, length, property))
        return 0;
    while (is_quoted(property) && stop && length && text[length - 1] == '=') {
        stop = memchr(text + length + 1, '\n', (size_t)(end - text) - length - 1);
        length = (size_t)((stop ? stop : end) - text);
    }
    property->value_size = (size_t)(text + length - property->value);
    return length;
}

static const char *judge_lines(struct card *card, const char *text, size_t size)
{
    const char *end = text + size;
    while (text < end) {
        struct property property;
        if (*text == '\n' || *text == '\r') {
            text++;
            continue;
        }
        size_t length = logical_line(text, end, &property);
        const char *why = length ? judge_property(card, &property) : malformed;
        if (why)
            return why;
        text += length;
    }
    return card->depth || !card->components ? malformed : NULL;
}

const char *card_judge(enum card_kind kind, const char *bytes, size_t size, struct rawscan *scan,
                       struct picture_allowance *allowance)
{
    struct card card = {.kind = kind, .scan = scan, .allowance = allowance};
    if (size > CARD_BYTES_MAX)
        return "card or calendar that is too large";
    char *text = calloc(1, size + 1);
    if (!text)
        return "no memory for a card";
    size_t unfolded = unfold(bytes, size, text);
    text[unfolded] = '\0';
    rawscan_init(scan);
    const char *why = memchr(bytes, '\0', size) ? malformed : judge_lines(&card, text, unfolded);
    rawscan_finish(scan);
    free(text);
    return why ? why : scan->found;
}
