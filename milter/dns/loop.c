/* SPDX-License-Identifier: Apache-2.0 */
#include "dns/loop.h"

#include "base/clock.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/types.h>

#include <unbound-event.h>

/* Names and values are unbound's; its installed header does not say them. */
enum {
    MAGIC = 0x44d74d78,
    ON_TIMEOUT = 0x01,
    ON_READ = 0x02,
    ON_WRITE = 0x04,
    PERSISTENT = 0x10,
    POLLS_MAX = 512, /* descriptors at once; unbound is configured for far fewer */
};

struct event {
    struct ub_event super; /* first: libunbound's pointer is ours */
    struct loop *loop;
    int fd;
    short bits, fired;
    void (*call)(int, short, void *);
    void *argument;
    bool active;
    int64_t wait_ms, due_ms; /* -1: no timeout */
    struct event *next;      /* of the active ones */
};

struct loop {
    struct ub_event_base super;
    struct event *active;
    struct pollfd polls[POLLS_MAX];
    struct event *polled[POLLS_MAX];
};

static void deactivate(struct event *event)
{
    struct event **link = &event->loop->active;
    while (*link && *link != event)
        link = &(*link)->next;
    if (*link)
        *link = event->next;
    event->active = false;
    event->fired = 0;
}

static int activate(struct event *event, const struct timeval *wait)
{
    event->wait_ms = wait ? (int64_t)wait->tv_sec * 1000 + (wait->tv_usec + 999) / 1000 : -1;
    event->due_ms = wait ? clock_monotonic_ms() + event->wait_ms : -1;
    if (!event->active) {
        event->next = event->loop->active;
        event->loop->active = event;
    }
    event->active = true;
    event->fired = 0;
    return 0;
}

static void event_add_bits(struct ub_event *event, short bits)
{
    ((struct event *)event)->bits |= bits;
}

static void event_del_bits(struct ub_event *event, short bits)
{
    ((struct event *)event)->bits &= (short)~bits;
}

static void event_set_fd(struct ub_event *event, int fd)
{
    ((struct event *)event)->fd = fd;
}

static void event_free(struct ub_event *event)
{
    deactivate((struct event *)event);
    free(event);
}

static int event_add(struct ub_event *event, struct timeval *wait)
{
    return activate((struct event *)event, wait);
}

static int event_del(struct ub_event *event)
{
    deactivate((struct event *)event);
    return 0;
}

static int event_add_timer(struct ub_event *timer, struct ub_event_base *base,
                           void (*call)(int, short, void *), void *argument, struct timeval *wait)
{
    struct event *event = (struct event *)timer;
    event->loop = (struct loop *)base;
    event->fd = -1;
    event->bits = ON_TIMEOUT;
    event->call = call;
    event->argument = argument;
    return activate(event, wait);
}

static int no_signal_add(struct ub_event *event, struct timeval *wait)
{
    (void)event;
    (void)wait;
    return -1;
}

static int no_signal_del(struct ub_event *event)
{
    (void)event;
    return -1;
}

static void no_winsock(struct ub_event *event)
{
    (void)event;
}

static void no_wouldblock(struct ub_event *event, int bits)
{
    (void)event;
    (void)bits;
}

static struct ub_event_vmt event_methods = {
    event_add_bits,  event_del_bits, event_set_fd,  event_free,    event_add,  event_del,
    event_add_timer, event_del,      no_signal_add, no_signal_del, no_winsock, no_wouldblock,
};

/* libunbound leaves the loop to us and calls neither of the first three. */
static void base_free(struct ub_event_base *base)
{
    (void)base;
}

static int base_dispatch(struct ub_event_base *base)
{
    (void)base;
    return -1;
}

static int base_exit(struct ub_event_base *base, struct timeval *wait)
{
    (void)base;
    (void)wait;
    return 0;
}

