import { suggest } from '../../model/suggest.ts';
import type { Operation } from './route.ts';

/**
 * Returns the path that was probably meant by one that does not exist: it differs in one word, or begins with `/v1`.
 *
 * @example nearestPath(operations, '/v1/tenants/acme/route/shop') // '/v1/tenants/acme/routes/shop'
 */
export function nearestPath(operations: readonly Operation[], path: string): string | undefined {
  const given = path.split('/');
  const versioned = ['', 'v1', ...given.slice(1)];
  const words = new Map<number, string[]>();
  for (const { contract } of operations) {
    const template = contract.path.split('/');
    if (template.length === versioned.length && template.every((word, index) => fits(word, versioned[index]!)))
      return versioned.join('/');
    if (template.length !== given.length) continue;
    const different = template.flatMap((word, index) => (fits(word, given[index]!) ? [] : [index]));
    const [index, second] = different;
    if (index === undefined || second !== undefined || template[index]!.startsWith('{')) continue;
    words.set(index, [...(words.get(index) ?? []), template[index]!]);
  }
  for (const [index, known] of words) {
    const meant = suggest(given[index]!, known);
    if (meant !== undefined) return given.with(index, meant).join('/');
  }
  return undefined;
}

/** Whether a segment of a path fits a segment of a template. */
const fits = (template: string, segment: string): boolean =>
  template.startsWith('{') ? segment !== '' : template === segment;
