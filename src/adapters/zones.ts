const LINK_LOCAL = /^fe[89ab]/i;

/** `hostname` with the zone of `asked`, if it is link-local and has none: some runtimes forget it, and without it nobody can connect there. */
export function withZone(hostname: string, asked: string): string {
  const zone = asked.indexOf("%");
  return zone >= 0 && LINK_LOCAL.test(hostname) && !hostname.includes("%")
    ? hostname + asked.slice(zone)
    : hostname;
}
