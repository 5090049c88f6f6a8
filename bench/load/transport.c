/* The transport: TCP or a Unix socket, with or without TLS. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "load.h"

#ifdef WITH_TLS
#include <openssl/err.h>
#include <openssl/ssl.h>

enum { MAX_FILES = 1 << 16 };

/* The TLS state of each socket, by file descriptor. */
static SSL *tls_of[MAX_FILES];

/* Certificates are not verified, since only the load matters here. */
static SSL_CTX *tls_context(void) {
  static SSL_CTX *context;
  if (context != NULL) return context;
  context = SSL_CTX_new(TLS_client_method());
  if (context == NULL) fail("no TLS");
  SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(context, 1);
  return context;
}

void begin_tls(int fd) {
  if (fd >= MAX_FILES) fail("too many connections for TLS");
  SSL *tls = SSL_new(tls_context());
  if (tls == NULL || SSL_set_fd(tls, fd) != 1) fail("no TLS");
  if (SSL_connect(tls) != 1) fail("the TLS handshake failed");
  tls_of[fd] = tls;
}

static ssize_t would_block(void) {
  errno = EAGAIN;
  return -1;
}

static ssize_t tls_receive(SSL *tls, void *bytes, size_t count) {
  size_t length = 0;
  if (SSL_read_ex(tls, bytes, count, &length) == 1) return (ssize_t)length;
  int error = SSL_get_error(tls, 0);
  if (error == SSL_ERROR_WANT_READ) return would_block();
  if (error == SSL_ERROR_ZERO_RETURN) return 0;
  fail("TLS: the connection was reset, or ended without saying so, or what "
       "came back is not TLS");
}

/* Sends one record at a time until the socket is full. */
static ssize_t tls_send(SSL *tls, const uint8_t *bytes, size_t count) {
  size_t sent = 0;
  while (sent < count) {
    size_t length = 0;
    if (SSL_write_ex(tls, bytes + sent, count - sent, &length) != 1) {
      if (SSL_get_error(tls, 0) == SSL_ERROR_WANT_WRITE) break;
      fail("TLS: the server takes nothing any more");
    }
    sent += length;
  }
  return sent > 0 ? (ssize_t)sent : would_block();
}

/* In TLS, close_notify precedes the FIN. */
void end_sending(int fd) {
  if (tls_of[fd] != NULL) SSL_shutdown(tls_of[fd]);
  shutdown(fd, SHUT_WR);
}
#else
typedef void SSL;
static SSL *tls_of[1];

void begin_tls(int fd) {
  (void)fd;
  fail("the load generator was built without TLS, which needs the headers of "
       "OpenSSL (Debian: apt-get install libssl-dev)");
}

static ssize_t tls_receive(SSL *tls, void *bytes, size_t count) {
  (void)tls, (void)bytes, (void)count;
  return -1;
}

static ssize_t tls_send(SSL *tls, const void *bytes, size_t count) {
  (void)tls, (void)bytes, (void)count;
  return -1;
}

void end_sending(int fd) {
  shutdown(fd, SHUT_WR);
}
#endif

static SSL *tls_at(int fd) {
  return (size_t)fd < sizeof tls_of / sizeof *tls_of ? tls_of[fd] : NULL;
}

ssize_t receive_some(int fd, void *bytes, size_t count) {
  SSL *tls = tls_at(fd);
  return tls == NULL ? recv(fd, bytes, count, 0)
                     : tls_receive(tls, bytes, count);
}

ssize_t send_some(int fd, const void *bytes, size_t count) {
  SSL *tls = tls_at(fd);
  return tls == NULL ? send(fd, bytes, count, 0) : tls_send(tls, bytes, count);
}
