import { createHmac } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { deliver } from '../../../api/mail/deliver.ts';
import { Outbox } from '../../../api/mail/outbox.ts';
import type { Message } from '../../../api/mail/templates/index.ts';
import { Sealer } from '../../../api/secrets/seal.ts';
import { elsewhere } from '../engine.ts';
import { type Harness, harness, tokenFor } from '../harness.ts';
import { mailServer, webhookServer } from './receivers.ts';

const KEYS = `test:${Buffer.alloc(32, 7).toString('base64')}`;
const LINK = 'https://gatehouse.test/verify#code=gh_code_s3cr3t';
const verify: Message = { to: 'ada@example.com', template: 'verify-address', values: { link: LINK } };
const MINUTE = 60_000;

let api: Harness;

/** An API whose own job sends nothing within the test. */
const start = async (mail: string, more: Record<string, string> = {}) => {
  api = await harness({
    GATEHOUSE_MAIL: mail,
    GATEHOUSE_MAIL_FROM: 'Gatehouse <no-reply@gatehouse.test>',
    GATEHOUSE_MAIL_INTERVAL: '86400000',
    GATEHOUSE_SEALING_KEYS: KEYS,
    ...more,
  });
  onTestFinished(() => api.close());
};

/** Sends what is due at a time after now, as the job does. */
async function send(after = 0): Promise<void> {
  const { services } = api.app!;
  const at = { ...services, clock: () => Date.now() + after };
  await deliver(at, services.mail.transport!, new AbortController().signal);
}

const listed = async (query = '') => (await api.get(`/v1/mail${query}`)).body.items;

