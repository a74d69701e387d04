/* SPDX-License-Identifier: Apache-2.0 */
#include "authenticator/dkim_selftest.h"

#include "base/fd.h"

#include <string.h>
#include <sys/mman.h>

enum { SIGNATURES = 2, ARENA_BYTES = 4 * 1024 * 1024 };

/* t= of both, and a little. */
static const int64_t then = 1528637909 + 60;

static const char header_text[] = "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n"
                                  " d=football.example.com; i=@football.example.com;\r\n"
                                  " q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n"
                                  " subject : date : message-id : from : subject : date;\r\n"
                                  " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
                                  " b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\r\n"
                                  " Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==\r\n"
                                  "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n"
                                  " d=football.example.com; i=@football.example.com;\r\n"
                                  " q=dns/txt; s=test; t=1528637909; h=from : to : subject :\r\n"
                                  " date : message-id : from : subject : date;\r\n"
                                  " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
                                  " b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3\r\n"
                                  " DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz\r\n"
                                  " dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=\r\n"
                                  "From: Joe SixPack <joe@football.example.com>\r\n"
                                  "To: Suzie Q <suzie@shopping.example.net>\r\n"
                                  "Subject: Is dinner ready?\r\n"
                                  "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"
                                  "Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n"
                                  "\r\n";
static const char body_text[] = "Hi.\r\n"
                                "\r\n"
                                "We lost the game.  Are you hungry yet?\r\n"
                                "\r\n"
                                "Joe.\r\n";
static const char *const keys[SIGNATURES] = {
    "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
    "v=DKIM1; k=rsa; "
    "p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY"
    "/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/"
    "8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIK"
    "T+l/K4w3QIDAQAB",
};

static enum result take_signatures(const struct header *header, struct dkim_signature *signatures,
                                   struct arena *arena)
{
    for (size_t i = 0; i < SIGNATURES; i++) {
        const struct dns_record record = {.bytes = (const uint8_t *)keys[i], .size = strlen(keys[i])};
        const struct dns_answer answer = {.status = DNS_FOUND, .why = "", .records = &record, .n_records = 1};
        enum result result = dkim_signature_read(header, &header->fields[i], then, arena, &signatures[i]);
        if (result == RESULT_OK)
            result = dkim_signature_take_key(&signatures[i], &answer, arena);
        if (result != RESULT_OK)
            return result;
    }
    return RESULT_OK;
}

static enum result run(struct dkim_library *library, int fd, struct arena *arena, struct problem *problem)
{
    struct header header;
    struct dkim_signature signatures[SIGNATURES];
    const char *why = "";
    const uint64_t body_offset = sizeof header_text - 1;
    enum result result = header_read(fd, body_offset, arena, &header, &why);
    if (result == RESULT_OK)
        result = take_signatures(&header, signatures, arena);
    const struct dkim_work work = {&header, signatures,  SIGNATURES,
                                   fd,      body_offset, body_offset + sizeof body_text - 1};
    if (result == RESULT_OK)
        result = dkim_library_verify(library, &work);
    if (result != RESULT_OK)
        return problem_set(problem, RESULT_TRY_LATER, "DKIM: cannot test itself");
    for (size_t i = 0; i < SIGNATURES; i++)
        if (!signatures[i].proof.signature_matches || !signatures[i].proof.body_hash_matches)
            return problem_set(problem, RESULT_BUG,
                               "DKIM: libopendkim does not verify RFC 8463's own example (s=%s): %s",
                               signatures[i].proof.selector, signatures[i].proof.why);
    return RESULT_OK;
}

enum result dkim_selftest(struct dkim_library *library, struct problem *problem)
{
    struct arena *arena = arena_new(ARENA_BYTES);
    int fd = memfd_create("example", MFD_CLOEXEC);
    enum result result = RESULT_TRY_LATER;
    if (arena && fd >= 0 && fd_write_all(fd, header_text, sizeof header_text - 1) == RESULT_OK &&
        fd_write_all(fd, body_text, sizeof body_text - 1) == RESULT_OK)
        result = run(library, fd, arena, problem);
    else
        (void)problem_set(problem, result, "DKIM: no memory to test itself");
    fd_close(&fd);
    arena_free(arena);
    return result;
}
