import type { z } from 'zod';
import { type InputOf, type Kind, kindIds, kinds, pluralOf } from './kinds/index.ts';
import { fieldsAt, shapeHint } from './shape-hints.ts';
import { suggest } from './suggest.ts';
import { Name } from './values/name.ts';
import { pointer } from './values/pointer.ts';
import { quote } from './values/quote.ts';

/** An error in one resource. As a warning: a part of a valid resource that has no effect or may surprise. */
export interface Violation {
  /** `routes/reviews`. */
  resource: string;
  /** JSON pointer inside the spec of the resource. Empty: the whole resource. */
  path: string;
  /** In kebab-case, such as `dangling-reference`. Programs may rely on it. */
  code: string;
  message: string;
  /** A sentence that says what was probably meant, or what to do. */
  hint?: string;
}

/** The number of violations that a response lists. It counts the rest, which need no suggestions. */
export const MAX_LISTED = 100;

/** Returns the name of a resource as violations and problems contain it: `routes/reviews`. */
export const resourceName = (kind: Kind, name: string): string => `${pluralOf(kind)}/${name}`;

/**
 * Reads the kind and the name from a text that {@link resourceName} returned. The name is everything after the first
 * slash, because a body may name a resource with a name that is not allowed, such as `beta/web`.
 *
 * @returns without `name` when the text is only the plural of a kind; `{}` when it does not begin with one
 * @example subjectOf('routes/reviews') // { kind: 'route', name: 'reviews' }
 */
export function subjectOf(resource: string): { kind?: Kind; name?: string } {
  const slash = resource.indexOf('/');
  const plural = slash === -1 ? resource : resource.slice(0, slash);
  const kind = kindIds.find((each) => pluralOf(each) === plural);
  if (kind === undefined) return {};
  return slash === -1 ? { kind } : { kind, name: resource.slice(slash + 1) };
}

const nameRule = 'must be a DNS label: lower-case letters, digits and inner hyphens, at most 63';

/** The result of {@link parse}: the spec, or every violation in the body. */
export type Parsed<K extends Kind> = { ok: true; spec: InputOf<K> } | { ok: false; violations: Violation[] };

/**
 * Checks the name and the body of a resource against the schema of its kind, and reports every problem at once.
 *
 * @param body any JSON value
 * @param mostHints the number of violations that the response lists. Others need no hints
 * @example parse('route', 'shop', {}) // { ok: false, violations: [{ path: '/hosts', code: 'required', … }, …] }
 */
export function parse<K extends Kind>(kind: K, name: string, body: unknown, mostHints: number = MAX_LISTED): Parsed<K> {
  const resource = resourceName(kind, name);
  const schema: z.ZodType = kinds[kind].input;
  const named = Name.safeParse(name);
  const read = schema.safeParse(body);
  const violations = [
    ...(named.success
      ? []
      : [{ resource, path: '', code: 'invalid-name', message: `the name ${quote(name)} ${nameRule}` }]),
    ...(read.error ? violationsOf(resource, schema, body, read.error.issues, mostHints) : []),
  ];
  // The schema of the kind returned it, but TypeScript cannot connect a generic kind with its schema.
  return violations.length === 0 ? { ok: true, spec: read.data as InputOf<K> } : { ok: false, violations };
}

/**
 * Translates Zod's issues into violations. Each unknown field becomes a violation.
 *
 * @param resource the name of the resource in the violations
 * @param schema the schema that rejected the body; unknown fields get suggestions from its fields
 * @param body the value that the schema rejected
 * @param mostHints the number of violations that may have a hint
 */
export function violationsOf(
  resource: string,
  schema: z.ZodType,
  body: unknown,
  issues: readonly z.core.$ZodIssue[],
  mostHints: number = MAX_LISTED,
): Violation[] {
  const violations: Violation[] = [];
  for (const issue of issues) {
    const path = pointer(issue.path);
    if (issue.code === 'unrecognized_keys') {
      const known = fieldsAt(schema, issue.path);
      for (const key of issue.keys)
        violations.push({
          resource,
          path: `${path}${pointer([key])}`,
          code: 'unknown-field',
          message: `unknown field ${quote(key)}`,
          ...(violations.length < mostHints && hintFor(key, known)),
        });
    } else if (issue.code === 'invalid_union' && bestOption(issue)) {
      // The option that accepts the type of the value says what is wrong inside it.
      const within = bestOption(issue)!.map((each) => ({ ...each, path: [...issue.path, ...each.path] }));
      const found = violationsOf(resource, schema, body, within, mostHints - violations.length);
      const others = typesOf(issue);
      if (isOneOf(within) && others.length > 0) {
        const [first] = found as [Violation];
        first.message += `, or ${others.join(' or ')}`;
        if (others.includes('a number')) Object.assign(first, withoutQuotes(valueAt(body, issue.path)));
      }
      violations.push(...found);
    } else {
      const value = valueAt(body, issue.path);
      const isListed = violations.length < mostHints;
      const described = describe(issue, value, isListed);
      const isOfShape = issue.code !== 'invalid_type' && issue.code !== 'invalid_union';
      const hint = described.hint ?? (isListed && !isOfShape ? shapeHint(schema, issue.path, value) : undefined);
      violations.push({ resource, path, ...described, ...(hint !== undefined && { hint }) });
    }
  }
  return violations;
}

function hintFor(key: string, known: string[]): { hint?: string } {
  const meant = suggest(key, known);
  if (meant) return { hint: `did you mean ${JSON.stringify(meant)}?` };
  return known.length > 0 ? { hint: `known fields: ${known.join(', ')}` } : {};
}

