/* The load generator: declarations shared by its modes. */
#ifndef LOAD_H
#define LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/types.h>
#include <time.h>

enum { HEADER_SIZE = 4, MAX_EVENTS = 256, READ_SIZE = 1 << 20 };

/* Without an event for this long, the server counts as dead. */
enum { PATIENCE_SECONDS = 5 };

/* The command line. */
struct plan {
  int port;
  const char *path; /* of a Unix socket, instead of the port; or NULL */
  bool is_tls;
  int connections;
  int in_flight;     /* messages on each connection */
  size_t size;       /* bytes of a message, including its header */
  double warm_up;    /* seconds before the window that is measured */
  double seconds;    /* of the window */
  uint64_t messages; /* number of messages that ends the window; 0: unlimited */
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

/* Counters, in total and within the window. */
struct meter {
  const struct plan *plan;
  uint64_t messages; /* so far, including the warm-up */
  uint64_t waited;   /* nanoseconds of processor time spent in polls that found nothing */
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
/* Opens or closes the window when it is time. Must be called often. */
void meter_look(struct meter *meter, uint64_t now);
/* Prints the result as a line of JSON. */
void meter_print(const struct meter *meter);

uint64_t now_ns(void);
_Noreturn void fail(const char *format, ...);

/*
 * Connects, over TCP from loopback address number `source`. The returned socket
 * is non-blocking.
 */
int connect_to(const struct plan *plan, int source);

/* Sends FIN, and fails unless the server answers with FIN and nothing else. */
void expect_end(int fd);

/* Performs the TLS handshake on a socket that is still blocking. */
void begin_tls(int fd);
/* Like `recv` and `send`, through TLS if the socket uses it. */
ssize_t receive_some(int fd, void *bytes, size_t count);
ssize_t send_some(int fd, const void *bytes, size_t count);
/* Sends FIN. */
void end_sending(int fd);

/*
 * Watches `events` of `fd`, edge-triggered: read or write until EAGAIN after
 * each event.
 */
void watch(int poller, int fd, uint32_t events, void *who);
/*
 * Waits for events, and returns their number. Fails with `complaint` if there
 * are none for `PATIENCE_SECONDS`.
 */
int wait_for(int poller, struct epoll_event *events, struct meter *meter,
             const char *complaint);

/*
 * The endlessly repeated bytes that are sent on a connection and must come
 * back.
 */
struct pattern {
  uint8_t *bytes;  /* any `in_flight` messages are contiguous in it */
  size_t period;   /* its length in bytes */
  size_t messages; /* in one period */
};

/*
 * The least number of different messages: enough to detect every misplaced
 * byte.
 */
enum { FEWEST_MESSAGES = 5 };

/* Creates a pattern of at least `fewest` messages; their number is prime. */
struct pattern make_pattern(const struct plan *plan, size_t fewest);
/*
 * The offset at which connection number `index` begins in the pattern.
 * Neighbours differ, so that bytes of one connection cannot pass for those of
 * another.
 */
size_t pattern_phase(const struct pattern *pattern, int index);
/*
 * Sends from offset `at` of the pattern. Returns how much the kernel accepted,
 * which is less than asked for if it is full.
 */
size_t send_pattern(const struct pattern *pattern, int fd, uint64_t at,
                    size_t count);
/* Fails unless `bytes` equal the pattern from offset `at` on. */
void expect_pattern(const struct pattern *pattern, uint64_t at,
                    const uint8_t *bytes, size_t count);

void run_echo(const struct plan *plan);
void run_idle(const struct plan *plan);
void run_sink(const struct plan *plan);
void run_churn(const struct plan *plan);

#endif
