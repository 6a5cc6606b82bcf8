import { destination, type Logger, pino } from 'pino';

export type Log = Logger;

/**
 * Creates a log that writes one JSON object per line to standard error. Callers never pass secrets. If one does by
 * mistake, the paths below are redacted.
 *
 * @param level the lowest level that is written, such as `info`
 */
export function createLog(level: string, name: string): Log {
  return pino(
    { name, level, redact: { paths: ['token', 'privateKey', '*.token', '*.privateKey', 'headers.authorization'] } },
    destination(2),
  );
}
