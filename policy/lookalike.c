/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/lookalike.h"

#include "policy/domain.h"

#include <stddef.h>
#include <string.h>

enum { SHORT_NAME = 3, COUNTRY_LABEL = 2 };

static size_t count_labels(const char *domain)
{
    size_t n = 1;
    for (; *domain; domain++)
        n += *domain == '.';
    return n;
}

/* The last n labels; NULL when there are fewer. */
static const char *last_labels(const char *domain, size_t n)
{
    size_t have = count_labels(domain);
    for (; have > n; have--)
        domain = domain_parent(domain);
    return have == n ? domain : NULL;
}

/* One letter added, left out or changed, or two neighbours swapped; *at: where in `known` (0-based). */
static bool one_edit(const char *domain, const char *known, size_t *at)
{
    size_t length = strlen(domain), known_length = strlen(known), i = 0;
    if (length > known_length + 1 || known_length > length + 1)
        return false;
    while (domain[i] && domain[i] == known[i])
        i++;
    *at = i;
    if (length > known_length)
        return !strcmp(domain + i + 1, known + i);
    if (length < known_length)
        return !strcmp(domain + i, known + i + 1);
    if (i == length)
        return false;
    if (!strcmp(domain + i + 1, known + i + 1))
        return true;
    return i + 1 < length && domain[i] == known[i + 1] && domain[i + 1] == known[i] &&
           !strcmp(domain + i + 2, known + i + 2);
}

static bool edit_tells(const char *known, size_t at, bool whole_name)
{
    size_t first = strcspn(known, ".");
    const char *last = strrchr(known, '.');
    size_t last_at = last ? (size_t)(last - known) + 1 : 0;
    if (whole_name)
        return at > first || first > SHORT_NAME;
    return at < last_at || strlen(known + last_at) > COUNTRY_LABEL;
}

static bool edited(const char *domain, const char *known, bool whole_name)
{
    const char *same_size = last_labels(domain, count_labels(known));
    size_t at;
    return same_size && one_edit(same_size, known, &at) && edit_tells(known, at, whole_name);
}

/* What the eye reads: homoglyphs folded to one form. `separators`: dots and hyphens kept. */
static void fold(const char *from, size_t length, bool separators, char out[DOMAIN_ROOM])
{
    static const char digits[] = "0123456789", letters[] = "ol2e4s6789";
    static const char pairs[][3] = {"rnm", "vvw", "cld"};
    size_t n = 0;
    for (size_t i = 0; i < length && n + 1 < DOMAIN_ROOM; i++) {
        char c = from[i];
        if (!separators && (c == '.' || c == '-'))
            continue;
        const char *digit = strchr(digits, c);
        if (digit)
            c = letters[digit - digits];
        else if (c == 'i')
            c = 'l';
        for (size_t p = 0; p < sizeof pairs / sizeof *pairs && i + 1 < length; p++)
            if (from[i] == pairs[p][0] && from[i + 1] == pairs[p][1]) {
                c = pairs[p][2];
                i++;
                break;
            }
        out[n++] = c;
    }
    out[n] = '\0';
}

static bool homoglyphs(const char *domain, const char *known)
{
    char a[DOMAIN_ROOM], b[DOMAIN_ROOM];
    const char *same_size = last_labels(domain, count_labels(known));
    if (!same_size || !strcmp(same_size, known))
        return false;
    fold(same_size, strlen(same_size), true, a);
    fold(known, strlen(known), true, b);
    return !strcmp(a, b);
}

/* The known labels followed by foreign ones: interieur.gov.example.attacker.example; without the last one
 * only when two follow (interieur.gov.attacker.example), since interieur.gov.other may well be another
 * country's ministry. */
static bool worn_in_front(const char *domain, const char *known)
{
    const char *last = strrchr(known, '.');
    size_t whole = strlen(known), stem = last ? (size_t)(last - known) : 0;
    bool stem_counts = last && memchr(known, '.', stem);
    for (const char *d = domain; d; d = domain_parent(d)) {
        if (!strncmp(d, known, whole) && d[whole] == '.')
            return true;
        if (stem_counts && !strncmp(d, known, stem) && d[stem] == '.' && strchr(d + stem + 1, '.'))
            return true;
    }
    return false;
}

/* Some run of whole labels reads like the known name with its dots left out or turned into hyphens. */
static bool joined(const char *domain, const char *known)
{
    char whole[DOMAIN_ROOM], stem[DOMAIN_ROOM], run[DOMAIN_ROOM];
    const char *last = strrchr(known, '.');
    size_t stem_length = last ? (size_t)(last - known) : 0;
    bool stem_counts = last && memchr(known, '.', stem_length);
    fold(known, strlen(known), false, whole);
    fold(known, stem_length, false, stem);
    for (const char *from = domain; from; from = domain_parent(from)) {
        if (!strcmp(from, known))
            return false;
        for (const char *to = strchr(from, '.');; to = strchr(to + 1, '.')) {
            size_t length = to ? (size_t)(to - from) : strlen(from);
            fold(from, length, false, run);
            bool one_label = !memchr(from, '.', length);
            if (!strcmp(run, whole) || (stem_counts && one_label && !strcmp(run, stem)))
                return true;
            if (!to)
                break;
        }
    }
    return false;
}

bool lookalike_of(const char *domain, const char *known, const char **how)
{
    const struct {
        bool hit;
        const char *how;
    } tricks[] = {
        {homoglyphs(domain, known), "letters that look alike"},
        {edited(domain, known, true), "one letter away"},
        {worn_in_front(domain, known), "its name stands in front of another domain"},
        {joined(domain, known), "its name with dots left out or made hyphens"},
    };
    for (size_t i = 0; i < sizeof tricks / sizeof *tricks; i++) {
        if (!tricks[i].hit)
            continue;
        *how = tricks[i].how;
        return true;
    }
    return false;
}

const char *lookalike_ending(const char *domain, const char *known)
{
    for (const char *up = domain_parent(known); up && strchr(up, '.'); up = domain_parent(up)) {
        if (domain_is_within(domain, up))
            return NULL;
        if (edited(domain, up, false) || homoglyphs(domain, up))
            return up;
    }
    return NULL;
}
