import type { HeaderChanges } from '../../model/route/header-changes.ts';
import {
  HeaderValueOption_HeaderAppendAction as Append,
  type HeaderValueOption,
} from '../envoy/gen/envoy/config/core/v3/base.ts';

/**
 * The header changes of a rule, for requests or for responses. `set` comes before `add`, so that both may name one
 * header; names are sorted.
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

/** A tenant's value is text: `%ENVIRONMENT(…)%` and similar commands would read data of the proxy. */
const literal = (value: string): string => value.replaceAll('%', '%%');
