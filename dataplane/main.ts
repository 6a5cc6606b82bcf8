import './packages.ts';
import { agentSettings } from './settings.ts';
import type { RunningAgent } from './start.ts';

const { startAgent } = await import('./start.ts');

const exit = (code: number) => (error: unknown) => {
  process.stderr.write(`gatehouse agent: ${(error as Error).message}\n`);
  return process.exit(code);
};
// 2: the command line or the environment is wrong.
const settings = await Promise.try(() => agentSettings(process.env)).catch(exit(2));
closeOnSignal(await startAgent(settings).catch(exit(1)));

/** The first signal closes the agent in order; a second one exits at once. */
function closeOnSignal(running: RunningAgent): void {
  let asked = 0;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // A shim and a terminal may both report the same key.
      if (asked && Date.now() - asked > 1000) process.exit(1);
      if (!asked) running.close().then(() => process.exit(0));
      asked ||= Date.now();
    });
  }
}
