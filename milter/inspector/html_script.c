/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/html_script.h"

#include "base/text.h"

#include <string.h>

/* What decodes, builds, saves or shows something; names are put together from pieces by calling what stands
 * in brackets. */
static bool builds(const char *script, size_t size)
{
    static const char *const words[] = {
        "atob",     "Blob",        "createObjectURL", "msSave",   "fromCharCode", "fromCodePoint",
        "Array",    "unescape",    "decodeURI",       "document", "eval",         "Function",
        "download", "DOMParser",   "FileReader",      "new File", "data:",        "innerHTML",
        "import",   "WebAssembly", "XMLHttp",         "fetch(",   "](",           "location"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (memmem(script, size, words[i], strlen(words[i])))
            return true;
    return false;
}

const char *html_script_why(const char *script, size_t size, bool conversation)
{
    if (!conversation)
        return "a script, which may show anything";
    if (size > HTML_SCRIPT_SMALL)
        return "a large script in the text of a message";
    return builds(script, size) ? "a script that could build a file" : NULL;
}

/* WHATWG URL, 4.4: blanks and controls before it do not count, tabs and line ends nowhere. */
bool html_script_is_link(const char *value, size_t size)
{
    static const char *const schemes[] = {"javascript:", "vbscript:", "livescript:"};
    char start[16];
    size_t used = 0;
    while (size && (unsigned char)*value <= ' ') {
        value++;
        size--;
    }
    for (size_t i = 0; i < size && used < sizeof start - 1; i++)
        if (!strchr("\t\r\n", value[i]) || !value[i])
            start[used++] = value[i];
    start[used] = '\0';
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
        if (text_starts_nocase(start, schemes[i]))
            return true;
    return false;
}
