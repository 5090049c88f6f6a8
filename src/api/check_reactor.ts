import { checkMember } from "./check_member.ts";
import { InvalidReactorError } from "./errors.ts";

/** Throws {@linkcode InvalidReactorError} unless `reactor` can be used as one. */
export function checkReactor(reactor: unknown): void {
  checkMember(reactor, "a reactor", "onInboundMessage", InvalidReactorError);
}

/** Throws {@linkcode InvalidReactorError} unless `handler` can be used as a listener handler. */
export function checkListenerHandler(handler: unknown): void {
  const use = "a listener handler";
  checkMember(handler, use, "onNewConnection", InvalidReactorError);
}
