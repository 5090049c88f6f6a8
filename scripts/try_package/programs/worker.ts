// The program of each thread.

import { runReactors } from "@reactio/reactio";
import reactors from "./reactors.ts";

runReactors(reactors);
