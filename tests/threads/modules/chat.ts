import reactors from "../../../examples/chat/reactors.ts";
import { defineReactors } from "../../../mod.ts";
import { crash } from "../crash.ts";

const { services } = reactors;

/** A name that a thread fails to serve. */
export const UNSERVABLE = "mallory";

/** A chat whose threads can be made to crash or to fail. */
export default defineReactors({
  ...reactors,
  services: {
    ...services,
    crash,
    execute: (thread: Parameters<typeof services.execute>[0]) => {
      const execute = services.execute(thread);
      return (commands: Parameters<typeof execute>[0]) => {
        for (const command of commands) {
          if (command.type !== "tell" || !command.line.includes(UNSERVABLE)) {
            continue;
          }
          throw new Error("it cannot do this");
        }
        execute(commands);
      };
    },
  },
});
