import { appendFileSync } from "node:fs";
import process from "node:process";
import {
  DefaultTcpListenerHandler,
  defineReactors,
  MessageResult,
} from "../../../mod.ts";
import { Slow } from "../../support/slow.ts";

/** Appends a line to the test's file. */
function tell(line: string): void {
  appendFileSync(process.env.REACTIO_TEST_LINES!, line + "\n");
}

/** What `onStop` may do. */
const HOW: Record<string, () => Promise<void>> = {
  waits: () => new Promise((resolve) => setTimeout(resolve, 20)),
  fails: () => Promise.reject(new Error("it cannot stop")),
  hangs: () => new Promise(() => {}),
};

export default defineReactors({
  listeners: {
    slow: ({ delayMs }: { readonly delayMs: number }, thread) =>
      new DefaultTcpListenerHandler(() =>
        new Slow(delayMs, () => tell(`${thread.runtimeId} drains`))
      ),
    crashing: ({ delayMs }: { readonly delayMs: number }) =>
      new DefaultTcpListenerHandler(() => ({
        onInboundMessage: (buf: Uint8Array) =>
          MessageResult.dropMsgSize(buf.length),
        onDrain() {
          setTimeout(() => {
            throw new Error("crashed as it drained");
          }, delayMs);
        },
      })),
  },
  async onStop({ runtimeId }) {
    tell(`${runtimeId} stops`);
    await HOW[process.env.REACTIO_TEST_STOP ?? "waits"]();
    tell(`${runtimeId} stopped`);
  },
});
