/* SPDX-License-Identifier: Apache-2.0 */
/* The index of known domains finds what comparing with each of them finds, and stays cheap with 20,000. */
#include "policy/domain.h"
#include "policy/known.h"
#include "policy/skeleton.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

enum { MANY = 20000, SOME = 1500, QUERIES = 1500, ENDINGS_MAX = 2000, CHEAP_US = 2000 };

struct world {
    struct known *known;
    char (*domains)[DOMAIN_ROOM];
    struct skeleton *skeletons;
    size_t count;
    struct {
        const char *domain;
        struct skeleton skeleton;
        size_t shared;
    } * endings;
    size_t n_endings;
};

static uint32_t seed;

static unsigned pick(unsigned n)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % n;
}

static const char *const words[] = {
    "finances", "interieur", "justice",     "sante",     "prefecture", "commune",    "tribunal", "douanes",
    "tresor",   "eau",       "agriculture", "emploi",    "formation",  "logement",   "sport",    "culture",
    "peche",    "energie",   "mines",       "transport", "externe",    "statistique"};
static const char *const parents[] = {"gov.example", "gouv.example", "gov.zz", "example",
                                      "administration.example"};
#define PICK(table) table[pick(sizeof(table) / sizeof *(table))]

static void make_domain(char out[DOMAIN_ROOM])
{
    switch (pick(4)) {
    case 0:
        (void)snprintf(out, DOMAIN_ROOM, "%s-%s.%s", PICK(words), PICK(words), PICK(parents));
        break;
    case 1:
        (void)snprintf(out, DOMAIN_ROOM, "%s%u.%s", PICK(words), pick(100), PICK(parents));
        break;
    case 2:
        (void)snprintf(out, DOMAIN_ROOM, "%s%c%c.%s", PICK(words), 'a' + (char)pick(26), 'a' + (char)pick(26),
                       PICK(parents));
        break;
    default:
        (void)snprintf(out, DOMAIN_ROOM, "%s-%s.%s.%s", PICK(words), PICK(words), PICK(words), PICK(parents));
        break;
    }
}

static bool is_there(const struct world *world, const char *domain)
{
    for (size_t i = 0; i < world->count; i++)
        if (!strcmp(world->domains[i], domain))
            return true;
    return false;
}

static void note_endings(struct world *world, const char *domain)
{
    for (const char *up = domain_parent(domain); up && strchr(up, '.'); up = domain_parent(up)) {
        size_t i = 0;
        while (i < world->n_endings && strcmp(world->endings[i].domain, up) != 0)
            i++;
        assert_true(i < ENDINGS_MAX);
        if (i == world->n_endings) {
            world->endings[i].domain = up;
            assert_true(skeleton_make(up, &world->endings[i].skeleton));
            world->n_endings++;
        }
        world->endings[i].shared++;
    }
}

static struct world *world_new(size_t count, bool with_oracle)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    world->known = known_new();
    world->domains = calloc(count, sizeof *world->domains);
    world->skeletons = with_oracle ? calloc(count, sizeof *world->skeletons) : NULL;
    world->endings = with_oracle ? calloc(ENDINGS_MAX, sizeof *world->endings) : NULL;
    assert_true(world->known && world->domains);
    seed = 1;
    while (world->count < count) {
        char *domain = world->domains[world->count];
        make_domain(domain);
        if (with_oracle && is_there(world, domain))
            continue;
        assert_int_equal(known_add(world->known, domain, true), POLICY_OK);
        if (with_oracle) {
            assert_true(skeleton_make(domain, &world->skeletons[world->count]));
            note_endings(world, domain);
        }
        world->count++;
    }
    return world;
}

static void world_free(struct world *world)
{
    known_free(world->known);
    free(world->domains);
    free(world->skeletons);
    free(world->endings);
    free(world);
}

static void cut(char *text, size_t at)
{
    memmove(text + at, text + at + 1, strlen(text + at));
}

static void insert(char *text, size_t at, char c)
{
    memmove(text + at + 1, text + at, strlen(text + at) + 1);
    text[at] = c;
}

static void slip(char *domain)
{
    size_t at = pick((unsigned)strlen(domain) - 1);
    char letter = "abcdefghijklmnopqrstuvwxyz0123456789-."[pick(38)];
    switch (pick(4)) {
    case 0:
        domain[at] = letter;
        break;
    case 1:
        insert(domain, at, letter);
        break;
    case 2:
        cut(domain, at);
        break;
    default: {
        char c = domain[at];
        domain[at] = domain[at + 1];
        domain[at + 1] = c;
    }
    }
}

/* Digits for letters, wherever there are any, so that no part of the name stays as it was. */
static void disguise(char *domain)
{
    for (char *c = domain; *c; c++)
        *c = *c == 'i' ? '1' : *c == 'o' ? '0' : *c == 'e' ? '3' : *c;
}

static void change(char *domain)
{
    char *dot = strchr(domain, '.');
    switch (pick(8)) {
    case 0:
        (void)strcat(domain, ".attacker.zz");
        break;
    case 1:
        if (dot)
            *dot = '-';
        break;
    case 2:
        if (dot)
            cut(domain, (size_t)(dot - domain));
        break;
    case 3:
        if (strrchr(domain, '.'))
            (void)strcpy(strrchr(domain, '.'), ".com");
        break;
    case 4:
        insert(domain, 0, '-');
        insert(domain, 0, 'x');
        break;
    case 5:
        disguise(domain);
        break;
    default:
        slip(domain);
        break;
    }
}

