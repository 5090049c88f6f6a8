// What the threads run.

import { DefaultTcpListenerHandler, defineReactors } from "@reactio/reactio";
import { echo } from "./framing.ts";

export default defineReactors({
  listeners: {
    echo: () => new DefaultTcpListenerHandler(() => echo),
  },
});
