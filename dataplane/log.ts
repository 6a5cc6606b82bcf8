import { destination, type Logger, pino } from 'pino';

export type Log = Logger;

/** Structured logs on standard error, one JSON object per line. Secrets are never passed to it; the paths below are removed in case one is. */
export function createLog(level: string, name: string): Log {
  return pino(
    { name, level, redact: { paths: ['token', 'privateKey', '*.token', '*.privateKey', 'headers.authorization'] } },
    destination(2),
  );
}
