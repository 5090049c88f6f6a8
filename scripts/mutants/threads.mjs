// @ts-check

const STARTING = [{
  file: "tests/threads/starting.test.ts",
  only: "the start",
}];
const OWN_BYTES = [{ file: "tests/threads/own_bytes.test.ts" }];
const RECORDS = [{ file: "tests/threads/records.test.ts" }];
const ERRORS = [{ file: "tests/threads/error_record.test.ts" }];
const BARRIER = [{ file: "tests/relay/poll_barrier.test.ts" }];
const LINK = [{ file: "tests/threads/link.test.ts" }];

/** Those of the tests of commands, or of the start, whose names match. */
const commandsOf = (/** @type {string} */ only) => [
  { file: "tests/threads/commands.test.ts", only },
];
const tellingOf = (/** @type {string} */ only) => [
  { file: "tests/threads/telling.test.ts", only },
];
const movingOf = (/** @type {string} */ only) => [
  { file: "tests/threads/moving.test.ts", only },
];
const startingOf = (/** @type {string} */ only) => [
  { file: "tests/threads/starting.test.ts", only },
];

/**
 * Bugs in what goes on between threads.
 *
 * @type {import("../mutants.mjs").Mutant[]}
 */
export const threadMutants = [
  {
    name: "small-counts-nothing",
    planted: "the text in small plain data does not count towards its size",
    file: "src/threads/link/encoded_command.ts",
    old: "this.seen.size += characterCount + 8 * count;",
    new: "this.seen.size += 8 * count;",
    suites: RECORDS,
  },
  {
    name: "listens-after-stop",
    planted: "a relay that starts listening after the stop goes on",
    file: "src/threads/shared_listener.ts",
    old: "if (this.#closed !== undefined) await this.#acceptor.close();",
    new: "",
    suites: [{
      file: "tests/threads/listen_all.test.ts",
      only: "leaves no socket: unix",
    }],
  },
  {
    name: "name-overwritten",
    planted: "a name is overwritten before the duplicate is rejected",
    file: "src/threads/names/name_registry.ts",
    old: "const holder = this.names.find(name) ?? this.#reserved.get(name);",
    new:
      "const holder = this.names.find(name) ?? this.#reserved.get(name);\n    this.names.set(name, uid);",
    suites: [{
      file: "tests/threads/names.test.ts",
      only: "a duplicate is refused and the first keeps the",
    }],
  },
  {
    name: "name-has-no-owner",
    planted: "a name is removed whoever owns it",
    file: "src/threads/names/names.ts",
    old: "isSameReactor(found, uid) &&\n",
    new: "",
    suites: [{
      file: "tests/threads/names.test.ts",
      only: "only its owner removes it",
    }],
  },
  {
    name: "names-of-the-dead",
    planted: "the names of a thread that has ended stay",
    file: "src/threads/threaded_reactor_mgr.ts",
    old: "if (isByItself) void this.#names.removeRuntime(runtimeId);",
    new: "",
    suites: [{
      file: "tests/threads/failures.test.ts",
      only: "its names vanish in all threads",
    }],
  },
  {
    name: "dead-thread-answers-never",
    planted: "commands waiting for a thread that has ended never complete",
    file: "src/threads/link/unanswered_commands.ts",
    old:
      "this.#loop.defer(() => command.fail(withAction(error, command.action)));",
    new: "",
    suites: [{
      file: "tests/threads/failures.test.ts",
      only: "fails commands that wait for its answer, in the",
    }],
  },
  {
    name: "ids-reused-after-restart",
    planted: "a restarted thread reuses its old ids",
    file: "src/threads/manager/worker_pool.ts",
    old: "incarnation: this.#restarts.begin(runtimeId),",
    new: "incarnation: this.#restarts.begin(runtimeId) * 0,",
    suites: [{
      file: "tests/threads/failures.test.ts",
      only: "never reuses the id of an earlier reactor",
    }],
  },
  {
    name: "order-between-threads",
    planted: "a command posted on its own overtakes those in the outbox",
    file: "src/threads/link/link.ts",
    old:
      "this.#postOutbox();\n    this.#port.postMessage(message, transfer);\n    this.#unacknowledgedCount++;",
    new:
      "this.#port.postMessage(message, transfer);\n    this.#unacknowledgedCount++;",
    suites: [{
      file: "tests/threads/commands.test.ts",
      only: "anything that can be cloned arrives unchanged",
    }],
  },
  {
    name: "crashed-worker-spins",
    planted: "on Deno, a worker that has crashed ends by process.exit",
    file: "src/threads/worker_threads.ts",
    old: "if (!isDeno) host.process.exit(1);",
    new: "host.process.exit(1);",
    suites: [{
      file: "tests/threads/crashed_worker.test.ts",
      runtime: "deno",
      only: "a worker that crashes",
    }],
  },
  {
    name: "stopped-workers-run-on",
    planted: "workers are not terminated once they have stopped",
    file: "src/threads/manager/worker_handle.ts",
    old: "await this.#worker.terminate();\n    await this.#exited;",
    new: "",
    suites: startingOf("starts and stops leave nothing behind"),
  },
  {
    name: "stopped-manager-held",
    planted: "a timer keeps the process of a stopped manager alive",
    file: "src/threads/threaded_reactor_mgr.ts",
    old: 'new RuntimeStoppedError("the threads were stopped"));',
    new:
      'new RuntimeStoppedError("the threads were stopped"));\n    setInterval(() => this, 2 ** 30);',
    suites: startingOf("starts and stops leave nothing behind"),
  },
  {
    name: "refused-question-waits",
    planted: "a question rejected while it is being sent waits for its answer",
    file: "src/threads/asking/questions.ts",
    old:
      "this.#unanswered.set(id, question); // before: it may be refused while it is sent\n    const error = send(id);",
    new:
      "const error = send(id);\n    if (error === undefined) this.#unanswered.set(id, question);",
    suites: [{ file: "tests/threads/own_place.test.ts" }],
  },
  {
    name: "told-without-bytes",
    planted: "queued messages are limited in number, not in bytes",
    file: "src/threads/asking/tell_room.ts",
    old: "this.#bytes >= MAX_TOLD_BYTES",
    new: "this.#bytes >= Infinity",
    suites: tellingOf("has no more than 64 MiB unhandled"),
  },
  {
    name: "told-bytes-not-given-back",
    planted: "the bytes of messages that are done are not released",
    file: "src/threads/link/answers.ts",
    old: "const amount = this.#processed.add(1, size);",
    new: "const amount = this.#processed.add(1, 0);",
    suites: tellingOf("has no more than 64 MiB unhandled"),
  },
  {
    name: "commands-without-bytes",
    planted:
      "unacknowledged commands to a thread are limited in number, not in bytes",
    file: "src/threads/link/link.ts",
    old: "bytes < MAX_UNACKNOWLEDGED_BYTES",
    new: "bytes < Infinity",
    suites: LINK,
  },
  {
    name: "bytes-acknowledged-late",
    planted: "received bytes are acknowledged only after a thousand messages",
    file: "src/threads/link/amount.ts",
    old: "this.#bytes >= BYTES_ACKNOWLEDGED_AT_ONCE",
    new: "this.#bytes >= Infinity",
    suites: LINK,
  },
  {
    name: "answer-moved-nowhere",
    planted: "the buffers that an answer transfers are copied",
    file: "src/threads/link/answers.ts",
    old: "const moved = buffersOf(value);",
    new: "const moved = buffersOf(undefined);",
    suites: movingOf("listed in it are moved to the asking thread"),
  },
  {
    name: "own-answer-moved-nowhere",
    planted: "a thread that asks itself copies the buffers it transfers",
    file: "src/threads/asking/own_place.ts",
    old: "copyOf(value, buffersOf(value))",
    new: "copyOf(value)",
    suites: movingOf("listed in it are moved to the asking thread"),
  },
  {
    name: "answer-moved-if-held",
    planted: "an answer transfers only the buffers it contains",
    file: "src/threads/link/answers.ts",
    old:
      "isMoved\n        ? NOT_PLAIN\n        : copyPlain(answer.value, new PlainCopy())",
    new: "copyPlain(answer.value, new PlainCopy())",
    suites: movingOf("are moved even if it does not contain them"),
  },
  {
    name: "worker-not-in-the-graph",
    planted: "nothing imports the worker's file, so registries leave it out",
    file: "src/threads/worker_program.ts",
    old: 'import type {} from "./worker.ts";',
    new: "",
    suites: [{ file: "tests/docs/architecture.test.ts" }],
  },
  {
    name: "own-program-ignored",
    planted: "threads run the library's worker whatever the worker option says",
    file: "src/threads/worker_program.ts",
    old: "program === undefined ? ownProgram() : new URL(program)",
    new: "ownProgram()",
    suites: STARTING,
  },
  {
    name: "module-and-worker",
    planted: "threads start with both a module and a worker, or with neither",
    file: "src/threads/threaded_reactor_options.ts",
    old: "if ((module === undefined) === (worker === undefined)) {",
    new: "if (threads === 0) {",
    suites: STARTING,
  },
  {
    name: "own-program-unchecked",
    planted: "a custom worker accepts a module that defines no reactors",
    file: "src/threads/run_reactors.ts",
    old: "() => defineReactors(module)",
    new: "() => module",
    suites: STARTING,
  },
  {
    name: "commands-share-a-room",
    planted:
      "a command sent while another is being read is read into the same slot",
    file: "src/threads/link/command_outbox.ts",
    old: "    this.#room = undefined;\n",
    new: "",
    suites: RECORDS,
  },
  {
    name: "unreadable-command-throws",
    planted: "a command that cannot be serialized throws out of the turn",
    file: "src/threads/link/link.ts",
    old:
      "      } else this.#postAlone(loneCommand(id, reactorId, parcelOf(cmd)));\n      return undefined;\n    } catch (thrown) {\n",
    new:
      "      } else this.#postAlone(loneCommand(id, reactorId, parcelOf(cmd)));\n      return undefined;\n    } catch (thrown) {\n      throw thrown;\n",
    suites: [{
      file: "tests/threads/hostile_commands.test.ts",
      only: "fails with NotCloneableError, and its rejection",
    }],
  },
  {
    name: "whole-buffer-sent",
    planted: "a view in a command takes its whole buffer along",
    file: "src/threads/link/own_bytes.ts",
    old: "survey.holdsPart ? new Copier(moved).copy(value) : value",
    new: "value",
    suites: OWN_BYTES,
  },
  {
    name: "array-asked-for-names",
    planted:
      "the items of an array in a command are looked up by enumerating property names",
    file: "src/threads/link/own_bytes.ts",
    old: "else if (Array.isArray(value)) eachItemOf(value, see);",
    new: "",
    suites: OWN_BYTES,
  },
  {
    name: "holes-not-looked-behind",
    planted: "views after the first hole of an array are not found",
    file: "src/threads/link/own_bytes.ts",
    old: "!(i in items)) return eachPropertyOf(items, see);",
    new: "!(i in items)) return;",
    suites: OWN_BYTES,
  },
  {
    name: "view-asked-itself",
    planted: "properties put on a view decide which bytes it shows",
    file: "src/threads/link/own_bytes.ts",
    old: "const bytes = bytesOf(view);",
    new:
      "bytesOf(view);\n  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);",
    suites: OWN_BYTES,
  },
  {
    name: "error-read-unsafely",
    planted: "an error whose name cannot be read ends the thread",
    file: "src/threads/link/error_record.ts",
    old: 'const name = read(thrown, "name");',
    new: "const { name } = thrown;",
    suites: ERRORS,
  },
  {
    name: "error-names-made-short",
    planted: "an error is named as a minifier renames its class",
    file: "src/api/own_errors.ts",
    old: "return constructor === errorClass ? name : constructor.name;",
    new: "return errorClass === undefined ? name : constructor.name;",
    suites: ERRORS,
  },
  {
    name: "id-without-text-for-a-thread",
    planted: "an id that cannot be converted to text throws out of the sender",
    file: "src/threads/commands/sent_commands.ts",
    old: 'typeof id === "number" ? id : textOf(id) as unknown as ReactorID',
    new: "id",
    suites: [{
      file: "tests/threads/hostile_commands.test.ts",
      only: "a symbol as id is a typed error of the",
    }],
  },
  {
    name: "options-throw",
    planted: "options that cannot be read throw out of the sender",
    file: "src/core/command_options.ts",
    old: "    failure = unreadable(cause);",
    new: "    throw cause;",
    suites: [{
      file: "tests/threads/hostile_commands.test.ts",
      only: "a deferred that cannot be read is a typed error",
    }],
  },
  {
    name: "no-link-to-the-dead",
    planted: "a thread has no link to one that was down when it started",
    file: "src/threads/link/peer_threads.ts",
    old: "      this.#links.push(lostLink(engine.loop, runtimeId));\n",
    new: "",
    suites: [{
      file: "tests/threads/failures.test.ts",
      only: "that fails to start is reported and retried",
    }],
  },
  {
    name: "loss-not-told",
    planted: "a thread that starts does not learn why others are down",
    file: "src/threads/worker/worker_thread.ts",
    old: "      this.#peers.lose(peer, errorFromRecord(loss));\n",
    new: "",
    suites: [{
      file: "tests/threads/failures.test.ts",
      only: "that fails to start is reported and retried",
    }],
  },
  {
    name: "exit-handler-unwatched",
    planted: "an onWorkerExit that rejects ends the process",
    file: "src/threads/manager/worker_pool.ts",
    old: "watchPromise(this.#settings.onWorkerExit(exit), onThrown);",
    new: "this.#settings.onWorkerExit(exit);",
    suites: [{
      file: "tests/threads/failures.test.ts",
      only: "an onWorkerExit that rejects is logged in one",
    }],
  },
  {
    name: "restart-window-forgets-nothing",
    planted: "restarts older than restartWindowMs still count",
    file: "src/threads/manager/restarts.ts",
    old: "time > now - restartWindowMs",
    new: "true",
    suites: [{
      file: "tests/threads/restarts.test.ts",
      only: "maxRestarts times within restartWindowMs, and",
    }],
  },
  {
    name: "stop-has-no-deadline",
    planted: "stop waits for a worker without limit",
    file: "src/threads/manager/ordered_stop.ts",
    old: "Math.min(limitMs, MAX_INT32)",
    new: "MAX_INT32",
    suites: [{
      file: "tests/threads/stopping.test.ts",
      only: "while a worker that is restarted hangs as it",
    }],
  },
  {
    name: "never-given-up",
    planted: "stop waits for a worker that cannot be terminated",
    file: "src/threads/manager/worker_pool.ts",
    old: "    for (const worker of workers) worker.giveUp();\n",
    new: "",
    suites: [{
      file: "tests/threads/stopping.test.ts",
      only: "while a worker that loops in a command cannot",
    }],
  },
  {
    name: "naming-has-no-limit",
    planted: "naming a reactor waits without limit while its thread is busy",
    file: "src/threads/names/name_registry.ts",
    old: "if (!await within(this.#loop, asked, timeoutMs)) {",
    new: "if (await asked.then(() => false)) {",
    suites: [{
      file: "tests/threads/names.test.ts",
      only: "a reactor whose thread does not confirm within",
    }],
  },
  {
    name: "naming-waits-for-the-busy",
    planted: "naming a reactor waits without limit for every other thread",
    file: "src/threads/names/name_registry.ts",
    old: "    await within(loop, Promise.all(answers), restMs);\n",
    new: "    await Promise.all(answers).then(() => restMs);\n",
    suites: [{
      file: "tests/threads/names.test.ts",
      only: "a busy thread does not delay others",
    }],
  },
  {
    name: "name-is-no-string",
    planted: "a value that is not a string is accepted as a name",
    file: "src/threads/names/naming.ts",
    old: 'if (typeof name !== "string") {',
    new: 'if (name === "never") {',
    suites: [{
      file: "tests/threads/names.test.ts",
      only: "only strings are names, only identities",
    }],
  },
  {
    name: "port-shared-in-silence",
    planted: "listenAll shares a port already in use under another host name",
    file: "src/threads/shared_listener.ts",
    old:
      "    this.#host.checkFree(this.#address); // now it is known, also of a name\n",
    new: "",
    suites: [{
      file: "tests/threads/listen_all.test.ts",
      only: "a port that they already listen on is refused",
    }],
  },
  {
    name: "wildcard-overlaps-nothing",
    planted: "listenAll on all hosts shares a port already in use on one",
    file: "src/threads/listen/overlap.ts",
    old: "isOneOf(b, a) || isOneOf(a, b)",
    new: "isOneOf(b, a)",
    suites: [{ file: "tests/threads/overlap.test.ts" }],
  },
  {
    name: "parameter-read-again",
    planted:
      "listenAll reads its parameter again for each thread and after a restart",
    file: "src/threads/listen/shared_listeners.ts",
    old: "return structuredClone(withOwnBytes(param));",
    new: "return param;",
    suites: [{
      file: "tests/threads/listen_all.test.ts",
      only: "the parameter is read once, copied when it is",
    }],
  },
  {
    name: "answered-but-pending",
    planted: "an answered command stays pending",
    file: "src/threads/link/unanswered_commands.ts",
    old: "    this.#commands.delete(id);\n    return command;",
    new: "    return command;",
    suites: LINK,
  },
  {
    name: "cancelled-but-pending",
    planted: "a cancelled command stays pending",
    file: "src/threads/link/link.ts",
    old: "    this.#pending.remove(id);\n    if (this.#loss",
    new: "    if (this.#loss",
    suites: LINK,
  },
  {
    name: "lost-but-pending",
    planted: "commands stay pending when their thread is lost",
    file: "src/threads/link/unanswered_commands.ts",
    old: "    this.#commands.clear();\n",
    new: "",
    suites: LINK,
  },
  {
    name: "acknowledged-not-counted",
    planted: "acknowledged commands still count as unacknowledged",
    file: "src/threads/link/link.ts",
    old: "this.#unacknowledgedCount -= count;",
    new: "",
    suites: commandsOf("after earlier traffic"),
  },
  {
    name: "own-adapter-not-in-threads",
    planted: "threads use the host's adapter, whatever the module provides",
    file: "src/threads/worker/worker_thread.ts",
    old: "adapter: adapter && makeAdapter(adapter),",
    new: "adapter: undefined,",
    suites: [{
      file: "tests/threads/own_adapter.test.ts",
      only: "is made once in each thread, again in one that",
    }],
  },
  {
    name: "own-adapter-not-in-main",
    planted: "the main thread uses the host's adapter, whatever it is given",
    file: "src/threads/threaded_reactor_mgr.ts",
    old: "this.adapter = settings.adapter === undefined",
    new: "this.adapter = settings.adapter !== null",
    suites: [{
      file: "tests/threads/own_adapter.test.ts",
      only: "accepts in the main thread what all threads",
    }],
  },
  {
    name: "own-adapter-in-one-place",
    planted:
      "threads start although only the module, or only the main thread, has an adapter",
    file: "src/threads/worker/worker_thread.ts",
    old: "if (isInModule === isInMain) return;",
    new: "if (isInModule !== null) return;",
    suites: [{
      file: "tests/threads/own_adapter.test.ts",
      only: "is named for the main thread, too: the start",
    }],
  },
  {
    name: "answered-before-written",
    planted: "a command is answered before its handler's sends are written",
    file: "src/threads/link/answers.ts",
    old: "this.#loop.lastAtTurnEnd(this);",
    new: "this.#loop.atTurnEnd(this);",
    suites: [{
      file: "tests/threads/answers.test.ts",
      only: "whether it comes alone or with others",
    }],
  },
  {
    name: "deferred-command-dropped",
    planted:
      "a deferred command for another thread that nobody awaits is dropped",
    file: "src/threads/commands/sent_commands.ts",
    old: "if (this.isAwaited) return super.execute();",
    new:
      "if (this.isAwaited) return super.execute();\n    if (this.id !== undefined) return;",
    suites: commandsOf("that nobody awaits"),
  },
  {
    name: "own-listen-connects",
    planted: "a listen command for the sender's own thread connects instead",
    file: "src/threads/commands/thread_cmd_senders.ts",
    old: "this.#factories.listen(address, listener, param, given);",
    new: "this.#factories.connect(address, listener, param, given);",
    suites: commandsOf("in itself"),
  },
  {
    name: "full-runtime-never-answers",
    planted: "a listen on a full runtime never completes",
    file: "src/core/binder.ts",
    old: "        () => callbacks.fail(error as Error),\n",
    new: "        () => {},\n",
    suites: commandsOf("a thread that is full"),
  },
  {
    name: "remote-commands-unbounded",
    planted: "rejected commands from other threads stay queued",
    file: "src/core/command_queue.ts",
    old:
      "if (this.#refuses(command)) return command.fail(command.failure as Error);",
    new: "this.#refuses(command);",
    suites: [{
      file: "tests/core/command_queue.test.ts",
      only: "2.20 commands of other threads may wait; what",
    }],
  },
  {
    name: "window-not-quite-full",
    planted: "a relayed socket keeps reading when the window is exactly full",
    file: "src/threads/relay/relayed_connection.ts",
    old: "this.#inFlight >= RELAY_WINDOW) this.#socket.pause()",
    new: "this.#inFlight > RELAY_WINDOW) this.#socket.pause()",
    suites: [{ file: "tests/relay/relayed_socket.test.ts" }],
  },
  {
    name: "relay-written-too-early",
    planted: "what a relayed connection sends counts as written too early",
    file: "src/threads/relay/relayed_connection.ts",
    old: "    if (this.#sender.bytesQueued > 0) return;\n",
    new: "",
    suites: [{ file: "tests/relay/relayed_socket.test.ts" }],
  },
  {
    name: "relay-not-polled",
    planted:
      "time limits do not wait until the main thread's sockets are served",
    file: "src/threads/relay/relayed_listener.ts",
    old: "    barrier.add(this.#afterPoll);\n",
    new: "",
    suites: [{
      file: "tests/relay/held_up.test.ts",
      only: "does not close a connection as idle whose peer",
    }],
  },
  {
    name: "first-party-is-enough",
    planted: "the barrier opens when the first party has called back",
    file: "src/core/poll_barrier.ts",
    old: "if (--missingCount === 0) callback();",
    new: "if (missingCount-- === parties.length) callback();",
    suites: [{
      file: "tests/relay/held_up.test.ts",
      only: "does not close a connection as idle whose peer",
    }],
  },
  {
    name: "polled-before-served",
    planted: "a relay reports its sockets as served without serving them",
    file: "src/threads/relay/worker_channel.ts",
    old:
      "return this.#adapter.afterPoll(() => this.post([RelayKind.Polled, 0]));",
    new: "return this.post([RelayKind.Polled, 0]);",
    suites: BARRIER,
  },
  {
    name: "polled-before-told",
    planted: "a relay answers a poll before it reports what was written",
    file: "src/threads/relay/worker_channel.ts",
    old:
      "if (message[0] !== RelayKind.Data) this.#reportWritten(); // it was before",
    new: "",
    suites: BARRIER,
  },
  {
    name: "poll-of-a-closed-port",
    planted: "polling a relay that closes waits for ever",
    file: "src/threads/relay/relayed_listener.ts",
    old: "for (const callback of this.#onPolled.splice(0)) callback();",
    new: "",
    suites: BARRIER,
  },
  {
    name: "closed-port-listens",
    planted: "a relayed listener is not told that its port was closed",
    file: "src/threads/relay/relayed_listener.ts",
    old: "barrier.remove(this.#afterPoll);\n    this.#retire();",
    new: "barrier.remove(this.#afterPoll);",
    suites: BARRIER,
  },
  {
    name: "input-type-inherited",
    planted: "a worker inherits --input-type, which makes it exit",
    file: "src/threads/worker_threads.ts",
    old: "if (!flags.some((flag) => INPUT_TYPE.test(flag))) return {};",
    new: "if (flags.length >= 0) return {};",
    suites: startingOf("inherits no flag"),
  },
  {
    name: "module-of-one-copy",
    planted: "a module made by another copy of the package is rejected",
    file: "src/threads/reactor_module.ts",
    old: "const MADE = Symbol.for(",
    new: "const MADE = Symbol(",
    suites: startingOf("another copy of the package starts"),
  },
  {
    name: "drive-as-a-protocol",
    planted:
      "a path that starts with a Windows drive letter is taken for a URL",
    file: "src/threads/threaded_reactor_options.ts",
    old: "if (DRIVE.test(url.protocol)) throw noUrl(module);",
    new: "",
    suites: [{ file: "tests/threads/starting.test.ts", only: "is a path" }],
  },
  {
    name: "start-failure-cut",
    planted:
      "the reason why a thread does not start is cut after 100 characters",
    file: "src/threads/manager/worker_handle.ts",
    old:
      "      (error) => {\n        throw this.#startError(messageOf(error, MAX_REASON), error);",
    new:
      "      (error) => {\n        throw this.#startError(messageOf(error), error);",
    suites: startingOf("long reason"),
  },
  {
    name: "start-options-throw",
    planted:
      "the error of a thread option that cannot be read is thrown as it is",
    file: "src/threads/threaded_reactor_options.ts",
    old: 'const module = readOption(options, "module");',
    new: "const { module } = options;",
    suites: startingOf("is refused"),
  },
  {
    name: "exit-handler-is-no-function",
    planted:
      "an onWorkerExit that is not a function fails only when a worker exits",
    file: "src/threads/threaded_reactor_options.ts",
    old: "aFunction<(exit: WorkerExit) => void>(() => {})",
    new:
      'custom<(exit: WorkerExit) => void>("a function", () => true, () => {})',
    suites: startingOf("is refused"),
  },
  {
    name: "ipv4-covers-ipv6",
    planted: "listenAll on all IPv4 hosts conflicts with an IPv6 host",
    file: "src/threads/listen/overlap.ts",
    old: '(hosts === "0.0.0.0" && !hostname.includes(":"));',
    new: 'hosts === "0.0.0.0";',
    suites: [{ file: "tests/threads/overlap.test.ts" }],
  },
  {
    name: "unserved-dropped-in-silence",
    planted: "a connection that no thread takes is dropped silently",
    file: "src/threads/relay/acceptor.ts",
    old: "if (channel === undefined) this.#dropUntaken(socket);",
    new: "if (channel === undefined) socket.destroy();",
    suites: [{ file: "tests/relay/acceptor.test.ts" }],
  },
  {
    name: "accept-failure-with-stack",
    planted:
      "a shared listener that has to close logs the raw error with its stack",
    file: "src/threads/shared_listener.ts",
    old: "logError(`Cannot accept on ${on}: ${summaryOf(failure)}`);",
    new: "logError(`Cannot accept on ${on}:`, failure);",
    suites: [{ file: "tests/relay/shared_listener.test.ts" }],
  },
  {
    name: "remote-close-unheard",
    planted: "a failed close from another thread is not reported",
    file: "src/threads/commands/command_intake.ts",
    old: "sent(completionFor(answers, id), { abort })",
    new: "sent(completionFor(answers, id) ?? (() => {}), { abort })",
    suites: [{ file: "tests/threads/command_intake.test.ts" }],
  },
  {
    name: "stop-margin-too-large",
    planted: "stop waits for a worker 4 s beyond its grace period",
    file: "src/tuning.ts",
    old: "STOP_MARGIN_MS = 1000;",
    new: "STOP_MARGIN_MS = 4000;",
    suites: [{
      file: "tests/threads/stopping.test.ts",
      only: "by what it waits for: for a graceful stop",
    }],
  },
  {
    name: "lost-command-told-twice",
    planted: "a command pending when its thread ends fails twice",
    file: "src/threads/link/unanswered_commands.ts",
    old: "      this.#failLater(command, error);\n    }",
    new:
      "      this.#failLater(command, error);\n      this.#failLater(command, error);\n    }",
    suites: [{
      file: "tests/threads/failures.test.ts",
      only: "under load: every completion is called once",
    }],
  },
  {
    name: "exit-that-was-none",
    planted: "a thread that does not end is reported as ended",
    file: "src/threads/manager/worker_handle.ts",
    old: "did not end, and was given up",
    new: "ended never, and was given up",
    suites: [{
      file: "tests/threads/stopping.test.ts",
      only: "cannot be ended",
    }],
  },
  {
    name: "last-command-kept",
    planted: "the values of the last command are kept until the next one",
    file: "src/threads/link/command_outbox.ts",
    old: "    this.#room?.clear();\n",
    new: "",
    suites: RECORDS,
  },
  {
    name: "given-up-question-forgotten",
    planted: "an abandoned question no longer counts as unanswered",
    file: "src/threads/asking/asking.ts",
    old: "if (question.giveUp(signal?.reason)) place.sendWithdraw(id);",
    new:
      "if (question.giveUp(signal?.reason)) place.sendWithdraw(id);\n      place.questions.take(id);",
    suites: [{
      file: "tests/threads/asking.test.ts",
      only: "because too many are unanswered fails with",
    }],
  },
  {
    name: "no-time-limit-is-none-at-all",
    planted: "a question without a time limit times out at once",
    file: "src/threads/asking/asking.ts",
    old: "if (timeoutMs > 0) this.#loop.arm(timeout, timeoutMs);",
    new: "this.#loop.arm(timeout, timeoutMs);",
    suites: [{
      file: "tests/threads/asking.test.ts",
      only: "has no time limit",
    }],
  },
  {
    name: "given-up-question-not-told",
    planted: "the service is not told that a question has timed out",
    file: "src/threads/asking/asking.ts",
    old: "if (question.expire(timeoutMs)) place.sendWithdraw(id);",
    new: "question.expire(timeoutMs);",
    suites: [{
      file: "tests/threads/asking.test.ts",
      only: "fails with AskTimeoutError when its time is",
    }],
  },
  {
    name: "late-answer-not-counted",
    planted: "late answers are not counted",
    file: "src/threads/asking/asking.ts",
    old: "    this.#lateAnswerCount++;\n",
    new: "",
    suites: [{
      file: "tests/threads/asking.test.ts",
      only: "because too many are unanswered fails with",
    }],
  },
  {
    name: "outcome-called-certain",
    planted:
      "a question lost with its thread is not reported as having an unknown outcome",
    file: "src/threads/asking/question.ts",
    old: "  lose(error: Error): void {\n",
    new: "  lose(error: Error): void {\n    this.giveUp(error);\n",
    suites: [{
      file: "tests/threads/asking.test.ts",
      only: "fails with AskOutcomeUnknownError when the",
    }],
  },
  {
    name: "question-overtakes-commands",
    planted: "a question overtakes queued commands",
    file: "src/threads/asking/received_questions.ts",
    old: "if (loop.canWorkNow) call.execute();",
    new: "if (!isClosing) call.execute();",
    suites: [{
      file: "tests/threads/asking.test.ts",
      only: "waits as commands do in a runtime that is",
    }],
  },
  {
    name: "own-question-not-copied",
    planted: "a thread that asks itself shares its question with the service",
    file: "src/threads/asking/own_place.ts",
    old: "copy = copiedParcel(param, moved);",
    new: "copy = { value: param, size: 0 };",
    suites: [{
      file: "tests/threads/asking.test.ts",
      only: "and its answer are copied, wherever the service",
    }],
  },
  {
    name: "message-overtakes-commands",
    planted: "a message overtakes queued commands",
    file: "src/threads/asking/received_questions.ts",
    old: "if (this.#engine.loop.canWorkNow) this.#take(",
    new: "if (this.#engine.loop) this.#take(",
    suites: tellingOf("waits as commands do in a runtime that is"),
  },
  {
    name: "told-without-bound",
    planted: "a thread may be sent more messages than its limit",
    file: "src/threads/asking/tell_room.ts",
    old: "this.#count >= MAX_TOLD",
    new: "this.#count > MAX_TOLD",
    suites: tellingOf("has no more than"),
  },
  {
    name: "promise-done-at-once",
    planted:
      "a message counts as done before its service's promise has settled",
    file: "src/threads/asking/received_questions.ts",
    old: "    promise.then(succeed, refuse);",
    new: "    succeed(undefined);\n    promise.then(() => {}, refuse);",
    suites: tellingOf("has no more than"),
  },
  {
    name: "room-of-the-dead",
    planted: "a sender waiting for room waits for a thread that has ended",
    file: "src/threads/asking/tell_room.ts",
    old: "    this.#bytes = 0;\n    this.#open();",
    new: "    this.#bytes = 0;",
    suites: tellingOf("and ends is gone"),
  },
  {
    name: "failed-message-keeps-room",
    planted: "a message whose service throws never counts as done",
    file: "src/threads/asking/received_questions.ts",
    old: "      done();\n      this.#logFailed(service, error);",
    new: "      this.#logFailed(service, error);",
    suites: tellingOf("was handled once, and gives"),
  },
  {
    name: "failed-message-unheard",
    planted: "a failed message is not logged",
    file: "src/threads/asking/received_questions.ts",
    old:
      "    this.#engine.commands.logFailure(this.#takeAction(service), error);",
    new: "",
    suites: tellingOf("is logged in one line and counted by the thread"),
  },
  {
    name: "teller-lost-unheard",
    planted:
      "a service is not told that a thread that sent it messages has ended",
    file: "src/threads/asking/received_questions.ts",
    old: "[...this.#askers.values(), ...this.#tellers]",
    new: "[...this.#askers.values()]",
    suites: tellingOf("is known to the service"),
  },
  {
    name: "moved-buffer-copied",
    planted: "a view of part of a transferred buffer arrives as a copy",
    file: "src/threads/link/own_bytes.ts",
    old: "moved.length > 0 && moved.includes(",
    new: "moved.length > 9 && moved.includes(",
    suites: [{ file: "tests/threads/moving.test.ts" }],
  },
  {
    name: "moved-unchecked",
    planted:
      "a buffer that cannot be transferred is found only after the others are detached",
    file: "src/threads/link/moved_buffers.ts",
    old: "if (reason !== undefined) {",
    new: "if (reason === null) {",
    suites: tellingOf("with a buffer that cannot be moved"),
  },
  {
    name: "moved-at-home-shared",
    planted:
      "a command for a reactor of the same thread keeps its transferred buffers",
    file: "src/threads/commands/thread_cmd_senders.ts",
    old: "if (rest.transfer === undefined && failure === undefined) {",
    new: "if (failure === undefined) {",
    suites: [{ file: "tests/threads/moving.test.ts" }],
  },
  {
    name: "moved-before-it-is-due",
    planted:
      "a deferred command transfers its buffers when it is sent, not when it is due",
    file: "src/threads/commands/thread_cmd_senders.ts",
    old: "const isDue = deferred === undefined;",
    new: "const isDue = true;",
    suites: [{ file: "tests/threads/moving.test.ts" }],
  },
  {
    name: "lone-answer-lost",
    planted: "an answer that cannot be copied is never reported",
    file: "src/threads/link/answers.ts",
    old: "      refuse(answerNotSent(value, thrown));\n",
    new: "",
    suites: [{
      file: "tests/threads/asking.test.ts",
      only: "because its parameter or answer cannot be",
    }],
  },
  {
    name: "value-not-sent",
    planted: "the value of a command from another thread is lost",
    file: "src/threads/link/link_receiver.ts",
    old: "succeedWith(id, reactorId, value)",
    new: "succeed(id, reactorId)",
    suites: [{ file: "tests/threads/commands.test.ts", only: "value" }],
  },
  {
    name: "stop-order-ignored",
    planted: "a thread that others depend on stops together with them",
    file: "src/threads/manager/ordered_stop.ts",
    old: "await Promise.all(group.map((worker) => this.#stop(worker)));",
    new: "for (const worker of group) void this.#stop(worker);",
    suites: [{
      file: "tests/threads/draining.test.ts",
      only: "finish what is under way, and end cleanly",
    }],
  },
  {
    name: "drain-anew-for-each",
    planted: "each group of threads gets the full time to drain",
    file: "src/threads/manager/ordered_stop.ts",
    old: "Math.max(0, Math.ceil(this.#drainEnd - now));",
    new: "Math.max(100, Math.ceil(this.#drainEnd - now));",
    suites: [{
      file: "tests/threads/draining.test.ts",
      only: "gives each group what is left of the time limits",
    }],
  },
  {
    name: "on-stop-not-awaited",
    planted: "a thread ends before its onStop has finished",
    file: "src/threads/worker/worker_thread.ts",
    old: "await (this.#stopped ??= this.#callOnStop());",
    new: "this.#stopped ??= this.#callOnStop();",
    suites: [{
      file: "tests/threads/draining.test.ts",
      only: "finish what is under way, and end cleanly",
    }],
  },
  {
    name: "crash-in-drain-untold",
    planted: "a worker that crashes while draining is not reported",
    file: "src/threads/manager/worker_pool.ts",
    old: "this.#hasStarted && !this.#isEnding;",
    new: "this.#hasStarted && !this.#isStopping;",
    suites: [{
      file: "tests/threads/draining.test.ts",
      only: "report one that crashes while it drains",
    }],
  },
  {
    name: "cycle-sent-as-plain",
    planted: "a command whose object refers to itself is sent as plain data",
    file: "src/threads/link/plain_data.ts",
    old: "objects.length === LARGEST_PLAIN.objects || objects.includes(value)",
    new: "objects.length === LARGEST_PLAIN.objects",
    suites: [{ file: "tests/threads/records.test.ts" }],
  },
  {
    name: "proto-property-lost",
    planted:
      "a property named `__proto__` is lost on the way to another thread",
    file: "src/threads/link/plain_data.ts",
    old: 'if (element === NOT_PLAIN || key === "__proto__") return NOT_PLAIN;',
    new: "if (element === NOT_PLAIN) return NOT_PLAIN;",
    suites: [{ file: "tests/threads/records.test.ts" }],
  },
  {
    name: "stop-order-twice",
    planted: "a stop order may name a thread twice",
    file: "src/threads/manager/stop_order.ts",
    old: "if (seen.has(id)) throw refused(order, `${id} is there twice`);",
    new: "",
    suites: [{ file: "tests/threads/draining.test.ts", only: "order" }],
  },
];
