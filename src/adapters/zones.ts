const LINK_LOCAL = /^fe[89ab]/i;

/**
 * Adds the zone of `requested` to `hostname` if that is link-local and has none:
 * some runtimes drop the zone, and without it nobody can connect to the
 * address.
 */
export function withZone(hostname: string, requested: string): string {
  const zone = requested.indexOf("%");
  return zone >= 0 && LINK_LOCAL.test(hostname) && !hostname.includes("%")
    ? hostname + requested.slice(zone)
    : hostname;
}
