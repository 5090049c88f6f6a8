import type { OpenLink } from "./link.ts";

const BATCH_SIZE = 512;

/** Sends an array of commands per message. */
export const openBatch: OpenLink = ({ port }, receive) => {
  port.on("message", (batch: unknown[]) => {
    for (const cmd of batch) receive(cmd);
  });
  let batch: unknown[] = [];
  const flush = () => {
    if (batch.length === 0) return;
    port.postMessage(batch);
    batch = [];
  };
  return {
    countUncompleted: 0,
    send(cmd) {
      batch.push(cmd);
      if (batch.length === BATCH_SIZE) flush();
    },
    flush,
  };
};
