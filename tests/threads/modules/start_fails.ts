import { defineReactors } from "../../../src/threads/reactor_module.ts";

export default defineReactors({
  onStart: () => Promise.reject(new RangeError("it does not start")),
});
