import { z } from 'zod';

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Matching may look at any header but the pseudo ones and our own. */
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
const internal = (name: string) => name.startsWith('x-gatehouse-');

/** Headers a route may change: not what frames the message, not what the proxy itself is steered by. */
export const MutableHeaderName = HeaderName.superRefine((header, context) => {
  const name = header.toLowerCase();
  if (hopByHop.has(name)) context.addIssue({ code: 'custom', message: 'frames the connection and cannot be changed' });
  // `x-envoy-retry-on` and its kin would switch on behaviour that the route did not ask for.
  if (name.startsWith('x-envoy-'))
    context.addIssue({ code: 'custom', message: 'steers the proxy and cannot be changed' });
});

export const HeaderValue = z
  .string()
  .max(4096)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses
  .regex(/^[^\x00-\x08\x0a-\x1f\x7f]*$/, 'contains a control character');