describe.skipIf(elsewhere)('to a mail server', () => {
  test('a message arrives with both parts, an id and nothing else, and its link is kept nowhere', async () => {
    const server = await mailServer();
    await start(`smtp://127.0.0.1:${server.port}`);
    await api.app!.services.mail.queue({ ...verify, to: 'Ada@Example.com' });
    const [{ id }] = await listed();
    await send();
    expect(server.received).toHaveLength(1);
    const { from, to, data } = server.received[0]!;
    expect([from, to]).toEqual(['no-reply@gatehouse.test', ['ada@example.com']]);
    const headers = data.slice(0, data.indexOf('\r\n\r\n')).replaceAll(/\r\n\s+/g, ' ');
    expect(headers.split('\r\n').sort()).toEqual([
      'Auto-Submitted: auto-generated',
      expect.stringMatching(/^Content-Type: multipart\/alternative;/),
      expect.stringMatching(/^Date: /),
      'From: Gatehouse <no-reply@gatehouse.test>',
      'MIME-Version: 1.0',
      `Message-ID: <${id}@gatehouse.test>`,
      'Subject: Confirm your e-mail address',
      'To: ada@example.com',
    ]);
    const decoded = data.replaceAll('=\r\n', '').replaceAll('=3D', '=');
    expect(decoded).toContain(`Confirm this address:\r\n${LINK}`);
    expect(decoded).toContain(`<a href="${LINK}">Confirm this address</a>`);
    expect(decoded).toContain('Or give this code to the program that asks for it:\r\ngh_code_s3cr3t\r\n');
    expect(await listed()).toMatchObject([{ id, state: 'sent', attempts: 1 }]);
    await send(99 * MINUTE);
    expect(server.received).toHaveLength(1);
    expect(api.said().join()).not.toContain('s3cr3t');
    expect(api.logged().join()).not.toMatch(/ada@/i);
    await server.close();
  });

  test('a server that quotes the message in its refusal puts neither link nor code into the list', async () => {
    const server = await mailServer({
      onData: (stream, _, done) => {
        stream.resume();
        stream.on('end', () => done(Object.assign(new Error(`no: ${LINK} gh_code_s3cr3t`), { responseCode: 554 })));
      },
    });
    await start(`smtp://127.0.0.1:${server.port}`);
    await api.app!.services.mail.queue(verify);
    await send();
    const [message] = await listed();
    expect(message).toMatchObject({ state: 'failed', error: expect.stringContaining('no: (link) (code)') });
    expect(api.said().join()).not.toContain('s3cr3t');
    await server.close();
  });

  test('a server that is away gets the message later, and the same message has the same id', async () => {
    let isAway = true;
    const server = await mailServer({
      onRcptTo: (_, __, done) => done(isAway ? Object.assign(new Error('try later'), { responseCode: 451 }) : null),
    });
    await start(`smtp://127.0.0.1:${server.port}`);
    await api.app!.services.mail.queue(verify);
    await send();
    const [waiting] = await listed();
    expect(waiting).toMatchObject({ state: 'queued', attempts: 1, error: expect.stringContaining('451') });
    expect(Date.parse(waiting.dueAt) - Date.now()).toBeGreaterThan(5_000);
    expect(api.logged().join()).toContain(`"server":"127.0.0.1:${server.port}"`);
    await send(1_000);
    expect(await listed()).toMatchObject([{ attempts: 1 }]);
    isAway = false;
    await send(MINUTE);
    expect(await listed('?state=sent')).toMatchObject([{ id: waiting.id, attempts: 2 }]);
    expect(server.received).toHaveLength(1);
    await server.close();
  });

  test('an unknown recipient fails at once, is listed for operators, and holds up no other message', async () => {
    const server = await mailServer({
      onRcptTo: ({ address }, _, done) =>
        done(address.startsWith('gone') ? Object.assign(new Error('unknown user'), { responseCode: 550 }) : null),
    });
    await start(`smtp://127.0.0.1:${server.port}`);
    const { mail } = api.app!.services;
    await mail.queue({ ...verify, to: 'gone@example.com' });
    await mail.queue(verify);
    await send();
    expect(server.received.map(({ to }) => to)).toEqual([['ada@example.com']]);
    expect(await listed('?state=failed')).toMatchObject([{ recipient: 'gone@example.com', attempts: 1 }]);
    expect((await api.get('/metrics')).body).toMatch(/gatehouse_api_mails_total\{outcome="failed"\} 1\b/);
    await api.post('/v1/tenants', { name: 'acme' });
    const token = await tokenFor(api, '/v1/tenants/acme', { scopes: ['admin'] });
    expect((await api.get('/v1/mail', { token })).status).toBe(403);
    await server.close();
  });

  test('nothing that a user can write adds a header, a recipient or markup', async () => {
    const server = await mailServer();
    await start(`smtp://127.0.0.1:${server.port}`);
    const { mail } = api.app!.services;
    const values = { tenant: 'acme', role: 'viewer', inviter: "o'brien&co@example.com", link: `${LINK}&a=<b>'"` };
    const wrong: [string, object][] = [
      ['a@example.com\r\nBcc: b@example.com', values],
      ['a@example.com, b@example.com', values],
      ['"a\r\nRCPT TO:<b@example.com>"@example.com', values],
      ['<a@example.com>', values],
      ['a@example.com ', values],
      ['a@[127.0.0.1]', values],
      ['ａ@example.com', values],
      ['a@example.com', { ...values, tenant: 'acme\r\nBcc: b@example.com' }],
      ['a@example.com', { ...values, role: 'viewer\u2028' }],
      ['a@example.com', { ...values, link: 'javascript:alert(1)' }],
      ['a@example.com', { ...values, link: 'https://a.test/\r\n\r\nmore' }],
      ['a@example.com', { ...values, more: 'x' }],
    ];
    for (const [to, each] of wrong)
      await expect(mail.queue({ to, template: 'invitation', values: each } as Message), to).rejects.toThrow();
    await mail.queue({ to: 'a@example.com', template: 'invitation', values });
    await send();
    expect(server.received.map(({ to }) => to)).toEqual([['a@example.com']]);
    const data = server.received[0]!.data.replaceAll('=\r\n', '').replaceAll('=3D', '=');
    expect(data).not.toMatch(/^bcc:/im);
    expect(data).toContain('<p>o&#39;brien&amp;co@example.com invites you to the tenant acme, as viewer.</p>');
    expect(data).toContain(`<a href="${LINK}&amp;a=&lt;b&gt;&#39;&quot;">`);
    await server.close();
  });

  test('a password is not sent over a connection without encryption', async () => {
    let logins = 0;
    const server = await mailServer({
      onAuth: (_, __, done) => {
        logins++;
        done(null, { user: 'gatehouse' });
      },
      allowInsecureAuth: true,
    });
    await start(`smtp://gatehouse:p%40ss@127.0.0.1:${server.port}`);
    await api.app!.services.mail.queue(verify);
    await send();
    expect(await listed()).toMatchObject([{ state: 'queued', attempts: 1 }]);
    expect([logins, server.received.length]).toEqual([0, 0]);
    expect(api.said().join()).not.toContain('p@ss');
    await server.close();
  });
});

