// The module that the threads of threaded_echo.ts run.

import { DefaultTcpListenerHandler, defineReactors } from "@reactio/reactio";
import { echo } from "./framing.ts";

export default defineReactors({
  listeners: {
    echo: () => new DefaultTcpListenerHandler(() => echo),
  },
});
