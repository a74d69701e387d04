/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/lookalike.h"

#include "policy/domain.h"

#include <string.h>

enum { SHORT_NAME = 3, COUNTRY_LABEL = 2 };

static size_t count_labels(const uint16_t *text, size_t length)
{
    size_t n = 1;
    for (size_t i = 0; i < length; i++)
        n += text[i] == '.';
    return n;
}

static bool same(const uint16_t *a, const uint16_t *b, size_t length)
{
    return memcmp(a, b, length * sizeof *a) == 0;
}

/* Where the last dot is; the length when there is none. */
static size_t last_dot(const struct lookalike_text *text)
{
    for (size_t i = text->length; i-- > 0;)
        if (text->units[i] == '.')
            return i;
    return text->length;
}

static size_t first_dot(const struct lookalike_text *text)
{
    size_t i = 0;
    while (i < text->length && text->units[i] != '.')
        i++;
    return i;
}

/* As many of the domain's last labels as `known` has; false: it has fewer. */
static bool last_labels(const struct lookalike_text *domain, const struct lookalike_text *known,
                        struct lookalike_text *out)
{
    size_t wanted = count_labels(known->units, known->length), start = domain->length;
    for (; start > 0; start--)
        if (domain->units[start - 1] == '.' && --wanted == 0)
            break;
    if (!start && wanted != 1)
        return false;
    *out = (struct lookalike_text){domain->units + start, domain->length - start};
    return true;
}

static size_t skip_digits(const char **text)
{
    size_t n = strspn(*text, "0123456789");
    *text += n;
    return n;
}

/* The same but for the numbers in them: region1, region12. Punycode has digits that are none. */
static bool numbered_siblings(const char *domain, const char *known)
{
    size_t more = 0;
    for (const char *d = domain; *d; d++)
        more += *d == '.';
    for (const char *k = known; *k; k++)
        more -= *k == '.';
    for (; more && domain; more--)
        domain = domain_parent(domain);
    if (!domain || strstr(domain, "xn--") || strstr(known, "xn--"))
        return false;
    while (*domain && *known) {
        size_t digits = skip_digits(&domain);
        if (!digits != !skip_digits(&known) || *domain != *known)
            return false;
        domain += *domain != '\0';
        known += *known != '\0';
    }
    return !*domain && !*known;
}

/* *at: where in `known` the one edit is. */
static bool one_edit(const struct lookalike_text *domain, const struct lookalike_text *known, size_t *at)
{
    const uint16_t *d = domain->units, *k = known->units;
    size_t n = domain->length, m = known->length, i = 0;
    if (n > m + 1 || m > n + 1)
        return false;
    while (i < n && i < m && d[i] == k[i])
        i++;
    *at = i;
    if (n > m)
        return same(d + i + 1, k + i, m - i);
    if (n < m)
        return same(d + i, k + i + 1, n - i);
    if (i == n)
        return false;
    if (same(d + i + 1, k + i + 1, n - i - 1))
        return true;
    return i + 1 < n && d[i] == k[i + 1] && d[i + 1] == k[i] && same(d + i + 2, k + i + 2, n - i - 2);
}

static bool edit_tells(const struct lookalike_text *known, size_t at, bool ending)
{
    size_t last = last_dot(known), first = first_dot(known);
    if (at > last && known->length - last - 1 <= COUNTRY_LABEL)
        return false;
    return ending || at > first || first > SHORT_NAME;
}

static bool text_is_edited(const struct lookalike_text *domain, const struct lookalike_text *known,
                           bool ending)
{
    struct lookalike_text end;
    size_t at;
    return last_labels(domain, known, &end) && one_edit(&end, known, &at) && edit_tells(known, at, ending);
}

/* A slip that makes or breaks a pair like "rn" is more than one edit of the skeleton. */
static bool edited(const struct lookalike_name *domain, const struct lookalike_name *known, bool ending)
{
    return (text_is_edited(&domain->skeleton, &known->skeleton, ending) ||
            text_is_edited(&domain->letters, &known->letters, ending)) &&
           !numbered_siblings(domain->domain, known->domain);
}

static bool same_skeleton(const struct lookalike_name *domain, const struct lookalike_name *known)
{
    struct lookalike_text end;
    return last_labels(&domain->skeleton, &known->skeleton, &end) && end.length == known->skeleton.length &&
           same(end.units, known->skeleton.units, end.length) &&
           !numbered_siblings(domain->domain, known->domain);
}

