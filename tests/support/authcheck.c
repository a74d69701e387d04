/* SPDX-License-Identifier: Apache-2.0 */
/* authcheck [--anchors FILE] PROGRAM ADDRESS@PORT DEADLINE_MS [IP HELO MAIL-FROM [MESSAGE]]: what
 * khatm-authenticator says of SPF and DKIM, asked as khatmd asks it. Without IP, lines of
 * "IP<tab>HELO<tab>MAIL-FROM[<tab>MESSAGE]" are read from standard input. For each, one line:
 * "verdict<tab>why", then for each signature a tab and "counts|later|no d=… s=… bits=… from=… ct=… dnssec=…
 * why". */
#include "base/arena.h"
#include "sender/authenticator.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 4096 };

static const char *const names[] = {
    [SPF_PROOF_NONE] = "none",           [SPF_PROOF_NEUTRAL] = "neutral",
    [SPF_PROOF_PASS] = "pass",           [SPF_PROOF_FAIL] = "fail",
    [SPF_PROOF_SOFTFAIL] = "softfail",   [SPF_PROOF_TEMPERROR] = "temperror",
    [SPF_PROOF_PERMERROR] = "permerror",
};

static void show(const struct proofs *proofs)
{
    static const char *const dnssec[] = {[PROOF_DNSSEC_UNCHECKED] = "",
                                         [PROOF_DNSSEC_INSECURE] = "(insecure) ",
                                         [PROOF_DNSSEC_SECURE] = "(secure) "};
    printf("%s\t%s%s%s", names[proofs->spf.verdict], proofs->spf.helo ? "(helo) " : "",
           dnssec[proofs->spf.dnssec], proofs->spf.why);
    for (size_t i = 0; i < proofs->n_signatures; i++) {
        const struct dkim_proof *proof = &proofs->signatures[i];
        const char *counts = proof->counts ? "counts" : proof->try_later ? "later" : "no";
        printf("\t%s d=%s s=%s bits=%u from=%u ct=%u dnssec=%u %s", counts, proof->domain, proof->selector,
               proof->bits, proof->from, proof->content_type, proof->dnssec, proof->why);
    }
    printf("%s\n", proofs->more_signatures ? "\tmore" : "");
}

/* Header and body are parted by the first empty line. */
static bool open_message(const char *path, struct authenticator_message *message)
{
    static const char empty[] = "\r\n\r\n";
    struct stat about;
    message->fd = path && *path ? open(path, O_RDONLY | O_CLOEXEC) : memfd_create("message", MFD_CLOEXEC);
    if (message->fd < 0 || fstat(message->fd, &about) != 0)
        return false;
    message->size = message->body_offset = (uint64_t)about.st_size;
    if (!message->size)
        return true;
    char *text = mmap(NULL, (size_t)message->size, PROT_READ, MAP_PRIVATE, message->fd, 0);
    if (text == MAP_FAILED)
        return false;
    const char *end = memmem(text, (size_t)message->size, empty, sizeof empty - 1);
    if (end)
        message->body_offset = (uint64_t)(end - text) + sizeof empty - 1;
    (void)munmap(text, (size_t)message->size);
    return true;
}

static void check(struct authenticator *authenticator, const char *address, const char *helo,
                  const char *mail_from, const char *path)
{
    struct problem problem = {""};
    const struct proofs *proofs = NULL;
    struct authenticator_message message = {
        .fd = -1, .client_address = address, .helo = helo, .mail_from = mail_from};
    struct arena *arena = arena_new(0);
    if (!open_message(path, &message))
        printf("trouble\tcannot open the message\n");
    else if (authenticator_run(authenticator, &message, arena, &proofs, &problem) == RESULT_OK)
        show(proofs);
    else
        printf("trouble\t%s\n", problem.text);
    (void)fflush(stdout);
    (void)close(message.fd);
    arena_free(arena);
}

static void check_lines(struct authenticator *authenticator)
{
    char line[LINE_MAX_BYTES];
    while (fgets(line, sizeof line, stdin)) {
        char *rest = line;
        line[strcspn(line, "\n")] = '\0';
        const char *address = strsep(&rest, "\t"), *helo = strsep(&rest, "\t");
        const char *mail_from = strsep(&rest, "\t");
        check(authenticator, address, helo ? helo : "", mail_from ? mail_from : "", rest);
    }
}

int main(int argc, char *argv[])
{
    struct problem problem = {""};
    struct authenticator *authenticator = NULL;
    const char *anchors = NULL;
    if (argc > 2 && strcmp(argv[1], "--anchors") == 0) {
        anchors = argv[2];
        argc -= 2;
        argv += 2;
    }
    if (argc != 4 && argc != 7 && argc != 8) {
        (void)fputs("usage: authcheck [--anchors FILE] PROGRAM ADDRESS@PORT DEADLINE_MS [IP HELO MAIL-FROM "
                    "[MESSAGE]]\n",
                    stderr);
        return 64;
    }
    const char *const servers[] = {argv[2]};
    const struct authenticator_settings settings = {.program = argv[1], .processes = 1, .wait_ms = 1000};
    const struct dns_settings dns = {
        .servers = servers, .n_servers = 1, .deadline_ms = atoi(argv[3]), .trust_anchors = anchors};
    if (authenticator_new(&settings, &dns, &authenticator, &problem) != RESULT_OK) {
        (void)fprintf(stderr, "%s\n", problem.text);
        return 1;
    }
    if (argc >= 7)
        check(authenticator, argv[4], argv[5], argv[6], argc == 8 ? argv[7] : NULL);
    else
        check_lines(authenticator);
    authenticator_free(authenticator);
    return 0;
}