static void make_query(const struct world *world, char out[DOMAIN_ROOM])
{
    do {
        (void)strcpy(out, world->domains[pick((unsigned)world->count)]);
        for (unsigned n = pick(3) + 1; n > 0; n--)
            change(out);
    } while (!domain_canonical(out, out));
}

static struct lookalike_name name_of(const char *domain, const struct skeleton *skeleton)
{
    return (struct lookalike_name){
        domain, {skeleton->letters, skeleton->n_letters}, {skeleton->text, skeleton->length}};
}

/* What comparing with each says; *below: the domain is below a known one, or one itself. */
static const char *find_how(const struct world *world, const char *domain, bool *below)
{
    struct skeleton skeleton;
    enum lookalike nearest = LOOKALIKE_NONE;
    bool ending = false;
    *below = false;
    assert_true(skeleton_make(domain, &skeleton));
    const struct lookalike_name name = name_of(domain, &skeleton);
    for (size_t i = 0; i < world->count; i++) {
        const struct lookalike_name known = name_of(world->domains[i], &world->skeletons[i]);
        *below |= domain_is_within(domain, known.domain);
        enum lookalike found = *below ? LOOKALIKE_NONE : lookalike_of(&name, &known);
        nearest = found < nearest ? found : nearest;
    }
    for (size_t i = 0; i < world->n_endings && (ending || nearest == LOOKALIKE_NONE); i++) {
        const struct lookalike_name known = name_of(world->endings[i].domain, &world->endings[i].skeleton);
        if (*below || world->endings[i].shared < 2 || domain_is_within(domain, known.domain))
            continue;
        enum lookalike found = lookalike_of_ending(&name, &known);
        ending |= found != LOOKALIKE_NONE;
        nearest = found < nearest ? found : nearest;
    }
    return lookalike_how(nearest, ending);
}

static void index_finds_what_comparing_with_each_finds(void **state)
{
    struct world *world = world_new(SOME, true);
    size_t found = 0;
    for (size_t i = 0; i < QUERIES; i++) {
        char domain[DOMAIN_ROOM];
        bool below;
        make_query(world, domain);
        const char *how = find_how(world, domain, &below);
        struct known_likeness like = known_find(world->known, NULL, domain);
        if (strcmp(below ? "" : how, like.how) != 0)
            fail_msg("%s: index says '%s' (%s), comparing with each says '%s'%s", domain, like.how,
                     like.meant ? like.meant : "", how, below ? ", below one" : "");
        found += like.meant != NULL;
    }
    assert_in_range(found, QUERIES / 4, QUERIES - QUERIES / 20); /* both answers came up */
    world_free(world);
}

/* ASCII is folded without the confusables, names with other letters through them: two readings of the same.
 */
static void ascii_reads_the_same_either_way(void **state)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    struct skeleton plain, mapped;
    for (size_t i = 0; i < (sizeof letters - 1) * (sizeof letters - 1); i++) {
        char typed[64], canonical[DOMAIN_ROOM];
        char a = letters[i / (sizeof letters - 1)], b = letters[i % (sizeof letters - 1)];
        (void)snprintf(typed, sizeof typed, "x%c%c-%cx.e.example", a, b, a);
        assert_true(skeleton_make(typed, &plain));
        (void)snprintf(typed, sizeof typed, "x%c%c-%cx.\u00e9.example", a, b, a);
        assert_true(domain_canonical(typed, canonical) && skeleton_make(canonical, &mapped));
        if (plain.length != mapped.length || memcmp(plain.text, mapped.text, plain.length * 2) != 0)
            fail_msg("%s", typed);
    }
}

static double cpu_us(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void search_is_cheap_among_many(void **state)
{
    double started = cpu_us();
    struct world *world = world_new(MANY, false);
    double built = cpu_us();
    for (size_t i = 0; i < QUERIES; i++) {
        char domain[DOMAIN_ROOM];
        make_query(world, domain);
        (void)known_find(world->known, NULL, domain);
    }
    double near = (cpu_us() - built) / QUERIES, begun = cpu_us();
    for (size_t i = 0; i < QUERIES; i++)
        (void)known_find(world->known, NULL, i % 2 ? "societe-generale.example" : "mail.cabinet-dupont.fr");
    double far = (cpu_us() - begun) / QUERIES;
    begun = cpu_us();
    char worst[DOMAIN_ROOM] = "";
    while (strlen(worst) < DOMAIN_ROOM - 16)
        (void)strcat(worst, "a-");
    (void)strcat(worst, "b.gov.example");
    (void)known_find(world->known, NULL, worst);
    print_message(
        "# %d domains: %.0f ms to add, %.1f us for a near one, %.1f us for a far one, %.1f us at worst\n",
        MANY, (built - started) / 1000, near, far, cpu_us() - begun);
    assert_true(near < CHEAP_US && far < CHEAP_US);
    world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(index_finds_what_comparing_with_each_finds),
        cmocka_unit_test(ascii_reads_the_same_either_way),
        cmocka_unit_test(search_is_cheap_among_many),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("known domains", tests, NULL, NULL);
}
