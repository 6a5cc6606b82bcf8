import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { evenIfInvalid, isObject } from '../../model/values/refine.ts';
import { sparse } from '../../model/values/sparse.ts';

const shapeOf = ({ strictObject }: { strictObject: <S extends z.core.$ZodLooseShape>(shape: S) => z.ZodObject<S> }) =>
  strictObject({
    required: z.string().max(3),
    optional: z.number().min(5).optional(),
    defaulted: z.boolean().default(true),
    optionalDefault: z.string().default('x').optional(),
    described: z.literal('a').optional().describe('text'),
    nullable: z.number().nullable(),
    any: z.unknown(),
    checked: z
      .number()
      .optional()
      .refine((value) => value !== 7, 'is 7'),
    inner: strictObject({ a: z.string().optional(), b: z.array(strictObject({ c: z.int().optional() })).optional() })
      .describe('inner')
      .optional(),
    overwritten: z
      .string()
      .overwrite((text) => text.toUpperCase())
      .optional(),
    aborting: z.string().max(1, { abort: true }).optional(),
  });

const ofSparse = shapeOf(sparse);
const ofZod = shapeOf(z);

const value = fc.oneof(
  fc.constantFrom(undefined, null, 'a', 'abcd', '', 3, 7, 9, true, [], {}),
  fc.record(
    { a: fc.constantFrom('a', 1, undefined), b: fc.constantFrom([{ c: 1 }, { d: 1 }, 3], 'x') },
    { requiredKeys: [] },
  ),
);
const keys = [...Object.keys(ofZod.shape), 'unknown', 'constructor', 'toString'];
const input = fc.oneof(
  fc.array(fc.tuple(fc.constantFrom(...keys), value), { maxLength: 8 }).map((entries) => Object.fromEntries(entries)),
  fc.array(fc.tuple(fc.constantFrom('optional', 'checked', 'inner'), value)).map((entries) => ({
    ...Object.fromEntries(entries),
    required: 'abc',
    nullable: null,
    any: 1,
  })),
  value,
  fc.constant(JSON.parse('{"required":"a","nullable":1,"any":1,"__proto__":{"optional":1}}')),
);

/** The value with its order of keys and its undefined members, or the issues. */
const resultOf = (schema: z.ZodType, given: unknown) => {
  const { success, data, error } = schema.safeParse(given);
  return success ? { data, keys: Object.keys(data as object) } : { issues: error.issues };
};

describe('an object that is parsed by the fields that it has', () => {
  test('has the values and the issues of z.strictObject', () => {
    let valid = 0;
    fc.assert(
      fc.property(input, (given) => {
        const expected = resultOf(ofZod, given);
        if ('data' in expected) valid++;
        expect(resultOf(ofSparse, given)).toStrictEqual(expected);
      }),
      { numRuns: 3000, seed: 1 },
    );
    expect(valid).toBeGreaterThan(30);
  });

  test('keeps its class when it is extended and described', () => {
    const extended = ofSparse.extend({ more: z.string().optional() }).describe('text');
    const valid = { required: 'a', nullable: 1, any: 1 };
    const defaults = { defaulted: true, optionalDefault: 'x' };
    expect(extended.parse({ more: 'a', ...valid })).toStrictEqual({ ...valid, ...defaults, more: 'a' });
    expect(extended.safeParse({ ...valid, more: 1, less: 1 }).error?.issues.map(({ code }) => code)).toEqual([
      'invalid_type',
      'unrecognized_keys',
    ]);
  });

  test('is the same in OpenAPI', () => {
    expect(z.toJSONSchema(ofSparse, { io: 'input' })).toEqual(z.toJSONSchema(ofZod, { io: 'input' }));
  });
});

describe('the checks of a whole object', () => {
  const first = (_: object, context: z.core.$RefinementCtx) =>
    context.addIssue({ code: 'custom', path: ['a'], message: 'first', params: { code: 'one' } });
  const second = (_: object, context: z.core.$RefinementCtx) => {
    if (context.issues.length > 1) context.addIssue('second');
  };
  const shape = { a: z.string().max(1, { abort: true }).optional(), b: z.number().optional() };
  const ofSparse = sparse.strictObject(shape, first, second);
  const ofZod = z
    .strictObject(shape)
    .superRefine(first, evenIfInvalid(isObject))
    .superRefine(second, evenIfInvalid(isObject));
  const described = ofSparse.describe('text').meta({ title: 'A' });
  const within = (object: z.ZodType) => z.strictObject({ list: z.array(object) });

  test.each([{}, { b: 'x' }, { a: 'xx' }, { a: 'xx', b: 'x' }, { c: 1 }, [], null, 'text'])(
    'report the issues of superRefine for %j',
    async (given) => {
      const expected = ofZod.safeParse(given).error?.issues;
      expect(ofSparse.safeParse(given).error?.issues).toEqual(expected);
      expect(described.safeParse(given).error?.issues).toEqual(expected);
      expect((await ofSparse.safeParseAsync(given)).error?.issues).toEqual(expected);
      const list = { list: [given] };
      expect(within(ofSparse).safeParse(list).error?.issues).toEqual(within(ofZod).safeParse(list).error?.issues);
    },
  );
});
