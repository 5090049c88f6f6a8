/**
 * The adapter for Bun: sockets of `Bun.listen` and `Bun.connect`.
 *
 * @module
 */

import type { Adapter } from "../contract/adapter.ts";
import { outsideAsyncContext } from "./async_context.ts";
import { BunConnect } from "./bun_connect.ts";
import { BunListener } from "./bun_listener.ts";
import { hostParts } from "./host_parts.ts";
import { systemSharesPorts } from "./host_system.ts";
import { afterTurns, TURNS_TO_POLL } from "./immediates.ts";
import { listenBy } from "./listen_by.ts";
import { nodeAdapter } from "./node.ts";
import { isPipe } from "./unix_paths.ts";

/**
 * The adapter for Bun.
 *
 * @category Adapters
 */
export const bunAdapter: Adapter = {
  ...hostParts,
  name: "bun",
  reusesPorts: systemSharesPorts,
  keepAliveTimes: ["idleMs"],

  loadTls: async () => (await import("./tls/bun_tls.ts")).bunTls,

  /** Bun runs immediates after all sockets that one poll found ready. */
  afterPoll: (callback) => afterTurns(TURNS_TO_POLL, callback),

  listen: (options, events) =>
    isPipe(options.address) ? nodeAdapter.listen(options, events) : listenBy(
      options,
      (path) =>
        outsideAsyncContext(() => new BunListener(options, events, path)),
    ),

  connect: ({ address }, events) =>
    isPipe(address)
      ? nodeAdapter.connect({ address }, events)
      : outsideAsyncContext(() => new BunConnect(address, events)),
};
