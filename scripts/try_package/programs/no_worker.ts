// Threads that have no program, in a bundle: they do not start, and it is said why.

import { ThreadedReactorMgr, WorkerStartError } from "@reactio/reactio";

ThreadedReactorMgr.start({ threads: 1, module: "file:///nowhere.js" }).then(
  () => {
    throw new Error("they started");
  },
  (error) => {
    if (!(error instanceof WorkerStartError)) throw error;
    // A bundler may have kept the place of the source, where a worker is.
    if (!/the option worker|nowhere/.test(error.message)) throw error;
    console.log("done");
  },
);
