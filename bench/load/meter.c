/* Counts messages, times and processor time in a window. */
#include <stdio.h>
#include <string.h>

#include "load.h"

/* Nanoseconds between checks for the end of the warm-up or the window. */
enum { STEP = 100000 };

static int bucket_of(uint64_t value) {
  if (value < 128) return (int)value;
  int shift = 57 - __builtin_clzll(value); /* gives 64 to 127 */
  return shift * 64 + (int)(value >> shift);
}

static uint64_t middle_of(int bucket) {
  if (bucket < 128) return (uint64_t)bucket;
  int shift = bucket / 64 - 1;
  uint64_t low = (uint64_t)(bucket - shift * 64) << shift;
  return low + (1ull << shift) / 2;
}

void histogram_add(struct histogram *histogram, uint64_t value,
                   uint64_t times) {
  histogram->counts[bucket_of(value)] += times;
  histogram->total += times;
  if (value > histogram->max) histogram->max = value;
}

uint64_t histogram_at(const struct histogram *histogram, double quantile) {
  uint64_t rank = (uint64_t)(quantile * (double)histogram->total);
  uint64_t seen = 0;
  for (int bucket = 0; bucket < 64 * 64; bucket++) {
    seen += histogram->counts[bucket];
    if (seen > rank) return middle_of(bucket);
  }
  return histogram->max;
}

static uint64_t cpu_ns(clockid_t clock) {
  struct timespec time;
  if (clock_gettime(clock, &time) != 0) fail("the server is gone");
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

void meter_start(struct meter *meter, const struct plan *plan) {
  memset(meter, 0, sizeof *meter);
  meter->plan = plan;
  meter->window_start = now_ns() + (uint64_t)(plan->warm_up * 1e9);
  meter->next_step = meter->window_start;
}

/* Without the time spent in polls that found nothing. */
static uint64_t own_cpu_ns(const struct meter *meter) {
  return cpu_ns(CLOCK_PROCESS_CPUTIME_ID) - meter->waited;
}

static void open_window(struct meter *meter, uint64_t now) {
  meter->measuring = true;
  meter->window_start = now;
  meter->messages_before = meter->messages;
  meter->server_cpu = cpu_ns(meter->plan->server);
  meter->own_cpu = own_cpu_ns(meter);
}

static void close_window(struct meter *meter, uint64_t now) {
  meter->measuring = false;
  meter->done = true;
  meter->window_end = now;
  meter->messages_after = meter->messages;
  meter->server_cpu = cpu_ns(meter->plan->server) - meter->server_cpu;
  meter->own_cpu = own_cpu_ns(meter) - meter->own_cpu;
}

void meter_look(struct meter *meter, uint64_t now) {
  if (now < meter->next_step || meter->done) return;
  meter->next_step = now + STEP;
  if (!meter->measuring) {
    open_window(meter, now);
    return;
  }
  uint64_t messages = meter->messages - meter->messages_before;
  if (messages == 0) return;
  uint64_t limit = meter->plan->messages;
  double seconds = (double)(now - meter->window_start) / 1e9;
  if (seconds >= meter->plan->seconds || (limit > 0 && messages >= limit))
    close_window(meter, now);
}

static double us_at(const struct meter *meter, double quantile) {
  return (double)histogram_at(&meter->latency, quantile) / 1000;
}

void meter_print(const struct meter *meter) {
  uint64_t messages = meter->messages_after - meter->messages_before;
  double wall = (double)(meter->window_end - meter->window_start);
  printf("{\"total\":%llu,\"messages\":%llu,\"seconds\":%.4f,"
         "\"perSecond\":%.2f,\"cpuNs\":%.2f,\"serverShare\":%.4f,"
         "\"generatorShare\":%.4f",
         (unsigned long long)meter->messages, (unsigned long long)messages,
         wall / 1e9, (double)messages / wall * 1e9,
         (double)meter->server_cpu / (double)messages,
         (double)meter->server_cpu / wall, (double)meter->own_cpu / wall);
  if (meter->latency.total > 0) {
    printf(",\"p50\":%.2f,\"p90\":%.2f,\"p99\":%.2f,\"p999\":%.2f,"
           "\"max\":%.2f",
           us_at(meter, 0.5), us_at(meter, 0.9), us_at(meter, 0.99),
           us_at(meter, 0.999), (double)meter->latency.max / 1000);
  }
  puts("}");
}
