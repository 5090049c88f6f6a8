import type { Address, UnixAddress } from "../contract/address.ts";
import { type UnixPathKind, unixPathKind } from "../util/unix_paths.ts";

/** How the system writes the `@` of an abstract name. */
const ABSTRACT = "\0";

export function isFile(address: Address): address is UnixAddress {
  return isOfKind(address, "file");
}

/** True if `address` is a named pipe, which only `node:net` supports. */
export function isPipe(address: Address): address is UnixAddress {
  return isOfKind(address, "pipe");
}

function isOfKind(address: Address, kind: UnixPathKind): boolean {
  return address.transport === "unix" && unixPathKind(address.path) === kind;
}

/** The path of `address` in the form that runtimes expect. */
export function nativePath({ path }: UnixAddress): string {
  return unixPathKind(path) === "abstract" ? ABSTRACT + path.slice(1) : path;
}
