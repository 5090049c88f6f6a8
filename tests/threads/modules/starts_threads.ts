import { defineReactors, ThreadedReactorMgr } from "../../../mod.ts";

// Does not ask for `isMainThread`, so that each thread would start further ones.
export default defineReactors({});

const threads = await ThreadedReactorMgr.start({
  threads: 2,
  module: import.meta.url,
});
await threads.stop();
