import { z } from 'zod';
import { checkWhole, isObject, type WholeCheck } from './refine.ts';

/** A field of a schema, prepared for parsing. */
interface Field {
  /** Its position in the schema. */
  index: number;
  key: string;
  /** The schema of a value that is present. */
  schema: z.core.$ZodType;
  /** Whether an absent value is valid, and whether another value replaces it. */
  absent: 'optional' | 'defaulted' | undefined;
}

interface SparseDef extends z.core.$ZodObjectDef {
  /** The checks of the object as a whole. The class runs them itself, because Zod would take as long as for a field. */
  whole: readonly WholeCheck[];
}

/**
 * Parses an object in time that depends on the fields that it has. Zod's own class also runs the schema of each absent
 * field: a rule has thirty optional fields, and most rules use two of them. Both classes return the same values and
 * the same issues, in the order of the schema.
 */
const SparseObject: new (def: SparseDef) => z.ZodObject = z.core.$constructor('SparseObject', (inst, def) => {
  z.ZodObject.init(inst, def);
  const parseEveryField = inst._zod.parse;
  const checked = (payload: z.core.ParsePayload) => {
    checkWhole(payload, def.whole);
    return payload;
  };
  let fields: Fields | undefined;
  inst._zod.parse = (payload, ctx) => {
    const input: unknown = payload.value;
    // The code below is synchronous, and reports every issue.
    if (!isObject(input) || ctx.async !== false || ctx.abortEarly || ctx.direction === 'backward') {
      const parsed = parseEveryField(payload, ctx);
      if (ctx.skipChecks) return parsed;
      return parsed instanceof Promise ? parsed.then(checked) : checked(parsed);
    }
    fields ??= new Fields(def.shape);
    const { present, unknown } = fields.in(input);
    const output: Record<string, unknown> = {};
    let issues: z.core.$ZodRawIssue[] = [];
    for (let index = 0; index < present.length; index++) {
      const { key, schema, absent } = present[index]!;
      const value = input[key];
      if (value === undefined && absent === 'optional') {
        if (key in input) output[key] = undefined;
        continue;
      }
      // A synchronous parse returns no promise.
      const result = schema._zod.run({ value, issues }, ctx) as z.core.ParsePayload;
      const isValid = result.issues.length === 0;
      if (!isValid) {
        for (const issue of z.core.util.prefixIssues(key, result.issues)) payload.issues.push(issue);
        issues = [];
      }
      if (absent === 'defaulted' || key in input) output[key] = result.value;
      // For example, `z.unknown()` accepts undefined.
      else if (isValid)
        payload.issues.push({
          code: 'invalid_type',
          expected: 'nonoptional',
          input: undefined as never,
          path: [key],
        });
    }
    payload.value = output;
    if (unknown.length > 0)
      payload.issues.push({ code: 'unrecognized_keys', keys: unknown, input, inst, continue: true });
    return ctx.skipChecks ? payload : checked(payload);
  };
});

class Fields {
  readonly #byKey: ReadonlyMap<string, Field>;
  /** The fields whose schema runs even if they are absent. */
  readonly #always: readonly Field[];

  constructor(shape: z.core.$ZodShape) {
    const all = Object.entries(shape).map(([key, schema], index): Field => {
      const { def, optin: absent } = schema._zod;
      const isPlain = def.type === 'optional' && absent === 'optional' && !def.checks?.length;
      return { index, key, schema: isPlain ? (def as z.core.$ZodOptionalDef).innerType : schema, absent };
    });
    this.#byKey = new Map(all.map((field) => [field.key, field]));
    this.#always = all.filter(({ absent }) => absent !== 'optional');
  }

  /** Returns the fields to parse, in the order of the schema, and the keys that the schema does not know. */
  in(input: object): { present: Field[]; unknown: string[] } {
    const present = this.#always.slice();
    const unknown: string[] = [];
    let last = present.at(-1)?.index ?? -1;
    let isInOrder = true;
    for (const key in input) {
      const field = this.#byKey.get(key);
      if (!field) unknown.push(key);
      else if (field.absent === 'optional') {
        isInOrder &&= field.index > last;
        last = field.index;
        present.push(field);
      }
    }
    if (!isInOrder) present.sort((a, b) => a.index - b.index);
    return { present, unknown };
  }
}

/** Makes schemas of objects that usually have few of their fields. */
export const sparse = {
  /**
   * The same as `z.strictObject`, except for its speed.
   *
   * @param checks check the object as a whole, after its fields
   * @example sparse.strictObject(fields, exactlyOne('route', 'redirect'), checkTimeouts)
   */
  strictObject: <Shape extends z.core.$ZodLooseShape>(
    shape: Shape,
    ...checks: WholeCheck[]
  ): z.ZodObject<z.core.util.Writeable<Shape>, z.core.$strict> =>
    // The class has no type parameters.
    new SparseObject({ type: 'object', shape, catchall: z.never(), whole: checks }) as never,
};
