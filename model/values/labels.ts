import { z } from 'zod';
import { own } from './own.ts';
import { evenIfInvalid, isObject, sorted } from './refine.ts';

const MAX_LABELS = 64;
const keyPattern = /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const valuePattern = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;

/** Labels have the syntax of Kubernetes, because users already have such labels in their files. */
export const Labels = z
  .record(z.string(), z.string().max(63).regex(valuePattern, 'a label value has letters, digits and inner - _ . only'))
  .superRefine((labels, context) => {
    const keys = Object.keys(labels);
    if (keys.length > MAX_LABELS)
      context.addIssue({ code: 'too_big', origin: 'object', maximum: MAX_LABELS, input: labels });
    for (const key of keys) {
      if (!keyPattern.test(key))
        context.addIssue({
          code: 'custom',
          path: [key],
          message: 'a label key is `[prefix/]name` of letters, digits and inner - _ .',
        });
    }
  }, evenIfInvalid(isObject))
  .overwrite(sorted)
  .meta({
    id: 'Labels',
    description: `Free labels, at most ${MAX_LABELS}: keys as \`[prefix/]name\`, values up to 63 characters.`,
    example: { team: 'books' },
  });
export type Labels = z.infer<typeof Labels>;

/**
 * Whether a resource or a fleet carries every wanted label with its value.
 *
 * @param labels the labels of the resource or fleet; undefined: it has none
 */
export const carries = (labels: Labels | undefined, wanted: Labels): boolean =>
  Object.entries(wanted).every(([key, value]) => own(labels, key) === value);
