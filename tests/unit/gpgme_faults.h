/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_TESTS_GPGME_FAULTS_H
#define KHATM_TESTS_GPGME_FAULTS_H

/* The orders that build/faulty/khatm-sealer takes (tests/faulty/gpgme_faults.c), and the calls that it wrote
 * down. Needs gpg_home.h. */

#include <gpgme.h>

#define FAULTY_SEALER KHATM_BUILD_DIR "/faulty/khatm-sealer"

enum { CALLS_MAX = 512, CALL_NAME_MAX = 63 };

struct gpgme_calls {
    char names[CALLS_MAX][CALL_NAME_MAX + 1];
    size_t n;
};

static void faults_put(const struct gpg_home *at, const char *name, const char *text)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", at->directory, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* name: NULL: nothing goes wrong from now on. */
static void faults_set(const struct gpg_home *at, const char *name, size_t nth, unsigned value)
{
    static unsigned long serial;
    char text[160];
    (void)snprintf(text, sizeof text, "%lu %s %zu %u\n", ++serial, name ? name : "", nth, value);
    faults_put(at, "fault", text);
}

/* What was called since the last faults_forget_calls. */
static void faults_read_calls(const struct gpg_home *at, struct gpgme_calls *calls)
{
    char path[256], line[CALL_NAME_MAX + 1];
    (void)snprintf(path, sizeof path, "%s/calls", at->directory);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    for (calls->n = 0; fgets(line, sizeof line, file); calls->n++) {
        assert_true(calls->n < CALLS_MAX);
        line[strcspn(line, "\n")] = '\0';
        (void)snprintf(calls->names[calls->n], sizeof calls->names[0], "%s", line);
    }
    (void)fclose(file);
}

static void faults_forget_calls(const struct gpg_home *at)
{
    faults_put(at, "calls", "");
}

/* How many of this name are among the first `end` calls. */
static size_t faults_count(const struct gpgme_calls *calls, size_t end, const char *name)
{
    size_t n = 0;
    for (size_t i = 0; i < end; i++)
        n += strcmp(calls->names[i], name) == 0;
    return n;
}

static bool is_function(const char *name)
{
    return strncmp(name, "gpgme_", 6) == 0;
}

#endif
