import reactors from "../../../examples/mqtt_broker/reactors.ts";
import { defineReactors } from "../../../mod.ts";
import { crash } from "../crash.ts";

/** A broker whose threads can be made to crash. */
export default defineReactors({
  ...reactors,
  services: { ...reactors.services, crash },
});
