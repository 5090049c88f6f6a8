/* Waits for socket events, by sleeping or by polling. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>

#include "load.h"

/*
 * In nanoseconds. A poll that finds nothing takes far less; if it took more,
 * another process had the processor.
 */
enum { LONGEST_POLL = 20000 };

void watch(int poller, int fd, uint32_t events, void *who) {
  struct epoll_event event = {.events = events | EPOLLET, .data.ptr = who};
  if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event) != 0)
    fail("epoll_ctl: %s", strerror(errno));
}

static int sleep_for(int poller, struct epoll_event *events) {
  return epoll_wait(poller, events, MAX_EVENTS, PATIENCE_SECONDS * 1000);
}

/*
 * Polling instead of sleeping: waking a sleeper costs time in the server, whose
 * write does it.
 */
static int spin_for(int poller, struct epoll_event *events,
                    struct meter *meter) {
  int ready = epoll_wait(poller, events, MAX_EVENTS, 0);
  if (ready != 0) return ready;
  uint64_t begun = now_ns();
  uint64_t last = begun;
  while ((ready = epoll_wait(poller, events, MAX_EVENTS, 0)) == 0) {
    uint64_t now = now_ns();
    if (now - last < LONGEST_POLL) meter->waited += now - last;
    if (now - begun > PATIENCE_SECONDS * 1000000000ull) break;
    meter_look(meter, now);
    last = now;
  }
  return ready;
}

int wait_for(int poller, struct epoll_event *events, struct meter *meter,
             const char *complaint) {
  int ready = meter->plan->spins ? spin_for(poller, events, meter)
                                 : sleep_for(poller, events);
  if (ready == 0) fail("%s for %d seconds", complaint, PATIENCE_SECONDS);
  return ready;
}
