/*
 * On each connection, over and over: connects, sends a message, waits for the
 * answer, sends FIN, waits for the server's FIN, closes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load.h"

struct visit {
  int fd;
  size_t phase;
  size_t received;
  uint64_t begun;
};

static const struct plan *plan;
static struct pattern pattern;
static struct meter meter;
static int poller;
static int count_visits;

static void begin(struct visit *visit) {
  visit->begun = now_ns();
  visit->received = 0;
  visit->phase = pattern_phase(&pattern, count_visits);
  visit->fd = connect_to(plan, count_visits++);
  watch(poller, visit->fd, EPOLLIN | EPOLLRDHUP, visit);
  if (send_pattern(&pattern, visit->fd, visit->phase, plan->size) != plan->size)
    fail("a message did not fit into a socket");
}

/* Reads everything available. Returns true if the visit is over. */
static bool receive(struct visit *visit) {
  uint8_t bytes[65536];
  for (;;) {
    ssize_t length = recv(visit->fd, bytes, sizeof bytes, 0);
    if (length < 0 && errno == EAGAIN) return false;
    if (length < 0) fail("recv: %s", strerror(errno));
    if (length == 0) {
      if (visit->received != plan->size) fail("a message did not come back");
      close(visit->fd);
      return true;
    }
    if (visit->received + (size_t)length > plan->size)
      fail("more came back than was sent");
    expect_pattern(&pattern, visit->phase + visit->received, bytes,
                   (size_t)length);
    visit->received += (size_t)length;
    if (visit->received == plan->size) shutdown(visit->fd, SHUT_WR);
  }
}

void run_churn(const struct plan *the_plan) {
  plan = the_plan;
  pattern = make_pattern(plan, FEWEST_MESSAGES);
  poller = epoll_create1(0);
  struct visit *visits = calloc((size_t)plan->connections, sizeof *visits);
  if (visits == NULL) fail("out of memory");
  meter_start(&meter, plan);
  int open = plan->connections;
  for (int i = 0; i < open; i++) begin(&visits[i]);
  while (open > 0) {
    struct epoll_event events[MAX_EVENTS];
    int ready = wait_for(poller, events, &meter, "nothing came back");
    for (int i = 0; i < ready; i++) {
      struct visit *visit = events[i].data.ptr;
      if (!receive(visit)) continue;
      uint64_t now = now_ns();
      meter_look(&meter, now);
      meter.messages++;
      if (meter.measuring)
        histogram_add(&meter.latency, now - visit->begun, 1);
      if (meter.done) open--;
      else begin(visit);
    }
  }
  meter_print(&meter);
}
