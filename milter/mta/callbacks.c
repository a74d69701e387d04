/* SPDX-License-Identifier: Apache-2.0 */
#include "mta/mta.h"

#include "base/log.h"
#include "daemon/daemon.h"
#include "mta/edits.h"
#include "mta/macros.h"
#include "mta/stream.h"
#include "pipeline.h"

#include <errno.h>
#include <libmilter/mfapi.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* libmilter's connect callback has no argument of ours; this is how it finds the daemon. Written once,
 * before the first connection. */
static struct daemon *_Atomic serving;

struct connection {
    bool silent; /* the MTA awaits no answer to the steps in SILENT */
    char *daemon_name, *client_address, *helo;
    struct passage *passage; /* the message under way; kept after its reply until the next callback */
};

static const unsigned long SILENT =
    SMFIP_NR_CONN | SMFIP_NR_HELO | SMFIP_NR_HDR | SMFIP_NR_EOH | SMFIP_NR_BODY;

static struct connection *connection_of(SMFICTX *ctx)
{
    return smfi_getpriv(ctx);
}

/* What the SILENT steps return. Anything but NOREPLY where silence was agreed makes libmilter complain to
 * syslog each time; NOREPLY where it was not leaves the MTA waiting. */
static sfsistat no_answer(SMFICTX *ctx)
{
    const struct connection *connection = connection_of(ctx);
    return connection && connection->silent ? SMFIS_NOREPLY : SMFIS_CONTINUE;
}

static void end_passage(struct connection *connection)
{
    passage_close(connection->passage);
    connection->passage = NULL;
}

static struct message *message_of(SMFICTX *ctx)
{
    struct connection *connection = connection_of(ctx);
    return connection && connection->passage ? passage_message(connection->passage) : NULL;
}

static sfsistat on_connect(SMFICTX *ctx, char *host, _SOCK_ADDR *address)
{
    struct connection *connection = connection_of(ctx);
    (void)host;
    if (!connection) { /* the milter connection is used for another client, without negotiating again */
        connection = calloc(1, sizeof *connection);
        if (!connection)
            return SMFIS_TEMPFAIL;
        (void)smfi_setpriv(ctx, connection);
    }
    connection->client_address = macros_client_address(address);
    connection->daemon_name = macros_copy(ctx, "{daemon_name}");
    return no_answer(ctx);
}

static sfsistat on_helo(SMFICTX *ctx, char *name)
{
    struct connection *connection = connection_of(ctx);
    if (connection) {
        free(connection->helo);
        connection->helo = strdup(name);
    }
    return no_answer(ctx);
}

/* What the connection and the MTA's macros say of this message. */
static enum result begin(SMFICTX *ctx, struct connection *connection, const char *from)
{
    struct message *message = passage_message(connection->passage);
    struct arena *arena = message->arena;
    const char *tls = smfi_getsymval(ctx, "{tls_version}");
    message->client_address = arena_strdup(arena, connection->client_address);
    message->helo = arena_strdup(arena, connection->helo);
    message->tls_version = tls && *tls ? arena_strdup(arena, tls) : NULL;
    /* A login that was lost for want of memory must not turn into "no login". */
    if (macros_login(ctx, arena, &message->login) != RESULT_OK ||
        (connection->client_address && !message->client_address))
        return RESULT_TRY_LATER;
    return message_set_from(message, from);
}

static sfsistat on_mail(SMFICTX *ctx, char **arguments)
{
    struct connection *connection = connection_of(ctx);
    struct problem problem = {""};
    if (!connection)
        return SMFIS_TEMPFAIL;
    end_passage(connection);
    if (passage_open(serving, connection->daemon_name, &connection->passage, &problem) != RESULT_OK) {
        log_error("cannot take a message: %s", problem.text);
        return daemon_observes(serving) ? SMFIS_ACCEPT : SMFIS_TEMPFAIL;
    }
    if (begin(ctx, connection, arguments[0]) != RESULT_OK)
        passage_fail(connection->passage, "no memory for the envelope");
    return SMFIS_CONTINUE;
}

static sfsistat on_rcpt(SMFICTX *ctx, char **arguments)
{
    struct connection *connection = connection_of(ctx);
    struct message *message = message_of(ctx);
    if (!message)
        return SMFIS_TEMPFAIL;
    switch (message_add_rcpt(message, arguments[0], (const char *const *)arguments + 1)) {
    case RESULT_OK:
        return SMFIS_CONTINUE;
    case RESULT_BAD_INPUT:
        if (message->config->mode == MODE_OBSERVE)
            return SMFIS_CONTINUE;
        (void)smfi_setreply(ctx, (char *)(uintptr_t) "452", (char *)(uintptr_t) "4.5.3",
                            (char *)(uintptr_t) "Too many recipients, send the rest in another message");
        return SMFIS_TEMPFAIL;
    case RESULT_NOT_FOUND:
    case RESULT_TRY_LATER:
    case RESULT_UNCERTAIN:
    case RESULT_BUG:
        break;
    }
    passage_fail(connection->passage, "no memory for a recipient");
    return SMFIS_CONTINUE;
}

static sfsistat on_header(SMFICTX *ctx, char *name, char *value)
{
    struct message *message = message_of(ctx);
    if (message && message_add_header(message, name, value) != RESULT_OK)
        passage_fail(connection_of(ctx)->passage, "no memory for a header field");
    return no_answer(ctx);
}

static sfsistat on_end_of_header(SMFICTX *ctx)
{
    struct message *message = message_of(ctx);
    if (message && message_end_header(message) != RESULT_OK)
        passage_fail(connection_of(ctx)->passage, "spool: the header section cannot be written");
    return no_answer(ctx);
}

