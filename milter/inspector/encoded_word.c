/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/encoded_word.h"

#include "base/text.h"
#include "inspector/charset.h"
#include "inspector/decode.h"

#include <string.h>

/* All that are known hold ASCII as it is, or behind an escape. */
static bool charset_is_plain(const char *name, size_t size)
{
    char charset[CHARSET_MAX];
    const char *language = memchr(name, '*', size);
    if (language)
        size = (size_t)(language - name);
    if (!size || size >= sizeof charset)
        return false;
    memcpy(charset, name, size);
    charset[size] = '\0';
    return charset_is_known(charset) || charset_is_utf8(charset);
}

static void decode(enum encoding encoding, const char *text, size_t size, struct encoded_word *word)
{
    struct decoder decoder;
    char copy[ENCODED_WORD_MAX];
    for (size_t i = 0; i < size; i++)
        copy[i] = encoding == ENCODING_QUOTED && text[i] == '_' ? ' ' : text[i];
    decoder_init(&decoder, encoding);
    word->size = decoder_feed(&decoder, copy, size, word->text);
    word->size += decoder_finish(&decoder, word->text + word->size);
    /* Words of one charset may be joined before they are decoded, so each has to be whole. */
    word->odd |= decoder.odd != NULL;
}

/* charset?encoding?text?= */
static size_t read_word(const char *inner, size_t size, struct encoded_word *word)
{
    const char *mark = memchr(inner, '?', size);
    size_t charset_size = mark ? (size_t)(mark - inner) : size;
    word->odd = true;
    if (size - charset_size < 3 || mark[2] != '?')
        return 0;
    char letter = text_lower(mark[1]);
    const char *text = mark + 3, *end = memmem(text, size - charset_size - 3, "?=", 2);
    if (!end || (size_t)(end - text) > ENCODED_WORD_MAX || (letter != 'b' && letter != 'q'))
        return 0;
    word->odd = !charset_is_plain(inner, charset_size);
    decode(letter == 'b' ? ENCODING_BASE64 : ENCODING_QUOTED, text, (size_t)(end - text), word);
    return (size_t)(end + 2 - inner);
}

bool encoded_word_next(const char *value, size_t size, size_t *at, struct encoded_word *word_out)
{
    const char *start = *at < size ? memmem(value + *at, size - *at, "=?", 2) : NULL;
    if (!start)
        return false;
    word_out->size = 0;
    size_t inner = (size_t)(start + 2 - value);
    *at = inner + read_word(start + 2, size - inner, word_out);
    return true;
}