test.skipIf(elsewhere)('to a folder, as a file from which a person can copy the link', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-mail-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  await start(`file:${join(folder, 'new')}`);
  await api.app!.services.mail.queue(verify);
  await send();
  const [file, ...others] = readdirSync(join(folder, 'new'));
  expect(others).toEqual([]);
  const [{ id }] = await listed();
  expect(file).toBe(`${id}.eml`);
  expect(readFileSync(join(folder, 'new', file!), 'utf8').split(/\r?\n/)).toContain(LINK);
});

describe('to a webhook', () => {
  const SECRET = Buffer.alloc(32, 3);
  const settings = { GATEHOUSE_MAIL_SECRET: `whsec_${SECRET.toString('base64')}`, GATEHOUSE_RETENTION: '50' };

  test('a signed request, on every engine', async () => {
    const hook = await webhookServer();
    await start(hook.url, { ...settings, GATEHOUSE_MAIL_INTERVAL: '100' });
    const sealer = await Sealer.from(KEYS);
    const outbox = new Outbox(
      { store: api.store, sealer, settings: { mailLimit: 5 } as never, clock: Date.now },
      undefined,
    );
    // On Workers, the first request makes the tables.
    expect(await listed()).toEqual([]);
    await outbox.queue(verify);
    // On Workers, the cron may have run already, and is not due for a minute.
    if (elsewhere)
      await (await api.database()).driver.batch([{ sql: "delete from job where name = 'send-mail'", params: [] }]);
    await vi.waitFor(() => expect(hook.posted).toHaveLength(1), 20_000);
    const { headers, body } = hook.posted[0]!;
    const [{ id }] = await listed();
    const signed = `${id}.${headers['webhook-timestamp']}.${body}`;
    expect(headers['webhook-id']).toBe(id);
    expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', SECRET).update(signed).digest('base64')}`);
    expect(JSON.parse(body)).toMatchObject({
      id,
      from: 'Gatehouse <no-reply@gatehouse.test>',
      to: 'ada@example.com',
      template: 'verify-address',
      subject: 'Confirm your e-mail address',
      text: expect.stringContaining(LINK),
      html: expect.stringContaining(LINK),
    });
    await vi.waitFor(async () => expect(await listed('?state=sent')).toHaveLength(1), 20_000);
    hook.close();
  });

  test('at once on Workers, and soon elsewhere, when a person signs up', async () => {
    const hook = await webhookServer();
    const { GATEHOUSE_MAIL_SECRET } = settings;
    // Without GATEHOUSE_RETENTION, no cron of the tests runs jobs on Workers.
    await start(hook.url, { GATEHOUSE_MAIL_SECRET, GATEHOUSE_MAIL_INTERVAL: '100' });
    const body = { email: 'ada@example.com', password: 'correct horse battery' };
    expect((await api.post('/v1/auth/sign-up', body, { token: null })).status).toBe(202);
    await vi.waitFor(() => expect(hook.posted).toHaveLength(1), 10_000);
    expect(JSON.parse(hook.posted[0]!.body)).toMatchObject({ to: 'ada@example.com', template: 'verify-address' });
    hook.close();
  });

  test.skipIf(elsewhere)('a redirect is not followed, and only a refusal of the message is final', async () => {
    const other = await webhookServer();
    const hook = await webhookServer([307, { location: other.url }], [404], [422]);
    await start(hook.url, settings);
    await api.app!.services.mail.queue(verify);
    for (const [after, state, error] of [
      [0, 'queued', 'the webhook answered 307'],
      [MINUTE, 'queued', 'the webhook answered 404'],
      [10 * MINUTE, 'failed', 'the webhook answered 422'],
    ] as const) {
      await send(after);
      expect(await listed()).toMatchObject([{ state, error }]);
    }
    expect(other.posted).toEqual([]);
    hook.close();
    other.close();
  });
});

test.skipIf(elsewhere).for([
  ['ftp://example.com', 'must begin with'],
  ['mail', 'must begin with http:, https:, smtp:, smtps:, file: in this runtime'],
  ['smtp://user@example.com', 'USER:PASSWORD'],
  ['smtp://example.com?tls=no', 'USER:PASSWORD'],
  ['https://example.com/mail', 'GATEHOUSE_MAIL_SECRET'],
  ['https://user:secret@example.com/mail', 'no user, password'],
  ['file:', 'file:DIR'],
] as const)('the setting %s is refused with what would be right', async ([mail, words]) => {
  const refused = start(mail);
  await expect(refused).rejects.toThrow(words);
  await expect(refused).rejects.not.toThrow('secret@');
});
