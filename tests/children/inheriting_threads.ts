/**
 * A process whose threads listen on the socket that it was handed over, and answer
 * each byte. It says where that is, and ends by SIGTERM.
 */

import {
  formatAddress,
  hostAdapter,
  inheritedSockets,
  runOnSignals,
  ThreadedReactorMgr,
} from "../../mod.ts";
import { built } from "../support/built.ts";

const [socket] = inheritedSockets({ adapter: hostAdapter() });
const mgr = await ThreadedReactorMgr.start<
  typeof import("./slow_reactors.ts").default
>({
  threads: 2,
  module: new URL(built("./slow_reactors.ts"), import.meta.url),
});
const { address } = await mgr.listenAll(socket, "slow", { delayMs: 0 });
console.log(formatAddress(address));
await runOnSignals(mgr, { drainMs: 0 });
