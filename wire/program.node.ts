import { escapeHidden } from '../model/values/hidden-characters.ts';
import { WrongSetting } from './wrong-setting.ts';

/**
 * Runs one of the two programs until a signal stops it. The process exits with 0 after an orderly stop, with 1 when the
 * program cannot start or stop, and with 2 when a setting is wrong.
 *
 * The first SIGTERM or SIGINT lets running work finish; a second one exits at once.
 *
 * @param name the name of the program, which precedes its error messages
 * @param readSettings reads the environment, and throws when it is wrong
 * @param start starts the program
 */
export async function runProgram<Settings>(
  name: string,
  readSettings: (environment: NodeJS.ProcessEnv) => Settings,
  start: (settings: Settings) => Promise<{ close(): Promise<void> }>,
): Promise<void> {
  const exit = (code: number) => (error: unknown) => {
    process.stderr.write(`gatehouse ${name}: ${escapeHidden((error as Error).message)}\n`);
    return process.exit(code);
  };
  const settings = await Promise.try(() => readSettings(process.env)).catch(exit(2));
  const running = await start(settings).catch((error) => exit(error instanceof WrongSetting ? 2 : 1)(error));
  closeOnSignal(running);
}

/** npm and a terminal may both send the signal of one Ctrl-C; two within this time count as one. */
const SAME_PRESS_MS = 1000;

function closeOnSignal(running: { close(): Promise<void> }): void {
  let first = 0;
  const handle = () => {
    if (first && Date.now() - first > SAME_PRESS_MS) process.exit(1);
    if (!first)
      running.close().then(
        () => process.exit(0),
        () => process.exit(1),
      );
    first ||= Date.now();
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, handle);
}
