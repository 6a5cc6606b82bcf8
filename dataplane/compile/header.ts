import type { HeaderChanges } from '../../model/route/header-changes.ts';
import {
  HeaderValueOption_HeaderAppendAction as Append,
  type HeaderValueOption,
} from '../envoy/gen/envoy/config/core/v3/base.ts';
import { distinct } from './compiled.ts';

/**
 * Builds the changes of headers, for requests or for responses. Envoy first removes headers, then sets and then adds
 * headers, so `set` and `add` may name the same header.
 *
 * @param changes changes in the order in which they apply; a later `remove` or `set` also removes what an earlier change
 *   wrote
 * @returns `toAdd` has, per change, the entries of `set` and then those of `add`, each sorted by name; `toRemove` is
 *   sorted
 */
export function headerChanges(changes: readonly HeaderChanges[]): { toAdd: HeaderValueOption[]; toRemove: string[] } {
  let toAdd: HeaderValueOption[] = [];
  for (const { set = {}, add = {}, remove = [] } of changes) {
    // Envoy applies every `set` of the list before every `add`, so an earlier `add` would survive a later `set`.
    const replaced = new Set([...remove, ...Object.keys(set)]);
    if (replaced.size > 0) toAdd = toAdd.filter(({ header }) => !replaced.has(header!.key));
    toAdd.push(...options(set, Append.OVERWRITE_IF_EXISTS_OR_ADD), ...options(add, Append.APPEND_IF_EXISTS_OR_ADD));
  }
  return { toAdd, toRemove: distinct(changes.flatMap(({ remove = [] }) => remove)) };
}

function options(values: Record<string, string>, appendAction: HeaderValueOption['appendAction']): HeaderValueOption[] {
  return Object.entries(values)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => ({
      header: { key, value: literal(value), rawValue: new Uint8Array(0) },
      appendAction,
      keepEmptyValue: true,
    }));
}

/** Escapes `%` in a tenant's value. Otherwise commands such as `%ENVIRONMENT(…)%` would read data of the proxy. */
export const literal = (value: string): string => value.replaceAll('%', '%%');
