import { describe, expect, it } from 'vitest';
import {
  clusterName,
  listenerName,
  parseClusterName,
  parseListenerName,
  parseResourceSecretName,
  parseRoutesName,
  parseScopeKey,
  parseSecretName,
  portOfZone,
  resourceSecretName,
  routesName,
  scopeKey,
} from '../../dataplane/compile/values/names.ts';

describe('a name that was written is read back', () => {
  it.each([
    [80, 'a.example.com', '80|a.example.com'],
    [8443, '*.example.com', '8443|*.example.com'],
    [443, '*', '443|*'],
  ])('scope key %s %s', (zone, host, key) => {
    expect(scopeKey(zone, host)).toBe(key);
    expect(parseScopeKey(key)).toEqual({ zone: String(zone), host });
    expect(portOfZone(parseScopeKey(key).zone)).toBe(zone);
  });

  it.each([
    ['first', '80|a.test'],
    ['second', 'again|80|a.test'],
    ['grpc', 'grpc|80|a.test'],
  ] as const)('routes, %s', (form, name) => {
    expect(routesName('80|a.test', form)).toBe(name);
    expect(parseRoutesName(name)).toEqual({ key: '80|a.test', form });
  });

  it('cluster', () => {
    expect(clusterName('acme', 'reviews')).toBe('acme/reviews');
    expect(parseClusterName('acme/reviews')).toEqual({ tenant: 'acme', upstream: 'reviews' });
    expect(clusterName('acme', 'reviews', 'v2')).toBe('acme/reviews/v2');
    expect(parseClusterName('acme/reviews/v2')).toEqual({ tenant: 'acme', upstream: 'reviews', subset: 'v2' });
  });

  it('secret of a resource', () => {
    expect(resourceSecretName('ca', 'acme', 'internal')).toBe('ca/acme/internal');
    const parts = { kind: 'ca', tenant: 'acme', name: 'internal' };
    expect(parseResourceSecretName('ca/acme/internal')).toEqual(parts);
    for (const name of ['a.test', 'ca/acme', 'ca//internal', 'ca/acme/internal/more', ''])
      expect(parseResourceSecretName(name)).toBeUndefined();
    expect(parseSecretName('ca/acme/internal')).toBeUndefined();
  });

  it('listener', () => {
    expect(parseListenerName(listenerName('HTTPS', 443))).toEqual({ port: 443 });
    expect(parseListenerName(listenerName('HTTP', 80))).toEqual({ port: 80 });
    expect(parseListenerName('probe')).toBeUndefined();
  });
});

describe('the name of a secret', () => {
  it.each(['a.test', 'A.Test', '_dmarc.a-b.test', 'xn--bcher-kva.example', '__default__', 'x'.repeat(255)])(
    'may be the server name %s',
    (serverName) => expect(parseSecretName(serverName)).toEqual({ serverName }),
  );

  it.each([
    '',
    'ca/acme',
    'sni/a.test',
    'policy/a/b',
    'a b.test',
    'a.test\0',
    '\t.test',
    'a\u0085.test',
    'x'.repeat(256),
  ])('is no server name: %j', (name) => expect(parseSecretName(name)).toBeUndefined());
});
