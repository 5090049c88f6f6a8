import { runReactors } from "../../../mod.ts";
import starts from "./starts.ts";

runReactors(starts);
