/**
 * Measures `stats()` of a runtime, which visits every connection: on sockets
 * that do nothing, so that there can be any number. Prints a line of JSON per
 * number of connections: milliseconds, in the fastest of several rounds.
 */

import { MessageResult, ReactRuntime } from "../../mod.ts";
import { HERE, SilentAdapter } from "./silent_adapter.ts";

const COUNTS = [100, 1000, 10_000, 50_000];
const ROUNDS = 41;

const adapter = new SilentAdapter();
const runtime = new ReactRuntime({ adapter });
await runtime.listen(HERE, {
  onNewConnection: () => ({
    reactor: {
      onInboundMessage: (buf) => MessageResult.dropMsgSize(buf.length),
    },
  }),
}, { maxConnections: COUNTS[COUNTS.length - 1] });

let open = 0;
for (const connections of COUNTS) {
  for (; open < connections; open++) adapter.accept();
  const times = Array.from({ length: ROUNDS }, () => {
    const startedAt = performance.now();
    runtime.stats();
    return performance.now() - startedAt;
  }).sort((a, b) => a - b);
  const statsMs = Number(times[0].toFixed(3));
  console.log(JSON.stringify({ connections, statsMs }));
}
