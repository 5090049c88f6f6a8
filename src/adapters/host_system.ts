/**
 * What the sockets of the system can do that this runs on.
 *
 * @module
 */

import type { Transport } from "../contract/address.ts";
import type { UnixPathKind } from "../util/unix_paths.ts";

interface HostWithPlatform {
  readonly process?: { readonly platform?: string };
}

const { process } = globalThis as unknown as HostWithPlatform;

/** What it is called, as `linux`; undefined where nobody tells. */
const platform = process?.platform;

/** What they are of: Windows hands over none by a number. */
export const systemTransports: readonly Transport[] = platform === "win32"
  ? ["tcp", "unix"]
  : ["tcp", "unix", "fd"];

/** Which paths Unix sockets may have. */
export const systemUnixPaths: readonly UnixPathKind[] = unixPathsOf(platform);

/** True if the connections to a port are spread over the listeners that share it. */
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
