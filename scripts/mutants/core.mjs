// @ts-check

const SIM = "tests/sim_adapter.test.ts";
const LIMITS = "tests/time_limits.test.ts";

/** The conformance suite on a simulated network whose sockets count what they take. */
const counts = { file: SIM, only: "counts, seed 1" };

/** The tests of it whose names match. */
const countsOf = (/** @type {string} */ names) => [
  { file: SIM, only: `counts, seed 1.*(${names})` },
];

/**
 * Bugs of connections, commands, turns, and the end of a runtime.
 *
 * @type {import("../mutants.mjs").Mutant[]}
 */
export const coreMutants = [
  {
    name: "untaken-without-end",
    planted: "what onReadable does not take is kept without a bound",
    file: "src/core/connection.ts",
    old: "this.reader.untaken = count;\n    this.#socket.pause();",
    new: "this.reader.untaken = count;",
    suites: countsOf("is no more than maxMessageSize"),
  },
  {
    name: "taken-unnoticed",
    planted: "reading does not go on when what was kept is taken elsewhere",
    file: "src/io/inbound_buffer.ts",
    old:
      "      stage.isInUse = false;\n      if (this.untaken > 0) this.#tellIfTaken();",
    new: "      stage.isInUse = false;",
    suites: countsOf("is no more than maxMessageSize"),
  },
  {
    name: "cleared-unnoticed",
    planted: "reading does not go on when what was kept is cleared",
    file: "src/io/inbound_buffer.ts",
    old:
      "    this.#decodedMsgSize = this.#seen = 0;\n    if (this.untaken > 0) this.#tellIfTaken();",
    new: "    this.#decodedMsgSize = this.#seen = 0;",
    suites: countsOf("is no more than maxMessageSize"),
  },
  {
    name: "one-message-a-call-stalls",
    planted:
      "a handler that takes one message a call is not called again when reading has stopped",
    file: "src/core/connection.ts",
    old:
      "if (left === before || this.reader.isPaused) return this.#stopAt(left);",
    new: "return this.#stopAt(left);",
    suites: countsOf("is offered again at once"),
  },
  {
    name: "untaken-not-refused",
    planted:
      "a socket that reads on although nothing is taken fills the memory",
    file: "src/core/connection.ts",
    old: "if (untaken > maxMessageSize && count > untaken) {",
    new: "if (count === 0) {",
    suites: countsOf("closes the connection with MessageTooLargeError"),
  },
  {
    name: "getter-thrown-out-of-an-event",
    planted:
      "what a getter of onReadable throws leaves the event of the socket",
    file: "src/core/connection.ts",
    old:
      "      this.#failed(name, thrown);\n    }\n    this.#inHandler = this.#isReading",
    new:
      "      this.#failed(this.#reactor.onReadable ? name : name, thrown);\n    }\n    this.#inHandler = this.#isReading",
    suites: countsOf("the getter of onReadable"),
  },
  {
    name: "command-not-flushed",
    planted: "what a reactor sends while it handles a command is not written",
    file: "src/core/connection.ts",
    old: `return this.#failed("onCommand", thrown);
    } finally {
      this.#inHandler = false;
      if (this.#isFlushPending) this.#loop.flushLater(this);`,
    new: `return this.#failed("onCommand", thrown);
    } finally {
      this.#inHandler = false;`,
    suites: countsOf("is possible from everywhere"),
  },
  {
    name: "connect-not-flushed",
    planted:
      "what a reactor sends when it is connected waits for a socket event",
    file: "src/core/connection.ts",
    old: `const refusal = this.#handle(
      "onConnected",
      () => this.#reactor.onConnected?.(this, listenerId),
    );
    this.flush();`,
    new: `let refusal: Error | undefined;
    this.#inHandler = true;
    try {
      this.#reactor.onConnected?.(this, listenerId);
    } catch (thrown) {
      refusal = this.#failed("onConnected", thrown);
    }
    this.#inHandler = false;`,
    suites: [{ file: "tests/simple_io.test.ts" }],
  },
  {
    name: "send-outside-stalls",
    planted: "a send from outside of a turn does not ask for one",
    file: "src/core/turn_loop.ts",
    old: "if (!this.#isWorking) this.requestTurn();",
    new: "",
    suites: [counts],
  },
  {
    name: "fin-truncates",
    planted: "the peer's FIN aborts the connection: queued replies are lost",
    file: "src/core/connection.ts",
    old: "this.close(\n        count > 0",
    new: "this.abort(\n        count > 0",
    suites: countsOf("peer.s FIN closes a reactor in good order"),
  },
  {
    name: "close-drops-queue",
    planted: "close drops what is queued instead of sending it first",
    file: "src/core/connection.ts",
    old: "    this.sender.close();\n",
    new: '    this.sender.fail(new ConnectionClosedError("closed"));\n',
    suites: countsOf("close sends what is queued|sendClose drains"),
  },
  {
    name: "fin-before-queue",
    planted: "FIN is sent before the queue is out",
    file: "src/core/connection.ts",
    old: "      this.sender.bytesQueued === 0\n",
    new: "      this.sender.bytesQueued >= 0\n",
    suites: countsOf("close sends what is queued|sendClose drains"),
  },
  {
    name: "reset-swallowed",
    planted: "a reset is told as an end in good order",
    file: "src/core/connection.ts",
    old: "this.#reason ??= reasons.lost(this.#socket, failure);",
    new: "",
    suites: countsOf("by a reset"),
  },
  {
    name: "on-close-twice",
    planted: "abort calls onClose by itself, and the socket's close once more",
    file: "src/core/connection.ts",
    old: "this.#socket.destroy();\n  }\n\n  pauseReading",
    new:
      "this.#socket.destroy();\n    this.#loop.defer(() => this.onClose());\n  }\n\n  pauseReading",
    suites: countsOf("by our abort|abort drops"),
  },
  {
    name: "close-keeps-handing-out",
    planted: "messages are handed out after close",
    file: "src/core/connection.ts",
    old: "    this.reader.isPaused = true;\n    this.reader.clear();\n",
    new: "",
    suites: countsOf("after close a reactor hears nothing"),
  },
  {
    name: "high-water-never-resumes",
    planted: "reading that the high-water mark has paused never goes on",
    file: "src/core/connection.ts",
    old: "this.#isPausedByQueue = false;\n",
    new: "",
    suites: [counts],
  },
  {
    name: "no-delay-off",
    planted: "TCP_NODELAY is not set",
    file: "src/core/connection.ts",
    old: "this.#socket.setNoDelay(this.#settings.noDelay);",
    new: "",
    suites: countsOf("TCP_NODELAY is on"),
  },
  {
    name: "close-has-no-limit",
    planted: "a close whose peer does not read lasts for ever",
    file: "src/core/connection.ts",
    old: "else this.#limitInactivity(this.#settings.closeTimeoutMs);",
    new: "",
    suites: countsOf("closeTimeoutMs"),
  },
  {
    name: "rejected-connect-is-ok",
    planted: "a connect is completed as ok though onConnected threw",
    file: "src/core/engine.ts",
    old: "if (refusal === undefined) {",
    new: "if (refusal === undefined || this.#adapter !== undefined) {",
    suites: countsOf("a throw in onConnected"),
  },
  {
    name: "stop-forgets-on-close",
    planted: "stop does not wait for onClose: it ends before it was called",
    file: "src/core/engine.ts",
    old: "return this.whenIdle().then(",
    new: "return Promise.resolve().then(",
    suites: countsOf("Stop|stop|exactly once|within the grace"),
  },
  {
    name: "stop-never-aborts",
    planted: "a peer that does not read holds stop up for ever",
    file: "src/core/engine.ts",
    old: "if (reactor instanceof Connection) reactor.abort(CLOSED);",
    new: "",
    suites: [{ file: "tests/stop_grace.test.ts" }],
  },
  {
    name: "command-wakes-nobody",
    planted: "a command does not wake the loop: it waits for some other event",
    file: "src/core/turn_loop.ts",
    old:
      "if (queuedCount > 0 || unsettledCount === 0) this.requestTurn();\n    this.#setTimer();",
    new: "this.#setTimer();",
    suites: [counts],
  },
  {
    name: "poll-sleeps-on",
    planted: "processEvents sleeps for its time though a command came in",
    file: "src/core/turn_loop.ts",
    old: "onCommand(): void {\n    this.#onEvent?.();",
    new: "onCommand(): void {",
    suites: countsOf("wakes at once"),
  },
  {
    name: "cannot-cancel",
    planted: "a command that was cancelled is carried out",
    file: "src/core/command_queue.ts",
    old: "} else if (!command.isWithdrawn) {",
    new: "} else {",
    suites: countsOf("cancel"),
  },
  {
    name: "connect-completes-twice",
    planted: "a connect that is cancelled goes on, and is completed again",
    file: "src/core/command_queue.ts",
    old: "if (command.isRunning && !command.abandon?.()) return false;",
    new:
      "if (command.isRunning && command.abandon === undefined) return false;",
    suites: countsOf("cancel"),
  },
  {
    name: "wall-clock-deadline",
    planted: "deferred commands are due by the clock of the wall",
    file: "src/core/command_queue.ts",
    old: "this.#deferred.push(slotOf(id), this.#clocks.now() + delay);",
    new: "this.#deferred.push(slotOf(id), this.#clocks.wallNow() + delay);",
    suites: countsOf("deferred"),
  },
  {
    name: "bare-command-stays",
    planted:
      "a deferred command that nobody awaits is carried out though it was cancelled",
    file: "src/core/command_queue.ts",
    old: `    if (this.#isDetached(slot)) {
      this.#deferred.remove(slot);`,
    new: "    if (this.#isDetached(slot)) {",
    suites: countsOf("cancel"),
  },
  {
    name: "bare-command-coerced",
    planted: "a deferred command to the text of an id reaches its reactor",
    file: "src/core/command_queue.ts",
    old: `      typeof reactorId === "number" && reactorId > 0 &&`,
    new: "      reactorId > 0 &&",
    suites: countsOf("no id reaches nobody"),
  },
  {
    name: "bare-command-silent",
    planted: "a deferred command that nobody awaits fails in silence",
    file: "src/core/command_queue.ts",
    old:
      "if (error !== undefined) this.tellUnheard(userCmdAction(target), error);",
    new: "void error;",
    suites: countsOf("cancel"),
  },
  {
    name: "resume-inside-lost",
    planted:
      "what is resumed by the handler of a message that a pause had held waits for the peer",
    file: "src/core/connection.ts",
    old: "    if (this.#isReading) {\n      this.reader.isPaused = false;",
    new: "    if (false) {\n      this.reader.isPaused = false;",
    suites: countsOf("pause and resume"),
  },
  {
    name: "accept-gives-up",
    planted: "a listener accepts nothing more after a transient failure",
    file: "src/core/accept_retry.ts",
    old: "else if (delayMs === 0) listener.resume();",
    new: "else if (delayMs === 0) return;",
    suites: [{ file: "tests/accepting.test.ts" }],
  },
  {
    name: "accept-never-waits",
    planted:
      "a listener tries again at once, for ever, what failed many times in a row",
    file: "src/core/accept_back_off.ts",
    old: "this.#triesAtOnce++ < TRIES_AT_ONCE",
    new: "this.#triesAtOnce++ >= 0",
    suites: [{ file: "tests/accepting.test.ts" }],
  },
  {
    name: "accept-back-off-stays",
    planted: "the wait of a listener grows over all failures of its life",
    file: "src/core/accept_back_off.ts",
    old: "reset(): void {\n    this.#delayMs = FIRST_DELAY_MS;",
    new: "reset(): void {",
    suites: [
      { file: "tests/accepting.test.ts" },
      { file: "tests/relay/acceptor.test.ts" },
    ],
  },
  {
    name: "accept-never-resets",
    planted: "a listener that accepts a connection does not tell its back-off",
    file: "src/core/listener_state.ts",
    old: "    this.#retry.onAccept();\n",
    new: "",
    suites: [{ file: "tests/accepting.test.ts" }],
  },
  {
    name: "relay-never-resets",
    planted: "a relay that accepts a connection does not tell its back-off",
    file: "src/threads/relay/acceptor.ts",
    old: "    this.#retry.onAccept();\n",
    new: "",
    suites: [{ file: "tests/relay/acceptor.test.ts" }],
  },
  {
    name: "accept-floods-the-log",
    planted: "a listener that waits logs every failure that comes meanwhile",
    file: "src/core/accept_retry.ts",
    old: "    if (this.#backOff.isWaiting) return;\n",
    new: "",
    suites: [{ file: "tests/accepting.test.ts" }],
  },
  {
    name: "meets-itself",
    planted: "a connect that met itself is a connection",
    file: "src/core/connect_attempt.ts",
    old: "if (!this.#hasMetItself(socket)) return",
    new: "return",
    suites: [{ file: "tests/connecting.test.ts" }],
  },
  {
    name: "failed-connect-wakes-nobody",
    planted: "run() sleeps on when the connect that it waited for has failed",
    file: "src/core/engine.ts",
    old:
      "            outcome.fail(error);\n            this.loop.requestTurn();",
    new: "            outcome.fail(error);",
    suites: [{ file: "tests/connecting.test.ts" }],
  },
  {
    name: "names-in-other-letters",
    planted: "a name in other letters goes to the runtime as it is written",
    file: "src/api/address.ts",
    old: 'const name = isPlain ? host : urlHost(host) ?? "";',
    new: 'const name = isPlain || !isAscii ? host : urlHost(host) ?? "";',
    suites: [{ file: "tests/address.test.ts" }],
  },
  {
    name: "zero-is-a-message",
    planted:
      "0 from a simple handler, which waits for more, closes the connection",
    file: "src/helpers/simple.ts",
    old: "if (consumed === 0)",
    new: "if (consumed < 0)",
    suites: [{ file: "tests/simple_io.test.ts" }],
  },
  {
    name: "peer-log-unbounded",
    planted: "every line that peers cause is logged, however many there are",
    file: "src/core/peer_log.ts",
    old: "if (this.#lineCount < MAX_LINES) {",
    new: "if (this.#lineCount < Infinity) {",
    suites: [{ file: "tests/peer_log.test.ts" }],
  },
  {
    name: "peer-log-count-late",
    planted:
      "how many lines were held back is not told when the second is over",
    file: "src/core/peer_log.ts",
    old: "this.#loop.arm(this.#secondIsOver, this.#secondEnd - now);",
    new: "",
    suites: countsOf("the count comes when the second is over"),
  },
  {
    name: "peer-log-untold-at-stop",
    planted: "what was held back is not told when the runtime has stopped",
    file: "src/core/engine.ts",
    old: "this.peerLog.tellHeldBack();",
    new: "",
    suites: countsOf("of messages, connections, completions"),
  },
  {
    name: "close-refused-at-stop",
    planted: "a close that waits when the runtime stops is refused",
    file: "src/core/command_queue.ts",
    old: `if (isClose) closes.push(command);
      else rest.push(command);`,
    new: "rest.push(command);",
    suites: countsOf("carries out the closes that wait"),
  },
  {
    name: "close-of-what-is-gone-logged",
    planted: "a close of what is closed already is logged as a failure",
    file: "src/core/command_queue.ts",
    old: "if (command.isNeedless(unheard)) logDebug",
    new: "if (false) logDebug",
    suites: countsOf("a close of what is gone"),
  },
  {
    name: "full-runtime-keeps-port",
    planted: "a listener for which a runtime has no room stays bound",
    file: "src/core/engine.ts",
    old:
      `this.#awaitRelease(listener.close(), () => outcome.fail(error as Error));
      return;`,
    new: "return outcome.fail(error as Error);",
    suites: [{ file: "tests/full_runtime.test.ts" }],
  },
  {
    name: "drops-uncounted",
    planted: "connections that are dropped are not counted",
    file: "src/core/listener_state.ts",
    old: "this.dropCount++;",
    new: "",
    suites: countsOf("beyond maxConnections is told"),
  },
  {
    name: "reactor-promise-unwatched",
    planted: "a promise that is given as a reactor is not watched",
    file: "src/core/failures.ts",
    old: "  forget(value);",
    new: "",
    suites: countsOf("a factory that fails or promises"),
  },
  {
    name: "id-without-text",
    planted: "the id of a command to close is put into a message as it is",
    file: "src/core/commands.ts",
    old: "return `close reactor ${textOf(this.target)}`;",
    new: "return `close reactor ${this.target}`;",
    suites: countsOf("what has no text or cannot be read"),
  },
  {
    name: "late-timer-proves",
    planted: "a time limit is told by a late timer, before sockets were served",
    file: "src/core/turn_loop.ts",
    old: "this.#timeouts.popDue(this.#servedAt)",
    new: "this.#timeouts.popDue(this.#adapter.now())",
    suites: [{ file: LIMITS, only: "stood still" }],
  },
  {
    name: "look-for-each-limit",
    planted: "each turn asks anew for a look at the sockets while one is due",
    file: "src/core/turn_loop.ts",
    old: "if (!isOver || this.#willBeServedAt !== undefined) return;",
    new: "if (!isOver) return;",
    suites: [{ file: LIMITS, only: "a time limit that is over" }],
  },
  {
    name: "look-spins",
    planted: "turns follow each other while sockets are served for a limit",
    file: "src/core/turn_loop.ts",
    old: "return this.#willBeServedAt === undefined",
    new: "return this.#servedAt < Infinity",
    suites: [{ file: LIMITS, only: "waits with all others" }],
  },
  {
    name: "look-holds-commands-up",
    planted: "deferred commands wait while sockets are served for a limit",
    file: "src/core/turn_loop.ts",
    old:
      "      ? Math.min(this.#timeouts.earliest, deadline)\n      : deadline;",
    new:
      "      ? Math.min(this.#timeouts.earliest, deadline)\n      : Infinity;",
    suites: [{ file: LIMITS, only: "does not hold up deferred" }],
  },
  {
    name: "look-wakes-no-poll",
    planted: "processEvents sleeps on when a limit can be told",
    file: "src/core/turn_loop.ts",
    old:
      "if (!this.#isPolled) this.work(COMMANDS_PER_TURN);\n    this.#onEvent?.();",
    new: "if (!this.#isPolled) this.work(COMMANDS_PER_TURN);",
    suites: [{ file: LIMITS, only: "by the next processEvents" }],
  },
  {
    name: "cancel-wakes-nobody",
    planted:
      "run sleeps on when the last deferred command is cancelled that nobody awaits",
    file: "src/core/command_queue.ts",
    old: "this.#takeDetached(slot);\n      this.#onCommand();",
    new: "this.#takeDetached(slot);",
    suites: countsOf("the last deferred command"),
  },
  {
    name: "withdrawal-wakes-nobody",
    planted: "run sleeps on when the last deferred command is cancelled",
    file: "src/core/command_queue.ts",
    old: "this.#owner.onSettled(command);\n    this.#onCommand();",
    new: "this.#owner.onSettled(command);",
    suites: countsOf("the last deferred command"),
  },
  {
    name: "bound-counts-the-past",
    planted: "commands that were carried out count as waiting",
    file: "src/core/command_queue.ts",
    old: "return this.#queue.length - this.#head;",
    new: "return this.#queue.length;",
    suites: [{ file: "tests/command_queue.test.ts" }],
  },
  {
    name: "bound-forgets-cancelled",
    planted: "commands that were cancelled raise the bound for ever",
    file: "src/core/command_queue.ts",
    old: "if (command.isWithdrawn) this.#withdrawnCount--;",
    new: "",
    suites: [{ file: "tests/command_queue.test.ts" }],
  },
  {
    name: "bound-not-for-threads",
    planted: "the commands of other threads that wait have no bound",
    file: "src/core/command_queue.ts",
    old:
      "if (this.#refuses(command)) return command.fail(command.failure as Error);",
    new: "",
    suites: [{ file: "tests/command_queue.test.ts" }],
  },
  {
    name: "accept-fails-for-ever",
    planted: "a listener that can accept no more stays open, and deaf",
    file: "src/core/listener_state.ts",
    old: "this.close(error);\n    logError(`listener ${this.id} has",
    new: "logError(`listener ${this.id} has",
    suites: [{ file: "tests/accepting.test.ts" }],
  },
  {
    name: "back-off-remembers",
    planted: "after a success accepting waits as long as it did before",
    file: "src/core/listener_state.ts",
    old: "    this.#retry.onAccept();\n",
    new: "",
    suites: [{ file: "tests/accepting.test.ts" }],
  },
];
