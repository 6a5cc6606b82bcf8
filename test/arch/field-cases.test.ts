/** Which test shows each case from the field, and each trap in other gateways that we do not repeat. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const FIELD = 'envoy/field-cases.test.ts';

/** The case, the file below `test/`, and a part of the title of the test. */
const CASES: [about: string, file: string, title: string][] = [
  [
    'the port in a redirect’s Location behind mapped ports',
    'envoy/actions.test.ts',
    'a redirect to https names no port',
  ],
  ['another public HTTPS port in Location', 'envoy/actions.test.ts', 'a redirect to another public port of https'],
  ['redirect uri: / on the prefix /api/foo/ never produces //bar', 'envoy/actions.test.ts', 'never writes two slashes'],
  [
    'two passthrough hosts, one wildcard certificate: the write warns',
    'model/coalescing.test.ts',
    'two passthrough hosts',
  ],
  ['the 421 of a terminated host reaches the client', 'envoy/passthrough.test.ts', 'gets 421 on the connection'],
  ['canary shares with cookie affinity', FIELD, 'canary shares with cookie affinity'],
  ['an upstream that closes idle connections after 1 s', FIELD, 'closes idle connections after 1 s'],
  [
    'a mirror sees the original Host without a suffix',
    'envoy/mirrors.test.ts',
    'gets the request as the upstream does',
  ],
  ['a dead mirror changes nothing', 'envoy/mirrors.test.ts', 'changes nothing for the client when it is dead'],
  ['DNS answers, and then NXDOMAIN', 'e2e/rules.test.ts', 'returns NXDOMAIN'],
  ['server streams, and streams of which one half has ended, are not cut', 'envoy/grpc/calls.test.ts', 'is not cut'],
  [
    'a 404, 503 or 429 of the gateway is a gRPC status',
    'envoy/grpc/calls.test.ts',
    'a response of the gateway is a gRPC status',
  ],
  ['PROXY protocol from trusted peers', 'envoy/port-settings.test.ts', 'is accepted from trusted peers only'],
  ['trap: conflicts dropped silently', 'e2e/delegation.test.ts', 'rejects what could not be served'],
  ['trap: CORS preflights that hit authentication', 'envoy/cors.test.ts', 'does not get to authentication'],
  ['trap: a gRPC timeout cut short by the HTTP timeout', 'envoy/grpc/calls.test.ts', 'is not cut short'],
  ['trap: default retries that double a payment', 'envoy/retries.test.ts', 'a payment is not doubled'],
  [
    'trap: a fault percentage of 0 when unset',
    'envoy/injected-faults.test.ts',
    'without a percentage, every request is aborted',
  ],
  [
    'trap: a lone destination of weight 0 that receives everything',
    'model/schemas.test.ts',
    'a lone destination of weight 0',
  ],
  [
    'trap: bare gateway names that bind elsewhere',
    'e2e/shared-gateways.test.ts',
    'bare gateway names that bind elsewhere',
  ],
  ['trap: a mirror that slows the request', 'envoy/mirrors.test.ts', 'that %s does not hold back a large body'],
  ['trap: prefix: /foo matching /foobar', FIELD, 'matching `/foobar`'],
  ['trap: rewrites that leave //', 'envoy/rewrites.test.ts', '%s becomes %s'],
  [
    'trap: rewrites by a pattern that leave //',
    'envoy/pattern-rewrites.test.ts',
    'no generated path gets a dot segment',
  ],
  ['trap: a canary scaled to zero that answers 500', FIELD, 'a canary scaled to zero answers 500'],
  ['trap: H2 coalescing that ends in 404', 'envoy/misdirected.test.ts', 'gets 421 for other hosts'],
];

test.each(CASES)('%s', (_, file, title) => {
  const text = readFileSync(join(import.meta.dirname, '..', file), 'utf8');
  expect(text).toContain(title);
});
