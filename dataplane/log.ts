import { type DestinationStream, destination, type Logger, pino } from 'pino';
import { escapeHidden } from '../model/values/hidden-characters.ts';

export type Log = Logger;

/**
 * Creates a log that writes one JSON object per line to standard error. Callers never pass secrets. If one does by
 * mistake, the paths below are redacted.
 *
 * @param level the lowest level that is written, such as `info`
 * @param to where it writes instead
 */
export function createLog(level: string, name: string, to: DestinationStream = destination(2)): Log {
  return pino(
    {
      name,
      level,
      // Envoy's words, and names that clients choose, must not control the terminal that shows the log.
      hooks: { streamWrite: escapeHidden },
      redact: { paths: ['token', 'privateKey', '*.token', '*.privateKey', 'headers.authorization'] },
    },
    to,
  );
}
