/* The load generator: what its modes share. */
#ifndef LOAD_H
#define LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/types.h>
#include <time.h>

enum { HEADER_SIZE = 4, MAX_EVENTS = 256, READ_SIZE = 1 << 20 };

/* Without an event for so long, the server is taken for dead. */
enum { PATIENCE_SECONDS = 5 };

/* What the command line says. */
struct plan {
  int port;
  const char *path; /* of a Unix socket, in place of the port; or NULL */
  bool is_tls;
  int connections;
  int in_flight;     /* messages on each connection */
  size_t size;       /* bytes of a message, its header included */
  double warm_up;    /* seconds before the window that is measured */
  double seconds;    /* of the window */
  uint64_t messages; /* ends the window as soon as so many came in it; 0: never */
  clockid_t server;  /* the processor time of the server */
  bool spins;        /* polls instead of sleeping when there is nothing to do */
};

/* Log-linear buckets of nanoseconds: each is at most 1/64 of its value wide. */
struct histogram {
  uint64_t counts[64 * 64];
  uint64_t total;
  uint64_t max;
};

void histogram_add(struct histogram *histogram, uint64_t value, uint64_t times);
uint64_t histogram_at(const struct histogram *histogram, double quantile);

/* What is counted, and what of it lies in the window. */
struct meter {
  const struct plan *plan;
  uint64_t messages; /* so far, the warm-up included */
  uint64_t waited;   /* nanoseconds of processor time spent polling for nothing */
  struct histogram latency;
  bool measuring;
  bool done;
  uint64_t window_start;
  uint64_t window_end;
  uint64_t next_step;
  uint64_t messages_before;
  uint64_t messages_after;
  uint64_t server_cpu;
  uint64_t own_cpu;
};

/* Begins the warm-up. */
void meter_start(struct meter *meter, const struct plan *plan);
/* Opens or closes the window if it is time: to be called often. */
void meter_look(struct meter *meter, uint64_t now);
/* Prints the line of JSON. */
void meter_print(const struct meter *meter);

uint64_t now_ns(void);
_Noreturn void fail(const char *format, ...);

/* Connects, over TCP from the address of loopback number `source`; the socket does not block from then on. */
int connect_to(const struct plan *plan, int source);

/* Sends FIN, and fails unless the server answers with nothing but its own. */
void expect_end(int fd);

/* Shakes hands on a socket that still blocks: from then on TLS is spoken there. */
void begin_tls(int fd);
/* As `recv` and `send`, in TLS where that is spoken. */
ssize_t receive_some(int fd, void *bytes, size_t count);
ssize_t send_some(int fd, const void *bytes, size_t count);
/* Sends FIN. */
void end_sending(int fd);

/* Tells of `events` on `fd` once each time they begin: what is there has to be dealt with until EAGAIN. */
void watch(int poller, int fd, uint32_t events, void *who);
/* Waits for events, and returns how many there are; fails with `complaint` if there are none for `PATIENCE_SECONDS`. */
int wait_for(int poller, struct epoll_event *events, struct meter *meter,
             const char *complaint);

/* The bytes of messages, over and over: all that is sent on a connection, and what must come back. */
struct pattern {
  uint8_t *bytes;  /* any `in_flight` messages lie in one piece */
  size_t period;   /* bytes after which it repeats */
  size_t messages; /* in a period */
};

/* Messages that differ, at least: enough for no byte to be taken for another. */
enum { FEWEST_MESSAGES = 5 };

/* A pattern of `fewest` messages at least, which is a prime. */
struct pattern make_pattern(const struct plan *plan, size_t fewest);
/* Where in the pattern connection number `index` begins: neighbours differ, so bytes of one cannot pass for those of another. */
size_t pattern_phase(const struct pattern *pattern, int index);
/* Sends what follows `at` bytes of the pattern; returns how much the kernel took, which is less if it is full. */
size_t send_pattern(const struct pattern *pattern, int fd, uint64_t at,
                    size_t count);
/* Fails unless `bytes` are what follows `at` bytes of the pattern. */
void expect_pattern(const struct pattern *pattern, uint64_t at,
                    const uint8_t *bytes, size_t count);

void run_echo(const struct plan *plan);
void run_idle(const struct plan *plan);
void run_sink(const struct plan *plan);
void run_churn(const struct plan *plan);

#endif
