import { CommanderError } from 'commander';
import { WrongSetting } from '../wire/wrong-setting.ts';
import { Failure, message, UsageError } from './process/failure.ts';
import { print } from './terminal/print.ts';

/** Exit codes of every command. */
export const EXIT = { ok: 0, failed: 1, usage: 2, notLive: 3 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/**
 * Prints an error that a command threw to stderr, without a stack.
 *
 * @returns the exit code for the error
 */
export function report(error: unknown): ExitCode {
  // Commander has already printed the help or the error.
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT.ok;
    // The options were not parsed, so the arguments say whether a script reads the output.
    if (process.argv.includes('--json')) print(failed(error.message.replace(/^error: /, '')));
    return EXIT.usage;
  }
  print(`gatehouse: ${message(error)}`, process.stderr);
  if (error instanceof Failure) for (const line of error.details) print(`  ${line}`, process.stderr);
  return error instanceof UsageError || error instanceof WrongSetting ? EXIT.usage : EXIT.failed;
}

/** Writes an error as JSON for `--json`, so that a script can tell it from a result. */
export const failed = (message: string, details: readonly string[] = []): string =>
  JSON.stringify({ error: { message, details } });
