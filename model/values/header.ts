import { z } from 'zod';

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Headers that conditions may name: not pseudo headers, `host`, or headers reserved by the gateway. */
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
    else if (internal(name.toLowerCase())) context.addIssue({ code: 'custom', message: 'is reserved by the gateway' });
  });

const hopByHop = new Set([
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
const internal = (name: string) => name.startsWith(RESERVED_PREFIX);

/** Headers that a route may change: not those that frame the message, and not those that control Envoy. */
export const MutableHeaderName = HeaderName.superRefine((header, context) => {
  const name = header.toLowerCase();
  if (hopByHop.has(name)) context.addIssue({ code: 'custom', message: 'frames the connection and cannot be changed' });
  // Headers such as `x-envoy-retry-on` would switch on behaviour that the route did not configure.
  if (name.startsWith('x-envoy-'))
    context.addIssue({ code: 'custom', message: 'steers the proxy and cannot be changed' });
});

export const HeaderValue = z
  .string()
  .max(4096)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it rejects
  .regex(/^[^\x00-\x08\x0a-\x1f\x7f]*$/, 'contains a control character');
