// What the threads of a gateway run.

import { defineReactors, type ReactorThread } from "../../mod.ts";
import { type Devices, gatewayTo } from "./gateway.ts";

export default defineReactors({
  listeners: {
    gateway: (
      { devices, timeout }: { devices: Devices; timeout: number },
      thread: ReactorThread,
    ) => gatewayTo(devices, thread.runtime, timeout),
  },
});
