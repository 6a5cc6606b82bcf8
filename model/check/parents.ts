import type { Configuration } from '../configuration.ts';
import { EVERY_ROUTE } from '../route/delegate.ts';
import { suggest } from '../suggest.ts';
import { quote } from '../values/quote.ts';
import { isForeign } from '../values/reference.ts';
import { resourceName, type Violation } from '../violations.ts';
import type { Check } from './findings.ts';

/**
 * Warns about routes in `parents` that do not exist, or that do not delegate to the route. It says nothing about routes of
 * other tenants: the status of the route does.
 */
export const parents: Check = function* (configuration, { warnings }, names) {
  for (const [name, { parents }] of configuration.entries('route', names.route)) {
    yield;
    for (const [index, parent] of (parents ?? []).entries()) {
      if (isForeign(parent)) continue;
      const what = wrongParent(configuration, parent, name);
      if (what) warnings.push({ resource: resourceName('route', name), path: `/parents/${index}`, ...what });
    }
  }
};

function wrongParent(
  configuration: Configuration,
  parent: string,
  child: string,
): Pick<Violation, 'code' | 'message' | 'hint'> | undefined {
  if (parent === EVERY_ROUTE) {
    for (const [name] of configuration.entries('route'))
      if (!isForeign(name) && delegates(configuration, name, child)) return undefined;
    return { code: 'not-delegated', message: 'no route delegates to this route, so it serves nothing' };
  }
  if (!configuration.has('route', parent)) {
    const meant = suggest(
      parent,
      configuration.names('route').filter((each) => each !== child),
    );
    return {
      code: 'dangling-reference',
      message: `there is no route ${quote(parent)}`,
      hint: meant ? `did you mean ${JSON.stringify(meant)}?` : `create routes/${parent}, with a rule that delegates`,
    };
  }
  if (delegates(configuration, parent, child)) return undefined;
  return {
    code: 'not-delegated',
    message: `no rule of ${resourceName('route', parent)} delegates to this route`,
    hint: `write "delegate": { "route": ${JSON.stringify(child)} } in one of its rules`,
  };
}

const delegates = (configuration: Configuration, parent: string, child: string): boolean =>
  configuration.get('route', parent)?.http?.some(({ delegate }) => delegate?.route === child) ?? false;
