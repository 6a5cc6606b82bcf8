/** No violation of any operation is a text of Zod's: each says in the project's words what would be right. */
import type { z } from '@hono/zod-openapi';
import { expect, test } from 'vitest';
import { operations } from '../../api/app.ts';
import { shapeViolations } from '../../api/problem.ts';
import { kindIds, kinds } from '../../model/kinds/index.ts';

const RAW = /^Invalid|expected .* received|Unrecognized|Too (?:small|big)|undefined/;
const WRONG: unknown[] = [
  ...[
    undefined,
    null,
    true,
    -1,
    1.5,
    1e300,
    '',
    'x y',
    '\u0001',
    [],
    [null],
    [5],
    {},
    { '': 5 },
    { x: null },
    { x: {} },
  ],
  ...[{ '\u0001': ['x', 5] }, { ['n'.repeat(400)]: 'x' }],
];

const schemas: [name: string, schema: z.ZodType][] = [
  ...operations().flatMap(({ contract: { operationId, params, query, body } }) =>
    [params, query, body?.schema, body?.documented].flatMap((schema, i): [string, z.ZodType][] =>
      schema ? [[`${operationId} ${['params', 'query', 'body', 'documented body'][i]}`, schema as z.ZodType]] : [],
    ),
  ),
  ...kindIds.map((kind): [string, z.ZodType] => [`spec of ${kind}`, kinds[kind].input]),
];

/** The value itself, and each wrong value in each member of the object that the schema describes, two levels deep. */
function* wrongFor(schema: z.ZodType, depth = 2): Generator<unknown> {
  yield* WRONG;
  // `$ZodTypes` is Zod's union of all schemas.
  const { def } = (schema as unknown as z.core.$ZodTypes)._zod;
  if (depth === 0) return;
  if (def.type === 'object')
    for (const [name, member] of Object.entries(def.shape))
      for (const wrong of wrongFor(member as z.ZodType, depth - 1)) yield { [name]: wrong };
  else if (def.type === 'array') for (const wrong of wrongFor(def.element as z.ZodType, depth - 1)) yield [wrong];
  else if (def.type === 'record')
    for (const wrong of wrongFor(def.valueType as z.ZodType, depth - 1)) yield { name: wrong };
  else if (def.type === 'optional') yield* wrongFor(def.innerType as z.ZodType, depth);
  else if (def.type === 'union') for (const option of def.options) yield* wrongFor(option as z.ZodType, depth);
}

test.each(schemas)('%s', (_, schema) => {
  const raw = new Set<string>();
  for (const wrong of wrongFor(schema)) {
    const { error } = schema.safeParse(wrong);
    if (!error) continue;
    for (const { path, message } of shapeViolations(schema, wrong, error, true))
      if (RAW.test(message)) raw.add(`${path}: ${message} (${JSON.stringify(wrong)?.slice(0, 80)})`);
  }
  expect([...raw]).toEqual([]);
});
