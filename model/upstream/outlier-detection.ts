import { z } from 'zod';
import { milliseconds, PositiveDuration } from '../values/duration.ts';
import { Percentage } from '../values/percentage.ts';

const Count = z.int().min(1).max(10_000);
const AtLeastSecond = PositiveDuration.refine((text) => (milliseconds(text) ?? 1000) >= 1000, 'must be at least 1s');

export const OutlierDetection = z
  .strictObject({
    consecutive5xxErrors: Count.optional().describe(
      'Ejects an endpoint after this many responses 5xx, or failed connections, in a row; default 5.',
    ),
    consecutiveGatewayErrors: Count.optional().describe(
      'Ejects an endpoint after this many 502, 503, 504, or failed connections, in a row. By default only consecutive5xxErrors counts.',
    ),
    interval: AtLeastSecond.optional().describe(
      'How often ejected endpoints are examined to be used again; default 10s, at least 1s.',
    ),
    baseEjectionTime: AtLeastSecond.optional().describe(
      'An endpoint is ejected for this time, multiplied by the number of its ejections in a row; default 30s, at least 1s.',
    ),
    maxEjectionTime: AtLeastSecond.optional().describe(
      'The longest ejection; default 5m, or baseEjectionTime if that is longer.',
    ),
    maxEjectionPercent: Percentage.optional().describe(
      'The largest share of the endpoints that is ejected, rounded to whole percent; default 10. One endpoint can always be ejected.',
    ),
  })
  .superRefine(({ baseEjectionTime = '30s', maxEjectionTime }, context) => {
    if (maxEjectionTime === undefined) return;
    if (milliseconds(maxEjectionTime)! < milliseconds(baseEjectionTime)!)
      context.addIssue({
        code: 'custom',
        path: ['maxEjectionTime'],
        message: `must not be shorter than baseEjectionTime, ${baseEjectionTime}`,
        params: { code: 'too-small' },
      });
  })
  .meta({
    id: 'OutlierDetection',
    description:
      'Sends no requests for a while to endpoints that answer with errors. Each Envoy decides from the requests that it sends.',
    example: { consecutive5xxErrors: 3, baseEjectionTime: '30s' },
  });
export type OutlierDetection = z.infer<typeof OutlierDetection>;
