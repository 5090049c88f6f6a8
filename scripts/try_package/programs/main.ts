// An echo over TCP, served by two threads, and a command that fails in one of
// them.

import {
  type CommandResult,
  INVALID_REACTOR_ID,
  ReactorNotFoundError,
  ReactRuntime,
  ThreadedReactorMgr,
} from "@reactio/reactio";
import { FrameSender } from "./framing.ts";
import type reactors from "./reactors.ts";

const here = import.meta.url;

async function main(): Promise<void> {
  const threads = await ThreadedReactorMgr.start<typeof reactors>({
    threads: 2,
    worker: new URL("./worker.js", here),
  });
  const listener = await threads.listenAll("127.0.0.1:0", "echo");
  const runtime = new ReactRuntime();
  const senders = Array.from({ length: 8 }, () => new FrameSender());
  for (const sender of senders) await runtime.connect(listener.address, sender);
  await runtime.run();
  for (const sender of senders) sender.verify();
  const result = await new Promise<CommandResult>((completion) =>
    threads.getCmdSender(1).sendUserCmd(INVALID_REACTOR_ID, "", { completion })
  );
  const error = result.ok ? undefined : result.error;
  if (
    !(error instanceof ReactorNotFoundError) ||
    error.name !== "ReactorNotFoundError"
  ) {
    throw new Error(`it should be a ReactorNotFoundError: ${error}`);
  }
  await threads.stop();
  console.log("done");
}

main();
