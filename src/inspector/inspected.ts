import { checkArgument } from "../api/check_argument.ts";
import { engineOf, ReactRuntime } from "../runtime.ts";
import type { ReactorModule } from "../threads/reactor_module.ts";
import {
  controlsOf,
  type ThreadedReactorMgr,
} from "../threads/threaded_reactor_mgr.ts";
import type { ViewAnswers } from "./view/question.ts";
import { RuntimeView } from "./view/runtime_view.ts";
import type { WatchedThread } from "./watched.ts";

/** The target of an inspector, and when it ends. */
export interface Inspected {
  /** The threads that there are now. */
  threads(): readonly WatchedThread[];
  /** Calls back when it has ended, at once if it has. Returns a function that cancels this. */
  onceEnded(callback: () => void): () => void;
}

/** The view of `target`, which others cannot get at. */
export function inspectedOf<UserCommand, Module extends ReactorModule>(
  target: ReactRuntime<UserCommand> | ThreadedReactorMgr<Module>,
): Inspected {
  checkArgument(target, "a runtime", "stop");
  return target instanceof ReactRuntime ? ofRuntime(target) : ofThreads(target);
}

function ofRuntime<UserCommand>(
  target: ReactRuntime<UserCommand>,
): Inspected {
  const engine = engineOf(target);
  const { connector } = engine;
  const view = RuntimeView.of(engine);
  const thread: WatchedThread = {
    name: "0",
    ask: async (question) => await view.answer(question),
  };
  return {
    threads: () => [thread],
    onceEnded(callback) {
      if (!connector.isStopped) return connector.onceStopped(callback);
      callback();
      return () => {};
    },
  };
}

function ofThreads<Module extends ReactorModule>(
  target: ThreadedReactorMgr<Module>,
): Inspected {
  return {
    threads: () =>
      Array.from(controlsOf(target), ([id, control]) => ({
        name: String(id),
        ask: (question) =>
          control.ask({ type: "inspect", question }) as Promise<
            ViewAnswers[typeof question["kind"]]
          >,
      })),
    onceEnded(callback) {
      let onEnded: (() => void) | undefined = callback;
      void target.wait().then(() => onEnded?.());
      return () => void (onEnded = undefined);
    },
  };
}
