import type { Address, UnixAddress } from "../contract/address.ts";
import { type UnixPathKind, unixPathKind } from "../util/unix_paths.ts";

interface Host {
  readonly process?: { readonly platform?: string };
}

/** How the system writes the `@` of an abstract name. */
const ABSTRACT = "\0";

/** Which paths the Unix sockets of this system may have. */
export function systemUnixPaths(): readonly UnixPathKind[] {
  const { process } = globalThis as unknown as Host;
  switch (process?.platform) {
    case "win32":
      return ["pipe"];
    case "linux":
    case "android":
      return ["file", "abstract"];
    default:
      return ["file"];
  }
}

/** True if the socket of `address` is a file. */
export function isFile(address: Address): address is UnixAddress {
  return isOfKind(address, "file");
}

/** True if `address` is a named pipe, which is reached by `node:net` only. */
export function isPipe(address: Address): address is UnixAddress {
  return isOfKind(address, "pipe");
}

function isOfKind(address: Address, kind: UnixPathKind): boolean {
  return address.transport === "unix" && unixPathKind(address.path) === kind;
}

/** `address`, as runtimes take it. */
export function nativePath({ path }: UnixAddress): string {
  return unixPathKind(path) === "abstract" ? ABSTRACT + path.slice(1) : path;
}
