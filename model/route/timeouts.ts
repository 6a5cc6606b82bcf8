import type { z } from 'zod';
import { Duration, milliseconds, PositiveDuration } from '../values/duration.ts';

/** The fields of a rule that limit how long a request may last. */
export const timeouts = {
  timeout: Duration.optional().describe(
    'Time from the end of the request until the response is complete. When it ends, the client gets 504, or the response is cut off. Default, and `0s`: no limit, as long as some data moves within `idleTimeout`. It does not apply to upgraded connections such as WebSocket, whose requests do not end.',
  ),
  idleTimeout: PositiveDuration.optional().describe(
    'Time without any data in either direction. When it ends, the client gets 504, or the stream is cut off. It also ends the wait for a response, so a `timeout` above it only helps responses that keep moving. Upgraded connections such as WebSocket are idle too. Default: 5 minutes, or `timeout` if that is longer.',
  ),
  streamTimeout: PositiveDuration.optional().describe(
    'Time from the beginning of the request until both the request and the response are complete, with all data and retries; it ends upgraded connections too. When it ends, the client gets 504, or the response is cut off. Default: no limit.',
  ),
};

/** Reports a timeout that another one always ends first. The fields may have any shape. */
export function checkTimeouts(rule: object, context: z.core.$RefinementCtx): void {
  const { timeout, streamTimeout } = rule as Record<string, unknown>;
  if (timeout === undefined || streamTimeout === undefined) return;
  const [response, stream] = [timeout, streamTimeout].map((text) =>
    typeof text === 'string' ? milliseconds(text) : undefined,
  );
  if (response && stream && response > stream)
    context.addIssue({
      code: 'custom',
      path: ['timeout'],
      message: `never ends a request: streamTimeout (${streamTimeout}) ends it first`,
      params: { code: 'without-effect' },
    });
}
