import { defineReactors } from "../../../mod.ts";
import { sink } from "../../conformance/support.ts";

/** Gives each thread a listener with a name before it is ready. */
export default defineReactors({
  async onStart(thread) {
    const { runtimeId, runtime } = thread;
    const { id: reactorId } = await runtime.listen("127.0.0.1:0", {
      onNewConnection: () => ({ reactor: sink() }),
    });
    await thread.addName(`listener ${runtimeId}`, {
      runtimeId,
      reactorId,
    });
  },
});