/** @param isListed whether the response lists the violation; others get no suggestion */
function describe(
  issue: z.core.$ZodIssue,
  value: unknown,
  isListed: boolean,
): Pick<Violation, 'code' | 'message' | 'hint'> {
  switch (issue.code) {
    case 'invalid_type':
      return value === undefined
        ? { code: 'required', message: `is required (${typeText(issue.expected)})` }
        : { code: 'invalid-type', ...wrongType(issue, value) };
    case 'invalid_value': {
      const valid = issue.values.map(String);
      if (value === undefined) return { code: 'required', message: `is required: ${valid.join(', ')}` };
      const type = typeof issue.values[0];
      const meant = isListed && typeof value === 'string' && type === 'string' ? suggest(value, valid) : undefined;
      const isQuoted = typeof value === 'string' && type === 'number';
      return {
        code: 'invalid-value',
        message: `must be one of ${valid.join(', ')}${isQuoted ? ', as a number' : ''}`,
        ...(meant && { hint: `did you mean ${meant}?` }),
        ...(isQuoted && valid.includes(value) && withoutQuotes(value)),
      };
    }
    case 'too_small':
      return { code: 'too-small', message: `must ${bound(issue.origin, 'at least', issue.minimum)}` };
    case 'too_big':
      return { code: 'too-big', message: `must ${bound(issue.origin, 'at most', issue.maximum)}` };
    case 'custom':
      return {
        code: typeof issue.params?.code === 'string' ? issue.params.code : 'invalid-value',
        message: issue.message,
        ...(typeof issue.params?.hint === 'string' && { hint: issue.params.hint }),
      };
    case 'invalid_union': {
      const types = typesOf(issue);
      if (value === undefined) return { code: 'required', message: `is required (${types.join(' or ')})` };
      return { code: 'invalid-type', message: `must be ${types.join(' or ')}, not ${article(typeName(value))}` };
    }
    case 'invalid_key': {
      const wrong = issue.issues.map((each) => describe(each, '', false).message);
      return { code: 'invalid-name', message: `has a name that is not allowed: it ${wrong.join(', ')}` };
    }
    case 'invalid_format': {
      const isRaw = issue.message.startsWith('Invalid');
      const message = isRaw ? ofFormat(issue.format) : issue.message;
      return { code: 'invalid-format', message };
    }
    case 'not_multiple_of':
      return { code: 'not-multiple-of', message: `must be a multiple of ${issue.divisor}` };
    default:
      return { code: issue.code.replaceAll('_', '-'), message: issue.message };
  }
}

/** @param value a value of another type than the schema expects */
function wrongType({ expected, message: own }: z.core.$ZodIssueInvalidType, value: unknown) {
  const message = `must be ${article(expected)}, not ${article(typeName(value))}`;
  // Some schemas have a message of their own, which shows how the value is written.
  if (!own.startsWith('Invalid')) return { message, hint: own };
  if (expected === 'string' && (typeof value === 'number' || typeof value === 'boolean'))
    return { message, hint: `write it in quotes: "${value}"` };
  const isPlain = expected === 'number' || expected === 'int' || expected === 'boolean';
  return { message, ...(isPlain && withoutQuotes(value)) };
}

/** Makes the hint for a number or a boolean in quotes. */
const withoutQuotes = (value: unknown): { hint?: string } =>
  typeof value === 'string' && /^(?:-?\d{1,15}(?:\.\d+)?|true|false)$/.test(value)
    ? { hint: `write it without quotes: ${value}` }
    : {};

/** Returns the types that options of the union expect and the value does not have. */
const typesOf = (issue: z.core.$ZodIssueInvalidUnion): string[] => [
  ...new Set(issue.errors.flat().flatMap((each) => (isOfType(each) ? [article(each.expected)] : []))),
];

/** Whether the option lists the values that it accepts. */
const isOneOf = (issues: readonly z.core.$ZodIssue[]): boolean =>
  issues.length === 1 && issues[0]!.code === 'invalid_value';

/** Returns the issues of the union's first option that accepts the type of the value; undefined when none does. */
const bestOption = (issue: z.core.$ZodIssueInvalidUnion): z.core.$ZodIssue[] | undefined =>
  issue.errors.find((option) => option.length > 0 && !option.some(isOfType));

/** Whether the issue is that the whole value has another type. */
const isOfType = (issue: z.core.$ZodIssue): issue is z.core.$ZodIssueInvalidType =>
  issue.code === 'invalid_type' && issue.path.length === 0;

function bound(origin: string, which: string, limit: number | bigint): string {
  if (origin === 'string') return `have ${which} ${limit} characters`;
  if (origin === 'array') return `have ${which} ${limit} ${limit === 1 ? 'item' : 'items'}`;
  return origin === 'object' ? `have ${which} ${limit} ${limit === 1 ? 'entry' : 'entries'}` : `be ${which} ${limit}`;
}

function article(type: string): string {
  const noun = typeText(type);
  return noun === 'null' ? noun : /^[aeio]/.test(noun) ? `an ${noun}` : `a ${noun}`;
}
const typeText = (type: string): string => (type === 'record' ? 'object' : type);
const typeName = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);

function valueAt(body: unknown, path: readonly PropertyKey[]): unknown {
  // Input may have any shape. `?.` handles null and undefined, and indexing a primitive returns undefined.
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | null | undefined)?.[key], body);
}

/** Says what a text must be that does not have a format of JSON Schema. */
const ofFormat = (format: string): string =>
  format === 'datetime'
    ? 'must be a time such as 2026-01-31T00:00:00Z'
    : `must be a valid ${format.replaceAll('_', ' ')}`;
