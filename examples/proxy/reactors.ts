// What the threads of a proxy run.

import { defineReactors } from "../../mod.ts";
import type { ServingThread } from "../serve.ts";
import { passingOn, type PassingOptions } from "./passing.ts";

/** Where threads load this from. */
export const url = import.meta.url;

export default defineReactors({
  listeners: {
    proxy: (options: PassingOptions, { runtime }: ServingThread) =>
      passingOn(runtime, options),
  },
});
