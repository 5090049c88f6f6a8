/*
 * Keeps messages in flight on each connection, and compares every byte that
 * comes back.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "load.h"

/* Connections that are opened before each has had a message back. */
enum { OPENED_TOGETHER = 64 };

/*
 * Connections that are read before their next messages are sent: consecutive
 * system calls of one kind find the caches warm.
 */
enum { READ_TOGETHER = 16 };

/* Messages that were sent together. */
struct batch {
  uint64_t end; /* the number of messages on the connection, once these are sent */
  uint64_t sent_at;
};

struct client {
  int fd;
  bool is_full; /* the kernel accepts no more for now */
  uint64_t phase;
  uint64_t sent;
  uint64_t received;
  uint64_t to_send;  /* bytes */
  uint64_t returned; /* messages */
  struct batch *batches; /* a ring of those in flight, in order; at worst of one message each */
  int oldest;
  int newest;
};

struct run {
  const struct plan *plan;
  struct pattern pattern;
  struct meter meter;
  int poller;
  struct client *clients;
  struct batch *batches;
  uint8_t *buffer;
};

static void send_more(struct run *run, struct client *client) {
  while (client->to_send > 0 && !client->is_full) {
    size_t most = (size_t)run->plan->in_flight * run->plan->size;
    size_t length = client->to_send < most ? (size_t)client->to_send : most;
    size_t taken = send_pattern(&run->pattern, client->fd,
                                client->phase + client->sent, length);
    client->sent += taken;
    client->to_send -= taken;
    client->is_full = taken < length;
  }
}

static void order(struct run *run, struct client *client, uint64_t messages,
                  uint64_t now) {
  uint64_t end = (client->sent + client->to_send) / run->plan->size + messages;
  client->to_send += messages * run->plan->size;
  client->batches[client->newest] = (struct batch){.end = end, .sent_at = now};
  if (++client->newest == run->plan->in_flight) client->newest = 0;
}

/*
 * Counts the messages that came back whole, and requests as many again unless
 * the run is over.
 */
static void count(struct run *run, struct client *client, size_t bytes) {
  client->received += bytes;
  uint64_t returned = client->received / run->plan->size;
  uint64_t whole = returned - client->returned;
  if (whole == 0) return;
  uint64_t now = now_ns();
  meter_look(&run->meter, now);
  run->meter.messages += whole;
  while (client->returned < returned) {
    const struct batch *batch = &client->batches[client->oldest];
    uint64_t end = batch->end < returned ? batch->end : returned;
    if (run->meter.measuring)
      histogram_add(&run->meter.latency, now - batch->sent_at,
                    end - client->returned);
    client->returned = end;
    if (end == batch->end && ++client->oldest == run->plan->in_flight)
      client->oldest = 0;
  }
  if (!run->meter.done) order(run, client, whole, now);
}

/*
 * Reads everything available. `has_ended` is true after EOF or an error, which
 * only a further read reports.
 */
static void receive(struct run *run, struct client *client, bool has_ended) {
  ssize_t length;
  do {
    length = receive_some(client->fd, run->buffer, READ_SIZE);
    if (length == 0) fail("the server closed a connection");
    if (length < 0) {
      if (errno == EAGAIN) break;
      fail("recv: %s", strerror(errno));
    }
    if (client->received + (uint64_t)length > client->sent)
      fail("more came back than was sent");
    expect_pattern(&run->pattern, client->phase + client->received, run->buffer,
                   (size_t)length);
    count(run, client, (size_t)length);
  } while (length == READ_SIZE || has_ended || run->plan->is_tls);
}

static void serve_some(struct run *run, const struct epoll_event *events,
                       int ready) {
  for (int i = 0; i < ready; i++) {
    struct client *client = events[i].data.ptr;
    uint32_t what = events[i].events;
    if (what & EPOLLOUT) client->is_full = false;
    if (what & ~(uint32_t)EPOLLOUT)
      receive(run, client, (what & ~(uint32_t)(EPOLLIN | EPOLLOUT)) != 0);
  }
  for (int i = 0; i < ready; i++) send_more(run, events[i].data.ptr);
}

static void serve(struct run *run) {
  struct epoll_event events[MAX_EVENTS];
  int ready =
      wait_for(run->poller, events, &run->meter, "nothing came back");
  for (int i = 0; i < ready; i += READ_TOGETHER) {
    int left = ready - i;
    serve_some(run, events + i, left < READ_TOGETHER ? left : READ_TOGETHER);
  }
}

/* Waits until everything that `count` clients sent has come back. */
static void drain(struct run *run, int count) {
  for (int i = 0; i < count; i++) {
    struct client *client = &run->clients[i];
    while (client->to_send > 0 || client->received < client->sent) serve(run);
  }
}

static void open_client(struct run *run, int index) {
  struct client *client = &run->clients[index];
  client->fd = connect_to(run->plan, index);
  client->phase = pattern_phase(&run->pattern, index);
  client->batches =
      run->batches + (size_t)index * (size_t)run->plan->in_flight;
  watch(run->poller, client->fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP, client);
  order(run, client, 1, now_ns());
  send_more(run, client);
}

/*
 * Sends one message back and forth on each connection, a few at a time, so that
 * no backlog overflows.
 */
static void open_all(struct run *run, const struct plan *plan) {
  run->plan = plan;
  run->pattern = make_pattern(plan, FEWEST_MESSAGES);
  run->poller = epoll_create1(0);
  run->clients = calloc((size_t)plan->connections, sizeof *run->clients);
  run->batches = calloc((size_t)plan->connections * (size_t)plan->in_flight,
                        sizeof *run->batches);
  run->buffer = malloc(READ_SIZE);
  if (run->clients == NULL || run->batches == NULL || run->buffer == NULL)
    fail("out of memory");
  meter_start(&run->meter, plan);
  run->meter.done = true; /* no further message is sent after this one */
  for (int i = 0; i < plan->connections; i++) {
    open_client(run, i);
    if ((i + 1) % OPENED_TOGETHER == 0) drain(run, i + 1);
  }
  drain(run, plan->connections);
}

static void start_all(struct run *run) {
  const struct plan *plan = run->plan;
  meter_start(&run->meter, plan);
  for (int i = 0; i < plan->connections; i++) {
    order(run, &run->clients[i], (uint64_t)plan->in_flight, now_ns());
    send_more(run, &run->clients[i]);
  }
}

void run_echo(const struct plan *plan) {
  static struct run run;
  open_all(&run, plan);
  start_all(&run);
  while (!run.meter.done) serve(&run);
  drain(&run, plan->connections);
  for (int i = 0; i < plan->connections; i++) expect_end(run.clients[i].fd);
  meter_print(&run.meter);
}

void run_idle(const struct plan *plan) {
  static struct run run;
  open_all(&run, plan);
  printf("{\"connections\":%d}\n", plan->connections);
  fflush(stdout);
  char byte;
  while (read(STDIN_FILENO, &byte, 1) > 0) continue;
}
