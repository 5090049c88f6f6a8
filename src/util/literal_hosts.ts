const LITERAL = /^[\d.]+$|:/;

/** True if `hostname` is an IP address, and no name that would have to be looked up. */
export function isLiteral(hostname: string): boolean {
  return LITERAL.test(hostname);
}
