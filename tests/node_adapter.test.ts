import { nodeAdapter } from "../mod.ts";
import { conformance } from "./conformance/suite.ts";

conformance(nodeAdapter);
