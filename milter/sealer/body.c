/* SPDX-License-Identifier: Apache-2.0 */
#include "sealer/body.h"

#include "seal/protocol.h"

#include <string.h>

bool body_boundary_is_good(const char *boundary)
{
    static const char good[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'()+_,-./:=?";
    size_t size = strlen(boundary);
    return size && size <= SEAL_BOUNDARY_MAX && strspn(boundary, good) == size;
}

void body_begin(struct output *output, const char *boundary)
{
    output_puts(output, "--");
    output_puts(output, boundary);
    output_puts(output, "\r\nContent-Type: application/pgp-encrypted\r\n"
                        "Content-Description: PGP/MIME version identification\r\n"
                        "\r\nVersion: 1\r\n\r\n--");
    output_puts(output, boundary);
    /* The stable name is what mail programs show, and what keyless ones offer to save. */
    output_puts(output, "\r\nContent-Type: application/octet-stream; name=\"encrypted.asc\"\r\n"
                        "Content-Description: OpenPGP encrypted message\r\n"
                        "Content-Disposition: inline; filename=\"encrypted.asc\"\r\n\r\n");
}

void body_end(struct output *output, const char *boundary)
{
    output_puts(output, "\r\n--");
    output_puts(output, boundary);
    output_puts(output, "--\r\n");
}
