/* SPDX-License-Identifier: Apache-2.0 */
#include "readers/rtf_words.h"

#include "inspector/reader.h"

#include <string.h>

static const struct rtf_word words[] = {
    {"par", RTF_CHARACTER, '\n', NULL},
    {"line", RTF_CHARACTER, '\n', NULL},
    {"sect", RTF_CHARACTER, '\n', NULL},
    {"row", RTF_CHARACTER, '\n', NULL},
    {"nestrow", RTF_CHARACTER, '\n', NULL},
    {"cell", RTF_CHARACTER, '\n', NULL},
    {"nestcell", RTF_CHARACTER, '\n', NULL},
    {"page", RTF_CHARACTER, '\f', NULL},
    {"tab", RTF_CHARACTER, '\t', NULL},
    {"emdash", RTF_CHARACTER, 0x2014, NULL},
    {"endash", RTF_CHARACTER, 0x2013, NULL},
    {"lquote", RTF_CHARACTER, 0x2018, NULL},
    {"rquote", RTF_CHARACTER, 0x2019, NULL},
    {"ldblquote", RTF_CHARACTER, 0x201c, NULL},
    {"rdblquote", RTF_CHARACTER, 0x201d, NULL},
    {"bullet", RTF_CHARACTER, 0x2022, NULL},
    {"emspace", RTF_CHARACTER, ' ', NULL},
    {"enspace", RTF_CHARACTER, ' ', NULL},
    {"header", RTF_PLACE, TEXT_HEADER, NULL},
    {"headerl", RTF_PLACE, TEXT_HEADER, NULL},
    {"headerr", RTF_PLACE, TEXT_HEADER, NULL},
    {"headerf", RTF_PLACE, TEXT_HEADER, NULL},
    {"footer", RTF_PLACE, TEXT_FOOTER, NULL},
    {"footerl", RTF_PLACE, TEXT_FOOTER, NULL},
    {"footerr", RTF_PLACE, TEXT_FOOTER, NULL},
    {"footerf", RTF_PLACE, TEXT_FOOTER, NULL},
    {"footnote", RTF_PLACE, TEXT_NOTE, NULL},
    {"annotation", RTF_PLACE, TEXT_NOTE, NULL},
    {"shptxt", RTF_PLACE, TEXT_SHAPE, NULL},
    {"dptxbxtext", RTF_PLACE, TEXT_SHAPE, NULL},
    {"docvar", RTF_PLACE, TEXT_HIDDEN, NULL},
    {"shprslt", RTF_PLACE, TEXT_HIDDEN, NULL},
    {"title", RTF_PROPERTY, 0, "Title"},
    {"subject", RTF_PROPERTY, 0, "Subject"},
    {"author", RTF_PROPERTY, 0, "Author"},
    {"operator", RTF_PROPERTY, 0, "Last author"},
    {"manager", RTF_PROPERTY, 0, "Manager"},
    {"company", RTF_PROPERTY, 0, "Company"},
    {"category", RTF_PROPERTY, 0, "Category"},
    {"keywords", RTF_PROPERTY, 0, "Keywords"},
    {"comment", RTF_PROPERTY, 0, "Comments"},
    {"doccomm", RTF_PROPERTY, 0, "Comments"},
    {"propname", RTF_DESTINATION, RTF_TO_PROPERTY_NAME, NULL},
    {"staticval", RTF_PROPERTY, 0, NULL},
    {"sn", RTF_DESTINATION, RTF_TO_SHAPE_NAME, NULL},
    {"sv", RTF_DESTINATION, RTF_TO_SHAPE_VALUE, NULL},
    {"fonttbl", RTF_DESTINATION, RTF_TO_FONTS, NULL},
    {"objdata", RTF_DESTINATION, RTF_TO_OBJECT, NULL},
    {"pict", RTF_DESTINATION, RTF_TO_PICTURE, NULL},
    {"themedata", RTF_DESTINATION, RTF_TO_FURNITURE, NULL},
    {"colorschememapping", RTF_DESTINATION, RTF_TO_FURNITURE, NULL},
    {"datastore", RTF_DESTINATION, RTF_TO_FURNITURE, NULL},
    {"shppict", RTF_SHOWN, 0, NULL},
    {"shpinst", RTF_SHOWN, 0, NULL},
    {"background", RTF_SHOWN, 0, NULL},
    {"do", RTF_SHOWN, 0, NULL},
    {"ud", RTF_SHOWN, 0, NULL},
    {"userprops", RTF_SHOWN, 0, NULL},
    {"colortbl", RTF_SKIP, 0, NULL},
    {"stylesheet", RTF_SKIP, 0, NULL},
    {"info", RTF_SKIP, 0, NULL},
    {"upr", RTF_SKIP, 0, NULL},
    {"fldinst", RTF_SKIP, 0, NULL},
    {"nonshppict", RTF_PREVIEW, 0, NULL},
    {"bkmkstart", RTF_SKIP, 0, NULL},
    {"bkmkend", RTF_SKIP, 0, NULL},
    {"xe", RTF_SKIP, 0, NULL},
    {"tc", RTF_SKIP, 0, NULL},
};

const struct rtf_word *rtf_word_find(const char *word)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i].word, word) == 0)
            return &words[i];
    return NULL;
}
