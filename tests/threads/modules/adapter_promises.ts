import { defineReactors } from "../../../mod.ts";

export default defineReactors({
  adapter: (async () => {
    await null;
    throw new RangeError("it rejects");
  }) as never,
});
