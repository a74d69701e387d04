/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/polyglot.h"

#include "base/text.h"

#include <string.h>

enum { ZIP_END_BYTES = 22, ZIP_COMMENT_MAX = 65535, PDF_START_MAX = 1024 };

/* APPNOTE 4.3.16: the last record of a ZIP file names the length of the comment behind it. */
static bool ends_like_zip(const char *bytes, size_t size)
{
    size_t tail = size < ZIP_END_BYTES + ZIP_COMMENT_MAX ? size : ZIP_END_BYTES + ZIP_COMMENT_MAX;
    const char *end = bytes + size, *at = end - tail;
    while ((at = text_find(at, (size_t)(end - at), "PK\5\6", 4, 2)) != NULL && end - at >= ZIP_END_BYTES) {
        size_t comment = (unsigned char)at[20] | (size_t)(unsigned char)at[21] << 8;
        if ((size_t)(end - at) == ZIP_END_BYTES + comment)
            return true;
        at++;
    }
    return false;
}

static bool is_archive(const char *kind, const char *bytes, size_t size)
{
    static const char *const kinds[] = {"application/zip",
                                        "application/x-rar",
                                        "application/x-7z-compressed",
                                        "application/x-tar",
                                        "application/x-ustar",
                                        "application/gzip",
                                        "application/x-bzip2",
                                        "application/x-xz",
                                        "application/zstd",
                                        "application/x-lzma",
                                        "application/vnd.ms-cab-compressed",
                                        "application/x-lz4",
                                        "application/pkcs7-mime"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (!strcmp(kinds[i], kind))
            return true;
    /* Office packages and the like. */
    return size > 4 && !memcmp(bytes, "PK\3\4", 4);
}

const char *polyglot_why(const char *kind, const char *bytes, size_t size)
{
    if (is_archive(kind, bytes, size))
        return NULL;
    if (ends_like_zip(bytes, size))
        return "a ZIP archive stands at its end";
    if (text_find(bytes, size, "Rar!\x1a\7", 6, 4) || text_find(bytes, size, "7z\xbc\xaf\x27\x1c", 6, 2))
        return "an archive stands in it";
    size_t first = size < PDF_START_MAX ? size : PDF_START_MAX;
    if (strcmp(kind, "application/pdf") != 0 && memmem(bytes, first, "%PDF-", 5) &&
        strncmp(kind, "text/", 5) != 0)
        return "a PDF file stands at its beginning";
    return NULL;
}

bool polyglot_holds_file(const void *bytes, size_t size)
{
    static const struct {
        const char *bytes;
        size_t size;
    } marks[] = {{"PK\3\4", 4},
                 {"PK\5\6", 4},
                 {"%PDF-", 5},
                 {"Rar!\x1a\7", 6},
                 {"7z\xbc\xaf\x27\x1c", 6},
                 {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8}};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (memmem(bytes, size, marks[i].bytes, marks[i].size))
            return true;
    return false;
}
