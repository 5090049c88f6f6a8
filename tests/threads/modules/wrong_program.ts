import { runReactors } from "../../../mod.ts";

runReactors({ reactors: { wrong: 1 as never } });
