// @ts-check

const SIM = "tests/sim/adapter.test.ts";
const LIMITS = "tests/core/time_limits.test.ts";

/** The promises whose names match, on a simulated network whose sockets count what they take. */
const countsOf = (/** @type {string} */ names) => [
  { file: SIM, only: `counts, seed 1.*(${names})` },
];

const UNIX = "tests/adapters/unix_sockets.test.ts";

const DRAINING = countsOf("draining");
const ADMISSION = [{ file: "tests/core/admission.test.ts" }];
const SIGNALS = [{ file: "tests/toolkit/run_on_signals.test.ts" }];

/**
 * Bugs in connections, commands, turns, and the stop of a runtime.
 *
 * @type {import("../mutants.mjs").Mutant[]}
 */
export const coreMutants = [
  {
    name: "no-turn-for-others",
    planted: "all messages of a read are handed out in one turn, however many",
    file: "src/core/connection.ts",
    old: "if (!isUsedUp || this.#isToPause || !this.isOpen) return;",
    new: "if (isUsedUp || !isUsedUp) return;",
    suites: countsOf("more messages than a turn"),
  },
  {
    name: "turn-without-a-clock",
    planted: "a turn ends for a connection only after many messages",
    file: "src/core/turn_share.ts",
    old: " || now - this.#since >= TURN_SHARE.ms",
    new: "",
    suites: [{ file: "tests/core/turn_share.test.ts" }],
  },
  {
    name: "turn-never-comes",
    planted: "messages that wait for their turn are never handed out",
    file: "src/core/connection.ts",
    old: "this.#unpause(PauseReason.Others);",
    new: "",
    suites: countsOf("more messages than a turn"),
  },
  {
    name: "turn-counted-as-pause",
    planted: "a connection that waits for its turn counts as paused",
    file: "src/core/connection.ts",
    old: "reason !== PauseReason.Others && !pauses.isPaused",
    new: "!pauses.isPaused",
    suites: countsOf("keeps a pause for its turn out"),
  },
  {
    name: "turn-prolongs-a-pause",
    planted:
      "a pause that the reactor has ended counts on until the turn of its connection",
    file: "src/core/connection.ts",
    old: "if (!pauses.isCounted) this.#endPause();",
    new: "if (!pauses.isNeeded) this.#endPause();",
    suites: countsOf("counts no more of a pause"),
  },
  {
    name: "waiting-for-its-turn-is-idle",
    planted: "a connection that waits for its turn is closed as idle",
    file: "src/core/connection.ts",
    old: "const reasons = PauseReason.User | PauseReason.Others;",
    new: "const reasons = PauseReason.User;",
    suites: [{
      file: "tests/core/deadlines.test.ts",
      only: "has had its turn",
    }],
  },
  {
    name: "lost-while-it-waits",
    planted:
      "messages that wait for their turn are dropped when the connection is lost",
    file: "src/core/connection.ts",
    old: "    this.#catchUp();\n    if (isLost)",
    new: "    if (isLost)",
    suites: countsOf("has all handed out that was read when its connection"),
  },
  {
    name: "drained-while-it-waits",
    planted:
      "messages that wait for their turn are dropped by a stop that drains",
    file: "src/core/connection.ts",
    old: "if (this.#catchUp()) this.#resume();",
    new: "",
    suites: countsOf("has all handed out that was read when a stop"),
  },
  {
    name: "aborts-by-fin",
    planted: "an abort in a handler sends FIN and reports that to taps",
    file: "src/core/connection.ts",
    old: '    this.#enter("abort");\n',
    new: "",
    suites: [{
      file: "tests/recording/recording.test.ts",
      only: "has sent no FIN if its handlers abort",
    }],
  },
  {
    name: "told-after-the-stop",
    planted: "a stop resolves before all events are published on the channels",
    file: "src/core/engine.ts",
    old: "      this.connector.events.isPublishing ||\n",
    new: "",
    suites: countsOf("that a stop aborts meanwhile"),
  },
  {
    name: "last-in-hand-forgotten",
    planted:
      "a listener that has stopped accepting closes while its handler is still deciding on a connection",
    file: "src/core/listener_intake.ts",
    old: "return this.admission.openCount === 0 && !this.#isChoosing;",
    new: "return this.admission.openCount === 0;",
    suites: countsOf("stopAccepting from the onNewConnection"),
  },
  {
    name: "first-socket-left-behind",
    planted:
      "the socket passed to onNewConnection does not learn that TLS starts later",
    file: "src/core/connection.ts",
    old: "    this.#reactorSocket = accepted?.reactorSocket;",
    new: "    this.#reactorSocket = undefined;",
    suites: countsOf("shows in the socket that onNewConnection got"),
  },
  {
    name: "untaken-without-end",
    planted: "bytes that onReadable leaves unread are buffered without limit",
    file: "src/core/connection.ts",
    old: "this.reader.untaken = count;\n    this.#socket.pause();",
    new: "this.reader.untaken = count;",
    suites: countsOf("is at most maxMessageSize and a read"),
  },
  {
    name: "taken-unnoticed",
    planted:
      "reading does not resume when buffered bytes are consumed outside onReadable",
    file: "src/io/inbound_buffer.ts",
    old:
      "      context.isInUse = this.#isDispatching = false;\n      if (this.untaken > 0) this.#notifyIfTaken();",
    new: "      context.isInUse = this.#isDispatching = false;",
    suites: countsOf("is at most maxMessageSize and a read"),
  },
  {
    name: "cleared-unnoticed",
    planted: "reading does not resume when the buffered bytes are cleared",
    file: "src/io/inbound_buffer.ts",
    old:
      "    this.decodedMsgSize = this.#seen = 0;\n    if (this.untaken > 0) this.#notifyIfTaken();",
    new: "    this.decodedMsgSize = this.#seen = 0;",
    suites: countsOf("is at most maxMessageSize and a read"),
  },
  {
    name: "one-message-a-call-stalls",
    planted:
      "a handler that takes one message per call is not called again once reading has stopped",
    file: "src/core/connection.ts",
    old:
      "if (left === before || this.reader.isPaused) return this.#stopAt(left);",
    new: "return this.#stopAt(left);",
    suites: countsOf("is offered again at once"),
  },
  {
    name: "untaken-not-refused",
    planted:
      "a socket that keeps reading although nothing is consumed fills the memory",
    file: "src/core/connection.ts",
    old: "if (untaken > maxMessageSize && count > untaken) {",
    new: "if (count === 0) {",
    suites: countsOf("closes the connection with MessageTooLargeError"),
  },
  {
    name: "getter-thrown-out-of-an-event",
    planted:
      "an error thrown by an onReadable getter escapes from the socket's event",
    file: "src/core/reactor_context.ts",
    old: "      return handler.call(this, given);\n    } catch (thrown) {",
    new:
      "      if (running === Running.Reading) void this.reactor.onReadable;\n    } finally {\n      // ever on\n    }\n    try {\n      return handler.call(this, given);\n    } catch (thrown) {",
    suites: countsOf("the getter of onReadable"),
  },
  {
    name: "command-not-flushed",
    planted: "what a reactor sends while it handles a command is not flushed",
    file: "src/core/reactor_context.ts",
    old: "    if (this.isDue) this.loop.atTurnEnd(this);\n    return result;",
    new: "    return result;",
    suites: countsOf("is possible from everywhere"),
  },
  {
    name: "connect-not-flushed",
    planted:
      "what a reactor sends in onConnected is not flushed until the next socket event",
    file: "src/core/connection.ts",
    old: "this.#callOnConnected, listenerId);\n    this.onTurnEnd();",
    new: "this.#callOnConnected, listenerId);",
    suites: [{ file: "tests/helpers/simple_io.test.ts" }],
  },
  {
    name: "send-outside-stalls",
    planted: "a send from outside a turn does not request one",
    file: "src/core/turn_loop.ts",
    old: "if (!this.#isWorking) this.requestTurn();",
    new: "",
    suites: countsOf("echoes 0 bytes sent in odd pieces, every byte"),
  },
  {
    name: "listener-closed-with-connections",
    planted: "a listener that stops accepting is closed at once",
    file: "src/core/listener_state.ts",
    old: "    this.onLeft();\n    await isFree;",
    new: "    this.#beginClosing(undefined);\n    await isFree;",
    suites: countsOf("stopAccepting releases"),
  },
  {
    name: "drained-listener-stays",
    planted:
      "a listener that has stopped accepting is not closed after its last connection",
    file: "src/core/listener_state.ts",
    old: "    this.#beginClosing(undefined);\n    this.#reportIfEnded();",
    new: "    this.#reportIfEnded();",
    suites: countsOf("stopAccepting releases"),
  },
  {
    name: "close-resolves-too-early",
    planted:
      "a callback that waits for a close runs before onClose has been called",
    file: "src/core/connection.ts",
    old: "if (this.#state === State.Reported) callback();",
    new: "if (this.#state >= State.Closing) callback();",
    suites: countsOf("close, a second close and abort resolve"),
  },
  {
    name: "late-waiter-forgotten",
    planted:
      "a callback that waits for a connection already closed is never called",
    file: "src/core/connection.ts",
    old: "if (this.#state === State.Reported) callback();\n    else this",
    new: "this",
    suites: countsOf("close resolves when a stop"),
  },
  {
    name: "id-of-a-handle-not-read",
    planted: "a command addressed to a handle finds no reactor",
    file: "src/core/command_options.ts",
    old: 'return typeof id === "number" ? id : target as unknown as ReactorID;',
    new: "return id === undefined ? id : target as unknown as ReactorID;",
    suites: countsOf("where an id is expected"),
  },
  {
    name: "fin-truncates",
    planted: "the peer's FIN aborts the connection: queued replies are lost",
    file: "src/core/connection.ts",
    old: "    this.close(count > 0 ?",
    new: "    this.abort(count > 0 ?",
    suites: countsOf("peer.s FIN closes a reactor gracefully"),
  },
  {
    name: "close-drops-queue",
    planted: "close drops what is queued instead of sending it first",
    file: "src/core/connection.ts",
    old: "    this.reader.clear();\n    this.sender.close();\n",
    new: '    this.sender.fail(new ConnectionClosedError("closed"));\n',
    suites: countsOf("close sends what is queued|sendClose does so"),
  },
  {
    name: "fin-before-queue",
    planted: "FIN is sent before the send queue is empty",
    file: "src/core/connection.ts",
    old:
      '    if (this.sender.bytesQueued > 0) return;\n    this.#enter("finSent");',
    new: '    this.#enter("finSent");',
    suites: countsOf("close sends what is queued|sendClose does so"),
  },
  {
    name: "reset-swallowed",
    planted: "a reset is reported as a clean end",
    file: "src/core/connection.ts",
    old: "this.#reason ??= reasons.lost(this.#socket, failure);",
    new: "",
    suites: countsOf("by a reset"),
  },
  {
    name: "on-close-twice",
    planted:
      "abort calls onClose itself, and the socket's close event calls it again",
    file: "src/core/connection.ts",
    old: "this.#socket.destroy();\n  }\n\n  pauseReading",
    new:
      "this.#socket.destroy();\n    this.loop.defer(() => this.onClose());\n  }\n\n  pauseReading",
    suites: countsOf("by our abort|abort drops"),
  },
  {
    name: "close-keeps-handing-out",
    planted: "messages are still delivered after close",
    file: "src/core/connection.ts",
    old: "    this.reader.isPaused = true;\n    this.reader.clear();\n",
    new: "",
    suites: countsOf("after close a reactor gets only onClose"),
  },
  {
    name: "high-water-never-resumes",
    planted: "reading paused by the high-water mark never resumes",
    file: "src/core/connection.ts",
    old: "      this.#unpause(PauseReason.SendQueue);\n",
    new: "",
    suites: countsOf("a slow reader costs the server no more than its"),
  },
  {
    name: "no-delay-off",
    planted: "TCP_NODELAY is not set",
    file: "src/core/connection.ts",
    old: "this.#socket.setOptions(this.#socketOptions);",
    new: "",
    suites: countsOf("TCP_NODELAY is on"),
  },
  {
    name: "close-has-no-limit",
    planted: "a close never ends if the peer does not read",
    file: "src/core/connection.ts",
    old: "else (this.#deadlines ??= this.#newDeadlines()).beginClosing();",
    new: "",
    suites: countsOf("closeTimeoutMs"),
  },
  {
    name: "rejected-connect-is-ok",
    planted: "a connect succeeds although onConnected threw",
    file: "src/core/connector.ts",
    old: "if (refusal === undefined) callbacks",
    new: "if (refusal === undefined || this.#adapter !== undefined) callbacks",
    suites: countsOf("a throw in onConnected"),
  },
  {
    name: "stop-forgets-on-close",
    planted: "stop resolves without waiting for onClose",
    file: "src/core/engine.ts",
    old: "return this.whenIdle().then(",
    new: "return Promise.resolve().then(",
    suites: countsOf("Stop|stop|exactly once|within the grace"),
  },
  {
    name: "refusal-for-each",
    planted: "a stop creates an error for each command that nobody awaits",
    file: "src/core/command_queue.ts",
    old:
      "  return command.isAwaited ? withAction(reason, command.action) : reason;\n",
    new: "  return withAction(reason, command.action);\n",
    suites: [{
      file: "tests/core/command_queue.test.ts",
      only: "no error is made for each",
    }],
  },
  {
    name: "stop-looks-for-ever",
    planted: "a stop goes on checking for silent peers after its grace period",
    file: "src/core/shutdown.ts",
    old:
      "    this.#host.loop.disarm(this.#lookTimeout);\n    this.#host.reactors",
    new: "    this.#host.reactors",
    suites: [{
      file: "tests/core/stop_grace.test.ts",
      only: "leaves no timer",
    }],
  },
  {
    name: "stop-waits-for-answers",
    planted:
      "a stop spends its whole grace period on peers that do not answer FIN",
    file: "src/core/connection.ts",
    old: "      this.abort(reason);\n    }\n  }",
    new: "    }\n  }",
    suites: countsOf("an idle peer that does not answer"),
  },
  {
    name: "stop-cuts-who-talks",
    planted: "a stop does not wait for peers that are still sending",
    file: "src/core/connection.ts",
    old: "      this.#silentLooks = Math.min(this.#silentLooks, 0);\n",
    new: "",
    suites: countsOf("a peer that is still talking"),
  },
  {
    name: "stop-cuts-slow-readers",
    planted: "a stop does not wait for peers that read slowly",
    file: "src/core/connection.ts",
    old: "      this.#silentLooks = -Infinity;\n",
    new: "",
    suites: countsOf("a peer that is slow to read"),
  },
  {
    name: "stop-never-aborts",
    planted: "a peer that does not read blocks stop for ever",
    file: "src/core/reactor_registry.ts",
    old:
      "for (const connection of this.connections()) connection.abort(reason);",
    new: "",
    suites: [{
      file: "tests/core/stop_grace.test.ts",
      only: "ends a connection whose peer does not read, and",
    }],
  },
  {
    name: "command-wakes-nobody",
    planted: "a command does not wake the loop until some other event comes",
    file: "src/core/turn_loop.ts",
    old: "const isTurnDue = queuedCount > 0 || unsettledCount === 0;",
    new: "const isTurnDue = unsettledCount < 0;",
    suites: countsOf("when a command answers, a client that sends"),
  },
  {
    name: "poll-sleeps-on",
    planted:
      "processEvents sleeps until its timeout although a command has arrived",
    file: "src/core/turn_loop.ts",
    old: "onCommand(): void {\n    this.#onEvent?.();",
    new: "onCommand(): void {",
    suites: countsOf("wakes at once"),
  },
  {
    name: "cannot-cancel",
    planted: "a cancelled command is executed",
    file: "src/core/command_queue.ts",
    old: "} else if (!command.isWithdrawn) {",
    new: "} else {",
    suites: countsOf("cancel"),
  },
  {
    name: "connect-completes-twice",
    planted: "a cancelled connect goes on and completes again",
    file: "src/core/command_queue.ts",
    old: "if (command.isExecuting && !command.abandon?.()) return false;",
    new:
      "if (command.isExecuting && command.abandon === undefined) return false;",
    suites: countsOf("cancel"),
  },
  {
    name: "wall-clock-deadline",
    planted: "deferred commands are timed by the wall clock",
    file: "src/core/command_queue.ts",
    old: "this.#pending.defer(id, this.#clock.now() + delay);",
    new: "this.#pending.defer(id, this.#clock.wallNow() + delay);",
    suites: countsOf("deferred"),
  },
  {
    name: "detached-command-stays",
    planted:
      "a deferred command that nobody awaits is executed after it was cancelled",
    file: "src/core/pending_commands.ts",
    old: "    this.#deferred.remove(slot);\n",
    new: "",
    suites: countsOf("cancel"),
  },
  {
    name: "detached-command-coerced",
    planted:
      "a deferred command reaches its reactor when the id is given as text",
    file: "src/core/runtime_cmd_sender.ts",
    old: `      typeof id === "number" && id > 0 &&`,
    new: "      id > 0 &&",
    suites: countsOf("whose target is not an id reaches no reactor"),
  },
  {
    name: "detached-command-silent",
    planted: "a deferred command that nobody awaits fails silently",
    file: "src/core/command_queue.ts",
    old: "this.logFailure(userCmdAction(target), given);",
    new: "",
    suites: countsOf("cancel"),
  },
  {
    name: "resume-inside-lost",
    planted:
      "after a handler resumes, messages held back by the pause wait until the peer sends more",
    file: "src/core/connection.ts",
    old:
      "    if (this.running === Running.Reading) {\n      this.reader.isPaused = false;",
    new: "    if (false) {\n      this.reader.isPaused = false;",
    suites: countsOf("pause and resume"),
  },
  {
    name: "accept-gives-up",
    planted: "a listener accepts nothing more after a transient failure",
    file: "src/core/accept_retry.ts",
    old: "ACCEPT_TRIES_AT_ONCE) {\n      return this.#listener().resume();",
    new: "ACCEPT_TRIES_AT_ONCE) {\n      return;",
    suites: [{
      file: "tests/core/accepting.test.ts",
      only: "goes on accepting at once if the next one may",
    }],
  },
  {
    name: "accept-waits-for-the-gone",
    planted:
      "clients that disconnect before they are accepted delay those behind them",
    file: "src/core/accept_retry.ts",
    old: 'if (failure.kind === "reset") return this.#listener().resume();',
    new: "",
    suites: [{
      file: "tests/core/accepting.test.ts",
      only: "never waits for connections that were gone",
    }],
  },
  {
    name: "accept-never-waits",
    planted:
      "a listener retries accept at once, for ever, however often it fails",
    file: "src/core/accept_retry.ts",
    old: "this.#triesAtOnce++ < ACCEPT_TRIES_AT_ONCE",
    new: "this.#triesAtOnce++ >= 0",
    suites: [{
      file: "tests/core/accepting.test.ts",
      only: "waits, ever longer, once many in a row failed",
    }],
  },
  {
    name: "accept-back-off-stays",
    planted: "a listener's back-off delay is never reset",
    file: "src/core/accept_retry.ts",
    old: "onAccept(): void {\n    this.#delayMs = ACCEPT_DELAY_MS.first;",
    new: "onAccept(): void {",
    suites: [{
      file: "tests/core/accepting.test.ts",
      only: "waits a short time again once it has accepted a",
    }, { file: "tests/relay/acceptor.test.ts" }],
  },
  {
    name: "accept-never-resets",
    planted: "a listener that accepts a connection does not reset its back-off",
    file: "src/core/listener_state.ts",
    old: "    this.#retry.onAccept();\n",
    new: "",
    suites: [{
      file: "tests/core/accepting.test.ts",
      only: "counts anew after each connection that it",
    }],
  },
  {
    name: "relay-never-resets",
    planted: "a relay that accepts a connection does not reset its back-off",
    file: "src/threads/relay/acceptor.ts",
    old: "    this.#retry.onAccept();\n",
    new: "",
    suites: [{ file: "tests/relay/acceptor.test.ts" }],
  },
  {
    name: "accept-floods-the-log",
    planted: "a listener that is backing off logs every further failure",
    file: "src/core/accept_retry.ts",
    old: "    if (this.#isWaiting) return;\n",
    new: "",
    suites: [{
      file: "tests/core/accepting.test.ts",
      only: "logs one line for each wait, also if the",
    }],
  },
  {
    name: "meets-itself",
    planted: "a TCP connect that connects to itself counts as a connection",
    file: "src/core/connect_attempt.ts",
    old:
      "if (!isSelfConnect(socket, this.#address)) return this.onWon(socket);",
    new: "return this.onWon(socket);",
    suites: [{
      file: "tests/core/connecting.test.ts",
      only: "that met itself fails with",
    }],
  },
  {
    name: "failed-connect-wakes-nobody",
    planted: "run() keeps sleeping after the connect it waited for has failed",
    file: "src/core/connector.ts",
    old:
      "            callbacks.fail(error);\n            this.loop.requestTurn();",
    new: "            callbacks.fail(error);",
    suites: [{
      file: "tests/core/connecting.test.ts",
      only: "that fails ends a run.. that had nothing else",
    }],
  },
  {
    name: "names-in-other-letters",
    planted:
      "a host name with non-ASCII letters goes to the runtime unconverted",
    file: "src/api/address.ts",
    old: 'const name = isPlain ? host : urlHost(host) ?? "";',
    new: 'const name = isPlain || !isAscii ? host : urlHost(host) ?? "";',
    suites: [{ file: "tests/api/address.test.ts" }],
  },
  {
    name: "zero-is-a-message",
    planted:
      "a simple handler that returns 0 to wait for more closes the connection",
    file: "src/helpers/simple.ts",
    old: "if (consumed === 0)",
    new: "if (consumed < 0)",
    suites: [{ file: "tests/helpers/simple_io.test.ts" }],
  },
  {
    name: "peer-log-unbounded",
    planted:
      "every log line caused by peers is written, however many there are",
    file: "src/core/peer_log.ts",
    old: "if (this.#lineCount < PEER_LINES_PER_SECOND) {",
    new: "if (this.#lineCount < Infinity) {",
    suites: [{
      file: "tests/core/peer_log.test.ts",
      only: "has eleven lines a second in the log, of a",
    }],
  },
  {
    name: "peer-log-count-late",
    planted:
      "the number of suppressed log lines is not logged at the end of the second",
    file: "src/core/peer_log.ts",
    old: "this.#loop.arm(this.#secondIsOver, this.#secondEnd - now);",
    new: "",
    suites: countsOf("the count is logged when the second is over"),
  },
  {
    name: "peer-log-untold-at-stop",
    planted:
      "the number of suppressed log lines is not logged when the runtime has stopped",
    file: "src/core/engine.ts",
    old: "this.peerLog.logSuppressed();",
    new: "",
    suites: countsOf("of messages, connections, completions"),
  },
  {
    name: "close-refused-at-stop",
    planted: "a close command still queued when the runtime stops is rejected",
    file: "src/core/command_queue.ts",
    old: "this.#queue.takeAll((command) =>",
    new: "this.#queue.takeAll((command) => command.isWithdrawn &&",
    suites: countsOf("executes waiting closes"),
  },
  {
    name: "close-of-what-is-gone-logged",
    planted: "closing something already closed is logged as a failure",
    file: "src/core/command_queue.ts",
    old: "if (command.isNeedless(unreported)) logDebug",
    new: "if (false) logDebug",
    suites: countsOf("a close of a missing reactor"),
  },
  {
    name: "full-runtime-keeps-port",
    planted: "a listener refused by a full runtime stays bound",
    file: "src/core/binder.ts",
    old:
      "return this.awaitRelease(\n        listener.close(),\n        () => callbacks.fail(error as Error),\n      );",
    new: "return callbacks.fail(error as Error);",
    suites: [{ file: "tests/core/full_runtime.test.ts" }],
  },
  {
    name: "drops-uncounted",
    planted: "dropped connections are not counted",
    file: "src/core/listener_drops.ts",
    old: "this.#tally.dropped[reason]++;",
    new: "",
    suites: countsOf("beyond maxConnections is logged"),
  },
  {
    name: "reactor-promise-unwatched",
    planted: "a promise passed as a reactor is left unhandled if it rejects",
    file: "src/api/check_member.ts",
    old: "  forget(value);",
    new: "",
    suites: countsOf("a factory that fails or promises"),
  },
  {
    name: "id-without-text",
    planted: "the id of a close command goes into the error message unescaped",
    file: "src/core/commands.ts",
    old: "return `close reactor ${textOf(this.target)}`;",
    new: "return `close reactor ${this.target}`;",
    suites: countsOf(
      "reactor or handler that cannot be read fails its command",
    ),
  },
  {
    name: "late-timer-proves",
    planted:
      "a late timer enforces a time limit before the sockets were served",
    file: "src/core/time_limits.ts",
    old: "this.#timeouts.popDue(this.#servedAt)",
    new: "this.#timeouts.popDue(this.#clock.now())",
    suites: [{ file: LIMITS, only: "stood still" }],
  },
  {
    name: "poll-for-each-limit",
    planted:
      "each turn requests another poll of the sockets while one is pending",
    file: "src/core/time_limits.ts",
    old: "if (!isOver || this.#willBeServedAt !== undefined) return;",
    new: "if (!isOver) return;",
    suites: [{ file: LIMITS, only: "a time limit that is over" }],
  },
  {
    name: "poll-spins",
    planted: "turns spin while sockets are served for a time limit",
    file: "src/core/time_limits.ts",
    old: "return this.#willBeServedAt === undefined",
    new: "return this.#servedAt < Infinity",
    suites: [{ file: LIMITS, only: "waits with all others" }],
  },
  {
    name: "poll-holds-commands-up",
    planted: "deferred commands wait while sockets are served for a time limit",
    file: "src/core/turn_loop.ts",
    old: "    return Math.min(\n      this.#timeLimits.earliest,",
    new:
      "    if (this.#timeLimits.earliest === Infinity) return Infinity;\n    return Math.min(\n      this.#timeLimits.earliest,",
    suites: [{ file: LIMITS, only: "does not hold up deferred" }],
  },
  {
    name: "look-wakes-no-poll",
    planted: "processEvents keeps sleeping when a time limit can be enforced",
    file: "src/core/turn_loop.ts",
    old:
      "if (!this.#isPolled) this.work(COMMANDS_PER_TURN);\n    this.#onEvent?.();",
    new: "if (!this.#isPolled) this.work(COMMANDS_PER_TURN);",
    suites: [{ file: LIMITS, only: "by the next processEvents" }],
  },
  {
    name: "cancel-wakes-nobody",
    planted:
      "run keeps sleeping when the last deferred command that nobody awaits is cancelled",
    file: "src/core/command_queue.ts",
    old: "if (this.#pending.cancelDetached(id)) {\n      this.#onCommand();",
    new: "if (this.#pending.cancelDetached(id)) {",
    suites: countsOf("the last deferred command"),
  },
  {
    name: "withdrawal-wakes-nobody",
    planted: "run keeps sleeping when the last deferred command is cancelled",
    file: "src/core/command_queue.ts",
    old: "this.#owner.onSettled(command);\n    this.#onCommand();",
    new: "this.#owner.onSettled(command);",
    suites: countsOf("the last deferred command"),
  },
  {
    name: "bound-counts-the-past",
    planted: "commands already executed count as queued",
    file: "src/util/fifo.ts",
    old: "return this.#values.length - this.#head;",
    new: "return this.#values.length;",
    suites: [{
      file: "tests/core/command_queue.test.ts",
      only: "2.20 commands of other threads may wait, and",
    }],
  },
  {
    name: "bound-forgets-cancelled",
    planted: "cancelled commands raise the queue's bound for ever",
    file: "src/core/command_queue.ts",
    old: "if (command.isWithdrawn) this.#withdrawnCount--;",
    new: "",
    suites: [{
      file: "tests/core/command_queue.test.ts",
      only: "2.20 commands may wait, whatever was carried",
    }],
  },
  {
    name: "bound-not-for-threads",
    planted: "the queue of commands from other threads has no bound",
    file: "src/core/command_queue.ts",
    old:
      "if (this.#refuses(command)) return command.fail(command.failure as Error);",
    new: "",
    suites: [{
      file: "tests/core/command_queue.test.ts",
      only: "2.20 commands of other threads may wait; what",
    }],
  },
  {
    name: "accept-fails-for-ever",
    planted: "a listener that can no longer accept stays open",
    file: "src/core/listener_state.ts",
    old:
      "this.#beginClosing(error);\n    logError(`${describeListener(this)} has",
    new: "logError(`${describeListener(this)} has",
    suites: [{
      file: "tests/core/accepting.test.ts",
      only: "closes with ListenError if that is for good",
    }],
  },
  {
    name: "low-mark-of-the-default",
    planted:
      "the low-water mark keeps its default when only the high-water mark is set",
    file: "src/api/options/connection.ts",
    old: "(high === undefined ? defaults.sendLowWaterMark : high >> QUARTER);",
    new: "defaults.sendLowWaterMark;",
    suites: [{ file: "tests/api/options.test.ts" }],
  },
  {
    name: "any-transport",
    planted: "an adapter is given addresses that its sockets do not support",
    file: "src/core/adapter_options.ts",
    old: "if (!transports.includes(address.transport)) {",
    new: "if (transports.length === 0) {",
    suites: [{
      file: "tests/core/connecting.test.ts",
      only: "is given as it is to an adapter that has such",
    }],
  },
  {
    name: "any-path",
    planted: "an adapter is given Unix paths that its sockets do not support",
    file: "src/core/adapter_options.ts",
    old: "return unixPaths?.includes(kind) === false",
    new: "return unixPaths?.length === 0",
    suites: [{ file: UNIX, only: "of bun .*of a kind" }],
  },
  {
    name: "path-without-limit",
    planted: "a Unix path so long that the system may truncate it is accepted",
    file: "src/api/address.ts",
    old: "size > MAX_UNIX_PATH",
    new: "size > 2 * MAX_UNIX_PATH",
    suites: [{ file: "tests/api/address.test.ts" }],
  },
  {
    name: "path-shared",
    planted: "threads try to share a Unix path as if it were a TCP port",
    file: "src/threads/shared_listener.ts",
    old: 'adapter.reusesPorts && address.transport === "tcp";',
    new: "adapter.reusesPorts;",
    suites: [{ file: "tests/threads/listen_all.test.ts", only: "Unix socket" }],
  },
  {
    name: "keep-alive-by-the-system",
    planted:
      "the delay before the first keep-alive probe is left to the system",
    file: "src/api/options/keep_alive.ts",
    old: "return KEEP_ALIVE_OPTIONS.fill(option === true ? {} : option);",
    new: "return { ...KEEP_ALIVE_OPTIONS.defaults, idleMs: 7_200_000 };",
    suites: countsOf("socket options that onNewConnection sets stay"),
  },
  {
    name: "value-outlives-connection",
    planted: "a command waits for a promise after its connection has closed",
    file: "src/core/returned_values.ts",
    old: "      this.#defer(() => taker.onFailed(error));\n    }",
    new: "      void [taker, error];\n    }",
    suites: [{
      file: "tests/adapters/host.test.ts",
      only: "value of a command",
    }],
  },
  {
    name: "drain-left-out",
    planted: "a stop does not ask reactors to finish their work",
    file: "src/core/shutdown.ts",
    old: "drainMs > 0 && (this.#isDraining || reactors.canDrain);",
    new: "false;",
    suites: DRAINING,
  },
  {
    name: "drain-all-at-once",
    planted:
      "outgoing connections are drained together with the accepted ones that need them",
    file: "src/core/shutdown.ts",
    old: ".filter(({ isAccepted }) => isAccepted);",
    new: ";",
    suites: DRAINING,
  },
  {
    name: "drain-without-end",
    planted: "draining during a stop has no time limit",
    file: "src/core/shutdown.ts",
    old: "    loop.arm(this.#drainTimeout, drainMs);\n",
    new: "",
    suites: DRAINING,
  },
  {
    name: "drain-inside-stop",
    planted: "reactors are asked to drain synchronously, inside stop",
    file: "src/core/shutdown.ts",
    old:
      "this.#afterPoll(() => {\n      reactors.closeListeners(CLOSED);\n      this.#afterPoll(() => this.#drainAccepted());\n    });",
    new: "reactors.closeListeners(CLOSED);\n    this.#drainAccepted();",
    suites: DRAINING,
  },
  {
    name: "drain-lets-listen",
    planted: "a runtime that is stopping accepts new listeners",
    file: "src/core/shutdown.ts",
    old: "    connector.stopListening();\n",
    new: "",
    suites: DRAINING,
  },
  {
    name: "drain-waits-for-the-lost",
    planted: "a draining stop does not notice that a connection has closed",
    file: "src/core/connection.ts",
    old: "    for (const callback of this.#onClosing ?? []) callback();\n",
    new: "",
    suites: DRAINING,
  },
  {
    name: "cut-off-in-silence",
    planted:
      "connections that have not finished draining are closed without a log line",
    file: "src/core/shutdown.ts",
    old: "    this.#cutOff();\n",
    new: "",
    suites: DRAINING,
  },
  {
    name: "network-of-one",
    planted: "each IPv6 address of a network gets a limit of its own",
    file: "src/util/networks.ts",
    old: "const NETWORK_GROUPS = 4;",
    new: "const NETWORK_GROUPS = 8;",
    suites: ADMISSION,
  },
  {
    name: "mapped-address-apart",
    planted: "an IPv4-mapped IPv6 address counts as a different address",
    file: "src/util/networks.ts",
    old: "return bytes && unmappedBytes(bytes);",
    new: "return bytes;",
    suites: ADMISSION,
  },
  {
    name: "limits-for-everybody",
    planted: "the code for rarely used limits is loaded for every listener",
    file: "src/core/admission.ts",
    old: "return maxConnectionsPerAddress < maxConnections ||",
    new: "return maxConnectionsPerAddress <= maxConnections ||",
    suites: ADMISSION,
  },
  {
    name: "limits-loaded-at-once",
    planted: "the code for rarely used limits is loaded with every runtime",
    file: "src/core/admission.ts",
    old: "import type { AdmissionLimits, Limit } from",
    new: "import { AdmissionLimits, type Limit } from",
    suites: [{ file: "tests/docs/architecture.test.ts" }],
  },
  {
    name: "rate-without-bound",
    planted: "a listener accepts connections at any rate",
    file: "src/core/accept_rate.ts",
    old: "Math.max(this.#fullAt, now)",
    new: "now",
    suites: ADMISSION,
  },
  {
    name: "address-never-leaves",
    planted:
      "closed connections still count towards the limit of their address",
    file: "src/core/listener_intake.ts",
    old: "      this.admission.leave(network);\n",
    new: "      this.admission.leave(undefined);\n",
    suites: countsOf("maxConnectionsPerAddress"),
  },
  {
    name: "drop-untold",
    planted: "onDrop is not called for dropped connections",
    file: "src/core/listener_drops.ts",
    old:
      "this.#handler.onDrop?.(reason, remoteAddress, this.#listener, error),",
    new: "undefined,",
    suites: countsOf("limits of a listener"),
  },
  {
    name: "signals-heard-for-ever",
    planted:
      "signal handlers stay installed after the run, so the process ignores the signals",
    file: "src/toolkit/run_on_signals.ts",
    old: "for (const end of endings) end();",
    new: "",
    suites: SIGNALS,
  },
  {
    name: "second-signal-ignored",
    planted: "a second signal does not end a process that is draining",
    file: "src/toolkit/run_on_signals.ts",
    old: "this.#target.stop({ drainMs: 0, graceMs: 0 }).then(exit, exit);",
    new: "",
    suites: SIGNALS,
  },
  {
    name: "tls-starts-anew",
    planted:
      "setTls makes a TLS listener start in plain text, or the other way round",
    file: "src/core/runtime_tls.ts",
    old: "const settings = { ...tlsListenSettings(options), start } as const;",
    new: "const settings = tlsListenSettings(options); void start;",
    suites: countsOf("whatever setTls says"),
  },
];
