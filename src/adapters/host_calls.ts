// Any call of the host may throw: setsockopt of macOS fails when the peer has
// reset already, a resource may be gone. What depends on such a call is for the
// caller; here is what depends on nothing.

/** Calls the host where it makes no difference if that fails: a socket that is dying tells by its next read. */
export function attempt(call: () => unknown): void {
  try {
    call();
  } catch {
    // It is without effect.
  }
}
