// What the threads of a proxy run.

import { defineReactors } from "../../mod.ts";
import type { ServingThread } from "../serve.ts";
import { passingOn, type PassingOptions } from "./passing.ts";

/** Other threads load this module by this URL. */
export const url = import.meta.url;

export default defineReactors({
  listeners: {
    proxy: (options: PassingOptions, { runtime }: ServingThread) =>
      passingOn(runtime, options),
  },
});
