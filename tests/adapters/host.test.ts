import { hostAdapter } from "../../mod.ts";
import { realEnvironment } from "../conformance/real_environment.ts";
import { conformance } from "../conformance/suite.ts";

conformance({ ...realEnvironment(hostAdapter()), playsMost: true });
