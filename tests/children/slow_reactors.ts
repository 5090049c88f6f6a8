/** Reactors of threads that take their time. */

import { DefaultTcpListenerHandler, defineReactors } from "../../mod.ts";
import { Slow } from "../support/slow.ts";

export default defineReactors({
  listeners: {
    slow: ({ delayMs }: { readonly delayMs: number }) =>
      new DefaultTcpListenerHandler(() => new Slow(delayMs)),
  },
});
