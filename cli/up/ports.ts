import { createServer } from 'node:net';
import { Failure } from './failure.ts';

export interface Wanted {
  port: number;
  /** What it is for, as the user knows it. */
  use: string;
  flag: string;
  /** A value to offer for the flag instead; default the next port. */
  offer?: number;
  host?: string;
}

/** Opens and closes each port, and tells every one that is taken at once, each with the flag that moves it. */
export async function requireFree(wanted: Wanted[]): Promise<void> {
  const checked = await Promise.all(wanted.map(async (want) => ({ want, refused: await refusal(want) })));
  const lines = checked.flatMap(({ want, refused }) => (refused ? [complaint(want, refused)] : []));
  if (lines.length > 0) {
    throw new Failure('Gatehouse cannot start: a port it needs is not free.', lines);
  }
}

function complaint({ port, use, flag, offer }: Wanted, code: string): string {
  const why = code === 'EADDRINUSE' ? 'is in use' : code === 'EACCES' ? 'needs root' : `cannot be opened (${code})`;
  const other = code === 'EACCES' ? port + 10_000 : (offer ?? port + 1);
  return `Port ${port} (${use}) ${why}. Stop what holds it, or choose another: gatehouse up ${flag} ${other}`;
}

/** The error code of opening it, or undefined. */
function refusal({ port, host = '127.0.0.1' }: Wanted): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}
