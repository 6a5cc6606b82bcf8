import { escapeHidden } from '../../model/values/hidden-characters.ts';
import type { Log } from '../context.ts';
import type { Settings } from '../settings.ts';

const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/**
 * Creates a log that writes one JSON object per line. Workers Logs indexes its fields.
 * Hidden characters in what others have written are escaped, as in the log of the API on Node.js.
 * https://developers.cloudflare.com/workers/observability/logs/workers-logs/
 */
export function consoleLog(threshold: Settings['logLevel']): Log {
  const at = (level: 'debug' | 'info' | 'warn' | 'error') =>
    levels.indexOf(level) < levels.indexOf(threshold)
      ? () => {}
      : (fields: object, msg: string) =>
          console[level](escapeHidden(JSON.stringify({ level, ...fields, msg }, readable)));
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** Makes the fields of an Error visible. JSON omits them, because they are not enumerable. */
const readable = (_key: string, value: unknown): unknown =>
  value instanceof Error
    ? {
        type: value.name,
        message: value.message,
        stack: value.stack,
        ...(value.cause !== undefined && { cause: value.cause }),
      }
    : value;
