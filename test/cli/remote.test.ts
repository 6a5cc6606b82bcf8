import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readProfile } from '../../cli/remote/profile.ts';
import { Sessions } from '../../cli/remote/sessions.ts';
import { freePort, Stack } from '../e2e/stack.ts';

const shim = fileURLToPath(new URL('../../cli/gatehouse.mjs', import.meta.url));
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'remote-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs the command as a user does, and waits until it exits. */
function gatehouse(env: Record<string, string>, ...args: string[]): Promise<Ran> {
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const options = { env: { PATH, NODE_COMPILE_CACHE, XDG_CONFIG_HOME: folder, ...env } };
  return new Promise((resolve) => {
    execFile(process.execPath, [shim, ...args], options, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}

describe('the profile', () => {
  const file = () => join(folder, 'profile.json');
  const profile = (content: unknown, mode = 0o600) =>
    writeFileSync(file(), typeof content === 'string' ? content : JSON.stringify(content), { mode });

  it('an option overrides the environment, and both override the file', () => {
    profile({ url: 'http://file/', token: 'of-file' });
    expect(readProfile({ profile: file() }, {})).toEqual({ url: 'http://file', token: 'of-file' });
    const env = { GATEHOUSE_URL: 'http://env', GATEHOUSE_TOKEN: 'of-env', GATEHOUSE_PROFILE: file() };
    expect(readProfile({}, env)).toEqual({ url: 'http://env', token: 'of-env' });
    expect(readProfile({ url: 'http://option' }, env)).toEqual({ url: 'http://option', token: 'of-env' });
    expect(readProfile({}, { GATEHOUSE_TOKEN: 'of-env', GATEHOUSE_PROFILE: file() }).url).toBe('http://file');
  });

  it('the token of a file goes to the URL of the file alone', () => {
    profile({ url: 'http://file', token: 'of-file' });
    expect(() => readProfile({ url: 'http://elsewhere', profile: file() }, {})).toThrow('Set GATEHOUSE_TOKEN');
    expect(readProfile({ url: 'http://file/', profile: file() }, {}).token).toBe('of-file');
  });

  it('is found in the config folder when nothing names one', () => {
    const env = { XDG_CONFIG_HOME: folder };
    expect(() => readProfile({}, env)).toThrow('Which API?');
    mkdirSync(join(folder, 'gatehouse'));
    writeFileSync(join(folder, 'gatehouse', 'profile.json'), '{"url":"http://own","token":"t"}', { mode: 0o600 });
    expect(readProfile({}, env)).toEqual({ url: 'http://own', token: 't' });
  });

  it('a named profile overrides the session of a login, which overrides the profile in the config folder', () => {
    const env = { XDG_CONFIG_HOME: folder };
    mkdirSync(join(folder, 'gatehouse'));
    writeFileSync(join(folder, 'gatehouse', 'profile.json'), '{"url":"http://b","token":"of-default"}', {
      mode: 0o600,
    });
    const expiresAt = new Date(Date.now() + 60_000).toISOString();
    const session = (url: string, day: number, more = {}) =>
      new Sessions(env).keep({
        ...{ url, token: `of-${url}`, email: 'ada@example.com', signedInAt: `2026-01-0${day}T00:00:00Z`, expiresAt },
        ...more,
      });
    session('http://a', 2);
    session('http://b', 1);
    profile({ url: 'http://b', token: 'of-named' });
    // Without a URL, the last login decides.
    expect(readProfile({}, env)).toMatchObject({ url: 'http://a', token: 'of-http://a' });
    expect(readProfile({ url: 'http://b' }, env).token).toBe('of-http://b');
    expect(readProfile({ url: 'http://b', profile: file() }, env).token).toBe('of-named');
    expect(readProfile({ url: 'http://b' }, { ...env, GATEHOUSE_TOKEN: 'of-env' }).token).toBe('of-env');
    new Sessions(env).remove('http://b');
    expect(readProfile({ url: 'http://b' }, env).token).toBe('of-default');
    session('http://a', 3, { expiresAt: '2026-01-04T00:00:00Z' });
    expect(() => readProfile({}, env)).toThrow('has expired. Run `gatehouse login --url http://a`');
  });

  it.each([
    ['{"url":"http://a"}', 0o600, 'is not a profile. Expected {"url"'],
    ['{', 0o600, 'is not a profile'],
    ['{"url":"ftp://a","token":"t"}', 0o600, 'is not a profile'],
    ['{"url":"http://a","token":"t"}', 0o644, 'chmod 600'],
  ])('%s with mode %o is refused with what would be right', (content, mode, what) => {
    profile(content, mode);
    expect(() => readProfile({ profile: file() }, {})).toThrow(what);
  });

  it('a file that is named must exist', () => {
    expect(() => readProfile({ profile: join(folder, 'none') }, {})).toThrow('There is no profile');
    const odd = { GATEHOUSE_URL: 'http://127.0.0.1:1', GATEHOUSE_TOKEN: 'first\nsecond' };
    expect(() => readProfile({}, odd)).toThrow(/^(?!.*(first|second)).*has a character that no token has/s);
  });

  it('a URL that is none is an error of usage', async () => {
    const ran = await gatehouse({ GATEHOUSE_TOKEN: 't' }, 'status', 'acme', '--url', 'localhost:8480');
    expect(ran).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('such as http://127.0.0.1:8480'),
    });
  });
});

describe('gatehouse status', () => {
  let stack: Stack;
  let env: Record<string, string>;
  beforeAll(async () => {
    stack = await Stack.start();
    await stack.createTenant('acme');
    env = { GATEHOUSE_URL: stack.apiUrl, GATEHOUSE_TOKEN: stack.operator };
  });
  afterAll(() => stack.stop());

  const gateway = {
    selector: { ingress: 'public' },
    servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' } }],
  };
  const put = async (name: string, host: string) => {
    const servers = [{ ...gateway.servers[0], hosts: [host] }];
    const reply = await stack.call(`/tenants/acme/gateways/${name}`, { method: 'PUT', body: { ...gateway, servers } });
    expect(reply.status).toBe(201);
    const route = { hosts: [host], gateways: [name], http: [{ directResponse: { status: 200 } }] };
    expect((await stack.call(`/tenants/acme/routes/${name}`, { method: 'PUT', body: route })).status).toBe(201);
  };

  it('says that a tenant has no revision, and which tenant there is not', async () => {
    expect(await gatehouse(env, 'status', 'acme')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/no revision/),
    });
    const missing = await gatehouse(env, 'status', 'nobody');
    expect(missing.code).toBe(1);
    expect(missing.stderr).toMatch(/^gatehouse: Reading the tenant nobody: the API answered 404, [^\n]+\n$/);
  });

  it('waits until the latest revision is live, and shows the node that serves it', async () => {
    await put('web', 'a.example.com');
    const waited = await gatehouse(env, 'status', 'acme', '--wait', '30');
    expect(waited).toMatchObject({ code: 0, stderr: '' });
    expect(waited.stdout).toMatch(/^acme: revision 2 is live\n/);
    expect(waited.stdout).toMatch(/^edge +envoy-1 +live +yes /m);
    const json = await gatehouse(env, 'status', 'acme', '--revision', '2', '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({ revision: 2, state: 'live', fleets: [{ fleet: 'edge' }] });
  });

  it('exits with 3 when the revision is not live in time, and with 0 without --wait', async () => {
    await stack.agent.stop();
    await put('late', 'b.example.com');
    const waited = await gatehouse(env, 'status', 'acme', '--wait', '1');
    expect(waited).toMatchObject({
      code: 3,
      stdout: expect.stringMatching(/^acme: revision 4 is pending\n[\s\S]*^fleet edge: (no Envoy|not acknowledged)/m),
      stderr: 'gatehouse: Revision 4 of acme is not live in time.\n',
    });
    expect(await gatehouse(env, 'status', 'acme')).toMatchObject({ code: 0 });
  });

  it('exits with 1 when no fleet serves the revision, and says so', async () => {
    await stack.createTenant('idle');
    const body = {
      ...gateway,
      selector: { ingress: 'nowhere' },
      servers: [{ ...gateway.servers[0], hosts: ['i.test'] }],
    };
    expect((await stack.call('/tenants/idle/gateways/web', { method: 'PUT', body })).status).toBe(201);
    expect(await gatehouse(env, 'status', 'idle', '--wait', '10')).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^idle: revision 1 is unserved\n/),
      stderr: 'gatehouse: Revision 1 of idle is not live: no fleet serves a resource that it changed.\n',
    });
  });

  it('says that the tenant is suspended', async () => {
    await stack.createTenant('late');
    const body = { port: 80, endpoints: [{ address: '192.0.2.1' }] };
    expect((await stack.call('/tenants/late/upstreams/web', { method: 'PUT', body })).status).toBe(201);
    expect((await stack.call('/tenants/late/suspend', { method: 'POST', body: { reason: 'overdue' } })).status).toBe(
      200,
    );
    const { stdout } = await gatehouse(env, 'status', 'late');
    expect(stdout).toMatch(/^late: revision 1 is \w+\nIts hosts answer 503: the tenant is suspended: overdue\n?/);
  });

  it('an https URL of an API that speaks http is named as such', async () => {
    const ran = await gatehouse({ ...env, GATEHOUSE_URL: stack.apiUrl.replace('http:', 'https:') }, 'status', 'acme');
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('it does not speak TLS: the URL should begin with http://');
  });

  it('names the API that it cannot reach, and why', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const asked = await gatehouse({ ...env, GATEHOUSE_URL: url }, 'status', 'acme', '--wait', '1', '--json');
    expect(asked.code).toBe(1);
    expect(JSON.parse(asked.stdout)).toEqual({
      error: { message: expect.stringContaining(`The API at ${url} cannot be reached`), details: [] },
    });
    const ran = await gatehouse({ ...env, GATEHOUSE_URL: url }, 'status', 'acme');
    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(ran.stderr).toMatch(
      /^gatehouse: The API at http:\/\/127\.0\.0\.1:\d+ cannot be reached: .*ECONNREFUSED.*\n$/,
    );
  });
});

