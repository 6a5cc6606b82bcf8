import { z } from '@hono/zod-openapi';
import { Pace } from '../pace.ts';
import { Problem, shapeViolations } from '../problem.ts';
import { limitsOf } from './body.ts';
import { FORM, readForm } from './form.ts';
import { readJson } from './json.ts';
import { nulViolations } from './nul.ts';
import type { Contract, InputOf } from './route.ts';

type Input = InputOf<z.ZodObject, z.ZodObject, z.ZodType>;

/**
 * Parses the input of a verb: parameters, query and body. It validates each part against the contract.
 *
 * @param text the body
 * @param bodyLimit the maximum size of a bulk body, in bytes
 * @throws Problem `malformed-request`, `malformed-json`, `invalid-request` with every violation of the first invalid
 *   part
 */
export async function readInput(
  contract: Contract,
  params: Record<string, string>,
  url: string,
  text: string,
  bodyLimit: number,
): Promise<Input> {
  const at = url.indexOf('?');
  const query = at < 0 ? '' : url.slice(at + 1);
  return {
    params: contract.params ? valid(contract.params, params, 'path', url) : {},
    query: readQuery(contract.query ?? NO_QUERY, contract.dropsOtherParameters ? picked(contract, query) : query, url),
    body: contract.body && (await readBodyOf(contract.body, text, bodyLimit)),
  };
}

function readQuery(schema: z.ZodObject, query: string, url: string): Input['query'] {
  // Most requests have no query, and most operations accept none.
  if (query === '' && schema === NO_QUERY) return {};
  return valid(schema, query === '' ? {} : readForm(query, 'in the query'), 'query', url);
}

/** Returns the part of a query with the parameters that a contract names. */
function picked({ query: schema = NO_QUERY }: Contract, query: string): string {
  const isNamed = (pair: string) => {
    // `&` because URLSearchParams drops a `?` at the start.
    const [name] = new URLSearchParams(`&${pair}`).keys();
    return name !== undefined && Object.hasOwn(schema.shape, name);
  };
  return query.split('&').filter(isNamed).join('&');
}

/**
 * The number of characters from which a body is large. It takes several milliseconds to read, so other requests run
 * before it, also between the large bodies that arrived together.
 */
const LARGE_BODY = 16_384;

async function readBodyOf(body: NonNullable<Contract['body']>, text: string, bodyLimit: number) {
  const { schema, types, size = 'small', partDepth } = body;
  if (types?.includes(FORM)) return valid(schema, readForm(text, 'in the body'), 'body', text);
  if (text.length >= LARGE_BODY) await new Pace().rest();
  return valid(schema, await readJson(text, limitsOf(size, bodyLimit, partDepth)), 'body');
}

/**
 * The schema of the query for an operation without query parameters. It rejects every parameter, such as `dryRun` for a
 * write that has no dry run.
 */
const NO_QUERY = z.strictObject({});

/**
 * Validates one part of the input.
 *
 * @param source the text to search for U+0000, except for JSON, which was checked before
 */
function valid<S extends z.ZodType>(
  schema: S,
  value: unknown,
  where: 'path' | 'query' | 'body',
  source?: string,
): z.output<S> {
  const parsed = schema.safeParse(value);
  if (!parsed.success)
    throw new Problem('invalid-request', {
      detail: `in the ${where}`,
      violations: shapeViolations(schema, value, parsed.error, where === 'body'),
    });
  const violations = source === undefined ? [] : nulViolations(source, value);
  if (violations.length > 0) throw new Problem('invalid-request', { detail: `in the ${where}`, violations });
  return parsed.data;
}
