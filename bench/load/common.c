/* Sockets, and the bytes that travel. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "load.h"

/* So many addresses of loopback to connect from: ports do not run out. */
enum { SOURCES = 20 };

/* The pattern is larger than this only if the messages in flight are. */
enum { PATTERN_SIZE = 128 * 1024 };

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

int connect_to(const struct plan *plan, int source) {
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

void watch(int poller, int operation, int fd, uint32_t events, void *who) {
  struct epoll_event event = {.events = events, .data.ptr = who};
  if (epoll_ctl(poller, operation, fd, &event) != 0)
    fail("epoll_ctl: %s", strerror(errno));
}

struct pattern make_pattern(const struct plan *plan) {
  size_t size = plan->size;
  size_t messages = PATTERN_SIZE / size;
  if (messages < 3) messages = 3;
  struct pattern pattern = {.period = messages * size, .messages = messages};
  size_t whole = pattern.period + (size_t)plan->in_flight * size;
  pattern.bytes = malloc(whole);
  if (pattern.bytes == NULL) fail("out of memory");
  uint32_t random = 1;
  for (size_t i = 0; i < pattern.period; i++) {
    size_t at = i % size;
    random = random * 1664525u + 1013904223u;
    pattern.bytes[i] = at < HEADER_SIZE ? (uint8_t)(size >> (8 * at))
                                        : (uint8_t)(random >> 24);
  }
  for (size_t i = pattern.period; i < whole; i++)
    pattern.bytes[i] = pattern.bytes[i - pattern.period];
  return pattern;
}

void expect_pattern(const struct pattern *pattern, uint64_t received,
                    const uint8_t *bytes, size_t count) {
  size_t at = (size_t)(received % pattern->period);
  while (count > 0) {
    size_t length = pattern->period - at;
    if (length > count) length = count;
    if (memcmp(bytes, pattern->bytes + at, length) != 0)
      fail("wrong bytes came back near byte %llu",
           (unsigned long long)received);
    bytes += length;
    count -= length;
    at = 0;
  }
}
