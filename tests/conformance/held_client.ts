import type { Address, DispatchContext, ReactRuntime } from "../../mod.ts";
import { ca } from "../support/certificates.ts";
import type { Environment } from "./environment.ts";
import { Middlebox } from "./middlebox.ts";
import { watched } from "./peers.ts";

/** A TLS client that sends nothing to its server, since it is all held back. */
export interface HeldClient {
  readonly ctx: DispatchContext;
  readonly between: Middlebox;
  /** How many bytes of its handshake are held back. */
  readonly handshakeSize: number;
}

/**
 * Connects a TLS client to `address`. What it sends is held back from the end of
 * its handshake on.
 */
export async function connectHeld(
  { eventually, sleep }: Pick<Environment, "eventually" | "sleep">,
  runtime: ReactRuntime,
  address: Address,
): Promise<HeldClient> {
  const between = await Middlebox.open(runtime, address);
  between.hold(1); // all but its first bytes
  const client = watched<never>();
  await runtime.connect(between.address, client.reactor, { tls: { ca } });
  const ctx = await client.connected;
  await eventually(() => between.held.size > 0, "it shakes hands");
  await sleep(20);
  return { ctx, between, handshakeSize: between.held.size };
}
