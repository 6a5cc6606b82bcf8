/**
 * Long texts at every place of a configuration that takes a text. If a check took a time that is quadratic in the length
 * of a text, one of these texts would take many seconds, and all together more than a test may take.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ClaimedName } from '../../api/domains/name.ts';
import { SignIn } from '../../api/people/schema.ts';
import { kindIds, pluralOf } from '../../model/kinds/index.ts';
import { parse } from '../../model/violations.ts';

interface Schema {
  $ref?: string;
  type?: string;
  oneOf?: Schema[];
  anyOf?: Schema[];
  allOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
}

const { components, paths } = JSON.parse(
  readFileSync(new URL('../../openapi/openapi.json', import.meta.url), 'utf8'),
) as {
  components: { schemas: Record<string, Schema> };
  paths: Record<string, { put?: { requestBody: { content: { 'application/json': { schema: Schema } } } } }>;
};

/** Makes a body with the text at one place. */
type Filled = (text: string) => unknown;

/** Lists the places of a schema that take a text, by their path. */
function* places(schema: Schema, path = '', above: readonly Schema[] = []): Generator<[path: string, Filled]> {
  const found = schema.$ref ? components.schemas[schema.$ref.split('/').at(-1)!]! : schema;
  // Some rules contain themselves.
  if (above.includes(found)) return;
  const below = [...above, found];
  for (const each of [found.oneOf, found.anyOf, found.allOf].flatMap((all) => all ?? []))
    yield* places(each, path, below);
  if (found.type === 'string') yield [path, (text) => text];
  if (found.items)
    for (const [at, filled] of places(found.items, `${path}/*`, below)) yield [at, (text) => [filled(text)]];
  for (const [name, each] of Object.entries(found.properties ?? {}))
    for (const [at, filled] of places(each, `${path}/${name}`, below)) yield [at, (text) => ({ [name]: filled(text) })];
  if (typeof found.additionalProperties === 'object')
    for (const [at, filled] of places(found.additionalProperties, `${path}/{}`, below))
      yield [at, (text) => ({ any: filled(text) })];
}

/** The time that a test may take, in milliseconds. It takes about one second. */
const timeout = 20_000;

const LENGTH = 130_000;
const repeated = (part: string) => part.repeat(LENGTH / part.length);
const ideographs = Array.from({ length: LENGTH }, (_, i) => String.fromCodePoint(0x4e00 + ((i * 7919) % 20_000)));

const texts = [
  ...['a', '\\', '\\1', '-', 'a.', '*.', '/a', '/', ' ', '%2e', '%', ':', '1:', '1', '1s', '(', '[', '{', '(a*)*'],
  ...['(a|a)', 'a{1000}', ',', 'a=', ';', '"', '$', '\n', 'a@', '{a}', '?', 'http://'],
  ...['-----BEGIN CERTIFICATE-----\n', '-----BEGIN A', 'xn--a9'],
]
  .map(repeated)
  .concat(ideographs.join(''), `a${repeated('-')}`, `a/a${repeated(' ')}!`, `a/b${repeated('; a=a')}\u0001`);

test.each(kindIds)('no text in a %s takes long', { timeout }, (kind) => {
  const schema =
    paths[`/v1/tenants/{tenant}/${pluralOf(kind)}/{name}`]!.put!.requestBody.content['application/json'].schema;
  const all = new Map(places(schema));
  expect(all.size).toBeGreaterThan(1);
  for (const filled of all.values()) for (const text of texts) expect(parse(kind, 'x', filled(text)).ok).toBeDefined();
});

// Texts of this length are the ones that Punycode takes longest for.
const name = ideographs.slice(0, 4000).join('');

test('no text takes long as the name of a domain', { timeout }, () => {
  for (const text of [...texts, ...Array<string>(300).fill(name)])
    expect(ClaimedName.safeParse(text).success).toBe(false);
});

test('no text takes long as a password', { timeout }, () => {
  const marks = `a${'\u0301'.repeat(40_000)}${'\u0323'.repeat(40_000)}`;
  for (const password of [marks, marks, ...texts])
    expect(SignIn.safeParse({ email: 'ada@example.com', password, credential: 'bearer' }).success).toBe(false);
});

test('no list of wrong hosts takes long', { timeout }, () => {
  const server = { port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: Array(150).fill(name) };
  expect(parse('gateway', 'x', { selector: { a: 'b' }, servers: [server, server] }).ok).toBe(false);
});
