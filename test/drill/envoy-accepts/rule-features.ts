import { pattern } from './pattern.ts';
import type { Random } from './random.ts';
import { duration, headerName, path, text } from './values.ts';

const percentage = (random: Random) => random.pick([0, 0.0001, 0.01, 33.3333, 50, 99.9999, 100]);
const timeSpan = (random: Random) => random.pick(['1ms', '1s', '24h', duration(random)]);
// biome-ignore format: one line each would be a page
const authorities = ['new.test', 'New.test:99', '[::1]:80', '[::1]', '1.2.3.4', 'a:0', 'a.test:443', 'x_y.test'];

/** Random values of the fields that only rules which forward requests have. */
export const forwarding = (random: Random, upstream: () => object): Record<string, unknown> => ({
  ...random.maybe(20, 'retries', () => retries(random)),
  ...random.maybe(15, 'fault', () => fault(random)),
  ...random.maybe(15, 'mirrors', () =>
    random.some(1, 3, () => ({
      destination: upstream(),
      ...random.maybe(60, 'percentage', () => percentage(random)),
    })),
  ),
  ...random.maybe(10, 'idleTimeout', () => timeSpan(random)),
  ...random.maybe(10, 'streamTimeout', () => timeSpan(random)),
  ...random.maybe(15, 'upgrades', () => random.some(0, 3, () => random.pick(['websocket', 'foo/1', 'x', 'SPDY/3.1']))),
  ...random.maybe(10, 'grpcWeb', () => random.chance(70)),
});

function retries(random: Random): Record<string, unknown> {
  const on = () =>
    random.pick<string | number>([
      ...['connect-failure', 'refused-stream', 'reset-before-request', 'reset', '5xx', 'gateway-error'],
      ...['retriable-4xx', 'cancelled', 'deadline-exceeded', 'internal', 'resource-exhausted', 'unavailable'],
      ...[400, 429, 503, 599, 399],
    ]);
  return {
    attempts: 1 + random.below(10),
    ...random.maybe(70, 'on', () => random.some(1, 4, on)),
    ...random.maybe(40, 'nonIdempotent', () => random.chance(50)),
    ...random.maybe(40, 'perTryTimeout', () => timeSpan(random)),
    ...random.maybe(50, 'backoff', () => ({
      ...random.maybe(70, 'base', () => timeSpan(random)),
      ...random.maybe(70, 'max', () => timeSpan(random)),
    })),
    ...random.maybe(40, 'hosts', () => random.pick(['other', 'any'])),
  };
}

const fault = (random: Random): Record<string, unknown> => ({
  ...random.maybe(60, 'delay', () => ({
    ...random.pick([{ fromHeader: true }, { fixed: timeSpan(random) }, { fixed: '24h' }]),
    ...random.maybe(50, 'percentage', () => percentage(random)),
  })),
  ...random.maybe(60, 'abort', () => ({
    ...random.pick([
      { fromHeader: true },
      { httpStatus: 200 + random.below(400) },
      { httpStatus: random.pick([199, 200, 599, 600]) },
      { grpcStatus: random.below(17) },
    ]),
    ...random.maybe(50, 'percentage', () => percentage(random)),
  })),
});

export const redirect = (random: Random): Record<string, unknown> => ({
  ...random.maybe(40, 'scheme', () => random.pick(['http', 'https'])),
  ...random.maybe(40, 'authority', () => (random.chance(80) ? random.pick(authorities) : text(random, 3))),
  ...random.maybe(30, 'port', () => random.pick([1, 80, 443, 65_535, 8443])),
  ...random.maybe(60, random.pick(['uri', 'prefix']), () => path(random)),
  ...random.maybe(60, 'status', () => random.pick([301, 302, 303, 307, 308])),
});

export const cors = (random: Random): Record<string, unknown> => ({
  allowOrigins: random.some(1, 3, () =>
    random.pick<() => object>([
      () => ({ exact: random.pick(['https://a.example', 'http://b.example:3000', 'null', '*', 'http://[::1]:1']) }),
      () => ({ prefix: random.pick(['https://', 'http://b.example:', `https://${text(random, 2)}`]) }),
      () => ({ regex: random.chance(50) ? pattern(random) : 'https://[a-z]+\\.example' }),
    ])(),
  ),
  ...random.maybe(50, 'allowMethods', () =>
    random.some(1, 3, () => random.pick(['GET', 'PUT', '*', "A!#$%&'*+.^_`|~"])),
  ),
  ...random.maybe(50, 'allowHeaders', () => random.some(1, 3, () => random.pick(['*', headerName(random)]))),
  ...random.maybe(50, 'exposeHeaders', () => random.some(1, 3, () => random.pick(['*', headerName(random)]))),
  ...random.maybe(50, 'maxAge', () => random.pick(['0s', '1s', '24h', duration(random)])),
  ...random.maybe(30, 'allowCredentials', () => random.chance(60)),
});

/** Random values of the fields of a condition that most rules do not have. */
export const conditions = (random: Random): Record<string, unknown> => ({
  ...random.maybe(10, 'cookies', () =>
    Object.fromEntries(
      random.some(1, 2, () => [
        random.chance(70) ? random.pick(['c', 'user', "a!#$%&'*+.^_`|~"]) : text(random, 2),
        random.pick<object>([
          { present: true },
          { exact: text(random) },
          { prefix: text(random) },
          { regex: pattern(random) },
        ]),
      ]),
    ),
  ),
  ...random.maybe(10, 'source', () => random.some(1, 4, () => network(random))),
  ...random.maybe(10, 'scheme', () => random.pick([{ exact: 'http' }, { exact: 'https' }, { regex: pattern(random) }])),
  ...random.maybe(10, 'authority', () =>
    random.pick([{ exact: random.pick(authorities) }, { prefix: text(random) }, { regex: pattern(random) }]),
  ),
  ...random.maybe(5, 'port', () => random.pick([80, 80, 443])),
});

/** A condition on gRPC calls. It excludes conditions on the path and the method. */
export const grpc = (random: Random): Record<string, unknown> => {
  const name = () =>
    random.pick<object>([
      { exact: random.pick(['shop.v1.Cart', 'Add', '_a', text(random, 3)]) },
      { regex: random.chance(50) ? '[a-z.]+' : pattern(random) },
    ]);
  return { grpc: { ...random.maybe(70, 'service', name), ...random.maybe(60, 'method', name) } };
};

// biome-ignore format: one line each would be a page
const networks = ['0.0.0.0/0', '::/0', '10.0.0.0/8', '10.1.2.3', '10.1.2.3/8', '127.0.0.0/31', '::1', '2001:db8::/32', '::ffff:10.0.0.0/104', '255.255.255.255/32', '1.2.3.4/0', '1.2.3.4/33', '::/129', 'fe80::1%lo/64'];
export const network = (random: Random): string => random.pick(networks);
