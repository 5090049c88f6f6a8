import reactors from "../../../examples/chat/reactors.ts";
import { defineReactors } from "../../../mod.ts";
import { crash } from "../crash.ts";

/** A chat whose threads can be told to crash. */
export default defineReactors({
  ...reactors,
  services: { ...reactors.services, crash },
});
