/* SPDX-License-Identifier: Apache-2.0 */
/* spfcheck PROGRAM ADDRESS@PORT DEADLINE_MS [IP HELO MAIL-FROM]: what khatm-authenticator says of SPF, asked
 * as khatmd asks it. Without the last three, lines of "IP<tab>HELO<tab>MAIL-FROM" are read from standard
 * input; for each, one line "verdict<tab>why" is written. */
#include "base/arena.h"
#include "sender/authenticator.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 4096 };

static const char *const names[] = {
    [SPF_PROOF_NONE] = "none",           [SPF_PROOF_NEUTRAL] = "neutral",
    [SPF_PROOF_PASS] = "pass",           [SPF_PROOF_FAIL] = "fail",
    [SPF_PROOF_SOFTFAIL] = "softfail",   [SPF_PROOF_TEMPERROR] = "temperror",
    [SPF_PROOF_PERMERROR] = "permerror",
};

static void check(struct authenticator *authenticator, int message_fd, const char *address, const char *helo,
                  const char *mail_from)
{
    struct problem problem = {""};
    const struct proofs *proofs = NULL;
    const struct authenticator_message message = {.fd = message_fd,
                                                  .size = 2,
                                                  .body_offset = 2,
                                                  .client_address = address,
                                                  .helo = helo,
                                                  .mail_from = mail_from};
    struct arena *arena = arena_new(0);
    if (authenticator_run(authenticator, &message, arena, &proofs, &problem) == RESULT_OK)
        printf("%s\t%s\n", names[proofs->spf.verdict], proofs->spf.why);
    else
        printf("trouble\t%s\n", problem.text);
    (void)fflush(stdout);
    arena_free(arena);
}

static void check_lines(struct authenticator *authenticator, int message_fd)
{
    char line[LINE_MAX_BYTES];
    while (fgets(line, sizeof line, stdin)) {
        char *rest = line;
        line[strcspn(line, "\n")] = '\0';
        const char *address = strsep(&rest, "\t"), *helo = strsep(&rest, "\t");
        check(authenticator, message_fd, address, helo ? helo : "", rest ? rest : "");
    }
}

int main(int argc, char *argv[])
{
    struct problem problem = {""};
    struct authenticator *authenticator = NULL;
    int message_fd = memfd_create("message", MFD_CLOEXEC);
    if ((argc != 4 && argc != 7) || message_fd < 0 || write(message_fd, "\r\n", 2) != 2) {
        (void)fputs("usage: spfcheck PROGRAM ADDRESS@PORT DEADLINE_MS [IP HELO MAIL-FROM]\n", stderr);
        return 64;
    }
    const char *const servers[] = {argv[2]};
    const struct authenticator_settings settings = {.program = argv[1],
                                                    .processes = 1,
                                                    .deadline_ms = atoi(argv[3]),
                                                    .wait_ms = 1000,
                                                    .servers = servers,
                                                    .n_servers = 1};
    if (authenticator_new(&settings, &authenticator, &problem) != RESULT_OK) {
        (void)fprintf(stderr, "%s\n", problem.text);
        return 1;
    }
    if (argc == 7)
        check(authenticator, message_fd, argv[4], argv[5], argv[6]);
    else
        check_lines(authenticator, message_fd);
    authenticator_free(authenticator);
    return 0;
}
