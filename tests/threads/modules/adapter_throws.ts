import { defineReactors } from "../../../mod.ts";

export default defineReactors({
  adapter: () => {
    throw new RangeError("it cannot be made");
  },
});
