/* SPDX-License-Identifier: Apache-2.0 */
#include "authenticator/spf_second.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <spf2/spf.h>
#include <spf2/spf_dns.h>

struct spf_second {
    SPF_dns_server_t dns;
    SPF_server_t *server;
};

enum { ANSWERS_MAX = 100, TTL_ANY = 60 };

/* libspf2 is loud on standard error by default. */
static void say_nothing(const char *file, int line, const char *text)
{
    (void)file;
    (void)line;
    (void)text;
}

static void be_quiet(void)
{
    SPF_info_handler = say_nothing;
    SPF_debug_handler = say_nothing;
    SPF_warning_handler = say_nothing;
}

static bool fill(SPF_dns_rr_t *rr, const struct dns_answer *answer)
{
    size_t n = answer->n_records < ANSWERS_MAX ? answer->n_records : ANSWERS_MAX;
    for (size_t i = 0; i < n; i++) {
        const struct dns_record *record = &answer->records[i];
        /* With the NUL behind it; never smaller than the union's addresses. */
        size_t size = record->size + 1 < sizeof(struct in6_addr) ? sizeof(struct in6_addr) : record->size + 1;
        if (SPF_dns_rr_buf_realloc(rr, (int)i, size) != SPF_E_SUCCESS)
            return false;
        memset(rr->rr[i], 0, size);
        memcpy(rr->rr[i], record->bytes, record->size);
        rr->num_rr = (int)i + 1;
    }
    return true;
}

static SPF_dns_stat_t state_of(const struct dns_answer *answer)
{
    switch (answer->status) {
    case DNS_FOUND:
        return NETDB_SUCCESS;
    case DNS_VOID:
        return HOST_NOT_FOUND;
    case DNS_TRY_LATER:
    case DNS_UNUSABLE:
        break;
    }
    return TRY_AGAIN;
}

static SPF_dns_rr_t *look_up(SPF_dns_server_t *server, const char *name, ns_type type, int cache)
{
    const struct spf_question *question = server->hook;
    (void)cache;
    if (type != ns_t_a && type != ns_t_aaaa && type != ns_t_mx && type != ns_t_txt && type != ns_t_ptr)
        return SPF_dns_rr_new_nxdomain(server, name);
    const struct dns_answer *answer = resolver_ask(question->resolver, name, (enum dns_type)type);
    SPF_dns_rr_t *rr = SPF_dns_rr_new_init(server, name, type, TTL_ANY, state_of(answer));
    if (rr && answer->status == DNS_FOUND && !fill(rr, answer))
        rr->herrno = TRY_AGAIN;
    return rr;
}

static SPF_errcode_t describe(SPF_request_t *request, const struct spf_question *question)
{
    char address[IP_ROOM];
    const char *sender =
        arena_printf(question->arena, "%s@%s", question->sender_local, question->sender_domain);
    ip_format(&question->client, address);
    SPF_errcode_t error = question->client.six ? SPF_request_set_ipv6_str(request, address)
                                               : SPF_request_set_ipv4_str(request, address);
    if (!error)
        error = SPF_request_set_helo_dom(request, question->helo);
    if (!error && (!sender || SPF_request_set_env_from(request, sender) != 0))
        error = SPF_E_NO_MEMORY;
    return error;
}

struct spf_second *spf_second_new(void)
{
    struct spf_second *second = calloc(1, sizeof *second);
    if (!second)
        return NULL;
    be_quiet();
    second->dns.lookup = look_up;
    second->dns.name = "khatm";
    second->server = SPF_server_new_dns(&second->dns, 0);
    if (!second->server) {
        free(second);
        return NULL;
    }
    return second;
}

void spf_second_free(struct spf_second *second)
{
    if (!second)
        return;
    SPF_server_free(second->server);
    free(second);
}

enum spf_opinion spf_second_opinion(struct spf_second *second, const struct spf_question *question)
{
    SPF_response_t *response = NULL;
    enum spf_opinion opinion = SPF_OPINION_TROUBLE;
    second->dns.hook = (void *)(uintptr_t)question;
    SPF_request_t *request = SPF_request_new(second->server);
    if (!request || describe(request, question) != SPF_E_SUCCESS)
        goto out;
    SPF_errcode_t error = SPF_request_query_mailfrom(request, &response);
    if (!response)
        goto out;
    bool pass = !error && SPF_response_result(response) == SPF_RESULT_PASS &&
                SPF_response_errcode(response) == SPF_E_SUCCESS;
    opinion = pass ? SPF_OPINION_PASS : SPF_OPINION_OTHER;
out:
    if (response)
        SPF_response_free(response);
    if (request)
        SPF_request_free(request);
    second->dns.hook = NULL;
    return opinion;
}
