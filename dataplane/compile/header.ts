import type { HeaderChanges } from '../../model/route/header-changes.ts';
import {
  HeaderValueOption_HeaderAppendAction as Append,
  type HeaderValueOption,
} from '../envoy/gen/envoy/config/core/v3/base.ts';

/**
 * Builds the header changes of a rule, for requests or for responses. Envoy applies them in the order of the list, so
 * `set` and `add` may name the same header.
 *
 * @returns `toAdd` has the entries of `set` and then those of `add`, each sorted by name; `toRemove` is sorted
 */
export function headerChanges({ set = {}, add = {}, remove = [] }: HeaderChanges): {
  toAdd: HeaderValueOption[];
  toRemove: string[];
} {
  return {
    toAdd: [...options(set, Append.OVERWRITE_IF_EXISTS_OR_ADD), ...options(add, Append.APPEND_IF_EXISTS_OR_ADD)],
    toRemove: [...remove].sort(),
  };
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
const literal = (value: string): string => value.replaceAll('%', '%%');
