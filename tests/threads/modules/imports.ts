import process from "node:process";
import agents, { loopFor } from "../agent_module.ts";

// So it can be told how a worker that is restarted loads its module.
switch (process.env.REACTIO_TEST_IMPORT) {
  case "hangs":
    await new Promise(() => {});
    break;
  case "loops":
    loopFor(15_000);
}

export default agents;
