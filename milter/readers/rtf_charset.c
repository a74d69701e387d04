/* SPDX-License-Identifier: Apache-2.0 */
#include "readers/rtf_charset.h"

#include "readers/outlet.h"

#include <string.h>

/* The numbers that Windows gives character sets of fonts. */
static const struct {
    int number;
    unsigned short codepage;
} charsets[] = {{77, 10000}, {128, 932},  {129, 949},  {134, 936},  {136, 950},  {161, 1253},
                {162, 1254}, {163, 1258}, {177, 1255}, {178, 1256}, {179, 1256}, {180, 1256},
                {186, 1257}, {204, 1251}, {222, 874},  {238, 1250}};

void rtf_charset_open(struct rtf_charset *charset)
{
    *charset = (struct rtf_charset){.document = CODEPAGE_LATIN, .current = CODEPAGE_LATIN};
}

static void define(struct rtf_charset *charset, int number)
{
    for (size_t i = 0; i < sizeof charsets / sizeof *charsets; i++)
        if (charsets[i].number == number && charset->font < RTF_FONTS_MAX)
            charset->fonts[charset->font] = charsets[i].codepage;
}

static void use_font(struct rtf_charset *charset, int32_t number, bool in_font_table)
{
    unsigned font = number >= 0 && number < RTF_FONTS_MAX ? (unsigned)number : RTF_FONTS_MAX;
    if (in_font_table)
        charset->font = font;
    else {
        unsigned codepage = font < RTF_FONTS_MAX ? charset->fonts[font] : 0;
        charset->current = codepage ? codepage : charset->document;
    }
}

bool rtf_charset_word(struct rtf_charset *charset, const struct rtf_lex *lex, bool in_font_table)
{
    const char *word = lex->word;
    if (!strcmp(word, "f"))
        use_font(charset, lex->number, in_font_table);
    else if (!strcmp(word, "fcharset") && in_font_table)
        define(charset, lex->number);
    else if (!strcmp(word, "cpg") && in_font_table && charset->font < RTF_FONTS_MAX)
        charset->fonts[charset->font] = (unsigned short)lex->number;
    else if (!strcmp(word, "ansicpg") && lex->number > 0)
        charset->document = charset->current = (unsigned)lex->number;
    else if (!strcmp(word, "mac"))
        charset->document = charset->current = 10000;
    else if (!strcmp(word, "pc"))
        charset->document = charset->current = 437;
    else if (!strcmp(word, "pca"))
        charset->document = charset->current = 850;
    else
        return false;
    return true;
}
