import type { OpenWay } from "./way.ts";

/** The control: a message per command. */
export const openEach: OpenWay = ({ port }, receive) => {
  port.on("message", receive);
  return {
    countUncompleted: 0,
    send: (cmd) => port.postMessage(cmd),
    flush() {},
  };
};
