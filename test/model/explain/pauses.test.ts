/** `explaining` pauses often, whatever the patterns and rules of the tenant are. The tests count pauses, not time. */
import fc from 'fast-check';
import { RE2JS } from 're2js';
import { expect, test, vi } from 'vitest';
import { Configuration } from '../../../model/configuration.ts';
import { explaining } from '../../../model/explain/explain.ts';
import { type Pausable, withoutPauses } from '../../../model/pausable.ts';
import type { Program } from '../../../model/regex/program.ts';
import { matching } from '../../../model/regex/regex.ts';
import { simulating } from '../../../model/regex/simulation.ts';

const FLEET = {
  name: 'shared',
  labels: { ingress: 'public' },
  ports: [{ number: 80, bind: 10_080, protocol: 'HTTP' as const }],
};
/** A text for which `HOSTILE` is slow: a match begins at every position, and none succeeds. */
const LONG = `/${'ab'.repeat(30_000)}`;
const HOSTILE = '.*a.{1000}.*b.{900}z';

// biome-ignore lint/suspicious/noExplicitAny: documents as users write them
const serving = (http: any[], routes = 1) =>
  Configuration.fromDocument({
    gateways: {
      edge: {
        selector: { ingress: 'public' },
        servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['a.test'] }],
      },
    },
    routes: Object.fromEntries(
      Array.from({ length: routes }, (_, n) => [`r${n}`, { hosts: ['a.test'], gateways: ['edge'], http }]),
    ),
  });
/** Whether the work pauses this often. It is not done to its end. */
const hasPauses = (work: Pausable<unknown>, count: number): boolean => {
  for (let pauses = 0; pauses < count; pauses++) if (work.next().done) return false;
  return true;
};

test('the largest pattern and path need many pauses, and no long match without a pause', () => {
  const matches = vi.spyOn(RE2JS.prototype, 'matches');
  const configuration = serving([{ match: [{ uri: { regex: HOSTILE } }], directResponse: { status: 200 } }]);
  const work = explaining(configuration, 'acme', FLEET, { authority: 'a.test', path: LONG });
  expect(hasPauses(work, 100)).toBe(true);
  expect(matches).not.toHaveBeenCalled();
  matches.mockRestore();
});

test('the largest pattern and header need many pauses', () => {
  const condition = { headers: { 'x-long': { regex: HOSTILE } } };
  const configuration = serving([{ match: [condition], directResponse: { status: 200 } }]);
  const question = { authority: 'a.test', headers: { 'x-long': LONG } };
  expect(hasPauses(explaining(configuration, 'acme', FLEET, question), 100)).toBe(true);
});

test('explaining pauses at each of very many conditions, and lists the first fifty', () => {
  const match = Array.from({ length: 64 }, (_, n) => ({ uri: { exact: `/${n}` } }));
  const configuration = serving([{ match, directResponse: { status: 200 } }], 100);
  const work = explaining(configuration, 'acme', FLEET, { authority: 'a.test', path: '/x' });
  let count = 0;
  for (let next = work.next(); ; next = work.next(), count++) {
    if (!next.done) continue;
    expect(next.value).toMatchObject({ outcome: 'not-found', moreTried: 6_350 });
    expect(next.value.tried).toHaveLength(50);
    break;
  }
  expect(count).toBeGreaterThan(6_400);
});

test('matching with pauses gives the same results as re2js', () => {
  const atom = fc.constantFrom(
    ...[
      'a',
      'b',
      '.',
      '[^a]',
      '[a-c]',
      '\\d',
      '\\w',
      '\\W',
      '(?i:A)',
      '(?s:.)',
      '',
      '^',
      '$',
      '\\b',
      '\\B',
      '\\A',
      '\\z',
    ],
    ...['é', '\\n', '(?m:^)', '(?m:$)', '[[:alpha:]]', 'K', '(?i:k)', '\\xe9'],
  );
  const pattern = fc.letrec<{ all: string }>((tie) => ({
    all: fc.oneof(
      { maxDepth: 4 },
      atom,
      fc.tuple(tie('all'), tie('all')).map(([a, b]) => a + b),
      fc.tuple(tie('all'), tie('all')).map(([a, b]) => `(?:${a}|${b})`),
      fc.tuple(tie('all'), fc.constantFrom('*', '+', '?', '{2}', '{0,3}', '*?', '+?')).map(([a, b]) => `(${a})${b}`),
    ),
  })).all;
  const text = fc.array(fc.constantFrom('a', 'b', 'c', 'A', 'k', 'K', ' ', '\n', 'é', '0', '_', ''), { maxLength: 8 });
  const bytes = (unicode: string) => Buffer.from(unicode).toString('latin1');
  fc.assert(
    fc.property(
      pattern,
      text.map((all) => all.join('')),
      (written, given) => {
        const compiled = RE2JS.compile(bytes(written));
        const { prog } = compiled.re2() as unknown as { prog: Program };
        expect(withoutPauses(simulating(prog, bytes(given)))).toBe(compiled.matches(bytes(given)));
      },
    ),
    { numRuns: 1_000, seed: 1 },
  );
});

test('matching a long text, with pauses, gives the expected results', () => {
  // Where a match may begin at every character, fewer of them take long.
  const shorter = LONG.slice(0, 4_001);
  for (const [pattern, text, expected] of [
    ['/(?:ab)*', LONG, true],
    ['/(?:ab)*a', LONG, false],
    ['.*b', LONG, true],
    ['/(?:[^c]{1000})*x', LONG, false],
    ['.*(?:ab){900}', shorter, true],
  ] as const) {
    const work = matching(pattern, text);
    expect(work.next().done, pattern).toBe(false);
    expect(withoutPauses(work), pattern).toBe(expected);
  }
});
