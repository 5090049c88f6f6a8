/*
 * load MODE name=value...: loads a server on 127.0.0.1 and prints the result as
 * one line of JSON. See USAGE.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "load.h"

static const char USAGE[] =
    "load MODE name=value...\n"
    "  echo   keeps messages in flight on each connection\n"
    "  idle   sends a message on each connection, then waits for the end of stdin\n"
    "  sink   sends as much as the server takes\n"
    "  churn  connects, sends a message, waits for it, closes, and again\n"
    "  port or path (of a Unix socket), tls=0 (1: echo in TLS), connections=1,\n"
    "  in_flight=1, size=32, warm_up=0.5, seconds=2,\n"
    "  messages=0 (end after so many), spin=0 (1: poll, never sleep),\n"
    "  pid (of the server)\n";

/* Seconds after the planned end at which a hanging run is ended. */
enum { GRACE = 30 };

/* The value of the argument `name`; NULL if it is missing. */
static const char *text(int argc, char **argv, const char *name) {
  size_t length = strlen(name);
  for (int i = 2; i < argc; i++) {
    if (strncmp(argv[i], name, length) == 0 && argv[i][length] == '=')
      return argv[i] + length + 1;
  }
  return NULL;
}

static double number(int argc, char **argv, const char *name, double otherwise) {
  const char *given = text(argc, argv, name);
  return given == NULL ? otherwise : atof(given);
}

int main(int argc, char **argv) {
  const char *mode = argc > 1 ? argv[1] : "";
  struct plan plan = {
      .port = (int)number(argc, argv, "port", 0),
      .path = text(argc, argv, "path"),
      .is_tls = number(argc, argv, "tls", 0) != 0,
      .connections = (int)number(argc, argv, "connections", 1),
      .in_flight = (int)number(argc, argv, "in_flight", 1),
      .size = (size_t)number(argc, argv, "size", 32),
      .warm_up = number(argc, argv, "warm_up", 0.5),
      .seconds = number(argc, argv, "seconds", 2),
      .messages = (uint64_t)number(argc, argv, "messages", 0),
  };
  pid_t pid = (pid_t)number(argc, argv, "pid", 0);
  bool has_target = plan.port > 0 || plan.path != NULL;
  if (!has_target || plan.connections <= 0 || plan.in_flight <= 0 ||
      plan.size < HEADER_SIZE + 1 || plan.seconds <= 0 || pid <= 0) {
    fputs(USAGE, stderr);
    return 2;
  }
  plan.spins = number(argc, argv, "spin", 0) != 0;
  if (clock_getcpuclockid(pid, &plan.server) != 0)
    fail("there is no process %d", (int)pid);
  signal(SIGPIPE, SIG_IGN);
  if (strcmp(mode, "idle") != 0)
    alarm((unsigned)(plan.warm_up + plan.seconds) + GRACE);

  if (plan.is_tls && strcmp(mode, "echo") != 0)
    fail("TLS is spoken by echo only");
  if (strcmp(mode, "echo") == 0) run_echo(&plan);
  else if (strcmp(mode, "idle") == 0) run_idle(&plan);
  else if (strcmp(mode, "sink") == 0) run_sink(&plan);
  else if (strcmp(mode, "churn") == 0) run_churn(&plan);
  else fail("unknown mode %s", mode);
  return 0;
}
