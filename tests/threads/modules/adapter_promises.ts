import { defineReactors } from "../../../src/threads/reactor_module.ts";

export default defineReactors({
  adapter: (async () => {
    await null;
    throw new RangeError("it rejects");
  }) as never,
});