static bool stands_at(const struct lookalike_text *domain, size_t at, const struct lookalike_text *known,
                      size_t length)
{
    return domain->length > at + length && domain->units[at + length] == '.' &&
           same(domain->units + at, known->units, length);
}

/* The length of `known` without its last label, when two are left: interieur.gov; else 0. */
static size_t stem_length(const struct lookalike_text *known)
{
    size_t length = last_dot(known);
    return length < known->length && count_labels(known->units, length) > 1 ? length : 0;
}

/* Its labels followed by foreign ones; without the last of them only when two follow
 * (interieur.gov.attacker.example), since interieur.gov.other may well be another country's ministry. */
static bool worn_in_front(const struct lookalike_text *domain, const struct lookalike_text *known)
{
    size_t stem = stem_length(known);
    for (size_t i = 0; i < domain->length; i++) {
        if (i && domain->units[i - 1] != '.')
            continue;
        if (stands_at(domain, i, known, known->length))
            return true;
        if (stem && stands_at(domain, i, known, stem) &&
            count_labels(domain->units + i + stem + 1, domain->length - i - stem - 1) > 1)
            return true;
    }
    return false;
}

static bool is_separator(uint16_t unit)
{
    return unit == '.' || unit == '-';
}

/* A run of whole words of a name that reads like another name. */
struct run {
    size_t letters, hyphens, dots;
};

/* From `at`, do the domain's words read like the first `length` of the known one, separators aside? */
static bool run_reads_like(const struct lookalike_text *domain, size_t at, const struct lookalike_text *known,
                           size_t length, struct run *run)
{
    *run = (struct run){0, 0, 0};
    for (size_t k = 0;; at++, k++) {
        while (k < length && is_separator(known->units[k]))
            k++;
        if (k == length)
            break;
        for (; at < domain->length && is_separator(domain->units[at]); at++) {
            run->dots += domain->units[at] == '.';
            run->hyphens += domain->units[at] == '-';
        }
        if (at == domain->length || domain->units[at] != known->units[k])
            return false;
        run->letters++;
    }
    return at == domain->length || is_separator(domain->units[at]);
}

static bool joined(const struct lookalike_text *domain, const struct lookalike_text *known)
{
    size_t stem = stem_length(known);
    struct run run;
    for (size_t i = 0; i < domain->length; i++) {
        if (is_separator(domain->units[i]) || (i && !is_separator(domain->units[i - 1])))
            continue;
        if (run_reads_like(domain, i, known, known->length, &run) &&
            (run.hyphens || run.dots || run.letters >= LOOKALIKE_JOINED_MIN))
            return true;
        if (stem && run_reads_like(domain, i, known, stem, &run) && !run.dots &&
            run.letters >= LOOKALIKE_JOINED_MIN)
            return true;
    }
    return false;
}

static enum lookalike compare(const struct lookalike_name *domain, const struct lookalike_name *known,
                              bool ending)
{
    if (same_skeleton(domain, known))
        return LOOKALIKE_LETTERS;
    if (edited(domain, known, ending))
        return LOOKALIKE_EDIT;
    if (worn_in_front(&domain->skeleton, &known->skeleton))
        return LOOKALIKE_FRONT;
    return joined(&domain->skeleton, &known->skeleton) ? LOOKALIKE_JOINED : LOOKALIKE_NONE;
}

enum lookalike lookalike_of(const struct lookalike_name *domain, const struct lookalike_name *known)
{
    return compare(domain, known, false);
}

enum lookalike lookalike_of_ending(const struct lookalike_name *domain, const struct lookalike_name *ending)
{
    return compare(domain, ending, true);
}

const char *lookalike_how(enum lookalike lookalike, bool ending)
{
    switch (lookalike) {
    case LOOKALIKE_LETTERS:
        return ending ? "its ending has letters that look alike" : "letters that look alike";
    case LOOKALIKE_EDIT:
        return ending ? "its ending is one letter away" : "one letter away";
    case LOOKALIKE_FRONT:
        return "its name stands in front of another domain";
    case LOOKALIKE_JOINED:
        return "its name with dots left out or made hyphens";
    case LOOKALIKE_NONE:
        break;
    }
    return "";
}
