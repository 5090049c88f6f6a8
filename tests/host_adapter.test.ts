import { hostAdapter } from "../mod.ts";
import { conformance } from "./conformance/suite.ts";

conformance(hostAdapter());
