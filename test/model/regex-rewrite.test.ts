/** Rewrites by a pattern: the new path, and the paths that are rejected because their new path would be dangerous. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { normalisePath } from '../../model/matching/path.ts';
import { patternRewrite, rewrittenByPattern } from '../../model/matching/regex-rewrite.ts';
import { withoutPauses } from '../../model/pausable.ts';
import { capturing } from '../../model/regex/captures.ts';
import { matching } from '../../model/regex/regex.ts';
import { RegexRewrite } from '../../model/route/regex-rewrite.ts';
import { parse } from '../../model/violations.ts';

/** @returns the new path; undefined when the edge rejects the path */
function rewrite(pattern: string, substitution: string, path: string): string | undefined {
  const read = patternRewrite({ pattern, substitution });
  if (read.rejected !== undefined && withoutPauses(matching(read.rejected, path))) return undefined;
  return withoutPauses(rewrittenByPattern(read, path));
}

test.each([
  ['/users/([0-9]+)/(.*)', '/\\2/of/\\1', '/users/7/a/b', '/a/b/of/7'],
  ['/users/([0-9]+)/(.*)', '/\\2/of/\\1', '/users/x/a', '/users/x/a'],
  ['/users/([0-9]+)/(.*)', '/\\2/of/\\1', '/users/7/', undefined],
  ['.*', '/v2\\0', '/a/b', '/v2/a/b'],
  ['/off(.*)', '/x/\\1', '/offer', '/x/er'],
  ['/off(.*)', '/x/\\1', '/off../admin', undefined],
  ['/off(.*)', '/x/\\1', '/off/y', undefined],
  ['/off(.*)', '/x/\\1', '/off..y', '/x/..y'],
  ['/off/(.*)', '/x/\\1', '/off/..y/z', '/x/..y/z'],
  ['/in/?(.*)', '/out/\\1', '/in/x', '/out/x'],
  ['/in/?(.*)', '/out/\\1', '/in', '/out/'],
  ['/in/?(.*)', '/out/\\1', '/in../x', undefined],
  ['/in/?(.+)', '/out/\\1', '/in/', undefined],
  ['/in/??(.*)', '/out/\\1', '/in/x', undefined],
  ['(?U)/in/?(.*)', '/out/\\1', '/in/x', undefined],
  ['/(.*)y', '/\\1', '/x/..y', undefined],
  ['/(.*)y/(.*)', '/\\1./\\2', '/ay/b', '/a./b'],
  ['/(.*)y/(.*)', '/\\1./\\2', '/y/b', undefined],
  ['/(a*)/(.*)', '/\\1.\\2', '/a/b', '/a.b'],
  ['/v([^/]+)/(.*)', '/api/\\1/\\2', '/v/x/y', '/v/x/y'],
  ['/v([0-9]*)/(.*)', '/api/\\1/\\2', '/v/x', undefined],
  ['/é/(.)(.*)', '/\\1é', '/%c3%a9/ab', '/a%C3%A9'],
  ['/(a|ab)(c|bcd)(d*)', '/\\1-\\2-\\3', '/abcd', '/a-bcd-'],
  ['/(.*?)(/.*)', '/x\\2', '/a/b/c', '/x/b/c'],
  ['(?i)/A(.*)', '/b\\1', '/aXy', '/bXy'],
])('%s with %s turns %s into %s', (pattern, substitution, path, expected) =>
  expect(rewrite(pattern, substitution, path)).toBe(expected),
);

const route = [{ destination: { upstream: 'u' } }];
const violations = (regex: object) => {
  const parsed = parse('route', 'it', { hosts: ['a.x'], gateways: ['g'], http: [{ rewrite: { regex }, route }] });
  return parsed.ok
    ? []
    : parsed.violations.map(({ path, code }) => `${path.slice('/http/0/rewrite/regex/'.length)} ${code}`);
};

