import { isIP } from 'node:net';
import { InvalidArgumentError } from 'commander';

/** The help of `--compile-cache`. */
export const COMPILE_CACHE =
  "folder of Node's compiled sources, which processes may share; NODE_COMPILE_CACHE; default the user's cache folder";

/** The end of the help of commands that read settings. */
export const ALL_SETTINGS = '\ndocs/reference/settings.md lists all of them, with their defaults and units.';

/** The option for the store of a command. */
export const STORE_OPTION = [
  '--store <url>',
  'its database; GATEHOUSE_STORE; default sqlite:.gatehouse/api.sqlite',
] as const;

/** `cli/program.ts` adds this option to every command that has a result. */
export const JSON_OPTION = ['--json', 'print one JSON object instead of text'] as const;

/** The option for the API of a command. */
export const URL_OPTION = [
  '--url <url>',
  'base URL of the control API; GATEHOUSE_URL; default the API of the last login, otherwise of the profile',
] as const;

/** `cli/program.ts` adds these options to every command that calls an API. */
export const REMOTE_OPTIONS = [
  URL_OPTION,
  [
    '--profile <file>',
    'file with url and token; GATEHOUSE_PROFILE; default gatehouse/profile.json in the config folder',
  ],
] as const;

export const REMOTE_HELP = `
The token comes from the first of these that is there: GATEHOUSE_TOKEN; the profile named by --profile or
GATEHOUSE_PROFILE; the session of \`gatehouse login\`; the profile gatehouse/profile.json in the config folder. A profile
is a JSON file {"url": "…", "token": "…"} that only its owner may read. \`gatehouse up\` writes one:
.gatehouse/profile.json. A stored token is sent to its own URL alone.`;

/** The filters of the audit log. */
export const AUDIT_OPTIONS = [
  ['--actor <actor>', 'only entries of this actor, such as person:ID or token:ID'],
  ['--action <action>', 'only entries with this action, such as publish'],
  ['--target <path>', 'only entries about this object, or about objects below it, such as tenants/bookinfo/tokens'],
  ['--since <time>', 'only entries from this time on, such as 2026-01-31T00:00:00Z'],
  ['--until <time>', 'only entries before this time'],
  ['--chain <chain>', 'only entries of this chain, such as platform; not with a tenant'],
] as const;

export const AUDIT_HELP = '\nOwners read the log of their tenant, and operators read everything.';

export function address(value: string): string {
  if (isIP(value) === 0) throw new InvalidArgumentError('Expected an IP address, such as 127.0.0.1 or 0.0.0.0.');
  return value;
}

export function port(value: string): number {
  const number = numberIn(value);
  if (!(number >= 1 && number <= 65_535)) throw new InvalidArgumentError('A port is a number from 1 to 65535.');
  return number;
}

/** Parses a whole number that is at least 1. */
export function whole(value: string): number {
  const number = numberIn(value);
  if (!(number >= 1 && Number.isSafeInteger(number))) throw new InvalidArgumentError('Expected a whole number from 1.');
  return number;
}

/** Parses digits. Other forms, such as `1e4` and `0x50`, are more likely mistakes: the result is NaN. */
const numberIn = (text: string): number => (/^\d+$/.test(text) ? Number(text) : Number.NaN);

/** Parses the path of a folder. An empty one, such as that of an unset variable of a shell, is an error. */
export function folder(value: string): string {
  if (value === '') throw new InvalidArgumentError('Expected the path of a folder.');
  return value;
}

/** Returns the environment of the process, in which the given options override their variables. */
export function environment(given: Record<string, string | number | undefined>): Record<string, string | undefined> {
  const named = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...process.env, ...Object.fromEntries(named.map(([name, value]) => [name, String(value)])) };
}
