import { kindIds, pluralOf, refersTo } from '../kinds/index.ts';
import { suggest } from '../suggest.ts';
import { quote } from '../values/quote.ts';
import { formatReference } from '../values/reference.ts';
import { MAX_LISTED, resourceName } from '../violations.ts';
import type { Check } from './findings.ts';

/** Reports references to resources that do not exist, as errors. */
export const references: Check = function* (configuration, { errors }, names) {
  for (const from of kindIds) {
    for (const [referrer, spec] of configuration.entries(from, names[from])) {
      yield;
      for (const reference of refersTo(from, spec)) {
        if (configuration.find(reference) !== undefined) continue;
        const { kind, name, path } = reference;
        if (reference.tenant !== undefined) {
          // The message must not tell whether there is such a tenant or such a gateway.
          const message = `the gateway ${formatReference(reference)} does not admit routes of this tenant`;
          errors.push({ resource: resourceName(from, referrer), path, code: 'gateway-not-shared', message });
          continue;
        }
        const meant = errors.length < MAX_LISTED ? suggest(name, configuration.names(kind)) : undefined;
        errors.push({
          resource: resourceName(from, referrer),
          path,
          code: 'dangling-reference',
          message: `there is no ${kind} ${quote(name)}`,
          hint: meant
            ? `did you mean ${JSON.stringify(meant)}?`
            : `create ${pluralOf(kind)}/${name} first, or in the same revision`,
        });
      }
    }
  }
};
