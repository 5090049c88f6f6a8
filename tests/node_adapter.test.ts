import { nodeAdapter } from "../mod.ts";
import { realGround } from "./conformance/real_ground.ts";
import { conformance } from "./conformance/suite.ts";

conformance(realGround(nodeAdapter));
