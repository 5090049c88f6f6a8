import { hostAdapter } from "../../../src/adapters/host.ts";
import { defineReactors } from "../../../src/threads/reactor_module.ts";
import { steadyAdapter } from "../../support/steady_adapter.ts";
import agents from "../agent_module.ts";

/** Agents whose threads have the steady clock. */
export default defineReactors({
  ...agents,
  adapter: () => steadyAdapter(hostAdapter()),
});
