// What the threads of a server run.

import { defineReactors } from "../../mod.ts";
import type { ServingThread } from "../serve.ts";
import { helloHandler, type HelloOptions } from "./hello.ts";

/** Other threads load this module by this URL. */
export const url = import.meta.url;

export default defineReactors({
  listeners: {
    hello: (options: HelloOptions, { runtime }: ServingThread) =>
      helloHandler(runtime.adapter.clock, options),
  },
});
