import { z } from 'zod';
import { PositiveDuration } from '../values/duration.ts';
import { exactlyOne } from '../values/exactly-one.ts';
import { Percentage } from '../values/percentage.ts';
import { evenIfInvalid, isObject } from '../values/refine.ts';

const share = Percentage.optional();

const Delay = z
  .strictObject({
    fixed: PositiveDuration.optional().describe('The length of the delay.'),
    fromHeader: z
      .literal(true)
      .optional()
      .describe(
        'The request header `x-envoy-fault-delay-request` says how many milliseconds to wait. Requests without it are not delayed.',
      ),
    percentage: share.describe('The share of the requests that are delayed. Default: 100, all of them.'),
  })
  .superRefine(exactlyOne('fixed', 'fromHeader'), evenIfInvalid(isObject))
  .meta({ id: 'FaultDelay', description: 'Delays requests.', example: { fixed: '3s', percentage: 10 } });

const Abort = z
  .strictObject({
    httpStatus: z
      .int()
      .min(200)
      .max(599)
      .optional()
      .describe('The status of the response. gRPC clients get the gRPC status that belongs to it.'),
    grpcStatus: z
      .int()
      .min(0)
      .max(16)
      .optional()
      .describe(
        'The gRPC status of the response, such as 14 (unavailable). Other clients get the HTTP status 200, so it suits rules for gRPC. Clients of gRPC-Web get the gRPC status 2 (unknown) of every abort.',
      ),
    fromHeader: z
      .literal(true)
      .optional()
      .describe(
        'The request header `x-envoy-fault-abort-request` names the HTTP status, or `x-envoy-fault-abort-grpc-request` the gRPC status. Requests without them are not aborted.',
      ),
    percentage: share.describe('The share of the requests that are aborted. Default: 100, all of them.'),
  })
  .superRefine(exactlyOne('httpStatus', 'grpcStatus', 'fromHeader'), evenIfInvalid(isObject))
  .meta({
    id: 'FaultAbort',
    description: 'Answers requests in place of the upstream, with the body `fault filter abort`.',
    example: { httpStatus: 503, percentage: 5 },
  });

/** Faults that the edge injects into the requests of a rule. */
export const Fault = z
  .strictObject({ delay: Delay.optional(), abort: Abort.optional() })
  .refine((fault) => fault.delay !== undefined || fault.abort !== undefined, 'needs delay or abort')
  .meta({
    id: 'Fault',
    description:
      'Injects faults, to test how clients bear them. A request may be both delayed and aborted: it waits first, and each share is drawn on its own. With `fromHeader`, clients choose the fault of their own requests; a `match` on a header that only testers know limits who can.',
    example: { abort: { httpStatus: 503, percentage: 5 } },
  });
export type Fault = z.infer<typeof Fault>;
