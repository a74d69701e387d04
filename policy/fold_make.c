/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/fold.h"
#include "policy/fold_table.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uspoof.h>
#include <unicode/ustring.h>

/* Characters outside of these are letters that stay as they are: CJK and Hangul, which have no case and no
 * marks, and planes that no administration writes in. */
static const struct {
    UChar32 first, last;
} ranges[] = {
    {0x0, 0x33ff},      {0xa000, 0xabff},   {0xf900, 0xffff},   {0x1d400, 0x1d7ff},
    {0x1ee00, 0x1eeff}, {0x1f000, 0x1faff}, {0xe0000, 0xe01ff},
};

/* Beyond what Unicode's own tables say. Letters that differ only by how a language writes them; marks of
 * punctuation that people and their programs use for one another. */
static const struct {
    UChar32 from;
    const char *to;
} ours[] = {
    {0x00e6, "AE"},     {0x00c6, "AE"},     {0x0153, "OE"},     {0x0152, "OE"},     {0x00f8, "O"},
    {0x00d8, "O"},      {0x0142, "L"},      {0x0141, "L"},      {0x0111, "D"},      {0x0110, "D"},
    {0x00f0, "D"},      {0x00d0, "D"},      {0x0127, "H"},      {0x0126, "H"},      {0x0131, "I"},
    {0x0640, ""},       {0x0649, "\u064a"}, {0x06cc, "\u064a"}, {0x06d2, "\u064a"}, {0x0629, "\u0647"},
    {0x06c1, "\u0647"}, {0x06be, "\u0647"}, {0x06d5, "\u0647"}, {0x06a9, "\u0643"}, {0x06aa, "\u0643"},
    {0x0671, "\u0627"}, {0x0672, "\u0627"}, {0x0673, "\u0627"}, {0x0621, "\u0621"}, {0x060c, ","},
    {0x061b, ";"},      {0x061f, "?"},      {0x066b, "."},      {0x066c, ","},      {0x06d4, "."},
    {0x2018, "'"},      {0x2019, "'"},      {0x201b, "'"},      {0x02bc, "'"},      {0x0060, "'"},
    {0x00b4, "'"},      {0x2010, "-"},      {0x2011, "-"},      {0x2012, "-"},      {0x2013, "-"},
    {0x2014, "-"},      {0x2015, "-"},      {0x2212, "-"},      {0x2044, "/"},      {0x2215, "/"},
    {0x00ad, ""},
};

enum { ENTRIES_MAX = 1000 * FOLD_BLOCK, POOL_MAX = 64 * 1024, ROUNDS = 3, WORK = 128 };

struct maker {
    const UNormalizer2 *nfkd;
    USpoofChecker *spoof;
    UChar latin[26][WORK]; /* what each Latin capital looks like */
    uint32_t *entries, *pool;
    uint32_t n_entries, n_pool;
    UErrorCode error;
};

static bool is_blank(UChar32 code)
{
    return code == '\t' || u_isUWhiteSpace(code) || u_charType(code) == U_SPACE_SEPARATOR;
}

static bool is_dropped(UChar32 code)
{
    int8_t type = u_charType(code);
    return type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK || type == U_FORMAT_CHAR ||
           u_hasBinaryProperty(code, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) ||
           (type == U_CONTROL_CHAR && !is_blank(code));
}

static const char *our_rule(UChar32 code)
{
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        if (ours[i].from == code)
            return ours[i].to;
    return NULL;
}

/* One step for one character, appended to `out`. */
static int32_t step(UChar32 code, UChar *out, int32_t at, UErrorCode *error)
{
    const char *rule = our_rule(code);
    int32_t written = 0;
    if (rule) {
        (void)u_strFromUTF8(out + at, WORK - at, &written, rule, -1, error);
        return at + written;
    }
    if (is_dropped(code))
        return at;
    if (is_blank(code))
        code = ' ';
    else if (u_charDigitValue(code) >= 0 && u_charType(code) == U_DECIMAL_DIGIT_NUMBER)
        code = '0' + u_charDigitValue(code);
    (void)u_strFromUTF32(out + at, WORK - at, &written, &code, 1, error);
    return at + written;
}

static int32_t step_all(const UChar *text, int32_t size, UChar *out, UErrorCode *error)
{
    int32_t used = 0;
    for (int32_t i = 0; i < size && U_SUCCESS(*error);) {
        UChar32 code = text[i++];
        if (code >= 0xd800 && code < 0xdc00 && i < size)
            code = ((code - 0xd800) << 10) + (text[i++] - 0xdc00) + 0x10000;
        used = step(code, out, used, error);
    }
    return used;
}

/* Decomposed, mapped and in upper case until nothing changes any more. */
static int32_t fold_one(struct maker *maker, UChar32 code, UChar32 out[FOLD_LONGEST])
{
    UChar text[WORK], other[WORK];
    int32_t size = 0, count = 0;
    (void)u_strFromUTF32(text, WORK, &size, &code, 1, &maker->error);
    for (int round = 0; round < ROUNDS && U_SUCCESS(maker->error); round++) {
        size = step_all(text, size, other, &maker->error);
        size = unorm2_normalize(maker->nfkd, other, size, text, WORK, &maker->error);
        size = step_all(text, size, other, &maker->error);
        size = u_strToUpper(text, WORK, other, size, "", &maker->error);
    }
    size = step_all(text, size, other, &maker->error);
    /* Marks that stand alone are written as a blank and a mark. */
    if (size == 1 && other[0] == ' ' && !is_blank(code))
        return 0;
    if (U_SUCCESS(maker->error))
        (void)u_strToUTF32(out, FOLD_LONGEST, &count, other, size, &maker->error);
    return count;
}

