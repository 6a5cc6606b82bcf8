/** Hints for values whose shape differs from the schema, such as a text in place of an object. */
import { z } from 'zod';
import { isObject } from './values/refine.ts';

type Path = readonly PropertyKey[];

/** The largest number of characters of JSON in a hint. */
const LONGEST = 120;

/** Returns the names of the fields that the schema has at `path`; an empty list when there is no object schema. */
export const fieldsAt = (schema: z.core.$ZodType, path: Path): string[] => [
  ...new Set(fieldsOf(layersAt(schema, path))),
];

/**
 * Says how a value of the right shape is written.
 *
 * @param path the place of the value in the body
 * @param value a value of the wrong type; undefined when it is missing
 * @returns undefined when the schema expects a plain value there
 */
export function shapeHint(schema: z.core.$ZodType, path: Path, value: unknown): string | undefined {
  const layers = layersAt(schema, path);
  const [only] = Array.isArray(value) && value.length === 1 ? value : [];
  if (only !== undefined && layers.some((layer) => accepts(layer, only))) return `write it without brackets${as(only)}`;
  for (const layer of layers) {
    const def = definition(layer);
    if (def.type === 'array' && [...layersOf(def.element)].some((element) => accepts(element, value)))
      return `write it in a list${as([value])}`;
  }
  const wrapped = layers.flatMap((layer) => inFirstField(layer, value) ?? []);
  if (wrapped.length > 0) return `write ${JSON.stringify(wrapped[0])}`;
  if (!layers.some((layer) => ['array', 'object', 'record'].includes(definition(layer).type))) return undefined;
  const example = shortExample(layers);
  if (example !== undefined) return `for example ${example}`;
  const fields = fieldsOf(layers);
  return fields.length > 0 ? `known fields: ${fields.join(', ')}` : undefined;
}

/** Puts a short value into the first field of an object that accepts its type, if the object is then valid. */
function inFirstField(layer: z.core.$ZodType, value: unknown): object | undefined {
  const def = definition(layer);
  if (
    def.type !== 'object' ||
    isObject(value) ||
    Array.isArray(value) ||
    JSON.stringify(value ?? null).length > LONGEST
  )
    return undefined;
  const field = Object.keys(def.shape).find((key) =>
    [...layersOf(def.shape[key]!)].some((each) => accepts(each, value)),
  );
  if (field === undefined) return undefined;
  const object = { [field]: value };
  return z.core.safeParse(layer, object).success ? object : undefined;
}

/** Whether the schema expects values of this type. */
function accepts(layer: z.core.$ZodType, value: unknown): boolean {
  const { type } = definition(layer);
  if (isObject(value)) return type === 'object' || type === 'record';
  if (type === 'enum' || type === 'literal') return z.core.safeParse(layer, value).success;
  return type === typeof value;
}

/** Writes a value after a colon, if it is short. */
function as(value: unknown): string {
  const json = JSON.stringify(value);
  return json.length > LONGEST ? '' : `: ${json}`;
}

/** Returns the example of the first schema that has a short one, as JSON. */
function shortExample(layers: readonly z.core.$ZodType[]): string | undefined {
  for (const layer of layers) {
    const example = JSON.stringify(exampleOf(layer));
    if (example !== undefined && example.length <= LONGEST) return example;
  }
  return undefined;
}

function exampleOf(schema: z.core.$ZodType): unknown {
  for (const layer of layersOf(schema)) {
    const documented = z.globalRegistry.get(layer)?.example;
    if (documented !== undefined) return documented;
    const def = definition(layer);
    if (def.type === 'array') {
      const element = exampleOf(def.element);
      if (element !== undefined) return [element];
    }
    if (def.type === 'record') {
      const value = exampleOf(def.valueType);
      if (value !== undefined) return { name: value };
    }
  }
  return undefined;
}

const fieldsOf = (layers: readonly z.core.$ZodType[]): string[] =>
  layers.flatMap((layer) => {
    const def = definition(layer);
    return def.type === 'object' ? Object.keys(def.shape) : [];
  });

/** Returns the schemas for the value at `path`. */
function layersAt(schema: z.core.$ZodType, path: Path): z.core.$ZodType[] {
  let layers = [...layersOf(schema)];
  for (const key of path) layers = layers.flatMap((layer) => child(layer, key)).flatMap((each) => [...layersOf(each)]);
  return layers;
}

function child(schema: z.core.$ZodType, key: PropertyKey): z.core.$ZodType[] {
  const def = definition(schema);
  if (def.type === 'object') return def.shape[String(key)] ? [def.shape[String(key)]!] : [];
  if (def.type === 'array') return [def.element];
  return def.type === 'record' ? [def.valueType] : [];
}

/** Yields a schema and the schemas in it: the inner one of an optional field, and every option of a union. */
function* layersOf(schema: z.core.$ZodType): Generator<z.core.$ZodType> {
  yield schema;
  const def = definition(schema);
  if (def.type === 'optional' || def.type === 'nullable' || def.type === 'default') yield* layersOf(def.innerType);
  else if (def.type === 'pipe') yield* layersOf(def.out);
  else if (def.type === 'union') for (const option of def.options) yield* layersOf(option);
}

// Zod documents `def` as the way to inspect a schema. `$ZodTypes` is the union of all schema types.
const definition = (schema: z.core.$ZodType) => (schema as z.core.$ZodTypes)._zod.def;
