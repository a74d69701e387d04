/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/label_values.h"

#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VALUE_ROOM = 160, FIELD_MAX = 8 * 1024, NAME_ROOM = 32 };

struct value {
    const struct label_row *row;
    char key[MARKING_KEY_ROOM];
};

struct label_values {
    const struct forms *forms;
    const struct fold *fold;
    struct value *values;
    size_t n;
};

static const char mip_prefix[] = "MSIP_Label_";

struct label_values *label_values_new(const struct forms *forms, const struct fold *fold,
                                      const struct marking_tables *tables)
{
    struct label_values *values = calloc(1, sizeof *values);
    if (!values)
        return NULL;
    *values = (struct label_values){.forms = forms, .fold = fold};
    values->values = calloc(tables->n_labels + 1, sizeof *values->values);
    if (!values->values) {
        free(values);
        return NULL;
    }
    for (size_t i = 0; i < tables->n_labels; i++) {
        struct value *value = &values->values[values->n++];
        const char *text = tables->labels[i].value;
        value->row = &tables->labels[i];
        (void)fold_key(fold, text, strlen(text), value->key, sizeof value->key);
    }
    return values;
}

void label_values_free(struct label_values *values)
{
    if (!values)
        return;
    free(values->values);
    free(values);
}

static const struct label_row *find(const struct label_values *values, enum label_scheme scheme,
                                    const char *text, size_t size)
{
    char key[MARKING_KEY_ROOM];
    if (!fold_key(values->fold, text, size, key, sizeof key))
        return NULL;
    for (size_t i = 0; i < values->n; i++)
        if (values->values[i].row->scheme == scheme && !strcmp(values->values[i].key, key))
            return values->values[i].row;
    return NULL;
}

static void add(struct marking_list *list, const char *form, struct marking_rank rank, const char *where)
{
    struct marking_seen seen = {.form = form, .rank = rank, .stance = STANCE_FIRM, .label = true};
    (void)snprintf(seen.where, sizeof seen.where, "%s", where);
    marking_list_add(list, &seen);
}

/* By the scheme's own rows, else as a marking, else as something that somebody took the trouble to label. */
static void add_value(const struct label_values *values, enum label_scheme scheme, const char *text,
                      size_t size, const char *where, struct marking_list *list)
{
    const struct label_row *row = find(values, scheme, text, size);
    const struct marking_row *marking = row ? NULL : forms_find(values->forms, text, size);
    if (row)
        add(list, row->value, row->rank, where);
    else if (marking && (marking->rank.level >= 0 || marking->rank.caveats))
        add(list, marking->form, marking->rank, where);
    else if (size)
        add(list, "unknown label", (struct marking_rank){.level = 1}, where);
}

/* The next value of a comma-separated list, unescaped. False at the end. */
static bool next_pair(const char *text, size_t size, size_t *at, char pair[VALUE_ROOM])
{
    size_t used = 0;
    if (*at >= size)
        return false;
    while (*at < size && (text[*at] == ' ' || text[*at] == '\t'))
        ++*at;
    for (; *at < size && text[*at] != ','; ++*at) {
        if (text[*at] == '\\' && *at + 1 < size)
            ++*at;
        if (used + 1 < VALUE_ROOM)
            pair[used++] = text[*at];
    }
    ++*at;
    pair[used] = '\0';
    return true;
}

static void add_caveat(const struct label_values *values, const char *text, const char *where,
                       struct marking_list *list)
{
    const char *colon = strrchr(text, ':');
    const char *name = colon ? colon + 1 : text;
    const struct marking_row *row = forms_find(values->forms, name, strlen(name));
    if (row && row->rank.caveats)
        add(list, row->form, (struct marking_rank){.level = -1, .caveats = row->rank.caveats}, where);
}

bool label_values_read_pairs(const struct label_values *values, const char *text, size_t size,
                             const char *where, struct marking_list *list)
{
    char pair[VALUE_ROOM];
    bool marked = false;
    for (size_t at = 0; next_pair(text, size, &at, pair);) {
        if (text_starts_nocase(pair, "SEC=")) {
            add_value(values, LABEL_MARKING, pair + 4, strlen(pair + 4), where, list);
            marked = true;
        } else if (text_starts_nocase(pair, "CAVEAT=")) {
            add_caveat(values, pair + 7, where, list);
        }
    }
    return marked;
}

static const char hex_digits[] = "0123456789abcdef";

static bool is_escape(const char *text)
{
    return text[0] == '%' && text[1] && text[2] && strchr(hex_digits, text_lower(text[1])) &&
           strchr(hex_digits, text_lower(text[2]));
}

static char unescape(const char *text)
{
    return (char)((strchr(hex_digits, text_lower(text[1])) - hex_digits) * 16 +
                  (strchr(hex_digits, text_lower(text[2])) - hex_digits));
}

/* A parameter's value up to ';', without quotes, appended. `extended`: RFC 2231 4, %XX. */
static const char *take_parameter(const char *at, bool extended, char *out, size_t *used)
{
    bool quoted = false;
    for (; *at && (quoted || *at != ';'); at++) {
        char c = *at;
        if (c == '"' && !extended) {
            quoted = !quoted;
            continue;
        }
        if (c == '\\' && quoted && at[1])
            c = *++at;
        else if (extended && is_escape(at)) {
            c = unescape(at);
            at += 2;
        }
        if (*used + 1 < VALUE_ROOM)
            out[(*used)++] = c;
    }
    out[*used] = '\0';
    return at;
}

