/* SPDX-License-Identifier: Apache-2.0 */

/* One frame of a helper that is in a stranger's hands, through the reader of frames and the collector of
 * findings. */

#include "base/clock.h"
#include "base/fd.h"
#include "inspect/collect.h"
#include "inspect/protocol.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { PARTS = 20, SOON_MS = 1000 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check(const struct findings *findings)
{
    for (size_t i = 0; i < findings->n_parts; i++)
        if (strlen(findings->parts[i].path) > INSPECT_PATH_MAX)
            abort();
    if (findings->n_addresses > INSPECT_ADDRESSES_MAX)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    int pair[2];
    struct arena *arena = arena_new(0);
    struct wire_frame *frame = malloc(sizeof *frame);
    struct collect *collect = arena ? collect_new(arena, PARTS) : NULL;
    if (!frame || !collect || wire_pair(pair) != RESULT_OK)
        abort();
    if (size && size <= WIRE_FRAME_MAX && send(pair[0], bytes, size, MSG_DONTWAIT) == (ssize_t)size &&
        wire_receive(pair[1], frame, clock_monotonic_ms() + SOON_MS) == RESULT_OK) {
        (void)!collect_frame(collect, frame);
        check(collect_findings(collect));
    }
    fd_close(&pair[0]);
    fd_close(&pair[1]);
    free(frame);
    arena_free(arena);
    return 0;
}
