/** A line of `/proc/net/unix`, with its columns type, state and path. */
const LINE =
  /^[\da-f]+: [\da-f]+ [\da-f]+ [\da-f]+ ([\da-f]+) ([\da-f]+) +\d+ (.+)$/gim;
const DATAGRAM = 2;
const UNCONNECTED = 1;

/**
 * The paths of sockets that own their path, as they were bound. `table` is the
 * content of `/proc/net/unix`. Includes listening sockets, sockets that are
 * bound and may listen later, and datagram sockets. Accepted connections have
 * the same path but are left out: they may outlive the listener.
 */
export function ownedPaths(table: string): string[] {
  return Array.from(table.matchAll(LINE))
    .filter(([, type, state]) =>
      parseInt(state, 16) === UNCONNECTED || parseInt(type, 16) === DATAGRAM
    )
    .map(([, , , path]) => path);
}
