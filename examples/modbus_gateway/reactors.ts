// What the threads of a gateway run.

import { defineReactors } from "../../mod.ts";
import type { ServingThread } from "../serve.ts";
import { type Devices, gatewayTo } from "./gateway.ts";

/** Where threads load this from. */
export const url = import.meta.url;

export default defineReactors({
  listeners: {
    gateway: (
      { devices, timeout }: { devices: Devices; timeout: number },
      thread: ServingThread,
    ) => gatewayTo(devices, thread.runtime, timeout),
  },
});
