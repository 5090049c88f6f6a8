/**
 * The adapter for Node: sockets of `node:net`, which Deno and Bun have as well.
 *
 * @module
 */

import type { Adapter } from "../contract/adapter.ts";
import type { KeepAliveTimes } from "../contract/socket.ts";
import { outsideAsyncContext } from "./async_context.ts";
import { hostParts } from "./host_parts.ts";
import { systemSharesPorts } from "./host_system.ts";
import { afterTurns, TURNS_TO_POLL } from "./immediates.ts";
import { listenBy } from "./listen_by.ts";
import { NodeConnect } from "./node_connect.ts";
import { listenAt } from "./node_listener.ts";
import { loadNet, netListenTarget } from "./node_net.ts";

interface NodeGlobals {
  readonly process?: { readonly versions?: { readonly node?: string } };
}

const host = globalThis as unknown as NodeGlobals;

const ALL_TIMES: readonly (keyof KeepAliveTimes)[] = [
  "idleMs",
  "intervalMs",
  "count",
];

function canReusePort(): boolean {
  if (!systemSharesPorts) return false;
  const [major, minor] = (host.process?.versions?.node ?? "0.0").split(".");
  return Number(major) > 23 || (Number(major) === 23 && Number(minor) >= 1);
}

/**
 * The adapter for Node.
 *
 * @category Adapters
 */
export const nodeAdapter: Adapter = {
  ...hostParts,
  name: "node",
  reusesPorts: canReusePort(),

  get keepAliveTimes(): readonly (keyof KeepAliveTimes)[] {
    const { setKeepAlive } = loadNet().Socket.prototype;
    return setKeepAlive.length < ALL_TIMES.length + 1 ? ["idleMs"] : ALL_TIMES;
  },

  loadTls: async () => (await import("./tls/node_tls.ts")).nodeTls,

  afterPoll: (callback) => afterTurns(TURNS_TO_POLL, callback),

  listen: (options, events) =>
    listenBy(options, (path) => {
      const target = path === undefined
        ? netListenTarget(options.address)
        : { path };
      return outsideAsyncContext(listenAt, target, options, events);
    }),

  connect: ({ address }, events) =>
    outsideAsyncContext(() => new NodeConnect(address, events)),
};
