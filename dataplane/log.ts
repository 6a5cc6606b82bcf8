import { destination, type Logger, pino } from 'pino';

export type Log = Logger;

/** Structured logs on standard error, one JSON object a line; secrets are never handed to it, and the paths below are the second lock. */
export function createLog(level: string, name: string): Log {
  return pino(
    { name, level, redact: { paths: ['token', 'privateKey', '*.token', '*.privateKey', 'headers.authorization'] } },
    destination(2),
  );
}
