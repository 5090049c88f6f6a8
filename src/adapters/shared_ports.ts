interface Host {
  readonly process?: { readonly platform?: string };
}

const SPREADING = ["linux", "freebsd"];

/** True on systems that spread the connections to a port over the listeners that share it. */
export function systemSharesPorts(): boolean {
  const { process } = globalThis as unknown as Host;
  return SPREADING.includes(process?.platform ?? "");
}