static struct ub_event *base_new_event(struct ub_event_base *base, int fd, short bits,
                                       void (*call)(int, short, void *), void *argument)
{
    struct event *event = calloc(1, sizeof *event);
    if (!event)
        return NULL;
    event->super.magic = MAGIC;
    event->super.vmt = &event_methods;
    event->loop = (struct loop *)base;
    event->fd = fd;
    event->bits = bits;
    event->call = call;
    event->argument = argument;
    event->wait_ms = event->due_ms = -1;
    return &event->super;
}

static struct ub_event *base_new_signal(struct ub_event_base *base, int number,
                                        void (*call)(int, short, void *), void *argument)
{
    (void)base;
    (void)number;
    (void)call;
    (void)argument;
    return NULL;
}

static struct ub_event *base_no_winsock(struct ub_event_base *base, void *handle,
                                        void (*call)(int, short, void *), void *argument)
{
    (void)base;
    (void)handle;
    (void)call;
    (void)argument;
    return NULL;
}

static struct ub_event_base_vmt base_methods = {
    base_free, base_dispatch, base_exit, base_new_event, base_new_signal, base_no_winsock,
};

struct loop *loop_new(void)
{
    struct loop *loop = calloc(1, sizeof *loop);
    if (!loop)
        return NULL;
    loop->super.magic = MAGIC;
    loop->super.vmt = &base_methods;
    return loop;
}

void loop_free(struct loop *loop)
{
    free(loop);
}

struct ub_event_base *loop_base(struct loop *loop)
{
    return &loop->super;
}

static nfds_t prepare(struct loop *loop, int64_t *until_ms)
{
    nfds_t n = 0;
    for (struct event *event = loop->active; event; event = event->next) {
        if (event->due_ms >= 0 && event->due_ms < *until_ms)
            *until_ms = event->due_ms;
        if (event->fd < 0 || n == POLLS_MAX)
            continue;
        short events = (short)((event->bits & ON_READ ? POLLIN : 0) | (event->bits & ON_WRITE ? POLLOUT : 0));
        loop->polls[n] = (struct pollfd){.fd = event->fd, .events = events};
        loop->polled[n++] = event;
    }
    return n;
}

static void note_what_fired(struct loop *loop, nfds_t n)
{
    int64_t now_ms = clock_monotonic_ms();
    for (nfds_t i = 0; i < n; i++) {
        short got = loop->polls[i].revents;
        bool broken = got & (POLLERR | POLLHUP | POLLNVAL);
        if (got & POLLIN || broken)
            loop->polled[i]->fired |= loop->polled[i]->bits & ON_READ;
        if (got & POLLOUT || broken)
            loop->polled[i]->fired |= loop->polled[i]->bits & ON_WRITE;
    }
    for (struct event *event = loop->active; event; event = event->next)
        if (!event->fired && event->due_ms >= 0 && event->due_ms <= now_ms)
            event->fired = ON_TIMEOUT;
}

/* A callback may free any event, its own too: nothing is held across it, the list is walked anew. */
static void call_what_fired(struct loop *loop)
{
    struct event *event = loop->active;
    while (event) {
        short fired = event->fired;
        if (!fired) {
            event = event->next;
            continue;
        }
        event->fired = 0;
        if (!(event->bits & PERSISTENT))
            deactivate(event);
        else if (event->wait_ms >= 0)
            event->due_ms = clock_monotonic_ms() + event->wait_ms;
        event->call(event->fd, fired, event->argument);
        event = loop->active;
    }
}

enum result loop_turn(struct loop *loop, int64_t until_ms)
{
    nfds_t n = prepare(loop, &until_ms);
    if (poll(loop->polls, n, clock_left_ms(until_ms)) < 0) {
        if (errno != EINTR)
            return RESULT_TRY_LATER;
        for (nfds_t i = 0; i < n; i++)
            loop->polls[i].revents = 0;
    }
    note_what_fired(loop, n);
    call_what_fired(loop);
    return RESULT_OK;
}
