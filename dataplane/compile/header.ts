import type { HeaderChanges } from '../../model/route/header-changes.ts';
import {
  HeaderValueOption_HeaderAppendAction as Append,
  type HeaderValueOption,
} from '../envoy/gen/envoy/config/core/v3/base.ts';

/** What to add to and remove from one side of the exchange. `set` comes before `add`, so that both may name one header. */
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

/** `%ENVIRONMENT(…)%` and its kin would read out the proxy; a tenant's value is text. */
const literal = (value: string): string => value.replaceAll('%', '%%');
