/**
 * The adapter for Deno: `Deno.listen`, `Deno.connect`, `conn.read`,
 * `conn.write`.
 *
 * @module
 */

import type { Adapter } from "../contract/adapter.ts";
import { outsideAsyncContext } from "./async_context.ts";
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

/**
 * True if the program may connect to any address, not only to certain names.
 */
function mayUseAddresses(): boolean {
  const { permissions } = denoHost.Deno;
  return permissions.querySync({ name: "net" }).state === "granted";
}

/**
 * Without `--unstable-net`, which also enables `listenDatagram`, `reusePort`
 * terminates the process. The `node:net` of Deno shares ports without the flag,
 * but stops accepting after an error without reporting it.
 */
function sharesPorts(): boolean {
  return systemSharesPorts &&
    typeof denoHost.Deno.listenDatagram === "function";
}

/**
 * The adapter for Deno.
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

  /**
   * A permission for a name does not include the addresses of that name, so
   * Deno must resolve it itself.
   */
  resolve(hostname, events) {
    if (mayUseAddresses()) return lookUp(hostname, events);
    outsideAsyncContext(queueMicrotask, () => events.onResolve([hostname]));
  },

  listen(options, events) {
    const { address } = options;
    // `Deno.listen` does not accept an inherited socket.
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
      : outsideAsyncContext(() => new DenoConnect(address, events)),
};
