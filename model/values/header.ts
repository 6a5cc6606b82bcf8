import { z } from 'zod';
import { LOOP_HEADER } from '../matching/loops.ts';

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/**
 * The name of a header that a condition may test. It cannot be a pseudo header, `host`, or a header that Gatehouse
 * reserves for itself (`x-gatehouse-…`).
 */
export const HeaderName = z
  .string()
  .min(1)
  .max(256)
  .superRefine((name, context) => {
    if (name.startsWith(':'))
      context.addIssue({ code: 'custom', message: 'pseudo headers have fields of their own: uri, method, hosts' });
    else if (!token.test(name)) context.addIssue({ code: 'custom', message: 'is not a header name' });
    else if (name.toLowerCase() === 'host')
      context.addIssue({ code: 'custom', message: 'is matched by `hosts` and changed by `rewrite.authority`' });
    else if (isReserved(name.toLowerCase())) context.addIssue({ code: 'custom', message: 'is reserved by Gatehouse' });
  });

/** Headers that determine where a message ends, or what the connection is used for. */
const framing = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'content-length',
]);
/** The prefix of the headers that the edge writes itself. It removes them from the requests of clients. */
export const RESERVED_PREFIX = 'x-gatehouse-';
/**
 * Headers that only Envoy may write, and that it would pass on from clients. Envoy itself removes those that control it,
 * such as `x-envoy-retry-on`. `x-envoy-fault-…` stays: a rule may let clients choose their faults.
 */
export const FORGEABLE_HEADERS = [
  ...['x-envoy-attempt-count', 'x-envoy-is-timeout-retry', 'x-envoy-original-dst-host'],
  ...['x-envoy-peer-metadata', 'x-envoy-peer-metadata-id'],
];
const isReserved = (name: string) => name.startsWith(RESERVED_PREFIX);

/**
 * The name of a header that a route may change. It cannot be a header that delimits messages or manages the connection,
 * nor one that controls Envoy.
 */
export const MutableHeaderName = HeaderName.superRefine((header, context) => {
  const name = header.toLowerCase();
  if (framing.has(name))
    context.addIssue({
      code: 'custom',
      message: 'determines how HTTP messages are delimited or how the connection is used, and cannot be changed',
    });
  if (name === LOOP_HEADER)
    context.addIssue({
      code: 'custom',
      message: 'counts how often a request has passed the edge, and cannot be changed',
    });
  // Headers such as `x-envoy-retry-on` would switch on behaviour that the route did not configure.
  if (name.startsWith('x-envoy-'))
    context.addIssue({ code: 'custom', message: 'controls Envoy and cannot be changed' });
});

export const HeaderValue = z
  .string()
  .max(4096)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it rejects
  .regex(/^[^\x00-\x08\x0a-\x1f\x7f]*$/, 'contains a control character');
