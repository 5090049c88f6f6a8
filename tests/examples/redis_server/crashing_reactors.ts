import reactors from "../../../examples/redis_server/reactors.ts";
import { defineReactors } from "../../../mod.ts";

/** What the threads of a server run, and a way to have one crash. */
export default defineReactors({
  ...reactors,
  services: {
    ...reactors.services,
    crash: () => () => {
      setTimeout(() => {
        throw new Error("it crashes");
      }, 0);
    },
  },
});
