/* SPDX-License-Identifier: Apache-2.0 */

/* What the fuzzers of the sealer's readers have found so far, run once each. */

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define LLVMFuzzerTestOneInput openpgp_input
#include "../fuzz/fuzz_openpgp.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput revocation_input
#include "../fuzz/fuzz_revocation.c"
#undef LLVMFuzzerTestOneInput
#define insist                 insist_unseal
#define LLVMFuzzerTestOneInput unseal_input
#include "../fuzz/fuzz_unseal.c"
#undef LLVMFuzzerTestOneInput
#undef insist

enum { ROOM = 1 << 20 };

/* Fails when there are none: a corpus that is not found tests nothing. */
static void run_corpus(const char *name, int (*input)(const uint8_t *, size_t))
{
    char path[4096];
    size_t count = 0;
    uint8_t *bytes = malloc(ROOM);
    assert_non_null(bytes);
    (void)snprintf(path, sizeof path, KHATM_SOURCE_DIR "/tests/corpus/fuzz/%s", name);
    DIR *directory = opendir(path);
    assert_non_null(directory);
    for (struct dirent *entry = readdir(directory); entry; entry = readdir(directory)) {
        (void)snprintf(path, sizeof path, KHATM_SOURCE_DIR "/tests/corpus/fuzz/%s/%.255s", name,
                       entry->d_name);
        FILE *file = entry->d_name[0] == '.' ? NULL : fopen(path, "rb");
        if (!file)
            continue;
        size_t size = fread(bytes, 1, ROOM, file);
        (void)fclose(file);
        (void)input(bytes, size);
        count++;
    }
    (void)closedir(directory);
    free(bytes);
    assert_true(count > 15);
}

static void openpgp_corpus(void **state)
{
    run_corpus("openpgp", openpgp_input);
}

static void unseal_corpus(void **state)
{
    run_corpus("unseal", unseal_input);
}

static void revocation_corpus(void **state)
{
    run_corpus("revocation", revocation_input);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(openpgp_corpus),
    cmocka_unit_test(unseal_corpus),
    cmocka_unit_test(revocation_corpus),
};

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
