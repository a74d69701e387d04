/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEALER_LOOP_H
#define KHATM_SEALER_LOOP_H

/* Our own event loop under GPGME's asynchronous operations. GPGME's waits for a pipe to gpg to become
 * writable and overlooks that its reader is gone: with a gpg that dies before it has read its input it spins
 * for ever. Here an error on a pipe is handed to GPGME like any event, the write fails, and the operation
 * ends. No deadline of its own: the process has one. One operation at a time. */

#include <gpgme.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/types.h>

enum { LOOP_SOURCES_MAX = 16, LOOP_BLOCK = 64 * 1024 };

/* As read(2) and write(2). After a failure they keep failing: the next to call them is GPGME. */
struct loop_data {
    ssize_t (*read)(void *context, void *bytes, size_t size);
    ssize_t (*write)(void *context, const void *bytes, size_t size);
    void *context;
};

struct loop {
    bool started, done;
    gpgme_error_t error; /* of the operation that is done */
    /* Of a listing: gets each key, which it must unref. Set between loop_begin and loop_run. */
    void (*on_key)(void *context, gpgme_key_t key);
    void *key_context;
    struct pollfd polls[LOOP_SOURCES_MAX];
    struct {
        gpgme_io_cb_t call;
        void *data;
        bool carries_output; /* GPGME was seen to hand on data from here */
    } sources[LOOP_SOURCES_MAX];
    struct loop_data data;
    bool wrote;
    size_t in_at, in_size; /* of what is still to be written to gpg */
    char in[LOOP_BLOCK], out[LOOP_BLOCK];
};

/* From then on the context's gpgme_op_*_start report to this loop, which must outlive it. */
void loop_attach(struct loop *loop, gpgme_ctx_t ctx);
/* Before each gpgme_op_*_start. data: of an operation that reads one stream and writes one; else NULL. */
void loop_begin(struct loop *loop, const struct loop_data *data);
/* What GPGME's own data objects for that operation must call; context: the loop. */
ssize_t loop_read(void *loop, void *bytes, size_t size);
ssize_t loop_write(void *loop, const void *bytes, size_t size);
/* Until the operation is done. started: what gpgme_op_*_start returned, passed through when it is an error.
 */
gpgme_error_t loop_run(struct loop *loop, gpgme_error_t started);

#endif
