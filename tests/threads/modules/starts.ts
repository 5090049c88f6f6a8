// Does not import mod.ts: hundreds of threads load this, and spend most of their time on loading.
import { defineReactors } from "../../../src/threads/reactor_module.ts";

/** Gives each thread a named listener before it is ready. */
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
