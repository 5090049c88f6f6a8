import { defineReactors } from "../../../src/threads/reactor_module.ts";

export default defineReactors({
  adapter: () => {
    throw new RangeError("it cannot be made");
  },
});
