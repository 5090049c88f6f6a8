const LINK_LOCAL = /^fe[89ab]/i;

/**
 * Adds the zone of `asked` to `hostname` if that is link-local and has none:
 * some runtimes drop the zone, and without it nobody can connect to the
 * address.
 */
export function withZone(hostname: string, asked: string): string {
  const zone = asked.indexOf("%");
  return zone >= 0 && LINK_LOCAL.test(hostname) && !hostname.includes("%")
    ? hostname + asked.slice(zone)
    : hostname;
}
