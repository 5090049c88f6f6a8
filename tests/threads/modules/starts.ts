// Not from mod.ts: hundreds of threads load this, and most of their time is loading.
import { defineReactors } from "../../../src/threads/reactor_module.ts";

/** Gives each thread a listener with a name before it is ready. */
export default defineReactors({
  async onStart(thread) {
    const { runtimeId, runtime } = thread;
    const { id: reactorId } = await runtime.listen("127.0.0.1:0", {
      onNewConnection: () => null,
    });
    await thread.addName(`listener ${runtimeId}`, {
      runtimeId,
      reactorId,
    });
  },
});
