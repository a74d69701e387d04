/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/code_mix.h"

#include <stdint.h>
#include <string.h>

enum { LOOK_EVERY = 64 };

/* Up to OTHER they are counted; the first CODE_MIX_CLASSES make letters. */
enum { UPPER, LOWER, DIGIT, UPPER_VOWEL, LOWER_VOWEL, OTHER, BLANK, COLON, SLASH, AT };

static const uint8_t classes[256] = {
#define U  UPPER
#define UV UPPER_VOWEL
#define L  LOWER
#define LV LOWER_VOWEL
#define D  DIGIT
#define B  BLANK
#define C  COLON
#define S  SLASH
#define A  AT
#define O  OTHER
#define O8 O, O, O, O, O, O, O, O
    B, B,  B, B, B, B, B, B,  B, B, B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,
    B, B,  B, B, O, B, O, O,  O, O, B,  B,  B,  O,  O,  B,  O,  O,  S,  D,  D,  D,  D,  D,  D,  D,  D,  D,  D,
    C, O,  B, O, B, O, A, UV, U, U, U,  UV, U,  U,  U,  UV, U,  U,  U,  U,  U,  UV, U,  U,  U,  U,  U,  UV, U,
    U, U,  U, U, O, O, O, O,  O, O, LV, L,  L,  L,  LV, L,  L,  L,  LV, L,  L,  L,  L,  L,  LV, L,  L,  L,  L,
    L, LV, L, L, L, L, L, O,  O, O, O,  B,  O8, O8, O8, O8, O8, O8, O8, O8, O8, O8, O8, O8, O8, O8, O8, O8,
#undef O8
#undef O
#undef A
#undef S
#undef C
#undef B
#undef D
#undef LV
#undef L
#undef UV
#undef U
};

static bool between(unsigned part, unsigned low, unsigned high, unsigned whole)
{
    return part * 100 >= low * whole && part * 100 <= high * whole;
}

static unsigned total(const unsigned counts[CODE_MIX_CLASSES + 1])
{
    unsigned sum = 0;
    for (size_t i = 0; i < CODE_MIX_CLASSES; i++)
        sum += counts[i];
    return sum;
}

static bool is_code(const unsigned a[CODE_MIX_CLASSES + 1], const unsigned b[CODE_MIX_CLASSES + 1])
{
    unsigned vowels = a[UPPER_VOWEL] + b[UPPER_VOWEL] + a[LOWER_VOWEL] + b[LOWER_VOWEL];
    unsigned upper = a[UPPER] + b[UPPER] + a[UPPER_VOWEL] + b[UPPER_VOWEL];
    unsigned lower = a[LOWER] + b[LOWER] + a[LOWER_VOWEL] + b[LOWER_VOWEL];
    unsigned digits = a[DIGIT] + b[DIGIT], all = upper + lower + digits;
    if (!between(vowels, 0, 25, upper + lower))
        return false;
    bool base64 = between(upper, 25, 70, all) && between(lower, 22, 65, all) && between(digits, 3, 40, all);
    bool base32 = between(upper, 55, 92, all) && between(lower, 0, 5, all) && between(digits, 8, 30, all);
    return base64 || base32;
}

/* At a blank, now and then: is a half full? */
static void turn_over(struct code_mix *mix)
{
    if (total(mix->half) < CODE_MIX_LETTERS / 2)
        return;
    if (total(mix->half) + total(mix->before) >= CODE_MIX_LETTERS)
        mix->found |= is_code(mix->before, mix->half);
    memcpy(mix->before, mix->half, sizeof mix->before);
    memset(mix->half, 0, sizeof mix->half);
}

void code_mix_end(struct code_mix *mix)
{
    mix->link = false;
    turn_over(mix);
}

/* What was counted of a word before it was seen to be a link. */
static void take_back(struct code_mix *mix, const unsigned char *word, const unsigned char *end)
{
    for (; word < end; word++)
        if (classes[*word] <= OTHER && mix->half[classes[*word]])
            mix->half[classes[*word]]--;
    mix->link = true;
}

/* Up to a byte that means something by itself. Of a link nothing is counted, up to its end. */
static const unsigned char *read_word(struct code_mix *mix, const unsigned char *at, const unsigned char *end)
{
    while (mix->link && at < end && classes[*at] != BLANK)
        at++;
    while (at < end && classes[*at] <= OTHER)
        mix->half[classes[*at++]]++;
    return at;
}

static bool is_link(const unsigned char *start, const unsigned char *at)
{
    return classes[*at] == AT || (*at == '/' && at - start >= 2 && at[-1] == '/' && at[-2] == ':');
}

void code_mix_feed(struct code_mix *mix, const char *bytes, size_t size)
{
    const unsigned char *start = (const unsigned char *)bytes, *end = start + size, *word = start,
                        *looked = start;
    for (const unsigned char *at = start; (at = read_word(mix, at, end)) < end; at++) {
        if (classes[*at] != BLANK) {
            if (is_link(start, at))
                take_back(mix, word, at);
            continue;
        }
        mix->link = false;
        word = at + 1;
        if (word - looked < LOOK_EVERY)
            continue;
        turn_over(mix);
        looked = word;
    }
}
