import { defineReactors } from "../../../src/threads/reactor_module.ts";
import agents from "../agent_module.ts";
import {
  type CountingAdapter,
  countingAdapter,
  madeCount,
} from "../counting_adapter.ts";

/** Agents whose threads connect and listen by an adapter of their own; it tells how often it was made. */
export default defineReactors({
  ...agents,
  adapter: (): CountingAdapter & { readonly made: number } => ({
    ...countingAdapter(),
    made: madeCount,
  }),
});
