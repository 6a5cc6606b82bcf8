import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NameResolver } from '../../dataplane/names/resolver.ts';
import { candidates, parse } from '../../dataplane/names/system-files.ts';
import { NameServer } from '../e2e/dns.ts';

const HOSTS = `127.0.0.1 localhost
10.0.0.5	Db.internal db # the database
fd00::5  db
fe80::1%eth0 linklocal`;
const RESOLV = `; comment
nameserver 127.0.0.53
domain ignored.test
search shop.svc.test svc.test.
options timeout:1 ndots:2`;

describe('the files of the machine', () => {
  it('name addresses, search domains and the number of dots', () => {
    const files = parse(HOSTS, RESOLV);
    expect(files.hosts.get('db.internal')).toEqual(['10.0.0.5']);
    expect(files.hosts.get('db')).toEqual(['10.0.0.5', 'fd00::5']);
    expect([files.search, files.dots]).toEqual([['shop.svc.test', 'svc.test.'], 2]);
    expect(parse('', '')).toMatchObject({ search: [], dots: 1 });
  });

  it.each([
    ['app', ['app.shop.svc.test', 'app.svc.test', 'app']],
    ['app.shop', ['app.shop.shop.svc.test', 'app.shop.svc.test', 'app.shop']],
    ['app.shop.test', ['app.shop.test', 'app.shop.test.shop.svc.test', 'app.shop.test.svc.test']],
    ['app.', ['app']],
  ])('%s: %j', (host, expected) => {
    expect(candidates(host, parse(HOSTS, RESOLV))).toEqual(expected);
  });
});

describe('a name', () => {
  let server: NameServer;
  let resolver: NameResolver;
  let [hosts, resolv] = [HOSTS, RESOLV];

  beforeAll(async () => {
    server = await NameServer.start();
    resolver = new NameResolver([`127.0.0.1:${server.port}`], async () => parse(hosts, resolv));
    server.set('both.test', '10.0.0.1', 'fd00::1', '10.0.0.2');
    server.set('six.test', 'fd00::1');
    server.set('app.svc.test', '10.0.0.3');
    server.fail('failing.test', 'SERVFAIL');
    server.fail('app.shop.svc.test', 'SERVFAIL');
    server.fail('refused.test', 'REFUSED');
  });
  afterAll(() => server.stop());

  const resolve = (host: string) =>
    resolver.resolve(host).then(
      ({ addresses, ttl }) => [[...addresses].sort(), ttl],
      (error: Error) => error.message,
    );

  it.each([
    ['with IPv4 and IPv6 addresses: IPv4 alone', 'Both.test', [['10.0.0.1', '10.0.0.2'], 1]],
    ['with IPv6 addresses', 'six.test', [['fd00::1'], 1]],
    ['in a search domain, although the servers of another domain failed', 'app', [['10.0.0.3'], 1]],
    ['in the hosts file', 'DB', [['10.0.0.5'], 5]],
    ['in the hosts file, with a dot at its end', 'db.internal.', [['10.0.0.5'], 5]],
    ['below localhost', 'web.localhost', [['127.0.0.1'], 5]],
    ['that does not exist', 'none.test', 'does not exist (NXDOMAIN)'],
    ['that has an address no Envoy can use', 'linklocal', 'does not exist (NXDOMAIN)'],
    ['whose servers fail', 'failing.test', 'cannot be resolved: the name server failed (SERVFAIL)'],
    ['whose servers refuse', 'refused.test', 'cannot be resolved: the name server refused the question (REFUSED)'],
  ])('%s', async (_, host, expected) => {
    expect(await resolve(host)).toEqual(expected);
  });

  it('follows changes of the files', async () => {
    [hosts, resolv] = ['10.0.0.6 db', 'search'];
    expect(await resolve('db')).toEqual([['10.0.0.6'], 5]);
    expect(await resolve('app')).toBe('does not exist (NXDOMAIN)');
  });

  it('without a name server', async () => {
    const gone = await NameServer.start();
    const { port } = gone;
    await gone.stop();
    resolver = new NameResolver([`127.0.0.1:${port}`], async () => parse('', ''));
    expect(await resolve('both.test')).toMatch(
      /^cannot be resolved: no name server (can be reached|answered in time)$/,
    );
  });
});
