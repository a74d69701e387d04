/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/forms.h"

#include "inspector/normal.h"

#include <stdlib.h>
#include <string.h>

enum {
    BEGINNING = 4,
    BEGINNING_LEAST = 2,
    BEGINNING_BYTES = 8 * 1024,
    ODD_LINE_MAX = 120,
    NUMBER_LINE_MAX = 48
};

struct slot {
    const struct marking_row *row;
    uint32_t key, key_size; /* offset into keys */
};

struct forms {
    const struct fold *fold;
    struct slot *slots; /* of every row, at its hash or after it */
    size_t n_slots;     /* a power of two */
    char *keys;
    size_t keys_size;
    size_t longest; /* key */
    const struct slot **dated;
    size_t n_dated;
    char **disclaimers; /* in normal form */
    size_t n_disclaimers;
    unsigned char beginnings[BEGINNING_BYTES]; /* how keys begin, a bit each, by hash */
};

static uint64_t hash(const char *key, size_t size)
{
    uint64_t value = 14695981039346656037ULL; /* FNV-1a */
    for (size_t i = 0; i < size; i++)
        value = (value ^ (unsigned char)key[i]) * 1099511628211ULL;
    return value;
}

/* Where a beginning of two, three or four bytes has its bit. */
static unsigned bit_of(const char *key, size_t size)
{
    return (unsigned)(hash(key, size) >> 20) % (8 * BEGINNING_BYTES);
}

static void add_beginning(struct forms *forms, const char *key, size_t size)
{
    unsigned bit = bit_of(key, size < BEGINNING ? size : BEGINNING);
    forms->beginnings[bit / 8] |= (unsigned char)(1U << bit % 8);
}

static const struct slot *find_slot(const struct forms *forms, const char *key, size_t size, bool dated)
{
    if (!size || size > forms->longest)
        return NULL;
    for (size_t at = hash(key, size) & (forms->n_slots - 1); forms->slots[at].row;
         at = (at + 1) & (forms->n_slots - 1)) {
        const struct slot *slot = &forms->slots[at];
        if (slot->key_size == size && slot->row->dated == dated &&
            memcmp(forms->keys + slot->key, key, size) == 0)
            return slot;
    }
    return NULL;
}

static bool add_disclaimer(struct forms *forms, const struct marking_row *row)
{
    char normal[MARKING_KEY_ROOM];
    (void)normal_line(row->form, strlen(row->form), normal, sizeof normal);
    char *copy = strdup(normal);
    if (!copy)
        return false;
    forms->disclaimers[forms->n_disclaimers++] = copy;
    return true;
}

static void add_row(struct forms *forms, const struct marking_row *row)
{
    char *key = forms->keys + forms->keys_size;
    size_t size = fold_key(forms->fold, row->form, strlen(row->form), key, MARKING_KEY_ROOM);
    if (!size || find_slot(forms, key, size, row->dated))
        return;
    size_t at = hash(key, size) & (forms->n_slots - 1);
    while (forms->slots[at].row)
        at = (at + 1) & (forms->n_slots - 1);
    forms->slots[at] = (struct slot){row, (uint32_t)forms->keys_size, (uint32_t)size};
    if (row->dated)
        forms->dated[forms->n_dated++] = &forms->slots[at];
    add_beginning(forms, key, size);
    forms->keys_size += size + 1;
}

