import { isIP } from 'node:net';
import { InvalidArgumentError } from 'commander';

/** Help of `--compile-cache`. */
export const COMPILE_CACHE =
  'where Node keeps compiled sources, shared by all that name it; NODE_COMPILE_CACHE; default the user’s cache folder';

/** End of the help of the commands that read settings. */
export const ALL_SETTINGS = '\ndocs/settings.md lists all of them, with their defaults and units.';

export function address(value: string): string {
  if (isIP(value) === 0) throw new InvalidArgumentError('Expected an IP address, such as 127.0.0.1 or 0.0.0.0.');
  return value;
}

export function port(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1 || number > 65_535) {
    throw new InvalidArgumentError('A port is a number from 1 to 65535.');
  }
  return number;
}

/** The environment with the options that were given laid over it. */
export function environment(given: Record<string, string | number | undefined>): Record<string, string | undefined> {
  const named = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...process.env, ...Object.fromEntries(named.map(([name, value]) => [name, String(value)])) };
}
