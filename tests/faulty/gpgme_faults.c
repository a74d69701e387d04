/* SPDX-License-Identifier: Apache-2.0 */

/* khatm-sealer, whole, with this between it and GPGME. What goes wrong stands in the file "fault" beside the
 * work directory: SERIAL NAME NTH VALUE. NAME is a function's: its NTH call (0: each) fails with the error
 * VALUE, or gives nothing; "done": so ends the NTH operation, 0 being success; a keyword of gpg's status
 * lines: said VALUE times. The count begins anew with each serial number. SERIAL alone: nothing goes wrong.
 * Every call is written down in the file "calls". A build for tests only. */

#include <fcntl.h>
#include <gpgme.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CONTEXTS_MAX = 64, PATH_ROOM = 4096 };

struct fault {
    unsigned long serial, nth, value;
    const char *name;
    char text[128];
};

static void path_beside_work(const char *name, char path[PATH_ROOM])
{
    static char command[PATH_ROOM];
    static ssize_t size;
    if (!size) {
        int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
        size = fd >= 0 ? read(fd, command, sizeof command - 1) : -1;
        (void)close(fd);
    }
    /* The third word is the ring: WORK/ring-… */
    const char *ring = size > 0 ? command + strlen(command) + 1 : "";
    ring += strlen(ring) + 1;
    (void)snprintf(path, PATH_ROOM, "%s", ring);
    for (int up = 0; up < 2 && strrchr(path, '/'); up++)
        *strrchr(path, '/') = '\0';
    strncat(path, name, PATH_ROOM - strlen(path) - 1);
}

static void write_down(const char *name)
{
    char path[PATH_ROOM], line[128];
    path_beside_work("/calls", path);
    int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    int size = snprintf(line, sizeof line, "%s\n", name);
    if (fd >= 0 && write(fd, line, (size_t)size) == size)
        (void)close(fd);
}

static void read_fault(struct fault *fault)
{
    char path[PATH_ROOM], *rest = fault->text;
    path_beside_work("/fault", path);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = fd >= 0 ? read(fd, fault->text, sizeof fault->text - 1) : 0;
    (void)close(fd);
    fault->text[size > 0 ? size : 0] = '\0';
    fault->serial = strtoul(rest, &rest, 10);
    const char *name = strtok_r(rest, " \n", &rest);
    fault->name = name ? name : "";
    fault->nth = rest ? strtoul(rest, &rest, 10) : 0;
    fault->value = rest ? strtoul(rest, &rest, 10) : 0;
}

/* This call is the one that fails; *value says how. */
static int fails(const char *name, unsigned long *value)
{
    static unsigned long serial, calls;
    struct fault fault = {0};
    write_down(name);
    read_fault(&fault);
    if (fault.serial != serial)
        calls = 0;
    serial = fault.serial;
    if (strcmp(fault.name, name) != 0)
        return 0;
    *value = fault.value;
    return fault.nth == 0 || fault.nth == ++calls;
}

