// What the threads of a gateway run.

import { defineReactors } from "../../mod.ts";
import type { ServingThread } from "../serve.ts";
import { type Devices, gatewayTo } from "./gateway.ts";

/** Other threads load this module by this URL. */
export const url = import.meta.url;

export default defineReactors({
  listeners: {
    gateway: (
      { devices, timeout }: { devices: Devices; timeout: number },
      thread: ServingThread,
    ) => gatewayTo(devices, thread.runtime, timeout),
  },
});
