/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_TESTS_GPG_HOME_H
#define KHATM_TESTS_GPG_HOME_H

/* A home directory with keys made on the spot by the real gpg, for tests that run it. Everything lies in one
 * scratch directory that goes at the end, its gpg-agent with it. */

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct gpg_home {
    char directory[64]; /* scratch: home/ is the home directory, the rest is the test's */
    char home[80];
};

/* Runs it with GNUPGHOME set and standard error in DIRECTORY/log; the exit status. */
__attribute__((format(printf, 2, 3))) static int shell(const struct gpg_home *at, const char *format, ...)
{
    char command[4096], line[5120];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(command, sizeof command, format, args);
    va_end(args);
    (void)snprintf(line, sizeof line, "export GNUPGHOME=%s LC_ALL=C; cd %s; { %s ; } 2>>log", at->home,
                   at->directory, command);
    int status = system(line);
    if (status != 0)
        (void)fprintf(stderr, "failed (%d): %s\n", status, command);
    return status;
}

static bool gpg_home_open(struct gpg_home *at)
{
    (void)snprintf(at->directory, sizeof at->directory, "/tmp/khatm-unit-XXXXXX");
    if (!mkdtemp(at->directory))
        return false;
    (void)snprintf(at->home, sizeof at->home, "%s/home", at->directory);
    return mkdir(at->home, 0700) == 0;
}

static void gpg_home_close(const struct gpg_home *at)
{
    (void)shell(at,
                "gpgconf --kill all; for d in */; do GNUPGHOME=$PWD/$d gpgconf --kill all; done; cd /; "
                "chmod -R u+w %s; rm -rf %s",
                at->directory, at->directory);
}

/* extra: more gpg options, such as --faked-system-time. usage: as --quick-add-key takes it for a subkey of
 * type `subkey`; NULL: no subkey. */
__attribute__((unused)) static bool gpg_home_make_key(const struct gpg_home *at, const char *user_id,
                                                      const char *primary, const char *subkey,
                                                      const char *expire, const char *extra,
                                                      char fingerprint[41])
{
    char path[128];
    if (shell(at, "gpg --batch --quiet %s --passphrase '' --quick-generate-key '%s' %s sign %s", extra,
              user_id, primary, expire) != 0 ||
        shell(at,
              "gpg --batch --with-colons --list-keys '=%s' | awk -F: '/^fpr/{print $10; exit}' >fingerprint",
              user_id) != 0)
        return false;
    (void)snprintf(path, sizeof path, "%s/fingerprint", at->directory);
    FILE *file = fopen(path, "r");
    bool read = file && fscanf(file, "%40s", fingerprint) == 1 && strlen(fingerprint) == 40;
    if (file)
        (void)fclose(file);
    return read &&
           (!subkey || shell(at, "gpg --batch --quiet %s --passphrase '' --quick-add-key %s %s encrypt %s",
                             extra, fingerprint, subkey, expire) == 0);
}

#endif
