import { defineReactors } from "../../../src/threads/reactor_module.ts";

/** What the main thread told this one before it was ready. */
let told: unknown;

export default defineReactors({
  services: { told: () => () => told },
  onStart: async (thread) => {
    told = await thread.ask("main", "setting", thread.runtimeId);
  },
});
