/** Rules about several fields of an upstream. Each expects fields of any shape, because other fields may be invalid. */
import { addressKind } from '../values/address.ts';
import { carries } from '../values/labels.ts';
import { isObject } from '../values/refine.ts';
import { CHECKS_PER_SECOND, HealthCheck, intervalOf } from './health-check.ts';

/** A violation of a rule. `path` leads to the field. */
export interface Wrong {
  path: (string | number)[];
  code: string;
  message: string;
}

type Fields = Record<string, unknown>;

/** Lists the violations of an upstream. */
export function* wrongIn(upstream: Fields): Generator<Wrong> {
  const endpoints = listOf(upstream.endpoints);
  const isName = ({ address }: Fields) => typeof address === 'string' && addressKind(address) === 'dns';
  if (upstream.protocol === 'AUTO' && upstream.tls === undefined)
    yield {
      path: ['protocol'],
      code: 'required',
      message: 'AUTO needs tls, in whose handshake the endpoint chooses the protocol',
    };
  if (upstream.protocol === 'HTTP3') {
    if (upstream.tls === undefined)
      yield { path: ['protocol'], code: 'required', message: 'HTTP3 needs tls, without which there is no QUIC' };
    if (upstream.proxyProtocol !== undefined)
      yield { path: ['proxyProtocol'], code: 'conflicting-fields', message: 'is for TCP; HTTP3 uses UDP' };
    if (upstream.healthChecks !== undefined)
      yield {
        path: ['healthChecks'],
        code: 'conflicting-fields',
        message: 'Envoy cannot check endpoints over HTTP3; use outlierDetection',
      };
  }
  if (upstream.dns !== undefined && !endpoints.some(isName))
    yield { path: ['dns'], code: 'without-effect', message: 'needs an endpoint whose address is a DNS name' };
  else if (upstream.dns === 'logical' && endpoints.length !== 1)
    yield { path: ['dns'], code: 'too-many', message: 'logical needs exactly one endpoint' };
  if (upstream.healthChecks !== undefined) {
    if (endpoints.some(isName))
      yield {
        path: ['healthChecks'],
        code: 'needs-addresses',
        message: 'need endpoints with IP addresses: a check of a name would connect to whatever the name resolves to',
      };
    yield* wrongChecks(upstream, endpoints);
  }
  yield* wrongLocalities(upstream, endpoints);
}

function* wrongChecks({ healthChecks, protocol, subsets }: Fields, endpoints: readonly Fields[]): Generator<Wrong> {
  const [parsed] = listOf(healthChecks).map((each) => HealthCheck.safeParse(each).data);
  if (!parsed) return;
  if (parsed.grpc && protocol !== 'HTTP2' && protocol !== 'GRPC')
    yield { path: ['healthChecks', 0, 'grpc'], code: 'policy-mismatch', message: 'needs the protocol GRPC or HTTP2' };
  const again = listOf(subsets).map(
    ({ labels }) =>
      isObject(labels) && endpoints.filter((each) => carries((each.labels ?? {}) as never, labels as never)).length,
  );
  const checks = again.reduce<number>((sum, count) => sum + Number(count), endpoints.length);
  const perSecond = (checks * 1000) / intervalOf(parsed);
  if (perSecond > CHECKS_PER_SECOND)
    yield {
      path: ['healthChecks', 0, 'interval'],
      code: 'too-frequent',
      message: `causes ${Math.ceil(perSecond)} checks per second with these endpoints and subsets; must be at most ${CHECKS_PER_SECOND}`,
    };
}

function* wrongLocalities({ loadBalancer }: Fields, endpoints: readonly Fields[]): Generator<Wrong> {
  if (isObject(loadBalancer) && loadBalancer.localityWeights !== undefined) return;
  const index = endpoints.findIndex(({ locality }) => locality !== undefined);
  if (index >= 0)
    yield {
      path: ['endpoints', index, 'locality'],
      code: 'without-effect',
      message: 'needs loadBalancer.localityWeights',
    };
}

const listOf = (value: unknown): Fields[] => (Array.isArray(value) ? value.filter(isObject) : []);
