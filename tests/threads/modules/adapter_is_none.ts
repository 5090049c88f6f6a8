import { defineReactors } from "../../../src/threads/reactor_module.ts";

export default defineReactors({
  adapter: () => ({ listen() {} }) as never,
});
