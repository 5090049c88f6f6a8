/**
 * Sockets on Deno: `Deno.listen`, `Deno.connect`, `conn.read`, `conn.write`.
 *
 * @module
 */

import type { Adapter } from "../contract/adapter.ts";
import { inNobodysContext } from "./async_context.ts";
import { DenoConnect } from "./deno_connect.ts";
import { afterPoll } from "./deno_fairness.ts";
import { denoHost } from "./deno_host.ts";
import { DenoListener } from "./deno_listener.ts";
import { hostParts } from "./host_parts.ts";
import { systemSharesPorts } from "./host_system.ts";
import { listenBy } from "./listen_by.ts";
import { lookUp } from "./name_lookup.ts";
import { nodeAdapter } from "./node.ts";
import { isPipe } from "./unix_paths.ts";

/** True if it is permitted to connect to any address, and not to some names only. */
function mayUseAddresses(): boolean {
  const { permissions } = denoHost.Deno;
  return permissions.querySync({ name: "net" }).state === "granted";
}

/**
 * Without `--unstable-net`, which brings `listenDatagram`, Deno ends the process
 * on `reusePort`. Its `node:net` shares ports without the flag, but accepts
 * nothing more after one error, and tells nobody.
 */
function sharesPorts(): boolean {
  return systemSharesPorts &&
    typeof denoHost.Deno.listenDatagram === "function";
}

/**
 * Sockets on Deno.
 *
 * @category Adapters
 */
export const denoAdapter: Adapter = {
  ...hostParts,
  name: "deno",

  get reusesPorts(): boolean {
    return sharesPorts();
  },

  loadTls: async () => (await import("./tls/node_tls.ts")).nodeTls,

  afterPoll,

  /** What may connect to a name by permission may not connect to the addresses of that name. */
  resolve(hostname, events) {
    if (mayUseAddresses()) lookUp(hostname, events);
    else inNobodysContext(queueMicrotask, () => events.onResolve([hostname]));
  },

  listen(options, events) {
    const { address } = options;
    // `Deno.listen` takes no socket that was handed over.
    return address.transport === "fd" || isPipe(address)
      ? nodeAdapter.listen(options, events)
      : listenBy(
        options,
        (path) => new DenoListener(address, options, events, path),
      );
  },

  connect: ({ address }, events) =>
    isPipe(address)
      ? nodeAdapter.connect({ address }, events)
      : inNobodysContext(() => new DenoConnect(address, events)),
};