struct forms *forms_new(const struct fold *fold, const struct marking_tables *tables)
{
    /* What else a line of markings may begin with: numbers of pages and copies. */
    static const char *const others[] = {"PAGE", "COPI", "COPY", "EXEM", "صف", "نس"};
    struct forms *forms = calloc(1, sizeof *forms);
    size_t n_slots = 64;
    while (n_slots < tables->n_markings * 4)
        n_slots *= 2;
    if (!forms)
        return NULL;
    forms->fold = fold;
    forms->n_slots = n_slots;
    forms->slots = calloc(n_slots, sizeof *forms->slots);
    forms->keys = calloc(tables->n_markings + 1, MARKING_KEY_ROOM);
    forms->dated = calloc(tables->n_markings + 1, sizeof *forms->dated);
    forms->disclaimers = calloc(tables->n_markings + 1, sizeof *forms->disclaimers);
    bool good = forms->slots && forms->keys && forms->dated && forms->disclaimers;
    forms->longest = MARKING_KEY_ROOM;
    for (size_t i = 0; good && i < tables->n_markings; i++) {
        if (tables->markings[i].strength == MARKING_DISCLAIMER)
            good = add_disclaimer(forms, &tables->markings[i]);
        else
            add_row(forms, &tables->markings[i]);
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        add_beginning(forms, others[i], strlen(others[i]));
    if (good)
        return forms;
    forms_free(forms);
    return NULL;
}

void forms_free(struct forms *forms)
{
    if (!forms)
        return;
    for (size_t i = 0; i < forms->n_disclaimers; i++)
        free(forms->disclaimers[i]);
    free(forms->disclaimers);
    free(forms->dated);
    free(forms->keys);
    free(forms->slots);
    free(forms);
}

static bool is_beginning(const struct forms *forms, const char *first, size_t size)
{
    for (size_t take = BEGINNING_LEAST; take <= size; take++) {
        unsigned bit = bit_of(first, take);
        if (forms->beginnings[bit / 8] >> bit % 8 & 1)
            return true;
    }
    return false;
}

/* Letters of other scripts and digits may look like Latin ones; lines that begin so are not many. */
bool forms_may_begin(const struct forms *forms, const char *normal, size_t size)
{
    char first[BEGINNING];
    size_t have = 0;
    bool odd = false;
    if (size < BEGINNING_LEAST || size > FORMS_LINE_MAX)
        return false;
    for (size_t at = 0; at < size && have < BEGINNING; at++) {
        unsigned char c = (unsigned char)normal[at];
        if (c < 128 && !normal_is_word(c))
            continue;
        odd |= (c >= '0' && c <= (have ? '1' : '9') && (have || size <= NUMBER_LINE_MAX)) ||
               (c >= 128 && (have % 2 == 0 && (c < 0xd8 || c > 0xdb)));
        first[have++] = normal[at];
    }
    return (odd && size <= ODD_LINE_MAX) || is_beginning(forms, first, have);
}

/* The key as it looks. False: it looks as it is written. */
static bool look_key(const struct forms *forms, const char *key, size_t size, char *out, size_t *size_out)
{
    size_t plain = 0;
    while (plain < size && (unsigned char)key[plain] < 128 && key[plain] != '0' && key[plain] != '1')
        plain++;
    if (plain == size)
        return false;
    bool other = false, letters = false;
    size_t used = 0;
    for (size_t at = 0; at < size;) {
        size_t from = at;
        uint32_t code = fold_next(key, size, &at);
        char latin = code == '0' ? 'O' : code == '1' ? 'I' : fold_latin(forms->fold, code);
        letters |= latin ? code > '1' : (code >= 'A' && code <= 'Z');
        other |= latin != '\0';
        if (latin) {
            out[used++] = latin;
        } else {
            memmove(out + used, key + from, at - from);
            used += at - from;
        }
    }
    out[used] = '\0';
    *size_out = used;
    return other && letters;
}

static bool has_digit(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (text[i] >= '0' && text[i] <= '9')
            return true;
    return false;
}

static const struct marking_row *find_dated(const struct forms *forms, const char *key, size_t size)
{
    const struct slot *best = NULL;
    for (size_t i = 0; i < forms->n_dated; i++) {
        const struct slot *slot = forms->dated[i];
        if (size > slot->key_size && memcmp(forms->keys + slot->key, key, slot->key_size) == 0 &&
            has_digit(key + slot->key_size, size - slot->key_size) &&
            (!best || slot->key_size > best->key_size))
            best = slot;
    }
    return best ? best->row : NULL;
}

/* Begins with the word for a page or a copy. */
static bool says_page(const char *key, size_t size)
{
    static const char *const words[] = {"PAGE", "EXEMPLAIRE", "COPIE", "COPY", "الصفحه", "صفحه", "نسخه"};
    if (!strchr("PEC\xd8\xd9", *key))
        return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (size > strlen(words[i]) && memcmp(key, words[i], strlen(words[i])) == 0)
            return true;
    return false;
}

/* Pages, copies, dates: digits, with one of these words before or between. */
static bool says_nothing(const char *key, size_t size)
{
    static const char *const words[] = {"PAGES", "PAGE", "SUR",    "OF",   "COPIE", "COPY", "EXEMPLAIRE",
                                        "NO",    "N",    "الصفحه", "صفحه", "من",    "نسخه", "رقم"};
    for (size_t at = 0; at < size;) {
        size_t taken = key[at] >= '0' && key[at] <= '9';
        for (size_t i = 0; !taken && i < sizeof words / sizeof *words; i++)
            if (size - at >= strlen(words[i]) && memcmp(key + at, words[i], strlen(words[i])) == 0)
                taken = strlen(words[i]);
        if (!taken)
            return false;
        at += taken;
    }
    return true;
}

/* "CONFIDENTIEL Page 3" */
static const struct slot *find_paged(const struct forms *forms, const char *key, size_t size)
{
    for (size_t cut = 2; cut + 2 < size; cut++)
        if (says_page(key + cut, size - cut) && says_nothing(key + cut, size - cut))
            return find_slot(forms, key, cut, false);
    return NULL;
}

static const struct marking_row *find_key(const struct forms *forms, const char *key, size_t size)
{
    char look[MARKING_KEY_ROOM];
    size_t look_size;
    const struct slot *slot = find_slot(forms, key, size, false);
    const struct marking_row *dated = slot ? NULL : find_dated(forms, key, size);
    if (!slot && !dated && look_key(forms, key, size, look, &look_size)) {
        slot = find_slot(forms, look, look_size, false);
        dated = find_dated(forms, look, look_size);
    }
    if (!slot && has_digit(key, size))
        slot = find_paged(forms, key, size);
    return slot ? slot->row : dated;
}

const struct marking_row *forms_find(const struct forms *forms, const char *text, size_t size)
{
    char key[MARKING_KEY_ROOM];
    size_t key_size = fold_key(forms->fold, text, size, key, sizeof key);
    return key_size ? find_key(forms, key, key_size) : NULL;
}

/* What may stand between two markings; '-' does so between blanks only. */
static bool separates(uint32_t code)
{
    static const uint32_t some[] = {'/',    '|',    ':',    ';',    ',',    '+',    '(',  ')',
                                    '[',    ']',    '\t',   '\\',   '&',    0x2022, 0xb7, 0x2013,
                                    0x2014, 0x2015, 0x2502, 0x2503, 0x2551, 0x60c};
    if (code < 128 && normal_is_word(code)) /* as most characters are */
        return false;
    for (size_t i = 0; i < sizeof some / sizeof *some; i++)
        if (some[i] == code)
            return true;
    return false;
}

static bool is_blank(uint32_t code)
{
    return code == ' ' || code == 0xa0;
}

static bool is_arabic(uint32_t code)
{
    return (code >= 0x600 && code < 0x700) || (code >= 0xfb50 && code < 0xff00);
}

struct splitting {
    const char *raw;
    size_t size, at;
};

/* The next piece; false at the end. *announces: a colon follows. */
static bool next_piece(struct splitting *splitting, size_t *start, size_t *end, bool *announces)
{
    int script = 0; /* 1 Latin, 2 Arabic */
    unsigned blanks = 0;
    if (splitting->at >= splitting->size)
        return false;
    *start = *end = splitting->at;
    *announces = false;
    while (splitting->at < splitting->size) {
        size_t from = splitting->at, after;
        uint32_t code = fold_next(splitting->raw, splitting->size, &splitting->at);
        after = splitting->at;
        bool dash = code == '-' && blanks && after < splitting->size &&
                    is_blank((unsigned char)splitting->raw[after]);
        int now = is_arabic(code) ? 2 : (code >= 'A' && code <= 'z') ? 1 : 0;
        if (separates(code) || dash || blanks >= 3) {
            if (blanks >= 3 && !separates(code) && !dash)
                splitting->at = from;
            *announces = code == ':';
            *end = from;
            return true;
        }
        if (now && script && now != script && blanks) {
            splitting->at = from;
            *end = from;
            return true;
        }
        script = now ? now : script;
        blanks = is_blank(code) ? blanks + 1 : 0;
        *end = after;
    }
    return true;
}

static size_t count_letters(const struct forms *forms, const char *form)
{
    char key[MARKING_KEY_ROOM];
    size_t n = 0;
    (void)fold_key(forms->fold, form, strlen(form), key, sizeof key);
    for (const char *c = key; *c; c++)
        n += ((unsigned char)*c & 0xc0) != 0x80;
    return n;
}

/* at: where it begins on the line. */
static bool add_found(const struct forms *forms, struct forms_line *line, const struct marking_row *row,
                      size_t at)
{
    if (!line->n_rows) {
        line->at = at;
        line->letters = count_letters(forms, row->form);
    }
    for (size_t i = 0; i < line->n_rows; i++)
        if (line->rows[i] == row)
            return true;
    if (line->n_rows == FORMS_PIECES_MAX)
        return false;
    line->rows[line->n_rows++] = row;
    return true;
}

/* One marking again and again ("SECRET SECRET SECRET"), as watermarks are read. */
static const struct marking_row *find_repeated(const struct forms *forms, const char *key, size_t size)
{
    for (size_t part = 6; part * 2 <= size; part++) {
        if (size % part || memcmp(key, key + part, size - part) != 0)
            continue;
        const struct slot *slot = find_slot(forms, key, part, false);
        return slot ? slot->row : NULL;
    }
    return NULL;
}

static bool has_words(const struct forms *forms, const char *raw, size_t size)
{
    for (size_t at = 0; at < size;)
        if (fold_class(forms->fold, fold_next(raw, size, &at)) != FOLD_OTHER)
            return true;
    return false;
}

/* all: pieces that are something else spoil the line. */
static bool read_pieces(const struct forms *forms, const char *raw, size_t size, bool all,
                        struct forms_line *line)
{
    struct splitting splitting = {raw, size, 0};
    char key[MARKING_KEY_ROOM];
    size_t start, end;
    bool announces;
    while (next_piece(&splitting, &start, &end, &announces)) {
        size_t key_size = fold_key(forms->fold, raw + start, end - start, key, sizeof key);
        const struct marking_row *row = key_size ? find_key(forms, key, key_size) : NULL;
        if (row && row->strength == MARKING_LABEL && announces)
            line->announced = true;
        else if (row && row->strength != MARKING_LABEL && !announces && add_found(forms, line, row, start))
            continue;
        else if (all &&
                 (key_size ? !says_nothing(key, key_size) : has_words(forms, raw + start, end - start)))
            return false;
    }
    return line->n_rows > 0;
}

static bool read_whole(const struct forms *forms, const char *raw, size_t size, struct forms_line *line)
{
    char key[MARKING_KEY_ROOM];
    size_t key_size = fold_key(forms->fold, raw, size, key, sizeof key);
    const struct marking_row *row = key_size ? find_key(forms, key, key_size) : NULL;
    if (!row && key_size)
        row = find_repeated(forms, key, key_size);
    return row && row->strength != MARKING_LABEL && add_found(forms, line, row, 0);
}

bool forms_read(const struct forms *forms, const char *raw, size_t size, struct forms_line *line_out)
{
    *line_out = (struct forms_line){0};
    if (size > FORMS_LINE_MAX || !has_words(forms, raw, size))
        return false;
    return read_whole(forms, raw, size, line_out) || read_pieces(forms, raw, size, true, line_out);
}

bool forms_read_any(const struct forms *forms, const char *raw, size_t size, struct forms_line *line_out)
{
    *line_out = (struct forms_line){0};
    return read_whole(forms, raw, size, line_out) || read_pieces(forms, raw, size, false, line_out);
}

bool forms_begin_disclaimer(const struct forms *forms, const char *normal, size_t size)
{
    for (size_t i = 0; i < forms->n_disclaimers; i++) {
        if (forms->disclaimers[i][0] != normal[0] || forms->disclaimers[i][1] != normal[1])
            continue;
        size_t length = strlen(forms->disclaimers[i]);
        if (size > length && memcmp(normal, forms->disclaimers[i], length) == 0 &&
            !normal_is_word((unsigned char)normal[length]))
            return true;
    }
    return false;
}
