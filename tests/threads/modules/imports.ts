import process from "node:process";
import { block } from "../../support/block.ts";
import agents from "../agent_module.ts";

// Decides how a restarted worker loads its module.
switch (process.env.REACTIO_TEST_IMPORT) {
  case "hangs":
    await new Promise(() => {});
    break;
  case "loops":
    block(15_000);
}

export default agents;
