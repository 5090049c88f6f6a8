import assert from "node:assert/strict";
import type { SocketAddress, TcpAddress } from "../../mod.ts";

/** An address of TCP. */
export function tcp(hostname: string, port: number): TcpAddress {
  return { transport: "tcp", hostname, port };
}

/** `address`, which has to be one of TCP. */
export function asTcp(address: SocketAddress | undefined): TcpAddress {
  assert.equal(address?.transport, "tcp");
  return address as TcpAddress;
}
