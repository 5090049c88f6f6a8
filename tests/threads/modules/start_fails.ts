import { defineReactors } from "../../../mod.ts";

export default defineReactors({
  onStart: () => Promise.reject(new RangeError("it does not start")),
});
