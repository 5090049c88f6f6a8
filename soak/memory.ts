import process from "node:process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** Memory in bytes. */
export interface Memory {
  readonly rss: number;
  readonly heapUsed: number;
}

interface Collectors {
  /** Present in V8 if it was started with --expose-gc. */
  gc?(): void;
  Bun?: { gc(isForced: boolean): void };
}

/** Measures the memory in use after garbage collection. */
export async function measureMemory(): Promise<Memory> {
  const { gc, Bun } = globalThis as unknown as Collectors;
  // Twice, because finalizers free memory in between.
  for (let i = 0; i < 2; i++) {
    gc?.();
    Bun?.gc(true);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { rss, heapUsed } = process.memoryUsage();
  return { rss, heapUsed };
}

/**
 * The number of TCP sockets of this process; `undefined` if the system does not
 * show it.
 */
export function countSockets(): number | undefined {
  if (process.platform !== "linux") return undefined;
  const tables = ["tcp", "tcp6"].map((name) =>
    readFileSync(`/proc/self/net/${name}`, "utf8")
  );
  const inodes = new Set(
    tables.flatMap((table) => table.split("\n").slice(1))
      .map((row) => row.trim().split(/\s+/)[9]),
  );
  return readdirSync("/proc/self/fd").filter((fd) => {
    const inode = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/self/fd/${fd}`));
    return inode !== null && inodes.has(inode[1]);
  }).length;
}

/**
 * The descriptor for reading the folder is itself listed, but closed by now.
 */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
