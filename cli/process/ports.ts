import { createServer } from 'node:net';
import { Failure } from './failure.ts';

export interface Wanted {
  port: number;
  /** The purpose of the port, in words for the user. */
  use: string;
  flag: string;
  /** The value that the error message suggests for the flag. Default: the next port. */
  offer?: number;
  host?: string;
}

/**
 * Checks that each port is free, by opening and closing it.
 *
 * @throws Failure that lists every port in use, with the flag that chooses another
 */
export async function requireFree(wanted: Wanted[]): Promise<void> {
  const checked = await Promise.all(wanted.map(async (want) => ({ want, refused: await refusal(want) })));
  // A suggested port must not be one that this start needs for another purpose. No port may be suggested twice.
  const used = new Map(wanted.map(({ port }) => [port, '']));
  const lines: string[] = [];
  for (const { want, refused } of checked) if (refused) lines.push(await complaint(want, refused, used));
  if (lines.length > 0) {
    throw new Failure('Gatehouse cannot start: it cannot open every port it needs.', [...new Set(lines)]);
  }
}

const AGAIN = 'npx gatehouse up';

/**
 * Makes the message for a port that cannot be opened.
 *
 * @param used the ports of this start, and the ports suggested so far with their flags; the function adds its
 *   suggestion
 */
async function complaint(
  { port, use, flag, offer, host }: Wanted,
  code: string,
  used: Map<number, string>,
): Promise<string> {
  if (host !== undefined && NOT_OF_THIS_MACHINE.has(code))
    return `The address ${host} cannot be opened (${code}). Choose an address of this machine: ${AGAIN} --address 127.0.0.1`;
  const why = code === 'EADDRINUSE' ? 'is in use' : code === 'EACCES' ? 'needs root' : `cannot be opened (${code})`;
  let other = code === 'EACCES' ? port + 10_000 : (offer ?? port + 1);
  while (used.get(other) !== flag && (used.has(other) || (await isBusy(other, host)))) other++;
  used.set(other, flag);
  return `Port ${port} (${use}) ${why}. Stop what holds it, or choose another: ${AGAIN} ${flag} ${other}`;
}

const NOT_OF_THIS_MACHINE = new Set(['EADDRNOTAVAIL', 'EINVAL', 'ENOTFOUND', 'EAI_AGAIN', 'EAFNOSUPPORT']);

/** Whether a port that would be suggested is in use. A port that cannot be opened for another reason is suggested. */
const isBusy = async (port: number, host?: string): Promise<boolean> =>
  port < 65_536 && (await refusal({ port, ...(host !== undefined && { host }) })) === 'EADDRINUSE';

/** Tries to open a port. Resolves to the error code; undefined when the port is free. */
function refusal({ port, host = '127.0.0.1' }: Pick<Wanted, 'port' | 'host'>): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}