static sfsistat on_body(SMFICTX *ctx, unsigned char *bytes, size_t size)
{
    struct message *message = message_of(ctx);
    if (message && message_add_body(message, bytes, size) != RESULT_OK)
        passage_fail(connection_of(ctx)->passage, "spool: the body cannot be written");
    return no_answer(ctx);
}

static sfsistat on_end_of_message(SMFICTX *ctx)
{
    struct connection *connection = connection_of(ctx);
    struct message *message = message_of(ctx);
    if (!message)
        return SMFIS_TEMPFAIL;
    const char *queue_id = smfi_getsymval(ctx, "i");
    message->queue_id = arena_strdup(message->arena, queue_id);
    const struct reply *reply = passage_judge(connection->passage);
    if (stream_ended()) { /* it has given up, and takes the message for put off */
        log_error("%s: the MTA did not wait for the answer", queue_id ? queue_id : "-");
        passage_undelivered(connection->passage);
        return SMFIS_TEMPFAIL;
    }
    switch (reply->answer) {
    case ANSWER_GO_ON:
        if (edits_apply(ctx, reply) == RESULT_OK)
            return SMFIS_CONTINUE;
        log_error("%s: the MTA did not take the edits: try later", queue_id ? queue_id : "-");
        passage_undelivered(connection->passage);
        return SMFIS_TEMPFAIL;
    case ANSWER_REJECT:
        edits_set_reply(ctx, reply);
        return SMFIS_REJECT;
    case ANSWER_TRY_LATER:
        edits_set_reply(ctx, reply);
        return SMFIS_TEMPFAIL;
    }
    return SMFIS_TEMPFAIL;
}

static sfsistat on_abort(SMFICTX *ctx)
{
    struct connection *connection = connection_of(ctx);
    if (connection)
        end_passage(connection);
    return SMFIS_CONTINUE;
}

static sfsistat on_close(SMFICTX *ctx)
{
    struct connection *connection = connection_of(ctx);
    if (!connection)
        return SMFIS_CONTINUE;
    end_passage(connection);
    free(connection->daemon_name);
    free(connection->client_address);
    free(connection->helo);
    free(connection);
    (void)smfi_setpriv(ctx, NULL);
    return SMFIS_CONTINUE;
}

/* Steps that never answer say so (SMFIP_NR_*), which saves a round trip each; header values keep their
 * leading space (SMFIP_HDR_LEADSPC), so that the spool holds the very bytes. An MTA that cannot let us edit
 * is of no use. */
static sfsistat on_negotiate(SMFICTX *ctx, unsigned long actions, unsigned long steps, unsigned long f2,
                             unsigned long f3, unsigned long *actions_out, unsigned long *steps_out,
                             unsigned long *f2_out, unsigned long *f3_out)
{
    const unsigned long need = SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_CHGBODY;
    struct connection *connection = calloc(1, sizeof *connection);
    (void)f2;
    (void)f3;
    *f2_out = *f3_out = 0;
    if ((actions & need) != need || !(steps & SMFIP_HDR_LEADSPC)) {
        log_error(
            "the MTA does not let a milter edit messages or keep leading space: milter protocol 6 is needed");
        free(connection);
        return SMFIS_REJECT;
    }
    if (!connection || smfi_setpriv(ctx, connection) != MI_SUCCESS) {
        free(connection);
        return SMFIS_REJECT;
    }
    connection->silent = (steps & SILENT) == SILENT;
    *actions_out = need;
    *steps_out =
        (connection->silent ? SILENT : 0) | SMFIP_HDR_LEADSPC | ((SMFIP_NODATA | SMFIP_NOUNKNOWN) & steps);
    return SMFIS_CONTINUE;
}

enum result mta_open(const char *socket, unsigned socket_mode, struct problem *problem)
{
    struct smfiDesc milter = {
        .xxfi_name = (char *)(uintptr_t) "khatm",
        .xxfi_version = SMFI_VERSION,
        .xxfi_flags = SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_CHGBODY,
        .xxfi_connect = on_connect,
        .xxfi_helo = on_helo,
        .xxfi_envfrom = on_mail,
        .xxfi_envrcpt = on_rcpt,
        .xxfi_header = on_header,
        .xxfi_eoh = on_end_of_header,
        .xxfi_body = on_body,
        .xxfi_eom = on_end_of_message,
        .xxfi_abort = on_abort,
        .xxfi_close = on_close,
        .xxfi_negotiate = on_negotiate,
    };
    enum result result = mta_try(socket, problem);
    if (result != RESULT_OK)
        return result;
    if (smfi_register(milter) != MI_SUCCESS || smfi_setconn((char *)(uintptr_t)socket) != MI_SUCCESS)
        return problem_set(problem, RESULT_BUG, "%s: libmilter does not take this socket", socket);
    /* Connections wait idle between messages for as long as the MTA likes; the MTA has the shorter timeout.
     */
    (void)smfi_settimeout(7210);
    mode_t old = umask(0777 & ~(mode_t)socket_mode);
    int opened = smfi_opensocket(true);
    (void)umask(old);
    if (opened != MI_SUCCESS)
        return problem_set(problem, RESULT_TRY_LATER,
                           "socket %s: cannot be opened: %s: check who may write there", socket,
                           strerror(errno));
    return RESULT_OK;
}

enum result mta_serve(struct daemon *daemon, struct problem *problem)
{
    serving = daemon;
    return smfi_main() == MI_SUCCESS ? RESULT_OK
                                     : problem_set(problem, RESULT_BUG, "libmilter stopped with an error");
}
