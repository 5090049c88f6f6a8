/** The sockets that are open, on Linux: flags, type and path are in these columns. */
const LINE =
  /^[\da-f]+: [\da-f]+ [\da-f]+ ([\da-f]+) ([\da-f]+) [\da-f]+ +\d+ (.+)$/gim;
const ACCEPTS = 0x10000;
const DATAGRAM = 2;

/** The paths that somebody can be reached at now, as they were bound, of the sockets in `table`, which is what Linux has in `/proc/net/unix`. */
export function openPaths(table: string): string[] {
  return Array.from(table.matchAll(LINE))
    .filter(([, flags, type]) =>
      (parseInt(flags, 16) & ACCEPTS) !== 0 || parseInt(type, 16) === DATAGRAM
    )
    .map(([, , , path]) => path);
}
