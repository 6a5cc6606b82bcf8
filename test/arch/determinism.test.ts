/** What tests must not leave to chance, or to the speed of the machine. */
import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const files = globSync('test/**/*.ts', { exclude: ['test/drill/**', 'test/arch/determinism.test.ts'] }).map((name) => ({
  name,
  text: readFileSync(name, 'utf8'),
}));

/** The arguments of each call of a function: the text between its parentheses. */
function* callsOf(name: RegExp, text: string): Generator<string> {
  for (const { index, 0: head } of text.matchAll(name)) {
    let end = index + head.length;
    for (let depth = 1; depth > 0 && end < text.length; end++) depth += { '(': 1, ')': -1 }[text[end]!] ?? 0;
    yield text.slice(index + head.length, end - 1);
  }
}

it('has a seed for every property and sample', () => {
  const random = files.filter(({ text }) => /\bfc\.(assert|check|sample)\(/.test(text));
  expect(random.length).toBeGreaterThan(10);
  expect(random.filter(({ text }) => !/\bseed\b/.test(text)).map(({ name }) => name)).toEqual([]);
});

// Other programs may stop one for seconds. A test that waits longer for what will come costs nothing.
it('waits for at least ten seconds', () => {
  const short = files.flatMap(({ name, text }) => {
    const polls = [...callsOf(/\bvi\.waitFor\(/g, text), ...callsOf(/\bexpect\.poll\(/g, text)];
    const limits = [...polls, ...callsOf(/\buntil\(\s*['"`]/g, text)].map((call) => ({
      call,
      limit: /(?:,\s*|\btimeout: )([\d_]+)\s*\}?,?\s*$/.exec(call)?.[1]?.replaceAll('_', ''),
    }));
    return limits
      .filter(({ call, limit }) => (limit === undefined ? polls.includes(call) : Number(limit) < 10_000))
      .map(({ call }) => `${name}: ${call.slice(0, 80)}`);
  });
  expect(short).toEqual([]);
});