static enum fold_class class_of(UChar32 code)
{
    int8_t type = u_charType(code);
    if (type == U_UPPERCASE_LETTER || type == U_TITLECASE_LETTER)
        return FOLD_UPPER;
    if (type == U_LOWERCASE_LETTER)
        return FOLD_LOWER;
    return u_isalnum(code) ? FOLD_LETTER : FOLD_OTHER;
}

static int32_t skeleton(struct maker *maker, UChar32 code, UChar out[WORK])
{
    UChar text[4];
    int32_t size = 0;
    (void)u_strFromUTF32(text, 4, &size, &code, 1, &maker->error);
    return uspoof_getSkeleton(maker->spoof, 0, text, size, out, WORK, &maker->error);
}

/* 1 to 26, 0: like none. Only letters that have passed through folding are asked for. */
static uint32_t latin_of(struct maker *maker, UChar32 code)
{
    UChar own[WORK];
    if (code < 0x250 || (class_of(code) != FOLD_UPPER && class_of(code) != FOLD_LETTER))
        return 0;
    int32_t size = skeleton(maker, code, own);
    for (uint32_t i = 0; i < 26 && U_SUCCESS(maker->error) && size < WORK; i++)
        if (u_strlen(maker->latin[i]) == size && u_memcmp(maker->latin[i], own, size) == 0)
            return i + 1;
    return 0;
}

static uint32_t make_entry(struct maker *maker, UChar32 code)
{
    UChar32 becomes[FOLD_LONGEST];
    int32_t count = fold_one(maker, code, becomes);
    uint32_t rest = (uint32_t)class_of(code) << FOLD_CLASS_SHIFT | latin_of(maker, code) << FOLD_LATIN_SHIFT;
    if (U_FAILURE(maker->error))
        return 0;
    if (count == 0)
        return rest | (uint32_t)FOLD_DROP << FOLD_WHAT_SHIFT;
    if (count == 1 && becomes[0] == code)
        return rest;
    if (count == 1)
        return rest | (uint32_t)FOLD_ONE << FOLD_WHAT_SHIFT | (uint32_t)becomes[0];
    if (maker->n_pool + (uint32_t)count >= POOL_MAX) {
        maker->error = U_BUFFER_OVERFLOW_ERROR;
        return 0;
    }
    uint32_t at = maker->n_pool;
    maker->pool[maker->n_pool++] = (uint32_t)count;
    for (int32_t i = 0; i < count; i++)
        maker->pool[maker->n_pool++] = (uint32_t)becomes[i];
    return rest | (uint32_t)FOLD_MANY << FOLD_WHAT_SHIFT | at;
}

/* Blocks of marks that stay as they are share block 1. */
static uint16_t make_block(struct maker *maker, UChar32 first)
{
    uint32_t *block = maker->entries + maker->n_entries;
    uint32_t any = 0;
    if (maker->n_entries + FOLD_BLOCK > ENTRIES_MAX) {
        maker->error = U_BUFFER_OVERFLOW_ERROR;
        return 0;
    }
    for (UChar32 i = 0; i < FOLD_BLOCK; i++) {
        block[i] = make_entry(maker, first + i);
        any |= block[i];
    }
    if (!any)
        return 1;
    maker->n_entries += FOLD_BLOCK;
    return (uint16_t)(maker->n_entries / FOLD_BLOCK - 1);
}

static void make_all(struct maker *maker, struct fold *header)
{
    maker->n_entries = 2 * FOLD_BLOCK;
    for (size_t i = 0; i < FOLD_BLOCK; i++)
        maker->entries[i] = (uint32_t)FOLD_LETTER << FOLD_CLASS_SHIFT;
    for (uint32_t i = 0; i < 26; i++) {
        int32_t size = skeleton(maker, (UChar32)('A' + i), maker->latin[i]);
        maker->latin[i][size < WORK ? size : 0] = 0;
    }
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        for (UChar32 first = ranges[i].first; first < ranges[i].last && U_SUCCESS(maker->error);
             first += FOLD_BLOCK)
            header->blocks[first / FOLD_BLOCK] = make_block(maker, first);
}

enum policy_status fold_make(struct fold **fold_out, size_t *size_out)
{
    struct maker maker = {.error = U_ZERO_ERROR};
    struct fold header = {.magic = FOLD_MAGIC};
    enum policy_status status = POLICY_NO_MEMORY;
    maker.entries = calloc(ENTRIES_MAX, sizeof *maker.entries);
    maker.pool = calloc(POOL_MAX, sizeof *maker.pool);
    maker.nfkd = unorm2_getNFKDInstance(&maker.error);
    maker.spoof = uspoof_open(&maker.error);
    if (!maker.entries || !maker.pool || U_FAILURE(maker.error))
        goto out;
    make_all(&maker, &header);
    header.n_entries = maker.n_entries;
    header.n_pool = maker.n_pool;
    size_t size = sizeof header + (header.n_entries + header.n_pool) * sizeof(uint32_t);
    struct fold *fold = U_SUCCESS(maker.error) ? malloc(size) : NULL;
    if (!fold)
        goto out;
    memcpy(fold, &header, sizeof header);
    memcpy(fold->data, maker.entries, header.n_entries * sizeof(uint32_t));
    memcpy(fold->data + header.n_entries, maker.pool, header.n_pool * sizeof(uint32_t));
    *fold_out = fold;
    *size_out = size;
    status = POLICY_OK;
out:
    if (maker.spoof)
        uspoof_close(maker.spoof);
    free(maker.entries);
    free(maker.pool);
    return status;
}
