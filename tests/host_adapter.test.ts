import { hostAdapter } from "../mod.ts";
import { realGround } from "./conformance/real_environment.ts";
import { conformance } from "./conformance/suite.ts";

conformance(realGround(hostAdapter()));
