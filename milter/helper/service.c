/* SPDX-License-Identifier: Apache-2.0 */
#include "helper/service.h"

#include "base/clock.h"
#include "helper/pages.h"

#include <errno.h>
#include <sys/time.h>

enum { REST_MS = 60 * 1000, IDLE_MS = 3600 * 1000 };

static enum result send_frame(const struct service *service)
{
    return wire_send(service->control, service->frame, clock_monotonic_ms() + SERVICE_SEND_MS);
}

enum result service_reply(const struct service *service, struct problem *problem)
{
    enum result result = send_frame(service);
    /* Whoever asked has gone, which the next look at the socket will tell. */
    return result == RESULT_OK || (result == RESULT_TRY_LATER && errno == EPIPE)
               ? RESULT_OK
               : problem_set(problem, result, "%s: %s takes no answer", service->program, service->client);
}

enum result service_refuse(const struct service *service, struct problem *problem)
{
    wire_close_fds(service->frame);
    return problem_set(problem, RESULT_BUG, "%s: %s asked nonsense", service->program, service->client);
}

void service_timer(uint64_t ms)
{
    const struct itimerval timer = {
        .it_value = {.tv_sec = (time_t)(ms / 1000), .tv_usec = (suseconds_t)(ms % 1000 * 1000)}};
    (void)setitimer(ITIMER_REAL, &timer, NULL);
}

enum result service_run(const struct service *service, struct problem *problem)
{
    if (send_frame(service) != RESULT_OK)
        return problem_set(problem, RESULT_TRY_LATER, "%s: %s is not there", service->program,
                           service->client);
    for (int64_t idle_ms = REST_MS;;) {
        int64_t idle_until_ms = clock_monotonic_ms() + idle_ms;
        enum result result = wire_receive(service->control, service->frame, idle_until_ms);
        if (result == RESULT_NOT_FOUND)
            return RESULT_OK;
        if (result == RESULT_TRY_LATER && clock_left_ms(idle_until_ms) == 0) {
            if (idle_ms == REST_MS)
                pages_rest();
            idle_ms = IDLE_MS;
            continue;
        }
        idle_ms = REST_MS;
        if (result != RESULT_OK)
            return problem_set(problem, result, "%s: the control socket broke", service->program);
        result = service->answer(service->context, problem);
        if (result != RESULT_OK)
            return result;
    }
}
