import { createServer } from 'node:net';
import { BLOCKED_BY_BROWSERS } from './blocked-ports.ts';
import { Failure } from './failure.ts';

/** A block of ports that one flag chooses. */
export interface Wanted {
  /** The first port. */
  port: number;
  /** The number of ports in a row. Default: 1. */
  count?: number;
  /** The purpose of the ports, in words for the user. */
  use: string;
  flag: string;
  /** The first port that the error message suggests for the flag. Default: the port after the block. */
  suggestion?: number;
  host?: string;
  /** Whether Gatehouse itself sends requests to the ports, with `fetch`. */
  isFetched?: true;
}

/** Values of flags: `--http` → `10181`. */
export type Chosen = ReadonlyMap<string, string>;

/** The ports of a block. */
export const portsOf = ({ port, count = 1 }: Pick<Wanted, 'port' | 'count'>): number[] =>
  Array.from({ length: count }, (_, n) => port + n);

/**
 * Checks that each port is free, by opening and closing it.
 *
 * @param again makes the command that repeats this start with other values of some flags
 * @throws Failure that lists every port in use, and one command that chooses other ports for all of them
 */
export async function requireFree(wanted: Wanted[], again: (chosen: Chosen) => string): Promise<void> {
  const blocks = await Promise.all(wanted.map(refusedOf));
  const refused = blocks.filter(({ codes }) => codes.length > 0);
  if (refused.length === 0) return;
  const foreign = refused.find(({ want, codes }) => want.host !== undefined && NOT_OF_THIS_MACHINE.has(codes[0]![1]));
  if (foreign)
    throw new Failure(
      `${SENTENCE} The address ${foreign.want.host} is not one of this machine (${foreign.codes[0]![1]}).`,
      [`Choose an address of this machine: ${again(new Map([['--address', '127.0.0.1']]))}`],
    );
  // A suggested port must not be one that this start needs for another purpose. No port may be suggested twice.
  const used = new Set(wanted.flatMap(portsOf));
  const chosen = new Map<string, string>();
  for (const { want, codes } of refused) {
    const first = await otherFor(want, codes[0]![1], used);
    for (const port of portsOf({ ...want, port: first })) used.add(port);
    chosen.set(want.flag, String(first));
  }
  throw new Failure(SENTENCE, [
    ...refused.flatMap(({ want, codes }) =>
      codes.map(([port, code]) => `Port ${port} (${want.use}) ${problem(code)}.`),
    ),
    `Stop the programs that use these ports, or choose others: ${again(chosen)}`,
  ]);
}

const SENTENCE = 'Gatehouse cannot start: it cannot open every port it needs.';
const NOT_OF_THIS_MACHINE = new Set(['EADDRNOTAVAIL', 'EINVAL', 'ENOTFOUND', 'EAI_AGAIN', 'EAFNOSUPPORT']);

/** Returns the ports of a block that cannot be opened, each with its error code. */
async function refusedOf(want: Wanted): Promise<{ want: Wanted; codes: [number, string][] }> {
  const tried = await Promise.all(portsOf(want).map(async (port) => [port, await refusal({ ...want, port })] as const));
  return {
    want,
    codes: tried.flatMap(([port, code]): [number, string][] => (code === undefined ? [] : [[port, code]])),
  };
}

function problem(code: string): string {
  if (code === 'EADDRINUSE') return 'is in use';
  return code === 'EACCES' ? 'needs root' : `cannot be opened (${code})`;
}

/** Linux gives outgoing connections ports from this one up, so a port that is free now may not be at the next start. */
const FIRST_EPHEMERAL = 32_768;
/** The port from which a suggestion is searched when there is none above the wanted port. */
const FALLBACK = 10_100;

/**
 * Finds a block of ports to suggest instead: none of them is in use, in `used`, refused by browsers, or for outgoing
 * connections.
 */
async function otherFor(want: Wanted, code: string, used: ReadonlySet<number>): Promise<number> {
  const { port, count = 1, suggestion = port + count, host } = want;
  const isTaken = async (other: number) =>
    used.has(other) || BLOCKED_BY_BROWSERS.has(other) || (await isBusy(other, host));
  const preferred = code === 'EACCES' ? port + 10_000 : suggestion;
  for (const start of [preferred, FALLBACK])
    for (let first = start; first + count <= FIRST_EPHEMERAL; first++) {
      const taken = await Promise.all(portsOf({ port: first, count }).map(isTaken));
      if (!taken.includes(true)) return first;
    }
  return preferred;
}

/** Whether a port that would be suggested is in use. A port that cannot be opened for another reason is suggested. */
const isBusy = async (port: number, host?: string): Promise<boolean> =>
  (await refusal({ port, ...(host !== undefined && { host }) })) === 'EADDRINUSE';

/** Tries to open a port. Resolves to the error code; undefined when the port is free. */
function refusal({ port, host = '127.0.0.1' }: Pick<Wanted, 'port' | 'host'>): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}
