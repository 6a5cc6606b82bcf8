/** Texts that would add a header, a recipient or a line, in every place that ends in a mail or in a response. */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deliver } from '../../../api/mail/deliver.ts';
import { elsewhere } from '../engine.ts';
import { type Harness, harness } from '../harness.ts';
import { mailServer } from '../mail/receivers.ts';
import { type Mailbox, mailbox, PASSWORD, person } from '../people/mailbox.ts';

const PAGES = 'https://gatehouse.example.com';
const anonymous = { token: null };

describe.skipIf(elsewhere)('mail', () => {
  let api: Harness;
  let box: Mailbox;
  let server: Awaited<ReturnType<typeof mailServer>>;
  beforeAll(async () => {
    server = await mailServer();
    api = await harness({
      ...{
        GATEHOUSE_MAIL: `smtp://127.0.0.1:${server.port}`,
        GATEHOUSE_MAIL_FROM: 'Gatehouse <no-reply@gatehouse.test>',
      },
      ...{ GATEHOUSE_MAIL_INTERVAL: '86400000', GATEHOUSE_MAIL_LIMIT: '1000', GATEHOUSE_PUBLIC_URL: PAGES },
    });
    box = mailbox(api);
    await api.post('/v1/tenants', { name: 'acme', displayName: '=?utf-8?q?=0D=0ABcc:_evil@example.org?=' });
  });
  afterAll(async () => {
    await api.close();
    await server.close();
  });

  /** Sends what is queued, and returns what the mail server got. */
  async function received() {
    server.received.splice(0);
    const { services } = api.app!;
    await deliver(services, services.mail.transport!, new AbortController().signal);
    return server.received.splice(0);
  }

  const places: Record<string, (email: string, headers?: Record<string, string>) => Promise<{ status: number }>> = {
    'a sign-up': (email, headers = {}) =>
      api.post('/v1/auth/sign-up', { email, password: PASSWORD }, { ...anonymous, headers }),
    'a forgotten password': (email, headers = {}) =>
      api.post('/v1/auth/password/forgotten', { email }, { ...anonymous, headers }),
    'an invitation': (email, headers = {}) =>
      api.post('/v1/tenants/acme/invitations', { email, role: 'viewer' }, { headers }),
  };
  const refused = [
    ...['a@example.com\r\nBcc: evil@example.org', 'a@example.com\nBcc: evil@example.org', 'a@example.com\r'],
    ...[
      'a@example.com\r\n\r\nbody',
      'a@example.com>\r\nRCPT TO:<evil@example.org',
      'a\r\n.\r\nMAIL FROM:<b>@example.com',
    ],
    ...['a@example.com,evil@example.org', 'a@example.com;evil@example.org', 'a@example.com evil@example.org'],
    ...[
      '<a@example.com>',
      'Ada <a@example.com>',
      'a@example.com>',
      '"a b"@example.com',
      '"a\\"@evil.example"@x.example',
    ],
    ...[
      'a(comment)@example.com',
      'a@[127.0.0.1]',
      'a@example.com:25',
      '@evil.example:a@example.com',
      'group:a@example.com;',
    ],
    ...['a@example.com\0', 'a\u0000b@example.com', 'a\u202E@example.com', 'a\u2028@example.com', 'a\u200B@example.com'],
    ...['ä@example.com', 'a@exämple.com', 'a@example。com', 'a＠example.com', 'a@example.com\u0085', ' a@example.com'],
    ...['a@example.com ', 'a@', '@example.com', 'a@@example.com', 'a..b@example.com', `${'a'.repeat(65)}@example.com`],
    ...[`a@${'x.'.repeat(130)}com`, `a@${'x'.repeat(64)}.com`, 'a@-example.com', ''],
  ];
  test.for(Object.entries(places))('in %s, no other text than one address is accepted', async ([, send]) => {
    for (const email of refused) expect((await send(email)).status, JSON.stringify(email)).toBe(422);
    expect(await received()).toEqual([]);
  });

  test('letters that mean something elsewhere arrive as they are, at one recipient', async () => {
    const inviter = "a&b'c=d{e}|f~g`h^i%0d%0a@example.com";
    const token = await person(api, box, inviter);
    const { id } = (await api.get('/v1/me', { token })).body;
    const audit = { actor: 'test', action: 'create', target: 'members', at: 0, requestId: 'test', remote: '' };
    await api.store.members.add({ tenant: 'acme', person: id, role: 'owner', createdAt: 0 }, audit);
    api.app!.services.grants.changed(id);
    await received();
    const to = '=?utf-8?q?a=0d=0abcc=3aevil?=@example.com';
    const invited = await api.post('/v1/tenants/acme/invitations', { email: to, role: 'viewer' }, { token });
    expect(invited.status).toBe(201);
    const [mail, ...others] = await received();
    expect(others).toEqual([]);
    expect(mail!.to).toEqual([to]);
    const [head = '', body = ''] = mail!.data.split(/\r\n\r\n(.*)/s);
    const lines = head.replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n');
    expect(lines.map((line) => line.slice(0, line.indexOf(':'))).sort()).toEqual([
      ...['Auto-Submitted', 'Content-Type', 'Date', 'From', 'MIME-Version', 'Message-ID', 'Subject', 'To'],
    ]);
    expect(lines).toContain(`To: ${to}`);
    expect(lines).toContain('Subject: You are invited to acme');
    const decoded = body
      .replaceAll(/=\r\n/g, '')
      .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
    expect(decoded).toContain(`${inviter} invites you to the tenant acme, as viewer.`);
    expect(decoded).toContain('<p>a&amp;b&#39;c=d{e}|f~g`h^i%0d%0a@example.com invites you');
  });

  test('links have the address of the API, whatever the request claims', async () => {
    const claims = {
      ...{ origin: 'https://evil.example', referer: 'https://evil.example/', 'x-forwarded-host': 'evil.example' },
      ...{
        'x-forwarded-proto': 'javascript',
        forwarded: 'host=evil.example',
        'x-original-url': 'https://evil.example',
      },
      ...{ 'x-forwarded-for': 'evil.example', 'x-forwarded-prefix': '//evil.example', host: 'evil.example' },
    };
    for (const [index, send] of Object.values(places).entries())
      expect((await send(`claim-${index}@example.com`, claims)).status).toBeLessThan(300);
    const mails = await received();
    expect(mails.length).toBeGreaterThan(1);
    for (const { data } of mails) {
      expect(data).not.toContain('evil');
      expect(data.replaceAll('=\r\n', '').match(/https?:\/\/[^/"]+/g)).toEqual(expect.arrayContaining([PAGES]));
    }
  });
});

describe('texts that people read', () => {
  let api: Harness;
  beforeAll(async () => {
    api = await harness();
    await api.post('/v1/tenants', { name: 'acme' });
    await api.put('/v1/plans/small', { quotas: {} });
    await api.post('/v1/fleets', { name: 'own', ports: [], labels: {} });
  });
  afterAll(() => api.close());

  const places: Record<string, (text: string) => Promise<{ status: number }>> = {
    'the name of a tenant': (displayName) => api.patch('/v1/tenants/acme', { displayName }),
    'the reason of a suspension': (reason) => api.post('/v1/tenants/acme/suspend', { reason }),
    'the description of a token': (description) =>
      api.post('/v1/tenants/acme/tokens', { description, scopes: ['read'] }),
    'the description of an operator’s token': (description) => api.post('/v1/tokens', { description }),
    'the description of an enrolment': (description) => api.post('/v1/fleets/own/enrolments', { description }),
    'the description of a plan': (description) => api.put('/v1/plans/small', { description, quotas: {} }),
    'a label': (note) => api.patch('/v1/tenants/acme', { labels: { note } }),
  };
  test.for(Object.entries(places))('%s has no control character and no other direction', async ([, write]) => {
    for (const text of [
      ...['a\r\nSet-Cookie: a=b', 'a\nb', 'a\rb', 'a\0b', '\u001b]0;title\u0007', '\u001b[2J', 'a\u007f', 'a\u0085b'],
      ...['a\u2028b', 'a\u2029b', 'user\u202Etxt.exe', '\u2066a', 'x'.repeat(5_000)],
    ])
      expect((await write(text)).status, JSON.stringify(text.slice(0, 20))).toBe(422);
  });

  test('what is accepted comes back as it was, in one line of the exported log', async () => {
    for (const displayName of ['Grüße 日本 שלום', '<script>alert(1)</script>', '👩‍👩‍👧 %0d%0a']) {
      expect((await api.patch('/v1/tenants/acme', { displayName })).body.displayName).toBe(displayName);
      const { headers, body } = await api.get('/v1/audit/export');
      expect(JSON.stringify([...headers])).not.toContain('script');
      for (const line of body.trim().split('\n')) expect(() => JSON.parse(line)).not.toThrow();
    }
  });
});

describe.skipIf(elsewhere)('headers', () => {
  let api: Harness;
  let token: string;
  beforeAll(async () => {
    api = await harness({ GATEHOUSE_PUBLIC_URL: PAGES, GATEHOUSE_CORS_ORIGINS: 'https://dashboard.example' });
    await api.post('/v1/tenants', { name: 'acme' });
    token = (await api.post('/v1/tenants/acme/tokens', { scopes: ['admin'] })).body.token;
  });
  afterAll(() => api.close());

  /** Sends bytes, and returns everything that comes back. */
  const send = (text: string) =>
    new Promise<string>((resolve, reject) => {
      const { hostname, port } = new URL(api.url);
      const socket = connect(Number(port), hostname);
      let answer = '';
      socket.setEncoding('latin1').on('data', (chunk: string) => (answer += chunk));
      socket.on('error', (error: NodeJS.ErrnoException) =>
        error.code === 'ECONNRESET' ? resolve(answer) : reject(error),
      );
      socket.on('close', () => resolve(answer));
      socket.write(Buffer.from(text, 'latin1'));
    });
  const request = (line: string, headers: string[], body = '') =>
    send(
      [
        `${line} HTTP/1.1`,
        ...(headers.some((each) => /^host:/i.test(each)) ? [] : ['Host: api']),
        `Authorization: Bearer ${token}`,
        ...['Connection: close', 'Content-Type: application/json', `Content-Length: ${body.length}`],
        ...headers,
        ...['', body],
      ].join('\r\n'),
    );

  const values = [
    ...[
      'a\r\nInjected: 1',
      'a\nInjected: 1',
      'a\rInjected: 1',
      'a\r\n Injected: 1',
      'a\0Injected: 1',
      'a\tInjected: 1',
    ],
    ...['%0d%0aInjected:%201', '\\r\\nInjected: 1', 'a\x0bInjected: 1', 'a\x7fInjected: 1', 'caf\xe9 Injected: 1'],
    ...['\xc4\x8d\xc4\x8aInjected: 1', `${'x'.repeat(1000)}Injected: 1`, `${'x'.repeat(20_000)}`, '', '"', '*'],
  ];
  const names = [
    ...['X-Request-Id', 'Gatehouse-Reason', 'Idempotency-Key', 'Origin', 'Host', 'X-Forwarded-For', 'X-Forwarded-Host'],
    ...[
      'X-Forwarded-Proto',
      'Forwarded',
      'If-Match',
      'If-None-Match',
      'Prefer',
      'Accept-Encoding',
      'User-Agent',
      'Cookie',
    ],
    ...['Access-Control-Request-Headers', 'Access-Control-Request-Method', 'Range', 'TE', 'Upgrade', 'Referer'],
  ];
  test.for(names)('%s adds no header, and gets one response', async (name) => {
    for (const value of values)
      for (const [line, body] of [
        ['POST /v1/tenants/acme/tokens', '{"scopes":["read"]}'],
        ['OPTIONS /v1/tenants/acme', ''],
      ] as const) {
        const answer = await request(line, [`${name}: ${value}`], body);
        const what = `${line} ${JSON.stringify(value.slice(-20))}`;
        // Nothing is sent to a client that disconnects, or that sends what is no request.
        expect(answer.match(/HTTP\/1\.1 \d{3} /g) ?? [], what).toHaveLength(1);
        const head = answer.slice(0, answer.indexOf('\r\n\r\n'));
        expect(head, what).toMatch(/^[\t\r\n -~]*$/);
        expect(head, what).not.toMatch(/^\s*Injected/im);
        expect(head.replaceAll('\r\n', ''), what).not.toMatch(/[\r\n]/);
        expect(head, what).not.toMatch(/evil|xxxxxxxx/);
        expect(answer, what).not.toMatch(/^HTTP\/1\.1 5/);
      }
  });

  test('paths and queries add no header', async () => {
    for (const text of ['%0d%0aInjected:%201', '%0aInjected:1', '%00', '%E2%80%A8Injected:1', '//evil.example/%2e%2e'])
      for (const path of [
        ...[
          `/v1/tenants/acme/routes/${text}`,
          `/v1/tenants/${text}`,
          `/${text}`,
          `/docs/${text}`,
          `/v1/audit?cursor=${text}`,
        ],
        ...[`/v1/auth/oidc?returnTo=/${text}`, `/v1/auth/oidc/callback?state=${text}&code=${text}`, `/?${text}`],
        ...[`/v1/tenants/acme/configuration?message=${text}`, `//evil.example/${text}`, `/\\evil.example/${text}`],
      ]) {
        const answer = await request(`GET ${path}`, []);
        const head = answer.slice(0, answer.indexOf('\r\n\r\n'));
        expect(answer.match(/HTTP\/1\.1 \d{3} /g), path).toHaveLength(1);
        expect(head, path).not.toMatch(/^(?:Injected|Location: (?:\/\/|\/\\|http))/im);
        expect(answer, path).not.toMatch(/^HTTP\/1\.1 5/);
      }
  });

  test('no response names the host that a request claims', async () => {
    const headers = ['Host: evil.example', 'X-Forwarded-Host: evil.example', 'Origin: https://evil.example'];
    for (const [line, body] of [
      ['POST /v1/tenants/acme/tokens', '{"scopes":["read"]}'],
      ['PUT /v1/tenants/acme/upstreams/web', '{"port":80,"endpoints":[]}'],
      ...['GET /', 'GET /docs/', 'GET /openapi.json', 'GET /v1/nothing', 'OPTIONS /v1/tenants'].map((each) => [
        each,
        '',
      ]),
    ] as [string, string][]) {
      const answer = await request(line, headers, body);
      expect(answer, line).toMatch(/^HTTP\/1\.1 [2-4]/);
      expect(answer, line).not.toContain('evil.example');
    }
  });
});
