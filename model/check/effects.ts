/** Warns about fields of valid resources that have no effect, because of other fields of the same resource. */

import { handlingOf } from '../binding/handling.ts';
import type { Gateway } from '../kinds/gateway.ts';
import type { Upstream } from '../kinds/upstream.ts';
import type { Rule } from '../route/rule.ts';
import { milliseconds } from '../values/duration.ts';
import { pointer } from '../values/pointer.ts';
import { sendsHost } from '../values/protocol.ts';
import { resourceName } from '../violations.ts';
import type { Check } from './findings.ts';

/** A field without effect: a JSON pointer to it, and the reason. */
type Idle = [path: string, message: string];

/** Warns about fields of rules. */
export const ruleEffects: Check = function* (configuration, { warnings }, names) {
  for (const [name, { http = [] }] of configuration.entries('route', names.route)) {
    yield;
    const resource = resourceName('route', name);
    for (const [index, rule] of http.entries())
      for (const [path, message] of idleInRule(rule))
        warnings.push({ resource, path: `/http/${index}${path}`, code: 'without-effect', message });
  }
};

/** The fields of a rule that concern requests to upstreams. */
const FORWARDING = ['rewrite', 'timeout', 'idleTimeout', 'streamTimeout', 'upgrades', 'mirrors', 'retries'] as const;

function* idleInRule(rule: Rule): Generator<Idle> {
  const { route, timeout, idleTimeout, streamTimeout, retries } = rule;
  if (route?.every(({ directResponse }) => directResponse))
    for (const field of FORWARDING)
      if (rule[field] !== undefined) yield [`/${field}`, 'has no effect: every share of the rule is a direct response'];
  const [whole, idle, stream, perTry] = [timeout, idleTimeout, streamTimeout, retries?.perTryTimeout].map((text) =>
    text === undefined ? 0 : milliseconds(text)!,
  ) as [number, number, number, number];
  if (idle && stream && idle >= stream)
    yield ['/idleTimeout', `never ends a request: streamTimeout (${streamTimeout}) ends it first`];
  const [limit, end] = whole && (!stream || whole <= stream) ? ['timeout', whole] : ['streamTimeout', stream];
  if (perTry && end && perTry >= end)
    yield ['/retries/perTryTimeout', `never ends a try: ${limit} (${rule[limit as 'timeout']}) ends the request first`];
}

/** Warns about fields of upstreams. */
export const upstreamEffects: Check = function* (configuration, { warnings }, names) {
  for (const [name, upstream] of configuration.entries('upstream', names.upstream)) {
    const resource = resourceName('upstream', name);
    for (const found of idleInUpstream(upstream)) {
      yield;
      if (found) warnings.push({ resource, path: found[0], code: 'without-effect', message: found[1] });
    }
  }
};

/** Yields undefined between two searches of the endpoints, of which there may be very many. */
function* idleInUpstream({
  endpoints,
  healthChecks,
  outlierDetection,
  loadBalancer,
}: Upstream): Generator<Idle | undefined> {
  yield undefined;
  if (!healthChecks && !outlierDetection) {
    const needs = 'without healthChecks and outlierDetection, every endpoint counts as healthy';
    if (loadBalancer?.panicThreshold !== undefined) yield ['/loadBalancer/panicThreshold', `has no effect: ${needs}`];
    const highest = endpoints.reduce((least, { priority = 0 }) => Math.min(least, priority), 15);
    yield undefined;
    const lower = endpoints.findIndex(({ priority = 0 }) => priority > highest);
    if (lower >= 0) yield [`/endpoints/${lower}/priority`, `the endpoint gets no requests: ${needs}`];
    yield undefined;
  }
  if (loadBalancer?.localityWeights) {
    const used = new Set(endpoints.map(({ locality }) => locality));
    for (const locality of Object.keys(loadBalancer.localityWeights))
      if (!used.has(locality))
        yield [`/loadBalancer/localityWeights${pointer([locality])}`, 'has no effect: no endpoint has this locality'];
    yield undefined;
  }
  if (loadBalancer?.policy === 'RANDOM') {
    const first = endpoints[0]?.weight;
    const weighted = endpoints.findIndex(({ weight }) => weight !== undefined && weight !== first);
    if (weighted >= 0)
      yield [`/endpoints/${weighted}/weight`, 'has no effect: the policy RANDOM chooses without regard to weights'];
  }
}

/** Warns about fields of servers. */
export const serverEffects: Check = function* (configuration, { warnings }, names) {
  for (const [name, { servers }] of configuration.entries('gateway', names.gateway)) {
    yield;
    const resource = resourceName('gateway', name);
    for (const [index, server] of servers.entries())
      for (const [path, message] of idleInServer(server))
        warnings.push({ resource, path: `/servers/${index}${path}`, code: 'without-effect', message });
  }
};

function* idleInServer(server: Gateway['servers'][number]): Generator<Idle> {
  const { port, tls, escapedSlashes } = server;
  if (escapedSlashes === undefined) return;
  if (!sendsHost(port.protocol) || handlingOf(server) !== 'requests')
    yield [
      '/escapedSlashes',
      `has no effect: a ${port.protocol} server ${tls ? 'with these TLS settings ' : ''}reads no requests`,
    ];
  else if (tls?.httpsRedirect) yield ['/escapedSlashes', 'has no effect: every request is redirected to https first'];
}