test.each([
  ['(?=a)', '/b', 'pattern invalid-regex'],
  [`/${'(?:abc){1,200}'.repeat(2)}`, '/b', 'pattern too-big'],
  ['/(a)', 'b\\1', 'substitution invalid-format'],
  ['/(a)', '\\1', 'substitution invalid-format'],
  ['/(a)', '/b?x=\\1', 'substitution invalid-format'],
  ['/(a)', '/\\n', 'substitution invalid-format'],
  ['/(a)', '/\\\\1', 'substitution invalid-format'],
  ['/(a)', '/\\2', 'substitution invalid-reference'],
  ['/(?:a)', '/\\1', 'substitution invalid-reference'],
  ['/(a)?', '/\\1', 'substitution invalid-reference'],
  ['/(a){2}', '/\\1', 'substitution invalid-reference'],
  ['/(a)|/b', '/\\1', 'substitution invalid-reference'],
  ['/(?:(a)|b)', '/\\1', 'substitution invalid-reference'],
  ['/(a(b))', '/\\2', 'substitution invalid-reference'],
  ['/(a)/(b)', '/\\1\\2', 'substitution invalid-reference'],
  ['/(a)', '/x/../\\1', 'substitution invalid-value'],
  ['/(a)', '/x/%2e%2e/\\1', 'substitution invalid-value'],
  ['/(a)', '/x//\\1', 'substitution invalid-value'],
  ['/(a)', '/x/\\0', 'substitution invalid-value'],
])('%s with %s is refused', (pattern, substitution, violation) =>
  expect(violations({ pattern, substitution })).toEqual([violation]),
);

test.each([
  ['/[(](a)\\(\\Q(\\E(?P<n>b)(?i)(?:c)', '/\\1/\\2'],
  ['/[^]()](a)', '/\\1'],
  ['/(a|b)/(c?)x', '/\\2x\\1'],
])('%s with %s is accepted', (pattern, substitution) => expect(violations({ pattern, substitution })).toEqual([]));

const pieces = (...all: string[]) => fc.array(fc.constantFrom(...all), { maxLength: 5 }).map((each) => each.join(''));
const generated = fc.record({
  pattern: pieces(
    ...['/', '/', 'a', 'b', '.', '\\.', '(.*)', '(.*)', '([^/]+)', '([^/]*)', '(a*)', '(.)', '(/.*)', '(\\.+)', '%'],
    ...['([ab.]*)', '(?:/a)?', '/?', '/?(.*)', '(.*?)', '(%2.)', '2f'],
  ).map((rest) => `/${rest}`),
  substitution: pieces('/', '/', 'x', '.', '.', ';', '%', '%2', '2f', 'f', '\\1', '\\1', '\\2', '\\3', '\\0').map(
    (rest) => `/${rest}`,
  ),
  paths: fc.array(
    pieces('/', '/', 'a', 'b', '.', '..', '%2F', '%2f', '%', '2', 'f', ';', 'F').map((rest) => `/${rest}`),
    { minLength: 20, maxLength: 20 },
  ),
});
/** A dot segment for an application that decodes once and drops parameters. */
const dotted = (path: string) => /(?:\/|%2f|%5c)\.{1,2}(?:$|[/;]|%2f|%5c|%3b)/i.test(path);

test('no new path has a dot segment or two slashes, and each is what RE2 makes', () => {
  const outcomes = { rewritten: 0, rejected: 0, accepted: 0 };
  fc.assert(
    fc.property(generated, ({ pattern, substitution, paths }) => {
      fc.pre(RegexRewrite.safeParse({ pattern, substitution }).success);
      outcomes.accepted++;
      for (const written of paths) {
        const { path } = normalisePath(written);
        if (dotted(path) || !withoutPauses(capturing(pattern, path))) continue;
        const become = rewrite(pattern, substitution, path);
        outcomes[become === undefined ? 'rejected' : 'rewritten']++;
        if (become !== undefined) expect(dotted(become) || become.includes('//'), `${path} → ${become}`).toBe(false);
      }
    }),
    { numRuns: 1200, seed: 3 },
  );
  expect(outcomes.rewritten).toBeGreaterThan(1000);
  expect(outcomes.rejected).toBeGreaterThan(100);
});
