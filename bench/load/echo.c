/* Keeps messages in flight on each connection; every byte that comes back is looked at. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load.h"

/* Connections that are opened before each has had a message back. */
enum { BATCH = 64 };

struct client {
  int fd;
  bool is_full; /* the kernel takes no more for now */
  uint64_t sent;
  uint64_t received;
  uint64_t to_send;  /* bytes */
  uint64_t *sent_at; /* of the messages in flight, in order, as a ring */
  int oldest;
};

struct run {
  const struct plan *plan;
  struct pattern pattern;
  struct meter meter;
  int poller;
  struct client *clients;
  uint64_t *sent_at;
  uint8_t *buffer;
};

static void send_more(struct run *run, struct client *client) {
  while (client->to_send > 0 && !client->is_full) {
    size_t at = (size_t)(client->sent % run->pattern.period);
    size_t most = (size_t)run->plan->in_flight * run->plan->size;
    size_t length = client->to_send < most ? (size_t)client->to_send : most;
    ssize_t taken = send(client->fd, run->pattern.bytes + at, length,
                         MSG_DONTWAIT);
    if (taken < 0 && errno != EAGAIN) fail("send: %s", strerror(errno));
    if (taken > 0) {
      client->sent += (uint64_t)taken;
      client->to_send -= (uint64_t)taken;
    }
    if (taken < (ssize_t)length) {
      client->is_full = true;
      watch(run->poller, EPOLL_CTL_MOD, client->fd, EPOLLIN | EPOLLOUT, client);
    }
  }
}

/* Counts what came back whole, and has as many messages sent unless it is over. */
static void count(struct run *run, struct client *client, size_t bytes) {
  size_t size = run->plan->size;
  uint64_t whole = (client->received + bytes) / size - client->received / size;
  client->received += bytes;
  if (whole == 0) return;
  uint64_t now = now_ns();
  meter_look(&run->meter, now);
  run->meter.messages += whole;
  for (uint64_t i = 0; i < whole; i++) {
    uint64_t *sent_at = &client->sent_at[client->oldest];
    if (run->meter.measuring)
      histogram_add(&run->meter.latency, now - *sent_at);
    *sent_at = now;
    if (++client->oldest == run->plan->in_flight) client->oldest = 0;
  }
  if (!run->meter.done) client->to_send += whole * size;
}

static void receive(struct run *run, struct client *client) {
  ssize_t length;
  do {
    length = recv(client->fd, run->buffer, READ_SIZE, MSG_DONTWAIT);
    if (length == 0) fail("the server closed a connection");
    if (length < 0) {
      if (errno == EAGAIN) break;
      fail("recv: %s", strerror(errno));
    }
    if (client->received + (uint64_t)length > client->sent)
      fail("more came back than was sent");
    expect_pattern(&run->pattern, client->received, run->buffer,
                   (size_t)length);
    count(run, client, (size_t)length);
  } while (length == READ_SIZE);
  send_more(run, client);
}

static void serve(struct run *run) {
  struct epoll_event events[MAX_EVENTS];
  int ready = epoll_wait(run->poller, events, MAX_EVENTS, 5000);
  if (ready == 0) fail("nothing came back for 5 seconds");
  for (int i = 0; i < ready; i++) {
    struct client *client = events[i].data.ptr;
    if (events[i].events & EPOLLOUT) {
      client->is_full = false;
      watch(run->poller, EPOLL_CTL_MOD, client->fd, EPOLLIN, client);
      send_more(run, client);
    }
    if (events[i].events & ~(uint32_t)EPOLLOUT) receive(run, client);
  }
}

/* Waits until everything that `count` clients sent has come back. */
static void drain(struct run *run, int count) {
  for (int i = 0; i < count; i++) {
    struct client *client = &run->clients[i];
    while (client->to_send > 0 || client->received < client->sent) serve(run);
  }
}

/* One message on each connection, there and back, a few at a time: no backlog overflows. */
static void open_all(struct run *run, const struct plan *plan) {
  run->plan = plan;
  run->pattern = make_pattern(plan);
  run->poller = epoll_create1(0);
  run->clients = calloc((size_t)plan->connections, sizeof *run->clients);
  run->sent_at = calloc((size_t)plan->connections * (size_t)plan->in_flight,
                        sizeof *run->sent_at);
  run->buffer = malloc(READ_SIZE);
  if (run->clients == NULL || run->sent_at == NULL || run->buffer == NULL)
    fail("out of memory");
  meter_start(&run->meter, plan);
  run->meter.done = true; /* no message follows the one that comes back */
  for (int i = 0; i < plan->connections; i++) {
    struct client *client = &run->clients[i];
    client->fd = connect_to(plan, i);
    client->sent_at = run->sent_at + (size_t)i * (size_t)plan->in_flight;
    watch(run->poller, EPOLL_CTL_ADD, client->fd, EPOLLIN, client);
    client->to_send = plan->size;
    send_more(run, client);
    if ((i + 1) % BATCH == 0) drain(run, i + 1);
  }
  drain(run, plan->connections);
}

static void start_all(struct run *run) {
  const struct plan *plan = run->plan;
  meter_start(&run->meter, plan);
  for (int i = 0; i < plan->connections; i++) {
    struct client *client = &run->clients[i];
    uint64_t now = now_ns();
    for (int j = 0; j < plan->in_flight; j++) client->sent_at[j] = now;
    client->to_send = (uint64_t)plan->in_flight * plan->size;
    send_more(run, client);
  }
}

void run_echo(const struct plan *plan) {
  static struct run run;
  open_all(&run, plan);
  start_all(&run);
  while (!run.meter.done) serve(&run);
  drain(&run, plan->connections);
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