/* "marking", "marking*", "marking*0", "marking*1*" */
static bool is_marking_parameter(const char *name, size_t size, bool *extended)
{
    *extended = size && name[size - 1] == '*';
    return size >= 7 && text_starts_nocase(name, "marking") && strspn(name + 7, "*0123456789") >= size - 7;
}

static void read_sio(const struct label_values *values, const char *text, struct marking_list *list)
{
    char marking[VALUE_ROOM] = "", ignored[VALUE_ROOM];
    size_t used = 0;
    while (*text) {
        size_t none = 0;
        bool extended;
        text += strspn(text, "; \t");
        size_t size = strcspn(text, "=;");
        if (text[size] != '=') {
            text += size;
            continue;
        }
        size_t name_size = size;
        while (name_size && (text[name_size - 1] == ' ' || text[name_size - 1] == '\t'))
            name_size--;
        bool wanted = is_marking_parameter(text, name_size, &extended);
        const char *value = text + size + 1;
        const char *language = wanted && extended && !used ? strchr(value, '\'') : NULL;
        const char *start = language ? strchr(language + 1, '\'') : NULL;
        text = wanted ? take_parameter(start ? start + 1 : value, extended, marking, &used)
                      : take_parameter(value, false, ignored, &none);
    }
    if (used)
        add_value(values, LABEL_MARKING, marking, used, "SIO-Label", list);
}

static struct mip_label *mip_of(struct mip_labels *mip, const char *guid, size_t size)
{
    if (!size || size >= MIP_GUID_ROOM)
        return NULL;
    for (size_t i = 0; i < mip->n; i++)
        if (strlen(mip->labels[i].guid) == size && !memcmp(mip->labels[i].guid, guid, size))
            return &mip->labels[i];
    if (mip->n == MIP_LABELS_MAX)
        return NULL;
    struct mip_label *label = &mip->labels[mip->n++];
    *label = (struct mip_label){0};
    memcpy(label->guid, guid, size);
    return label;
}

static bool read_mip(struct mip_labels *mip, const char *name, const char *value, size_t value_size)
{
    char attribute[NAME_ROOM] = "";
    if (!text_starts_nocase(name, mip_prefix))
        return false;
    const char *guid = name + sizeof mip_prefix - 1, *end = strchr(guid, '_');
    struct mip_label *label = end ? mip_of(mip, guid, (size_t)(end - guid)) : NULL;
    if (!label)
        return true;
    (void)snprintf(attribute, sizeof attribute, "%s", end + 1);
    if (text_equal_nocase(attribute, "Enabled"))
        label->switched_off = value_size == 5 && text_starts_nocase(value, "false");
    else if (text_equal_nocase(attribute, "Name"))
        (void)snprintf(label->name, sizeof label->name, "%.*s",
                       value_size < MIP_NAME_ROOM ? (int)value_size : MIP_NAME_ROOM - 1, value);
    return true;
}

/* "MSIP_Label_<GUID>_Enabled=True; MSIP_Label_<GUID>_Name=Confidential;" */
static void read_msip_field(struct mip_labels *mip, const char *text)
{
    char name[VALUE_ROOM];
    while (*text) {
        text += strspn(text, "; \t");
        size_t name_size = strcspn(text, "=;");
        if (name_size < sizeof name && text[name_size] == '=') {
            const char *value = text + name_size + 1;
            size_t value_size = strcspn(value, ";");
            memcpy(name, text, name_size);
            name[name_size] = '\0';
            (void)read_mip(mip, name, value, value_size);
            text = value + value_size;
        } else
            text += strcspn(text, ";");
    }
}

void label_values_close(const struct label_values *values, const struct mip_labels *mip,
                        struct marking_list *list)
{
    for (size_t i = 0; i < mip->n; i++) {
        const struct mip_label *label = &mip->labels[i];
        const struct label_row *row = find(values, LABEL_MIP, label->guid, strlen(label->guid));
        const char *name = row || !*label->name ? label->guid : label->name;
        if (!label->switched_off)
            add_value(values, LABEL_MIP, name, strlen(name), "MIP label", list);
    }
}

static void read_property(const struct label_values *values, const char *name, const char *value,
                          struct marking_list *list)
{
    struct forms_line line;
    char where[MARKING_WHERE_ROOM];
    (void)snprintf(where, sizeof where, "property %s", name);
    if (!forms_read(values->forms, value, strlen(value), &line))
        return;
    for (size_t i = 0; i < line.n_rows; i++)
        add(list, line.rows[i]->form, line.rows[i]->rank, where);
}

bool label_values_read(const struct label_values *values, const char *name, const char *value,
                       struct mip_labels *mip, struct marking_list *list)
{
    size_t size = strnlen(value, FIELD_MAX + 1);
    if (size > FIELD_MAX)
        return false;
    const struct label_row *sensitivity = find(values, LABEL_SENSITIVITY, value, size);
    if (text_equal_nocase(name, "X-Protective-Marking"))
        (void)label_values_read_pairs(values, value, size, "X-Protective-Marking", list);
    else if (text_equal_nocase(name, "SIO-Label"))
        read_sio(values, value, list);
    else if (text_equal_nocase(name, "msip_labels"))
        read_msip_field(mip, value);
    else if (text_equal_nocase(name, "Sensitivity") && sensitivity)
        add(list, sensitivity->value, sensitivity->rank, "Sensitivity");
    else if (find(values, LABEL_PROPERTY, name, strlen(name)))
        read_property(values, name, value, list);
    else
        return read_mip(mip, name, value, size);
    return true;
}
