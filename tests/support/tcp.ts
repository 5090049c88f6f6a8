import assert from "node:assert/strict";
import type { SocketAddress, TcpAddress } from "../../mod.ts";

/** Creates a TCP address. */
export function tcp(hostname: string, port: number): TcpAddress {
  return { transport: "tcp", hostname, port };
}

/** Returns `address`, which must be a TCP address. */
export function asTcp(address: SocketAddress | undefined): TcpAddress {
  assert.equal(address?.transport, "tcp");
  return address as TcpAddress;
}
