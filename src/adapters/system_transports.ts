import type { Transport } from "../contract/address.ts";

interface Host {
  readonly process?: { readonly platform?: string };
}

/** What sockets are of on this system: Windows hands over none by a number. */
export function systemTransports(): readonly Transport[] {
  const { process } = globalThis as unknown as Host;
  return process?.platform === "win32"
    ? ["tcp", "unix"]
    : ["tcp", "unix", "fd"];
}
