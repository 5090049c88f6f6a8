// Any call of the runtime may throw: setsockopt fails on macOS after the peer
// has reset, and a resource may be closed already. Callers handle failures that
// matter; this file is for those that do not.

/**
 * Calls the runtime and ignores errors. Only for calls whose failure does not
 * matter: if the socket is broken, its next read reports that.
 */
export function attempt(call: () => unknown): void {
  try {
    call();
  } catch {
    // Ignored.
  }
}
