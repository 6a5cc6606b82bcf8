import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onSignals } from '../cli/process/signals.ts';
import { Processes } from './processes.ts';

export interface RunOptions {
  /** Keep the folder with databases and logs, and print its path. */
  keep?: boolean | undefined;
}

/**
 * Runs a measurement with its own folder and processes. After it succeeds or fails, removes the folder and ends the
 * processes.
 */
export async function inFolder<T>({ keep }: RunOptions, measure: (processes: Processes) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));
  const stop = new AbortController();
  const processes = new Processes(folder, stop.signal);
  const interrupted = new Promise<never>((_, reject) => {
    stop.signal.addEventListener('abort', () => reject(stop.signal.reason), { once: true });
  });
  const off = onSignals(stop, () => process.exit(130));
  try {
    return await Promise.race([measure(processes), interrupted]);
  } finally {
    await processes.stopAll();
    off();
    if (keep) console.error(`kept: ${folder}`);
    else rmSync(folder, { recursive: true, force: true });
  }
}
