/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_READERS_RTF_WORDS_H
#define KHATM_READERS_RTF_WORDS_H

/* The control words of RTF that mean something for what is said, and not how it looks. */

#include <stdint.h>

enum rtf_destination {
    RTF_TO_TEXT,
    RTF_TO_NOWHERE,
    RTF_TO_FONTS,
    RTF_TO_PROPERTY, /* the text is its value */
    RTF_TO_PROPERTY_NAME,
    RTF_TO_SHAPE_NAME,
    RTF_TO_SHAPE_VALUE,
    RTF_TO_OBJECT, /* hexadecimal */
    RTF_TO_PICTURE,
    RTF_TO_FURNITURE, /* of Word itself, in all that it writes */
};

enum rtf_action {
    RTF_SKIP,        /* nothing of this group is text */
    RTF_PLACE,       /* value: enum text_place */
    RTF_CHARACTER,   /* value: it */
    RTF_PROPERTY,    /* the group is its value */
    RTF_DESTINATION, /* value: enum rtf_destination */
    RTF_SHOWN,       /* known, although a program may skip it */
    RTF_PREVIEW,     /* pictures again, for programs that know no others */
};

struct rtf_word {
    const char *word;
    enum rtf_action action;
    uint32_t value;
    const char *property; /* NULL: the name was said before */
};

/* NULL: it means nothing here. */
const struct rtf_word *rtf_word_find(const char *word);

#endif
