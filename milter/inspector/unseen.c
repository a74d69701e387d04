/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/unseen.h"

#include "inspector/octets.h"

#include <stdbool.h>

static bool is_unseen(uint32_t code)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {{0x300, 0x36f},   {0x61c, 0x61c},   {0x180b, 0x180f}, {0x1ab0, 0x1aff},  {0x1dc0, 0x1dff},
                  {0x200b, 0x200f}, {0x202a, 0x202e}, {0x2060, 0x206f}, {0x20d0, 0x20ff},  {0xfe00, 0xfe0f},
                  {0xfe20, 0xfe2f}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe0fff}};
    if (code < ranges[0].first)
        return code == 0xad;
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (code >= ranges[i].first && code <= ranges[i].last)
            return true;
    return false;
}

static void take(struct unseen *unseen, uint32_t code)
{
    unseen->turns += (code == '\t' && unseen->before == ' ') || (code == ' ' && unseen->before == '\t');
    unseen->before = code;
    if (!is_unseen(code)) {
        unseen->run = 0;
        return;
    }
    unseen->run++;
    if (unseen->run >= UNSEEN_RUN)
        unseen->runs += unseen->run == UNSEEN_RUN ? UNSEEN_RUN : 1;
}

/* As `take` would one after the other: none is unseen, and only the first may stand behind a tab. */
static void take_plain(struct unseen *unseen, const char *ascii, size_t size)
{
    unseen->turns += ascii[0] == ' ' && unseen->before == '\t';
    unseen->before = (unsigned char)ascii[size - 1];
    unseen->run = unseen->left = 0;
}

void unseen_feed(struct unseen *unseen, const char *utf8, size_t size)
{
    size_t blanks;
    for (size_t i = 0; i < size; i++) {
        size_t plain = octets_plain(utf8 + i, size - i, &blanks);
        if (plain)
            take_plain(unseen, utf8 + i, plain);
        i += plain;
        if (i == size)
            break;
        unsigned char c = (unsigned char)utf8[i];
        if (c < 0x80) {
            unseen->left = 0;
            take(unseen, c);
        } else if (c >= 0xc0) {
            unseen->left = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
            unseen->code = c & (0x3fU >> unseen->left);
        } else if (unseen->left) {
            unseen->code = unseen->code << 6 | (c & 0x3f);
            if (!--unseen->left)
                take(unseen, unseen->code);
        }
    }
}

const char *unseen_found(const struct unseen *unseen)
{
    if (unseen->runs > UNSEEN_MOST)
        return "a file in signs that nobody sees";
    return unseen->turns > UNSEEN_TURNS ? "a file in blanks and tabs" : NULL;
}
