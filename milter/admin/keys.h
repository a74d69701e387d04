/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_ADMIN_KEYS_H
#define KHATM_ADMIN_KEYS_H

/* The words of `khatm keys`: each takes the options that were read and returns an exit code. All look at the
 * keys through a working ring of their own, made as khatmd makes its own; import alone writes, into the home
 * that sealing.homedir names, as the user to whom that belongs. */

#include "admin/command.h"
#include "admin/scratch.h"
#include "seal/outlook.h"
#include "seal/seal.h"
#include "seal/sign_outlook.h"

#include <stdbool.h>

enum { KEYS_EXIT_SOON = 10, KEYS_EXIT_UNUSABLE = 20, SEAL_HOME_MAX = 4096 };

struct keys_options {
    const char *argv0; /* "khatm keys" */
    const char *config;
    const char *wkd;    /* folder to export to; NULL: none */
    const char *object; /* what the word is about: a file, a domain; NULL: nothing was named */
    bool json;
};

/* What a word works with. */
struct keys_world {
    const struct keys_options *options;
    struct scratch scratch;
    const struct config *config;
    bool asks_signer;       /* the key that signs is looked at, too: before keys_ask */
    bool seals;             /* what `sealer` seals is signed as khatmd signs it: before keys_ask */
    struct sealer *sealer;  /* every key that the registry pins; NULL: gpg cannot be asked */
    struct sealer *own;     /* those of our own domains, where unsealing.homedir has them; NULL: nowhere */
    struct problem trouble; /* why there is no sealer */
    struct problem closed;  /* what this user may not read, of which nothing is known; empty: nothing */
    int64_t now;
};

int keys_list(const struct keys_options *options);
int keys_check(const struct keys_options *options);
int keys_import(const struct keys_options *options);
int keys_fetch(const struct keys_options *options);
int keys_export(const struct keys_options *options);
int keys_test(const struct keys_options *options);

/* The keys of our domains, or of this one (canonical; NULL: all), as a Web Key Directory in options->wkd: the
 * domain's own and its persons'. */
int keys_publish(struct keys_world *world, const char *domain);

/* Prints "ARGV0: TEXT"; returns code. */
int keys_complain(const struct keys_options *options, int code, const char *text);
/* Configuration and scratch. EX_OK, or the exit code, having complained. keys_close always. */
int keys_open(const struct keys_options *options, struct keys_world *world);
/* The same without a word: RESULT_BAD_INPUT: the configuration is refused. */
enum result keys_load(const char *config, struct keys_world *world, struct problem *problem) MUST_USE;
/* And the rings; world->trouble says what could not be asked. */
void keys_ask(struct keys_world *world);
/* Once more, after the homes have changed. */
void keys_ask_anew(struct keys_world *world);
void keys_close(struct keys_world *world);

/* Is it a domain of ours? Mail to it is sealed by others. */
bool keys_is_own(const struct keys_world *world, const struct registry_entry *entry);
/* Every domain of the registry, and behind each those of its persons whose keys it certified. */
void keys_each(const struct keys_world *world, void (*visit)(void *context, const struct outlook *outlook),
               void *context);
/* The key that signs here, and where the registry is at odds with it. */
void keys_each_signing(const struct keys_world *world,
                       void (*visit)(void *context, const struct sign_outlook *outlook), void *context);
/* What helps against a state: the key as it is now, one that is other than this one, or nothing but us. */
enum key_cure { CURE_AS_IT_IS_NOW, CURE_ANOTHER, CURE_ENABLE };
enum key_cure keys_cure(enum key_state state);
/* What its owner, or who holds it here, should do: with a stage that is news. */
void keys_remedy(const struct keys_world *world, const struct outlook *outlook, char words[OUTLOOK_WORDS]);
/* What came of a test of one key. */
struct keys_tested {
    bool good;
    struct problem text;
};
/* False: this key is not asked about. */
typedef bool keys_tester(void *context, const struct outlook *outlook, struct keys_tested *tested_out);
/* The whole as one JSON object of docs/keys.schema.json on stdout. test: NULL, or of these keys what it says.
 */
int keys_print_json(const struct keys_world *world, keys_tester *test, void *context);

/* From now on this process is the user to whom the home belongs, or the folder above it where there is no
 * home yet, and the scratch is that user's. Nothing when we are not root. */
enum result keys_become_owner(struct keys_world *world, const char *home, struct problem *problem) MUST_USE;

#endif
