import type { Adapter } from "../contract/adapter.ts";
import type { Tls } from "../contract/tls.ts";
import type { Upgrade } from "../contract/upgrade.ts";
import { LoadError, UnsupportedTransportError } from "../api/errors.ts";
import { Lazy } from "../util/lazy.ts";
import { isPromiseLike } from "../util/promises.ts";
import { messageOf } from "../util/text.ts";
import type * as nameRace from "./address_race.ts";
import type * as admissionLimits from "./admission_limits.ts";
import { toError } from "../api/to_error.ts";
import type * as proxyProtocol from "./proxy_protocol.ts";
import type { TlsEnd } from "./tls_end.ts";
import type * as tlsEnds from "./tls_ends.ts";
import type * as upgradeEnds from "./upgrade_end.ts";
import type { TurnLoop } from "./turn_loop.ts";

// What few programs need is loaded on first use.

/** Creates TLS ends. */
export const TLS_ENDS: Lazy<typeof tlsEnds> = /* @__PURE__ */ new Lazy(() =>
  import("./tls_ends.ts")
);

/** Reads and writes PROXY headers. */
export const PROXY_PROTOCOL: Lazy<typeof proxyProtocol> =
  /* @__PURE__ */ new Lazy(() => import("./proxy_protocol.ts"));

/** The race of the addresses of a name. */
export const NAME_RACE: Lazy<typeof nameRace> = /* @__PURE__ */ new Lazy(() =>
  import("./address_race.ts")
);

/** The limits that few listeners have. */
export const ADMISSION_LIMITS: Lazy<typeof admissionLimits> =
  /* @__PURE__ */ new Lazy(
    () => import("./admission_limits.ts"),
  );

/** Creates upgrade ends. */
export const UPGRADE_ENDS: Lazy<typeof upgradeEnds> = /* @__PURE__ */ new Lazy(
  () => import("./upgrade_end.ts"),
);

/** Creates TLS ends over the sockets of `adapter`. */
export function tlsOf(adapter: Adapter): Lazy<tlsEnds.TlsEnds> {
  return new Lazy(() => {
    const tls = adapter.loadTls?.();
    if (TLS_ENDS.isLoaded && tls !== undefined && !isPromiseLike(tls)) {
      return new TLS_ENDS.value.TlsEnds(tls);
    }
    return Promise.all([TLS_ENDS.load(), tls]).then(([{ TlsEnds }, tls]) =>
      new TlsEnds(tls as Tls)
    );
  });
}

/**
 * Combines `tls` and then `upgrade`, which must be loaded, into what
 * connections go through before they are served.
 */
export function endOf(
  tls: TlsEnd | undefined,
  upgrade: Upgrade | undefined,
): TlsEnd | upgradeEnds.UpgradeEnd | undefined {
  const atOnce = tls?.isLater ? undefined : tls;
  if (upgrade === undefined) return atOnce;
  return new UPGRADE_ENDS.value.UpgradeEnd(upgrade, atOnce);
}

/**
 * Throws {@linkcode UnsupportedTransportError} for `action` if `adapter` has no
 * TLS.
 */
export function checkHasTls(
  { name, loadTls }: Adapter,
  action: string,
): void {
  if (loadTls !== undefined) return;
  throw new UnsupportedTransportError(
    `Cannot ${action} with tls: the sockets of ${name} have none`,
  );
}

/** Creates the error of `action` when a module cannot be loaded. */
export function loadError(action: string, cause: unknown): LoadError {
  return new LoadError(
    `Cannot ${action}: a part of the library cannot be loaded (${
      messageOf(cause)
    })`,
    { cause },
  );
}

/**
 * Calls `begin` when `parts` are loaded: at once if they are, otherwise in a
 * later turn. Calls `fail` if they cannot be loaded, or `begin` throws.
 */
export function whenLoaded<UserCommand>(
  loop: TurnLoop<UserCommand>,
  parts: readonly Lazy<unknown>[],
  action: string,
  begin: () => void,
  fail: (error: Error) => void,
): void {
  const beginNow = () => {
    try {
      begin();
    } catch (thrown) {
      fail(toError(thrown, "the adapter"));
    }
  };
  const loading = parts.map((part) => part.load());
  if (parts.every(({ isLoaded }) => isLoaded)) return beginNow();
  Promise.all(loading).then(
    () => loop.defer(beginNow),
    (cause) => loop.defer(() => fail(loadError(action, cause))),
  );
}
