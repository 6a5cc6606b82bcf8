/** Warns about fields of valid resources that have no effect, because of other fields of the same resource. */

import { handlingOf } from '../binding/handling.ts';
import { HostIndex } from '../binding/host-index.ts';
import type { Gateway } from '../kinds/gateway.ts';
import type { Upstream } from '../kinds/upstream.ts';
import { DEFAULT_ON, isBeforeProcessing } from '../route/retry.ts';
import type { Rule } from '../route/rule.ts';
import { milliseconds } from '../values/duration.ts';
import { hasOnly } from '../values/has-only.ts';
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
    for (let index = 0; index < http.length; index++) {
      const rule = http[index]!;
      if (hasOnly(rule, ACTIONS)) continue;
      for (const [path, message] of idleInRule(rule))
        warnings.push({ resource, path: `/http/${index}${path}`, code: 'without-effect', message });
    }
  }
};

/** The fields that always have an effect. */
const ACTIONS: ReadonlySet<string> = new Set(['name', 'match', 'route', 'redirect', 'directResponse', 'delegate']);

/** The fields of a rule that concern requests to upstreams. */
const FORWARDING = ['rewrite', 'timeout', 'idleTimeout', 'streamTimeout', 'upgrades', 'mirrors', 'retries'] as const;

function* idleInRule(rule: Rule): Generator<Idle> {
  const { route, timeout, idleTimeout, streamTimeout, retries, headers } = rule;
  for (const [side, { set = {}, remove = [] } = {}] of Object.entries(headers ?? {}))
    for (const [index, name] of remove.entries())
      if (Object.hasOwn(set, name))
        yield [`/headers/${side}/remove/${index}`, `has no effect: ${name} is set after it was removed`];
  if (retries?.nonIdempotent && (retries.on ?? DEFAULT_ON).every(isBeforeProcessing))
    yield [
      '/retries/nonIdempotent',
      'has no effect: requests are sent again after these failures whatever their method',
    ];
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

/** The number of endpoints between two pauses. */
const STRIDE = 500;

/** Yields undefined between two searches of the endpoints, of which there may be very many. */
function* idleInUpstream({
  endpoints,
  healthChecks,
  outlierDetection,
  loadBalancer,
  port: defaultPort,
}: Upstream): Generator<Idle | undefined> {
  yield undefined;
  const places = new Map<string, number>();
  for (const [index, { address, port = defaultPort }] of endpoints.entries()) {
    if (index % STRIDE === STRIDE - 1) yield undefined;
    const place = `${address} ${port}`;
    const first = places.get(place);
    if (first === undefined) places.set(place, index);
    else yield [`/endpoints/${index}`, `has no effect: endpoint ${first} has the same address and port`];
  }
  for (const [index, key] of (loadBalancer?.hash ?? []).entries()) {
    const before = loadBalancer!.hash!.slice(0, index);
    const by = before.findIndex((each) => each.sourceIp || JSON.stringify(each) === JSON.stringify(key));
    if (by >= 0)
      yield [
        `/loadBalancer/hash/${index}`,
        `never decides: /loadBalancer/hash/${by} decides for every request that has this key`,
      ];
  }
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
    for (const [index, server] of servers.entries()) {
      yield;
      for (const [path, message] of idleInServer(server))
        warnings.push({ resource, path: `/servers/${index}${path}`, code: 'without-effect', message });
    }
  }
};

function* idleInServer(server: Gateway['servers'][number]): Generator<Idle> {
  const { port, tls, hosts, escapedSlashes, allowedRoutes } = server;
  const admitted = new HostIndex<true>();
  if (allowedRoutes?.hosts) for (const host of hosts) admitted.add(host, true);
  for (const [index, allowed] of (allowedRoutes?.hosts ?? []).entries())
    if (!admitted.overlaps(allowed))
      yield [`/allowedRoutes/hosts/${index}`, `has no effect: the server has no host that ${allowed} covers`];
  if (escapedSlashes === undefined) return;
  if (!sendsHost(port.protocol) || handlingOf(server) !== 'requests')
    yield [
      '/escapedSlashes',
      `has no effect: a ${port.protocol} server ${tls ? 'with these TLS settings ' : ''}reads no requests`,
    ];
  else if (tls?.httpsRedirect) yield ['/escapedSlashes', 'has no effect: every request is redirected to https first'];
}
