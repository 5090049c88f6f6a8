/**
 * What sockets can do on the current operating system.
 *
 * @module
 */

import type { Transport } from "../contract/address.ts";
import type { UnixPathKind } from "../util/unix_paths.ts";

interface HostWithPlatform {
  readonly process?: { readonly platform?: string };
}

const { process } = globalThis as unknown as HostWithPlatform;

/** The name of the system, such as `linux`; undefined if unknown. */
const platform = process?.platform;

/** Windows cannot pass sockets to a process as descriptors. */
export const systemTransports: readonly Transport[] = platform === "win32"
  ? ["tcp", "unix"]
  : ["tcp", "unix", "fd"];

export const systemUnixPaths: readonly UnixPathKind[] = unixPathsOf(platform);

/**
 * True if the system distributes connections over the listeners that share a
 * port.
 */
export const systemSharesPorts: boolean = platform === "linux" ||
  platform === "freebsd";

function unixPathsOf(platform: string | undefined): readonly UnixPathKind[] {
  switch (platform) {
    case "win32":
      return ["pipe"];
    case "linux":
    case "android":
      return ["file", "abstract"];
    default:
      return ["file"];
  }
}
