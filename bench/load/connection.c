/* Connects to the server, and closes connections. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "load.h"

/*
 * Number of loopback addresses to connect from, so as not to run out of ports.
 */
enum { SOURCES = 20 };

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
  fcntl(fd, F_SETFL, 0); /* blocking from here on */
  struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  end_sending(fd);
  uint8_t byte;
  ssize_t length = receive_some(fd, &byte, sizeof byte);
  if (length > 0) fail("more came back than was sent");
  if (length < 0) fail("no FIN came back: %s", strerror(errno));
}
