import type { Configuration } from '../configuration.ts';
import { kindIds, pluralOf, type Reference, refersTo } from '../kinds/index.ts';
import { suggest } from '../suggest.ts';
import { enumerate, quote } from '../values/quote.ts';
import { formatReference } from '../values/reference.ts';
import { MAX_LISTED, resourceName } from '../violations.ts';
import type { Check } from './findings.ts';

/** Reports references to resources that do not exist, as errors. */
export const references: Check = function* (configuration, { errors }, names) {
  for (const from of kindIds) {
    for (const [referrer, spec] of configuration.entries(from, names[from])) {
      yield;
      for (const reference of refersTo(from, spec)) {
        const { kind, name, path, portName } = reference;
        const ports = portName === undefined ? undefined : portNamesOf(configuration, reference);
        if (portName === undefined ? configuration.find(reference) !== undefined : ports?.includes(portName)) continue;
        if (reference.tenant !== undefined) {
          // The message must not tell whether there is such a tenant, such a gateway, or such a server.
          const written = formatReference(reference) + (portName === undefined ? '' : `:${portName}`);
          const message = `there is no gateway ${written}, or it does not admit routes of this tenant`;
          errors.push({ resource: resourceName(from, referrer), path, code: 'gateway-not-shared', message });
          continue;
        }
        if (portName !== undefined && ports) {
          errors.push({
            resource: resourceName(from, referrer),
            path,
            code: 'unknown-port-name',
            message: `the gateway ${quote(name)} has no port named ${quote(portName)}`,
            hint: `its ports are ${enumerate(ports)}`,
          });
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

/** Returns the names of the ports of a gateway; undefined when there is no such gateway. */
const portNamesOf = (configuration: Configuration, reference: Reference): string[] | undefined =>
  reference.kind === 'gateway'
    ? configuration.find({ ...reference, kind: 'gateway' })?.servers.map(({ port }) => port.name)
    : undefined;
