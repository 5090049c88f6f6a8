// What the threads of a server run.

import { defineReactors } from "../../mod.ts";
import type { ServingThread } from "../serve.ts";
import { helloHandler, type HelloOptions } from "./hello.ts";

/** Where threads load this from. */
export const url = import.meta.url;

export default defineReactors({
  listeners: {
    hello: (options: HelloOptions, { runtime }: ServingThread) =>
      helloHandler(runtime.adapter.clock, options),
  },
});
