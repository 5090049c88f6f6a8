/**
 * A process that answers each byte after so many milliseconds, by so many
 * threads, or by itself if that is 0. It prints the port it listens on, ends as
 * signals say, and then prints which one it was.
 */

import process from "node:process";
import {
  DefaultTcpListenerHandler,
  LogLevel,
  ReactRuntime,
  runOnSignals,
  setLogLevel,
  ThreadedReactorMgr,
} from "../../mod.ts";
import { ANY_PORT } from "../conformance/support.ts";
import { built } from "../support/built.ts";
import { Slow } from "../support/slow.ts";

const DRAIN_MS = 60_000;

const delayMs = Number(process.argv[2]);
const threads = Number(process.argv[3]);

async function serve() {
  if (threads === 0) {
    const runtime = new ReactRuntime();
    const handler = new DefaultTcpListenerHandler(() => new Slow(delayMs));
    const { address } = await runtime.listen(ANY_PORT, handler);
    return { target: runtime, address };
  }
  const mgr = await ThreadedReactorMgr.start<
    typeof import("./slow_reactors.ts").default
  >({
    threads,
    module: new URL(built("./slow_reactors.ts"), import.meta.url),
  });
  const { address } = await mgr.listenAll(ANY_PORT, "slow", { delayMs });
  return { target: mgr, address };
}

setLogLevel(LogLevel.Off);
const { target, address } = await serve();
console.log(address.port);
const signal = await runOnSignals(target, { drainMs: DRAIN_MS });
console.log(`ended by ${signal}`);
