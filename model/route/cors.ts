import { z } from 'zod';
import { withoutPauses } from '../pausable.ts';
import { matching, refusedByRe2 } from '../regex/regex.ts';
import { Duration, milliseconds } from '../values/duration.ts';
import { exactlyOne } from '../values/exactly-one.ts';
import { evenIfInvalid, isObject } from '../values/refine.ts';
import { strangersOf } from './cors-strangers.ts';
import { Regex } from './matchers.ts';

/** Every origin, as an origin or as a name in a list. */
export const ANY = '*';

/** A header or method name (RFC 9110 §5.6.2). */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//;
/** An origin as browsers send it: https://html.spec.whatwg.org/multipage/browsers.html#ascii-serialisation-of-an-origin */
const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/(?:[a-z0-9._~-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/;

/** Returns the reason why no browser sends a text as its origin. */
function whyNoOrigin(text: string): string | undefined {
  if (text === ANY || text === 'null' || (ORIGIN.test(text) && !isDefaultPort(text))) return undefined;
  const hint = 'write an origin such as https://shop.example or http://localhost:3000';
  if (text.includes('*'))
    return "a * inside an origin matches nothing: write a regex such as https://[a-z0-9-]+\\.shop\\.example, or only '*' for every origin";
  if (!/^[A-Za-z][\w+.-]*:\/\//.test(text)) return `begins without a scheme: ${hint}`;
  if (isDefaultPort(text)) return 'browsers leave out the default port of the scheme: leave it out';
  if (/[A-Z]/.test(text)) return 'browsers send origins in lower case';
  if (/^[^/]*\/\/[^/]*\//.test(text)) return 'an origin has no path, and no slash at its end';
  return `is no origin: ${hint}`;
}

const isDefaultPort = (origin: string): boolean => /^(?:http:.*:80|https:.*:443)$/.test(origin);

/** Whether an accepted pattern matches a text. */
const matches = (pattern: string, text: string): boolean =>
  refusedByRe2(pattern) === undefined && withoutPauses(matching(pattern, text));

const Origin = z
  .strictObject({
    exact: z
      .string()
      .max(512)
      .superRefine((text, context) => {
        const message = whyNoOrigin(text);
        if (message !== undefined) context.addIssue({ code: 'custom', message });
      })
      .optional()
      .describe(
        "One origin as browsers send it, such as `https://shop.example` or `http://localhost:3000`: scheme, host, and the port unless it is the scheme's own. `*` is every origin; `null` is the origin of pages without one, such as local files.",
      ),
    prefix: z
      .string()
      .max(512)
      .regex(SCHEME, 'must begin with a scheme in lower case, such as https://')
      .optional()
      .describe(
        'The beginning of an origin. `https://shop.example` also allows `https://shop.example.attacker.test`; end it with `:` to allow only other ports, as in `http://localhost:`.',
      ),
    regex: Regex.superRefine((pattern, context) => {
      // Envoy reads a matcher that matches this text as one that allows every origin.
      if (matches(pattern, ANY))
        context.addIssue({
          code: 'custom',
          message: `matches the text "*", and so allows every origin; write exact: '*' if that is meant`,
          params: { code: 'too-wide' },
        });
    }).optional(),
  })
  .superRefine(exactlyOne('exact', 'prefix', 'regex'), evenIfInvalid(isObject))
  .meta({
    id: 'CorsOrigin',
    description: 'Origins that are allowed: exactly one field.',
    example: { exact: 'https://shop.example' },
  });

const name = (what: string) => z.string().max(256).regex(TOKEN, `is no ${what}`);

const Method = name('method').superRefine((method, context) => {
  // https://fetch.spec.whatwg.org/#concept-method-normalize lists the methods that browsers write in upper case.
  if (method !== method.toUpperCase())
    context.addIssue({ code: 'custom', message: `methods are case-sensitive: write ${method.toUpperCase()}` });
});

/** The lists in which browsers read `*` as every name, unless the request has credentials. */
const LISTS = ['allowMethods', 'allowHeaders', 'exposeHeaders'] as const;

/** Which pages of other origins may send requests and read the responses. */
export const Cors = z
  .strictObject({
    allowOrigins: z
      .array(Origin)
      .min(1)
      .max(64)
      .describe(
        'The origins whose pages may send requests and read the responses. Those of all other pages get no CORS headers.',
      ),
    allowMethods: z
      .array(Method)
      .min(1)
      .max(32)
      .optional()
      .describe('The methods that pages may use, or `*`. Default: GET, HEAD and POST, which browsers always allow.'),
    allowHeaders: z
      .array(name('header name'))
      .min(1)
      .max(100)
      .optional()
      .describe(
        'The request headers that pages may set, or `*`, which does not include `authorization`. Default: only those that browsers always allow, such as `accept` and a `content-type` of forms.',
      ),
    exposeHeaders: z
      .array(name('header name'))
      .min(1)
      .max(100)
      .optional()
      .describe(
        'The response headers that pages may read, or `*`. Default: those that they always may, such as `content-type`.',
      ),
    maxAge: Duration.refine((text) => (milliseconds(text) ?? 0) % 1000 === 0, 'must be whole seconds')
      .optional()
      .describe(
        'How long browsers may use the answer to a preflight again. `0s`: not at all. Default: 5 seconds in browsers, which also have a limit: 2 hours in Chromium, 24 in Firefox.',
      ),
    allowCredentials: z
      .boolean()
      .optional()
      .describe(
        "Whether pages may send the user's cookies and client certificates, and read the responses. Needs origins that are listed: not `*`, nor a prefix or pattern that matches any site.",
      ),
  })
  .superRefine((cors, context) => {
    const { allowOrigins, allowCredentials, ...lists } = cors as Record<string, unknown>;
    if (allowCredentials !== true) return;
    const issue = (path: PropertyKey[], code: string, message: string) =>
      context.addIssue({ code: 'custom', path, message, params: { code } });
    for (const [index, origin] of list(allowOrigins).entries()) {
      const [form, why] = whyUnlisted(origin);
      if (form !== undefined && why !== undefined) issue(['allowOrigins', index, form], 'too-wide', why);
    }
    for (const field of LISTS)
      for (const [index, each] of list(lists[field]).entries())
        if (each === ANY)
          issue(
            [field, index],
            'without-effect',
            'browsers read * as a plain name with allowCredentials; list the names',
          );
  }, evenIfInvalid(isObject))
  .meta({
    id: 'Cors',
    description:
      'Lets pages of other origins use the rule (cross-origin resource sharing). The edge answers preflights itself, before any policy such as authentication. It writes the CORS headers of all responses to the rule, and removes those of the upstream. It does not reject requests: browsers do not let other pages read the responses.',
    example: { allowOrigins: [{ exact: 'https://shop.example' }], allowMethods: ['GET', 'PUT'], maxAge: '1h' },
  });
export type Cors = z.infer<typeof Cors>;

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Returns the field of an origin that sites match which nobody listed, and the reason. */
function whyUnlisted(origin: unknown): [form: 'exact' | 'prefix' | 'regex', why: string] | [] {
  const { exact, prefix, regex } = isObject(origin) ? origin : {};
  const leak = 'with allowCredentials, any site could read what your users may read';
  if (exact === ANY) return ['exact', `${leak}: list the origins`];
  if (exact === 'null') return ['exact', `any site can make its pages have the origin null, and ${leak}`];
  // A port follows the colon, and so the host is complete.
  if (typeof prefix === 'string' && !/^[^/]*:\/\/[^:]+:/.test(prefix))
    return [
      'prefix',
      `also matches hosts of others, such as ${prefix}.attacker.test, and ${leak}: list the origins, or end the prefix with a colon`,
    ];
  const stranger = typeof regex === 'string' ? [...strangersOf(regex)].find((each) => matches(regex, each)) : undefined;
  if (stranger !== undefined)
    return [
      'regex',
      `matches sites of others such as ${stranger}, and ${leak}: escape every dot, and end the part that varies with a dot`,
    ];
  return [];
}
