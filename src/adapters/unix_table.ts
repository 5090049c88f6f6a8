/** The sockets that are open, on Linux: type, state and path are in these columns. */
const LINE =
  /^[\da-f]+: [\da-f]+ [\da-f]+ [\da-f]+ ([\da-f]+) ([\da-f]+) +\d+ (.+)$/gim;
const DATAGRAM = 2;
const UNCONNECTED = 1;

/**
 * The paths of sockets that are somebody's, as they were bound, in `table`, which
 * is what Linux has in `/proc/net/unix`: of those that accept, or are bound and may
 * do so yet, and of those of datagrams. What was accepted there has the same path,
 * and may outlive them.
 */
export function ownedPaths(table: string): string[] {
  return Array.from(table.matchAll(LINE))
    .filter(([, type, state]) =>
      parseInt(state, 16) === UNCONNECTED || parseInt(type, 16) === DATAGRAM
    )
    .map(([, , , path]) => path);
}
