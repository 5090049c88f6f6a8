import { posix } from "node:path";
import { entries, read } from "./project.ts";

/** A public function, class, member or type, and what its doc comment says. */
export interface Documented {
  readonly path: string;
  /** `name`, or `Type.member`. */
  readonly name: string;
  readonly doc: string;
  /** Undefined if it is not called. */
  readonly signature: Signature | undefined;
}

export interface Signature {
  readonly params: readonly string[];
  /** As it is written; empty for a constructor. */
  readonly result: string;
}

/** What the entries export: names, by the file that they come from. */
export function publicNames(): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  const exports = /export (?:type )?(\*|\{[^}]*\}) from "(\.[^"]+)"/g;
  const add = (path: string, names: Iterable<string>) =>
    found.set(path, new Set([...found.get(path) ?? [], ...names]));
  const addAllOf = (path: string): void => {
    add(path, declaredIn(path));
    for (const [, what, specifier] of read(path).matchAll(exports)) {
      const from = posix.join(posix.dirname(path), specifier);
      if (what === "*") addAllOf(from);
      else add(from, listedIn(what));
    }
  };
  for (const entry of entries()) addAllOf(entry);
  return found;
}

/** What a list in braces exports, each by the name that it has in its file. */
function listedIn(list: string): string[] {
  return list.slice(1, -1).split(",").flatMap((one) =>
    /(\w+)(?: as \w+)?\s*$/.exec(one)?.[1] ?? []
  );
}

/** What the file at `path` declares, and exports. */
function declaredIn(path: string): string[] {
  const declarations =
    /^export (?:abstract )?(?:class|interface|function|const|type) (\w+)/gm;
  return Array.from(read(path).matchAll(declarations), ([, name]) => name);
}

/** What is exported by a file under one of `names`, and the public members of that. */
export function documentedIn(
  path: string,
  names: ReadonlySet<string>,
): Documented[] {
  const text = read(path);
  const found: Documented[] = [];
  const declarations =
    /^export (?:abstract )?(class|interface|function|const|type) (\w+)/gm;
  for (const match of text.matchAll(declarations)) {
    const [whole, kind, name] = match;
    if (!names.has(name)) continue;
    const doc = docBefore(text, match.index);
    const end = match.index + whole.length;
    found.push({
      path,
      name,
      doc,
      signature: kind === "function" || kind === "type"
        ? signatureAt(text, end)
        : undefined,
    });
    if (kind !== "class" && kind !== "interface") continue;
    for (const member of membersIn(blockAt(text, end))) {
      found.push({ ...member, path, name: `${name}.${member.name}` });
    }
  }
  return found;
}

/** The members that a class, interface or object literal has, in the form of `deno fmt`; those that a subclass only overrides as well. */
function membersIn(body: string): Omit<Documented, "path">[] {
  const found: Omit<Documented, "path">[] = [];
  const starts =
    /^ {2}(?:(?:readonly|static|async|override|get|set|declare) )*(\w+|\[Symbol\.\w+\])\??(?=[(<:]| =)/gm;
  for (const match of body.matchAll(starts)) {
    const [whole, name] = match;
    const doc = docBefore(body, match.index);
    const isHidden = doc === "" || /^@ignore\b/m.test(doc);
    if (isHidden || /\b(?:get|set) \w+$/.test(whole)) continue;
    const end = match.index + whole.length;
    found.push({ name, doc, signature: signatureAt(body, end) });
  }
  return found;
}

/** The doc comment that ends right before `index`. */
function docBefore(text: string, index: number): string {
  const before = text.slice(0, index);
  const start = before.lastIndexOf("/**");
  if (start < 0) return "";
  const [, inner, rest] = /^\/\*\*([^]*?)\*\/([^]*)$/.exec(
    before.slice(start),
  ) ?? ["", "", "?"];
  if (rest.trim() !== "") return "";
  return inner.replace(/^ *\*(?: |$)/gm, "").trim();
}

/** What is called if something is at `index`: a function, a property that holds one, or the type of one. */
function signatureAt(text: string, index: number): Signature | undefined {
  const rest = text.slice(index);
  const handler = /^: OptionalHandler<\s*\[/.exec(rest);
  if (handler !== null) {
    const labels = balanced(rest.slice(handler[0].length - 1));
    return { params: namesIn(labels), result: "void" };
  }
  const typed = rest.startsWith("<") ? balanced(rest) : "";
  const held = /^(?::| =)\s*(?:\|\s*)?\(*(?=\()/.exec(rest.slice(typed.length));
  const start = typed.length + (held?.[0].length ?? 0);
  if (rest[start] !== "(") return undefined;
  const params = balanced(rest.slice(start));
  const after = rest.slice(start + params.length);
  if (held !== null && !/^\s*=>/.test(after)) return undefined;
  const [, result = ""] = /^\s*(?:=>|:)\s*([^;{]*)/.exec(after) ?? [];
  return { params: namesIn(params), result: result.trim() };
}

/** From the bracket that `text` begins with to the one that closes it. */
function balanced(text: string): string {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    if (text.startsWith("=>", i)) i++;
    else if ("([{<".includes(text[i])) depth++;
    else if (")]}>".includes(text[i]) && --depth === 0) {
      return text.slice(0, i + 1);
    }
  }
  throw new Error(`no end of ${text.slice(0, 40)}`);
}

/** The block that begins after `index`, without its braces. */
function blockAt(text: string, index: number): string {
  const rest = text.slice(index);
  const [, body = ""] = /^[^]*?\{$([^]*?)^\}/m.exec(rest) ?? [];
  return body;
}

/** The names before the colons of a list of parameters or labels. */
function namesIn(list: string): string[] {
  const names: string[] = [];
  let depth = 0;
  let part = "";
  for (const char of `${list.slice(1, -1)},`.replaceAll("=>", "  ")) {
    if ("([{<".includes(char)) depth++;
    if (")]}>".includes(char)) depth--;
    if (char !== "," || depth > 0) part += char;
    else {
      const [, name] = /^\s*(?:\.\.\.)?_?(\w+)\??\s*(?:[:=]|$)/.exec(part) ??
        [];
      if (name !== undefined && name !== "this") names.push(name);
      else if (part.trim().startsWith("{")) names.push("options");
      part = "";
    }
  }
  return names;
}
