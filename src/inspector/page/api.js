// Asks the inspector.

const KEY = "reactio-token";

/** The token is given behind the address, as #token=…, or by hand; the address is then without it. */
export function takeToken() {
  const [, given] = /^#token=(.+)$/.exec(location.hash) ?? [];
  if (given === undefined) return;
  keepToken(decodeURIComponent(given));
  history.replaceState(null, "", location.pathname);
}

export function keepToken(token) {
  sessionStorage.setItem(KEY, token);
}

/** What was asked for needs a token, or another one. */
export class TokenNeeded extends Error {}

/** The inspector has answered why it does not do that. */
export class Refused extends Error {}

export function get(path, query = {}) {
  return ask(`${path}?${new URLSearchParams(query)}`, {});
}

export function post(path, body) {
  return ask(path, { method: "POST", body: JSON.stringify(body) });
}

async function ask(path, options) {
  const token = sessionStorage.getItem(KEY);
  const headers = token === null ? {} : { authorization: `Bearer ${token}` };
  const signal = AbortSignal.timeout(10_000);
  const response = await fetch(`api/${path}`, { ...options, headers, signal });
  if (response.status === 401) throw new TokenNeeded();
  const answer = await response.json();
  if (!response.ok) throw new Refused(answer.error);
  return answer;
}
