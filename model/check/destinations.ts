import type { Upstream } from '../kinds/upstream.ts';
import type { Pausable } from '../pausable.ts';
import { destinationsOf } from '../route/destinations.ts';
import { suggest } from '../suggest.ts';
import { choosesByHash, MOST_HASHED_PRIORITIES } from '../upstream/load-balancer.ts';
import { carries } from '../values/labels.ts';
import { enumerate, quote } from '../values/quote.ts';
import { formatReference } from '../values/reference.ts';
import { MAX_LISTED, resourceName } from '../violations.ts';
import type { Check, Findings } from './findings.ts';

/**
 * Reports destinations with a subset or a port that their upstream does not have, and destinations of connections with
 * `dns: logical`, as errors. Warns about upstreams and subsets without endpoints.
 */
export const destinations: Check = function* (configuration, found, names) {
  for (const [name, route] of configuration.entries('route', names.route)) {
    yield;
    const resource = resourceName('route', name);
    for (const { path, upstream: target, destination, section, use } of destinationsOf(route)) {
      const upstream = configuration.get('upstream', formatReference(target));
      if (!upstream) continue;
      const { subset, port } = destination;
      const at = { resource, base: path };
      if ((section !== 'http' || use === 'mirror') && upstream.dns === 'logical')
        found.errors.push({
          resource,
          path: `${path}/upstream`,
          code: 'name-destination',
          // Envoy compares such an address with the denied networks only for requests that a client waits for.
          message: `the upstream ${destination.upstream} has dns: logical, which is only for requests, not for connections and copies of requests`,
          hint: 'use an upstream with dns: strict',
        });
      if (section !== 'http' && upstream.protocol === 'HTTP3')
        found.errors.push({
          resource,
          path: `${path}/upstream`,
          code: 'protocol-mismatch',
          message: `the upstream ${destination.upstream} has the protocol HTTP3, which carries only requests`,
          hint: 'use an upstream with another protocol',
        });
      if (subset !== undefined) checkSubset(found, at, destination.upstream, upstream, subset);
      if (port !== undefined && port !== upstream.port)
        found.errors.push({
          resource,
          path: `${path}/port`,
          code: 'port-mismatch',
          message: `the upstream ${destination.upstream} has port ${upstream.port}, not ${port}`,
          hint: `leave port out, or write ${upstream.port}`,
        });
    }
  }
  for (const [name, upstream] of configuration.entries('upstream')) {
    yield;
    yield* checkEndpoints(found, name, upstream);
  }
};

function checkSubset(
  found: Findings,
  at: { resource: string; base: string },
  target: string,
  upstream: Upstream,
  subset: string,
): void {
  const names = (upstream.subsets ?? []).map((each) => each.name);
  if (names.includes(subset)) return;
  const meant = found.errors.length < MAX_LISTED ? suggest(subset, names) : undefined;
  found.errors.push({
    resource: at.resource,
    path: `${at.base}/subset`,
    code: 'unknown-subset',
    message: `the upstream ${target} has no subset ${quote(subset)}`,
    hint: meant
      ? `did you mean ${JSON.stringify(meant)}?`
      : names.length > 0
        ? `its subsets: ${enumerate(names)}`
        : 'it has no subsets',
  });
}

function* checkEndpoints(found: Findings, name: string, upstream: Upstream): Pausable<void> {
  const resource = resourceName('upstream', name);
  if (choosesByHash(upstream.loadBalancer)) {
    const priorities = new Set(upstream.endpoints.map(({ priority = 0 }) => priority)).size;
    if (priorities > MOST_HASHED_PRIORITIES)
      found.warnings.push({
        resource,
        path: '/loadBalancer',
        code: 'too-many-priorities',
        message: `chooses by a hash, which distinguishes ${MOST_HASHED_PRIORITIES} priorities of endpoints, not ${priorities}: the lowest count as one`,
      });
  }
  if (upstream.endpoints.length === 0) {
    found.warnings.push({
      resource,
      path: '/endpoints',
      code: 'no-endpoints',
      message: 'has no endpoints: requests get 503',
    });
    return;
  }
  for (const [index, subset] of (upstream.subsets ?? []).entries()) {
    yield;
    if (upstream.endpoints.some((endpoint) => carries(endpoint.labels, subset.labels))) continue;
    const message = `no endpoint carries the labels of the subset ${subset.name}: requests to it get 503`;
    found.warnings.push({ resource, path: `/subsets/${index}/labels`, code: 'empty-subset', message });
  }
}
