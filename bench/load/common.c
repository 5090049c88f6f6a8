/* Sockets, and waiting for them. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "load.h"

/* So many addresses of loopback to connect from: ports do not run out. */
enum { SOURCES = 20 };

/* Nanoseconds without an event after which the server is taken for dead. */
static const uint64_t PATIENCE = 5000000000u;

/* A poll that finds nothing takes far less, in nanoseconds: if it took more, somebody else had the processor. */
enum { LONGEST_POLL = 20000 };

_Noreturn void fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fputs("load: ", stderr);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
  exit(1);
}

uint64_t now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static int connect_at(const char *path) {
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) fail("socket: %s", strerror(errno));
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) fail("%s is too long", path);
  strcpy(address.sun_path, path);
  if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
    fail("connect: %s", strerror(errno));
  return fd;
}

static int connect_from(const struct plan *plan, int source) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) fail("socket: %s", strerror(errno));
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  struct sockaddr_in address = {.sin_family = AF_INET};
  address.sin_addr.s_addr =
      htonl(INADDR_LOOPBACK + 1 + (uint32_t)source % SOURCES);
  if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0)
    fail("bind: %s", strerror(errno));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons((uint16_t)plan->port);
  if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
    fail("connect: %s", strerror(errno));
  return fd;
}

int connect_to(const struct plan *plan, int source) {
  int fd = plan->path != NULL ? connect_at(plan->path)
                              : connect_from(plan, source);
  if (plan->is_tls) begin_tls(fd);
  fcntl(fd, F_SETFL, O_NONBLOCK);
  return fd;
}

void expect_end(int fd) {
  fcntl(fd, F_SETFL, 0); /* waits from here on */
  struct timeval patience = {.tv_sec = (time_t)(PATIENCE / 1000000000u)};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  end_sending(fd);
  uint8_t byte;
  ssize_t length = receive_some(fd, &byte, sizeof byte);
  if (length > 0) fail("more came back than was sent");
  if (length < 0) fail("no FIN came back: %s", strerror(errno));
}

void watch(int poller, int fd, uint32_t events, void *who) {
  struct epoll_event event = {.events = events | EPOLLET, .data.ptr = who};
  if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event) != 0)
    fail("epoll_ctl: %s", strerror(errno));
}

static int sleep_for(int poller, struct epoll_event *events) {
  return epoll_wait(poller, events, MAX_EVENTS, (int)(PATIENCE / 1000000));
}

/* Who sleeps has to be woken, and that is paid for by the server whose write does it. */
static int spin_for(int poller, struct epoll_event *events,
                    struct meter *meter) {
  int ready = epoll_wait(poller, events, MAX_EVENTS, 0);
  if (ready != 0) return ready;
  uint64_t begun = now_ns();
  uint64_t last = begun;
  while ((ready = epoll_wait(poller, events, MAX_EVENTS, 0)) == 0) {
    uint64_t now = now_ns();
    if (now - last < LONGEST_POLL) meter->waited += now - last;
    if (now - begun > PATIENCE) break;
    meter_look(meter, now);
    last = now;
  }
  return ready;
}

int wait_for(int poller, struct epoll_event *events, struct meter *meter,
             const char *complaint) {
  int ready = meter->plan->spins ? spin_for(poller, events, meter)
                                 : sleep_for(poller, events);
  if (ready == 0) fail("%s for 5 seconds", complaint);
  return ready;
}
