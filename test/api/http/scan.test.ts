import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readBody } from '../../../api/http/body.ts';
import { readJson } from '../../../api/http/json.ts';
import type { Limits } from '../../../api/http/scan.ts';
import { Problem } from '../../../api/problem.ts';

const limits: Limits = {
  depth: 8,
  values: 30_000,
  part: 10_000,
  partDepth: 2,
  members: 20_000,
  string: 100_000,
  name: 100,
};

async function refused(text: string): Promise<Problem> {
  const problem = await readJson(text, limits).then(
    () => expect.fail('it was taken'),
    (thrown: unknown) => thrown,
  );
  if (!(problem instanceof Problem)) throw problem;
  return problem;
}
const found = async (text: string) => {
  const { violations = [] } = await refused(text);
  return violations.map(({ pointer, code }) => `${code} ${pointer}`);
};
/** Parsing loses nothing of it; another test covers what parsing loses. */
const value = fc.jsonValue({ maxDepth: 6 }).filter((each) => !JSON.stringify(each).includes('\\u'));

test('what it takes, it reads as JSON.parse does', async () => {
  await fc.assert(
    fc.asyncProperty(value, fc.constantFrom(undefined, 1), async (each, indent) => {
      const text = JSON.stringify(each, undefined, indent);
      if (text.includes('"__proto__"')) return;
      expect(await readJson(text, limits)).toEqual(JSON.parse(text));
    }),
    { numRuns: 300, seed: 1 },
  );
});

test.each([1, 2, 3, 4])(
  'in parts too, which it does with a large text: %i containers around each',
  async (partDepth) => {
    const filler = 'x'.repeat(70_000);
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string(), value), fc.array(value), async (members, items) => {
        const text = JSON.stringify({ filler, members, items, nested: { members, items }, last: null });
        if (text.includes('"__proto__"') || text.includes('\\u')) return;
        // The values are as deep as the limit by themselves.
        expect(JSON.stringify(await readJson(text, { ...limits, depth: 16, partDepth }))).toBe(text);
      }),
      { numRuns: 25, seed: 1 },
    );
  },
);

test('values are counted per part, wherever the parts are', async () => {
  const text = `{"configuration":{"a":{"b":[${'0,'.repeat(6_000)}0],"c":[${'0,'.repeat(6_000)}0]}}}`;
  expect(await found(text)).toEqual(['too-many-values /configuration/a']);
  expect(await readJson(text, { ...limits, partDepth: 3 })).toEqual(JSON.parse(text));
});

test.each(['', 'null', '5', '"a"', '[]', '{}', ' [ 1 , "a\\"]" , {} ] ', '{"a":{"b":[{"c":"\\\\"}]}}', '"a\\\\\\""'])(
  'reads %j',
  async (text) => {
    const padded = (more: number) => text.padEnd(text.length + more);
    if (text === '') expect((await refused(text)).code).toBe('malformed-json');
    else for (const more of [0, 70_000]) expect(await readJson(padded(more), limits)).toEqual(JSON.parse(text));
  },
);

test.each([
  '{',
  '{"a"}',
  '{"a":}',
  '{"a":1,}',
  '[1,]',
  '[1 2]',
  '{"a":{"b":1 2}}',
  '{"a":{"b":}}',
  '{"a":{"b":1,}}',
  '{"a":{"b":[1}}}',
  '{"a":{b:1}}',
  '"a',
  '"\\x"',
  '01',
  '{"a":{"b":01}}',
  '{"a" "b"}',
  '{}{}',
  '{"a":{}} x',
  "{'a':1}",
])('a text that is not JSON is told so, however long it is: %s', async (text) => {
  for (const more of [0, 70_000]) expect((await refused(' '.repeat(more) + text)).code).toBe('malformed-json');
});

describe('more than anybody needs is refused before it is parsed', () => {
  test.each([
    ['too-deep', '/a/0/0/0/0/0/0/0', `{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`],
    ['too-many-values', '', `[${'[{},{}],'.repeat(15_000)}0]`],
    ['too-many-values', '/a/b', `{"a":{"b":[${'0,'.repeat(10_000)}0]}}`],
    ['too-many-members', '/a', `{"a":[${'0,'.repeat(20_000)}0]}`],
    ['too-many-members', '', `{${Array.from({ length: 20_001 }, (_, i) => `"k${i}":0`)}}`],
    ['too-long', '/a/0', `{"a":["${'x'.repeat(100_001)}"]}`],
    ['too-long', '/a', `{"a":{"${'x'.repeat(101)}":0}}`],
    ['invalid-number', '/a', `{"a":${'1'.repeat(3_000_000)}}`],
  ])('%s at %j', async (code, pointer, text) => expect(await found(text)).toEqual([`${code} ${pointer}`]));

  test('and quoted no further than its first hundred characters', async () => {
    const { violations } = await refused(`{"${'x'.repeat(3_000_000)}":0}`);
    expect(violations![0]!.message.length).toBeLessThan(200);
  });
});

describe('what parsing would lose is refused', () => {
  test.each([
    ['a name written twice', '{"a":1,"b":{"a":1},"a":2}', 'duplicate-member /a'],
    ['a name written twice in two ways', '{"a":{"b":1,"\\u0062":2}}', 'duplicate-member /a/b'],
    ['__proto__', '{"a":[{"__proto__":{}}]}', 'reserved-name /a/0/__proto__'],
    ['__proto__ in other letters', '{"\\u005f_proto__":1}', 'reserved-name /__proto__'],
    ['U+0000', '{"a":["\\u0000"]}', 'invalid-character /a/0'],
    ['U+0000 in a name', '{"a":{"\\u0000":1}}', 'invalid-character /a'],
    ['half a surrogate pair', '{"a":"\\ud83d"}', 'invalid-character /a'],
    ['the other half in a name', '{"a":{"\\ude00":1}}', 'invalid-character /a'],
    ['a number beyond the largest', '{"a":[0,-1e400]}', 'invalid-number /a/1'],
  ])('%s', async (_, text, what) => expect(await found(text)).toEqual([what]));

  test('but neither a whole pair nor names that objects have anyway', async () => {
    const text = '{"a":"\\ud83d\\ude00","b":{"constructor":1,"prototype":2,"toString":3,"hasOwnProperty":4}}';
    expect(await readJson(text, limits)).toEqual(JSON.parse(text));
  });

  test('all at once, the first hundred by name', async () => {
    const { violations, more } = await refused(`{"a":{${'"x":1,'.repeat(5000)}"y":2}}`);
    expect([violations!.length, more]).toEqual([100, 4899]);
  });
});

test.each([{}, { 'content-length': '9' }])(
  'a body that its client breaks off is no error of the API: %j',
  async (more) => {
    const body = new ReadableStream({ pull: (controller) => controller.error(new Error('aborted')) });
    const headers = { 'content-type': 'application/json', ...more };
    const request = new Request('https://a.test', { method: 'PUT', headers, body, duplex: 'half' } as RequestInit);
    await expect(readBody(request, undefined, 100)).rejects.toMatchObject({ code: 'request-timeout' });
  },
);
