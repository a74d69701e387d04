/* SPDX-License-Identifier: Apache-2.0 */

/* noopmilter SOCKET: takes part in every stage of the milter protocol, receives each header field and the
 * whole body, and lets everything pass. What Postfix does with it attached is what the protocol itself costs,
 * the yardstick for khatmd. One libmilter thread a connection; keeps nothing, looks at nothing. */

#include <libmilter/mfapi.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>

static sfsistat on_connect(SMFICTX *ctx, char *host, _SOCK_ADDR *address)
{
    (void)ctx, (void)host, (void)address;
    return SMFIS_CONTINUE;
}

static sfsistat on_helo(SMFICTX *ctx, char *name)
{
    (void)ctx, (void)name;
    return SMFIS_CONTINUE;
}

static sfsistat on_envelope(SMFICTX *ctx, char **arguments)
{
    (void)ctx, (void)arguments;
    return SMFIS_CONTINUE;
}

static sfsistat on_header(SMFICTX *ctx, char *name, char *value)
{
    (void)ctx, (void)name, (void)value;
    return SMFIS_CONTINUE;
}

static sfsistat on_stage(SMFICTX *ctx)
{
    (void)ctx;
    return SMFIS_CONTINUE;
}

static sfsistat on_body(SMFICTX *ctx, unsigned char *bytes, size_t size)
{
    (void)ctx, (void)bytes, (void)size;
    return SMFIS_CONTINUE;
}

int main(int argc, char **argv)
{
    struct smfiDesc description = {
        .xxfi_name = (char *)(uintptr_t) "noopmilter",
        .xxfi_version = SMFI_VERSION,
        .xxfi_flags = SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_CHGBODY,
        .xxfi_connect = on_connect,
        .xxfi_helo = on_helo,
        .xxfi_envfrom = on_envelope,
        .xxfi_envrcpt = on_envelope,
        .xxfi_header = on_header,
        .xxfi_eoh = on_stage,
        .xxfi_body = on_body,
        .xxfi_eom = on_stage,
        .xxfi_abort = on_stage,
        .xxfi_close = on_stage,
    };
    if (argc != 2) {
        fprintf(stderr, "usage: noopmilter SOCKET\n");
        return 64;
    }
    (void)umask(0); /* the MTA runs as another user */
    if (smfi_setconn(argv[1]) != MI_SUCCESS || smfi_register(description) != MI_SUCCESS) {
        fprintf(stderr, "noopmilter: %s: not a socket that libmilter can use\n", argv[1]);
        return 69;
    }
    return smfi_main() == MI_SUCCESS ? 0 : 69;
}
