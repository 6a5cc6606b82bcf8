import './packages.node.ts';
import type { RunningApi } from './serve.node.ts';
import { readSettings } from './settings.ts';

const { startApi } = await import('./serve.node.ts');

const exit = (code: number) => (error: unknown) => {
  process.stderr.write(`gatehouse api: ${(error as Error).message}\n`);
  return process.exit(code);
};
// 2: the command line or the environment is wrong.
const settings = await Promise.try(() => readSettings(process.env)).catch(exit(2));
closeOnSignal(await startApi(settings).catch(exit(1)));

/** The first signal lets running requests finish; a second one exits at once. */
function closeOnSignal(api: RunningApi): void {
  let asked = 0;
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => {
      // A shim and a terminal may both report the same key.
      if (asked && Date.now() - asked > 1000) process.exit(1);
      if (!asked)
        api.close().then(
          () => process.exit(0),
          () => process.exit(1),
        );
      asked ||= Date.now();
    });
}
