import { z } from 'zod';
import { HeaderName } from './header.ts';
import { LOST, lost } from './own.ts';
import { clipped } from './quote.ts';
import { evenIfInvalid, isObject, sorted } from './refine.ts';

const MAX_ENTRIES = 32;

/**
 * Builds the schema of a map by header name. Names are written in lower case and sorted. Two names that differ only in
 * case are an error.
 *
 * @param value the schema of the values
 * @param nameOf the schema of the names; default: headers that conditions may name
 */
export const byHeader = <T extends z.ZodType>(value: T, nameOf: z.ZodType<string> = HeaderName) =>
  z
    .record(z.string(), value)
    .superRefine((map, context) => {
      const seen = new Set<string>();
      for (const key of Object.keys(map)) {
        const name = key.toLowerCase();
        if (seen.has(name))
          context.addIssue({
            code: 'custom',
            path: [key],
            message: `${clipped(name)} is written twice`,
            params: { code: 'duplicate-header' },
          });
        seen.add(name);
        if (name === LOST)
          context.addIssue({ code: 'custom', path: [key], message: lost.message, params: { code: lost.code } });
        for (const issue of nameOf.safeParse(key).error?.issues ?? []) {
          context.addIssue({
            code: 'custom',
            path: [key],
            message: issue.message,
            params: { code: 'invalid-header-name' },
          });
        }
      }
      if (seen.size > MAX_ENTRIES)
        context.addIssue({ code: 'too_big', origin: 'object', maximum: MAX_ENTRIES, input: map });
    }, evenIfInvalid(isObject))
    .overwrite(
      (map) =>
        sorted(Object.fromEntries(Object.entries(map).map(([key, each]) => [key.toLowerCase(), each]))) as typeof map,
    );
