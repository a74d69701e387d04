/* SPDX-License-Identifier: Apache-2.0 */
/* letters FOLDER COUNT: letters of the corpus as text files, NUMBER.CHANGE.txt: unchanged, with another date,
 * and with 10 % of their words edited. Half are of the template, a quarter is Arabic. None of them is among
 * those that recognise records. */

#include "journal_under.h"

#include <stdlib.h>
#include <string.h>

enum { KINDS = 4, FIRST = UNSEEN_FROM / 2 };

static struct letter letter;

static void write_letter(const char *folder, unsigned n, uint64_t number, bool template, enum change change,
                         const char *suffix)
{
    char path[512];
    size_t size;
    corpus_letter(&letter, number, template);
    char *text = change_print(&letter, change, number, &size);
    (void)snprintf(path, sizeof path, "%s/%03u.%s.txt", folder, n, suffix);
    FILE *file = fopen(path, "w");
    need(file && fwrite(text, 1, size, file) == size && fclose(file) == 0, path);
    free(text);
}

int main(int argc, char **argv)
{
    need(argc == 3, "letters FOLDER COUNT");
    unsigned count = (unsigned)strtoul(argv[2], NULL, 10);
    uint64_t number = FIRST;
    corpus_prepare();
    for (unsigned n = 0; n < count; n++) {
        bool template = n % 2 == 0, arabic = n % KINDS == 3;
        do
            corpus_letter(&letter, ++number, template);
        while (letter.arabic != arabic);
        write_letter(argv[1], n, number, template, CHANGE_NONE, "none");
        write_letter(argv[1], n, number, template, CHANGE_DATE, "date");
        write_letter(argv[1], n, number, template, CHANGE_WORDS, "words");
    }
    return 0;
}
