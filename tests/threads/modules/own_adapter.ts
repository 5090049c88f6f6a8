import { defineReactors } from "../../../src/threads/reactor_module.ts";
import agents from "../agent_module.ts";
import { madeCount, type UserAdapter, userAdapter } from "../user_adapter.ts";

/** Agents whose threads connect and listen through an adapter of their own. It reports how often it was made. */
export default defineReactors({
  ...agents,
  adapter: (): UserAdapter & { readonly made: number } => ({
    ...userAdapter(),
    made: madeCount,
  }),
});