#define RETURNS_ERROR(name, parameters, arguments)                                                           \
    gpgme_error_t __real_##name parameters;                                                                  \
    gpgme_error_t __wrap_##name parameters;                                                                  \
    gpgme_error_t __wrap_##name parameters                                                                   \
    {                                                                                                        \
        unsigned long code = 0;                                                                              \
        return fails(#name, &code) ? gpgme_error((gpgme_err_code_t)code) : __real_##name arguments;          \
    }

#define RETURNS(type, name, parameters, arguments)                                                           \
    type __real_##name parameters;                                                                           \
    type __wrap_##name parameters;                                                                           \
    type __wrap_##name parameters                                                                            \
    {                                                                                                        \
        unsigned long unused = 0;                                                                            \
        return fails(#name, &unused) ? (type)0 : __real_##name arguments;                                    \
    }

RETURNS_ERROR(gpgme_new, (gpgme_ctx_t * ctx), (ctx))
RETURNS_ERROR(gpgme_ctx_set_engine_info,
              (gpgme_ctx_t ctx, gpgme_protocol_t protocol, const char *program, const char *home),
              (ctx, protocol, program, home))
RETURNS_ERROR(gpgme_set_ctx_flag, (gpgme_ctx_t ctx, const char *name, const char *value), (ctx, name, value))
RETURNS_ERROR(gpgme_data_new_from_cbs, (gpgme_data_t * data, gpgme_data_cbs_t cbs, void *opaque),
              (data, cbs, opaque))
RETURNS_ERROR(gpgme_data_new_from_mem, (gpgme_data_t * data, const char *bytes, size_t size, int copy),
              (data, bytes, size, copy))
RETURNS_ERROR(gpgme_data_set_flag, (gpgme_data_t data, const char *name, const char *value),
              (data, name, value))
RETURNS_ERROR(gpgme_op_decrypt_verify_start, (gpgme_ctx_t ctx, gpgme_data_t in, gpgme_data_t out),
              (ctx, in, out))
RETURNS_ERROR(gpgme_op_encrypt_ext_start,
              (gpgme_ctx_t ctx, gpgme_key_t keys[], const char *recipients, gpgme_encrypt_flags_t flags,
               gpgme_data_t in, gpgme_data_t out),
              (ctx, keys, recipients, flags, in, out))
RETURNS_ERROR(gpgme_op_encrypt_sign_ext_start,
              (gpgme_ctx_t ctx, gpgme_key_t keys[], const char *recipients, gpgme_encrypt_flags_t flags,
               gpgme_data_t in, gpgme_data_t out),
              (ctx, keys, recipients, flags, in, out))
RETURNS_ERROR(gpgme_op_export_ext_start,
              (gpgme_ctx_t ctx, const char *patterns[], gpgme_export_mode_t mode, gpgme_data_t data),
              (ctx, patterns, mode, data))
RETURNS_ERROR(gpgme_op_import_start, (gpgme_ctx_t ctx, gpgme_data_t data), (ctx, data))
RETURNS_ERROR(gpgme_op_keylist_start, (gpgme_ctx_t ctx, const char *pattern, int secret),
              (ctx, pattern, secret))
RETURNS_ERROR(gpgme_op_verify_start,
              (gpgme_ctx_t ctx, gpgme_data_t signature, gpgme_data_t text, gpgme_data_t plain),
              (ctx, signature, text, plain))
RETURNS_ERROR(gpgme_op_sign_start,
              (gpgme_ctx_t ctx, gpgme_data_t text, gpgme_data_t signature, gpgme_sig_mode_t mode),
              (ctx, text, signature, mode))
RETURNS_ERROR(gpgme_set_keylist_mode, (gpgme_ctx_t ctx, gpgme_keylist_mode_t mode), (ctx, mode))
RETURNS_ERROR(gpgme_get_key, (gpgme_ctx_t ctx, const char *fingerprint, gpgme_key_t *key, int secret),
              (ctx, fingerprint, key, secret))
RETURNS_ERROR(gpgme_signers_add, (gpgme_ctx_t ctx, const gpgme_key_t key), (ctx, key))
RETURNS(gpgme_engine_info_t, gpgme_ctx_get_engine_info, (gpgme_ctx_t ctx), (ctx))
RETURNS(gpgme_import_result_t, gpgme_op_import_result, (gpgme_ctx_t ctx), (ctx))
RETURNS(gpgme_verify_result_t, gpgme_op_verify_result, (gpgme_ctx_t ctx), (ctx))
RETURNS(gpgme_sign_result_t, gpgme_op_sign_result, (gpgme_ctx_t ctx), (ctx))
RETURNS(gpgme_data_type_t, gpgme_data_identify, (gpgme_data_t data, int reserved), (data, reserved))
RETURNS(char *, gpgme_pubkey_algo_string, (gpgme_subkey_t subkey), (subkey))
RETURNS(const char *, gpgme_hash_algo_name, (gpgme_hash_algo_t hash), (hash))

/* --- what GPGME reports --- */

static struct gpgme_io_cbs loops[CONTEXTS_MAX];
static size_t n_loops;

static void on_event(void *opaque, gpgme_event_io_t type, void *data)
{
    struct gpgme_io_cbs *loop = opaque;
    struct gpgme_io_event_done_data done;
    unsigned long code = 0;
    if (type == GPGME_EVENT_DONE && fails("done", &code)) {
        done = *(struct gpgme_io_event_done_data *)data;
        done.err = code ? gpgme_error((gpgme_err_code_t)code) : 0;
        done.op_err = 0;
        data = &done;
    }
    loop->event(loop->event_priv, type, data);
}

void __real_gpgme_set_io_cbs(gpgme_ctx_t ctx, gpgme_io_cbs_t cbs);
void __wrap_gpgme_set_io_cbs(gpgme_ctx_t ctx, gpgme_io_cbs_t cbs);

void __wrap_gpgme_set_io_cbs(gpgme_ctx_t ctx, gpgme_io_cbs_t cbs)
{
    if (n_loops == CONTEXTS_MAX)
        abort();
    struct gpgme_io_cbs *loop = &loops[n_loops++], ours = *cbs;
    *loop = *cbs;
    ours.event = on_event;
    ours.event_priv = loop;
    __real_gpgme_set_io_cbs(ctx, &ours);
}

struct listener {
    gpgme_status_cb_t call;
    void *opaque;
};

static struct listener listeners[CONTEXTS_MAX];
static size_t n_listeners;

static gpgme_error_t on_status(void *opaque, const char *keyword, const char *args)
{
    const struct listener *listener = opaque;
    unsigned long times = 1;
    gpgme_error_t error = 0;
    (void)fails(keyword, &times);
    for (unsigned long i = 0; !error && i < times; i++)
        error = listener->call(listener->opaque, keyword, args);
    return error;
}

void __real_gpgme_set_status_cb(gpgme_ctx_t ctx, gpgme_status_cb_t call, void *opaque);
void __wrap_gpgme_set_status_cb(gpgme_ctx_t ctx, gpgme_status_cb_t call, void *opaque);

void __wrap_gpgme_set_status_cb(gpgme_ctx_t ctx, gpgme_status_cb_t call, void *opaque)
{
    if (n_listeners == CONTEXTS_MAX)
        abort();
    struct listener *listener = &listeners[n_listeners++];
    *listener = (struct listener){call, opaque};
    __real_gpgme_set_status_cb(ctx, on_status, listener);
}
