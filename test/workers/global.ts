import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { bundle } from './build.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The folder of the bundled Worker. Provided where the tests run on Workers. */
    worker: string | undefined;
  }
}

/** One bundle for the run; every test starts it over a database of its own. */
export default async function setup(project: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-worker-'));
  await bundle(folder);
  project.provide('worker', folder);
  return () => rmSync(folder, { recursive: true, force: true });
}
