/*
 * Sends as much as the server accepts, then FIN. The server answers with the
 * number of bytes received, in 8 bytes little-endian.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "load.h"

struct run {
  const struct plan *plan;
  struct pattern pattern;
  struct meter meter;
};

struct stream {
  int fd;
  bool is_over; /* nothing more is to be sent */
  uint64_t sent;
};

/*
 * Sends until the kernel accepts no more, or until the run is over and the last
 * message is complete.
 */
static void send_messages(struct run *run, struct stream *stream) {
  size_t size = run->plan->size;
  for (;;) {
    size_t left = size - (size_t)(stream->sent % size);
    if (run->meter.done && left == size) break;
    size_t taken = send_pattern(&run->pattern, stream->fd, stream->sent, left);
    stream->sent += taken;
    if (taken < left) return;
    run->meter.messages++;
    meter_look(&run->meter, now_ns());
  }
  stream->is_over = true;
}

static void expect_count(const struct stream *stream) {
  uint8_t answer[8];
  fcntl(stream->fd, F_SETFL, 0); /* blocking from here on */
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
  static struct run run;
  run.plan = plan;
  run.pattern = make_pattern(plan, 1);
  struct stream *streams = calloc((size_t)plan->connections, sizeof *streams);
  if (streams == NULL) fail("out of memory");
  int poller = epoll_create1(0);
  for (int i = 0; i < plan->connections; i++) {
    streams[i].fd = connect_to(plan, i);
    watch(poller, streams[i].fd, EPOLLOUT, &streams[i]);
  }
  meter_start(&run.meter, plan);
  int open = plan->connections;
  while (open > 0) {
    struct epoll_event events[MAX_EVENTS];
    int ready =
        wait_for(poller, events, &run.meter, "the server took nothing");
    for (int i = 0; i < ready; i++) {
      struct stream *stream = events[i].data.ptr;
      if (stream->is_over) continue;
      send_messages(&run, stream);
      if (stream->is_over) open--;
    }
  }
  for (int i = 0; i < plan->connections; i++) expect_count(&streams[i]);
  meter_print(&run.meter);
}
