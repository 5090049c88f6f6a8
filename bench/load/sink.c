/* Sends as much as the server takes, then FIN; the server answers with how many bytes it got, in 8 bytes little-endian. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "load.h"

struct stream {
  int fd;
  uint64_t sent;
};

/* Sends what is left of a message, or all of the next unless it is over; less if the kernel takes no more. */
static void send_message(const struct plan *plan, const struct pattern *pattern,
                         struct meter *meter, struct stream *stream) {
  size_t left = plan->size - (size_t)(stream->sent % plan->size);
  if (meter->done && left == plan->size) return;
  while (left > 0) {
    size_t at = (size_t)(stream->sent % pattern->period);
    ssize_t taken = send(stream->fd, pattern->bytes + at, left, MSG_DONTWAIT);
    if (taken < 0 && errno == EAGAIN) return;
    if (taken < 0) fail("send: %s", strerror(errno));
    stream->sent += (uint64_t)taken;
    left -= (size_t)taken;
  }
  meter->messages++;
}

static void expect_count(const struct stream *stream) {
  uint8_t answer[8];
  shutdown(stream->fd, SHUT_WR);
  ssize_t length = recv(stream->fd, answer, sizeof answer, MSG_WAITALL);
  if (length != sizeof answer) fail("the server did not tell how much it got");
  uint64_t count = 0;
  for (int i = 0; i < 8; i++) count |= (uint64_t)answer[i] << (8 * i);
  if (count != stream->sent)
    fail("the server got %llu bytes of %llu", (unsigned long long)count,
         (unsigned long long)stream->sent);
}

void run_sink(const struct plan *plan) {
  static struct meter meter;
  struct pattern pattern = make_pattern(plan);
  struct stream *streams = calloc((size_t)plan->connections, sizeof *streams);
  struct pollfd *polls = calloc((size_t)plan->connections, sizeof *polls);
  if (streams == NULL || polls == NULL) fail("out of memory");
  for (int i = 0; i < plan->connections; i++) {
    streams[i].fd = connect_to(plan, i);
    polls[i] = (struct pollfd){.fd = streams[i].fd, .events = POLLOUT};
  }
  meter_start(&meter, plan);
  int open = plan->connections;
  while (open > 0) {
    if (poll(polls, (nfds_t)plan->connections, 5000) == 0)
      fail("the server took nothing for 5 seconds");
    meter_look(&meter, now_ns());
    for (int i = 0; i < plan->connections; i++) {
      if (polls[i].revents == 0) continue;
      send_message(plan, &pattern, &meter, &streams[i]);
      if (meter.done && streams[i].sent % plan->size == 0) {
        polls[i].fd = -1;
        open--;
      }
    }
  }
  for (int i = 0; i < plan->connections; i++) expect_count(&streams[i]);
  meter_print(&meter);
}