describe('the words of others', () => {
  /** A text that would clear a terminal, set its title, and turn the direction of writing. */
  const HOSTILE = 'edge\u001b[2J\u009b2J\u0007\u202e1\r';
  const ESCAPED = String.raw`edge\u001b[2J\u009b2J\u0007\u202e1\u000d`;
  let api: Server;
  let env: Record<string, string>;
  beforeAll(async () => {
    const node = { node: HOSTILE, agent: HOSTILE, version: HOSTILE, state: 'rejected', connected: true };
    const rejection = {
      resource: 'routes/web',
      path: '/http',
      message: `first line\n${HOSTILE}\nacme: revision 1 is live`,
    };
    const answers: Record<string, object> = {
      '/v1/tenants/acme': { name: 'acme', revision: 1 },
      '/v1/tenants/acme/revisions/1/status': {
        suspension: `the tenant is suspended: overdue\nacme: ${HOSTILE}`,
        ...{ revision: 1, state: 'rejected', stillRejected: [], gateways: [], routes: [], upstreams: [] },
        fleets: [{ fleet: 'public', nodes: [{ ...node, rejections: [rejection] }] }],
      },
      '/v1/me': {
        ...{ type: 'person', id: 'p', email: HOSTILE },
        memberships: [
          { tenant: 'acme', role: 'owner', suspendedAt: '2026-01-01T00:00:00Z', suspendedReason: HOSTILE },
          { tenant: 'gone', role: 'viewer', deletedAt: '2026-01-01T00:00:00Z', purgeAt: '2026-01-31T00:00:00Z' },
          { tenant: 'open', role: 'viewer' },
        ],
      },
      '/v1/tenants/acme/audit?limit=100': {
        items: [{ at: '2026-01-01T00:00:00Z', actor: `one\ntwo`, action: 'put', target: HOSTILE, remote: HOSTILE }],
      },
    };
    api = createServer(({ url = '' }, response) => {
      const found = answers[url];
      const body = found ?? { status: 404, title: 'Not found', detail: HOSTILE, violations: [{ message: HOSTILE }] };
      response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
    await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
    const { port } = api.address() as AddressInfo;
    env = { GATEHOUSE_URL: `http://127.0.0.1:${port}`, GATEHOUSE_TOKEN: 'of-the-test' };
  });
  afterAll(() => api.close());

  it('cannot control the terminal', async () => {
    const [shown, json, listed, missing, me] = await Promise.all([
      gatehouse(env, 'status', 'acme'),
      gatehouse(env, 'status', 'acme', '--json'),
      gatehouse(env, 'audit', 'list', 'acme'),
      gatehouse(env, 'status', 'nobody'),
      gatehouse(env, 'whoami'),
    ]);
    for (const { stdout, stderr } of [shown, json, listed, missing, me])
      expect(stdout + stderr).not.toMatch(/(?!\n)[\p{Cc}\u202e]/u);
    expect(shown.stdout).toContain(`\nIts hosts answer 503: the tenant is suspended: overdue\n  acme: ${ESCAPED}\n`);
    expect(me.stdout).toContain(`\nacme    owner   suspended: ${ESCAPED}\n`);
    expect(me.stdout).toContain(
      '\ngone    viewer  deleted, can be restored until 2026-01-31T00:00:00Z\nopen    viewer  open',
    );
    expect(shown.stdout).toContain(`public  ${ESCAPED}  rejected  yes        ${ESCAPED}\n`);
    expect(shown.stdout).toContain(
      `routes/web/http: rejected by ${ESCAPED} of public: first line\n  ${ESCAPED}\n  acme: revision 1 is live\n`,
    );
    expect(JSON.parse(json.stdout).fleets[0].nodes[0].node).toBe(HOSTILE);
    expect(listed.stdout).toContain(`one two  put     ${ESCAPED}  ${ESCAPED}\n`);
    expect(missing.stderr).toBe(
      `gatehouse: Reading the tenant nobody: the API answered 404, ${ESCAPED}\n  ${ESCAPED}\n`,
    );
  });
});
