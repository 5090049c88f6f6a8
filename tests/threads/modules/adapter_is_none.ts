import { defineReactors } from "../../../mod.ts";

export default defineReactors({
  adapter: () => ({ listen() {} }) as never,
});
