// Threads without a program, in a bundle: starting them fails with an error
// that explains why.

import { ThreadedReactorMgr, WorkerStartError } from "@reactio/reactio";

ThreadedReactorMgr.start({ threads: 1, module: "file:///nowhere.js" }).then(
  () => {
    throw new Error("they started");
  },
  (error) => {
    if (!(error instanceof WorkerStartError)) throw error;
    // A bundler may have kept the URL of the source, which has a worker beside
    // it.
    if (!/the option worker|nowhere/.test(error.message)) throw error;
    console.log("done");
  },
);
