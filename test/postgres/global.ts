import type { TestProject } from 'vitest/node';
import { openStore } from '../../api/store/open.node.ts';
import { copyOf, startServer } from './server.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A migrated database, to copy. Provided where the tests run on PostgreSQL. */
    postgres: string | undefined;
  }
}

/** One server for the run; every test copies a migrated database. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startServer(['-c', 'max_connections=400']);
  const template = await copyOf(server.url('template1'));
  await (await openStore(template)).close();
  project.provide('postgres', template);
  return () => server.stop();
}
