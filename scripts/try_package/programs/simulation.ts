// An echo on a simulated network that delays and splits what it carries.

import { DefaultTcpListenerHandler, simulate } from "@reactio/reactio";
import { echo, FrameSender } from "./framing.ts";

const report = await simulate(
  { seeds: 20, faults: "gentle" },
  async (simulation) => {
    const handler = new DefaultTcpListenerHandler(() => echo);
    await simulation.runtime("server").listen("server:80", handler);
    const sender = new FrameSender();
    await simulation.runtime("client").connect("server:80", sender);
    await simulation.until(() => sender.received === 256);
  },
);
if (report.seeds !== 20) throw new Error(`only ${report.seeds} seeds ran`);
console.log("done");
