import type { OpenLink } from "./link.ts";

/** The control: sends a message per command. */
export const openEach: OpenLink = ({ port }, receive) => {
  port.on("message", receive);
  return {
    countUncompleted: 0,
    send: (cmd) => port.postMessage(cmd),
    flush() {},
  };
};
