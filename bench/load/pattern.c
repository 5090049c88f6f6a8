/* The bytes that are sent. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "load.h"

/* The size of the pattern, unless the fewest messages take more. */
enum { PATTERN_SIZE = 128 * 1024 };

static bool is_prime(size_t number) {
  for (size_t i = 2; i * i <= number; i++) {
    if (number % i == 0) return false;
  }
  return true;
}

/*
 * The number is prime: a server that repeats old bytes tends to be off by a
 * round number of bytes, which then is not a multiple of the period.
 */
static size_t messages_in(size_t size, size_t fewest) {
  size_t messages = PATTERN_SIZE / size;
  if (messages < fewest) return fewest;
  while (!is_prime(messages)) messages--;
  return messages;
}

struct pattern make_pattern(const struct plan *plan, size_t fewest) {
  size_t size = plan->size;
  size_t messages = messages_in(size, fewest);
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

size_t pattern_phase(const struct pattern *pattern, int index) {
  return pattern->period / pattern->messages *
         ((size_t)index % pattern->messages);
}

size_t send_pattern(const struct pattern *pattern, int fd, uint64_t at,
                    size_t count) {
  ssize_t taken = send_some(fd, pattern->bytes + at % pattern->period, count);
  if (taken < 0 && errno == EAGAIN) return 0;
  if (taken < 0) fail("send: %s", strerror(errno));
  return (size_t)taken;
}

void expect_pattern(const struct pattern *pattern, uint64_t at,
                    const uint8_t *bytes, size_t count) {
  size_t begin = (size_t)(at % pattern->period);
  while (count > 0) {
    size_t length = pattern->period - begin;
    if (length > count) length = count;
    if (memcmp(bytes, pattern->bytes + begin, length) != 0)
      fail("wrong bytes came back");
    bytes += length;
    count -= length;
    begin = 0;
  }
}
