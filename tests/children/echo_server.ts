/**
 * A process that echoes, on the adapter it is told ("host" or "node"), and
 * prints the port it listens on. It closes connections that are idle for as many
 * milliseconds as it is told, if it is. It ends when its input does.
 */

import process from "node:process";
import {
  DefaultTcpListenerHandler,
  hostAdapter,
  nodeAdapter,
  ReactRuntime,
} from "../../mod.ts";
import { ANY_PORT, echo } from "../conformance/support.ts";

const adapter = process.argv[2] === "node" ? nodeAdapter : hostAdapter();
const idleTimeoutMs = Number(process.argv[3] ?? 0);
const runtime = new ReactRuntime({ adapter, idleTimeoutMs });
const id = await runtime.listen(
  ANY_PORT,
  new DefaultTcpListenerHandler(() => echo()),
);
// As servers do. Deno 2.9 makes what signals need when node:net cannot accept for
// want of file descriptors, if it is not there by then, and panics.
process.on("SIGTERM", () => process.exit());
process.stdin.on("end", () => process.exit());
process.stdin.resume();
console.log(id.address.port);
