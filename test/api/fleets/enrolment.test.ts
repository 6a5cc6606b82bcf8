import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Harness, harness, SHARED_FLEET, tokenFor } from '../harness.ts';
import { enrol, enrolRequest, keyPair, renew, renewRequest, tokenToEnrol } from './enrolled.ts';
import { follow } from './stream.ts';

let api: Harness;
beforeAll(async () => {
  api = await harness({ GATEHOUSE_HEARTBEAT: '50' });
  await api.post('/v1/fleets', SHARED_FLEET);
  await api.post('/v1/fleets', { ...SHARED_FLEET, name: 'other' });
});
afterAll(() => api.close());

const anonymous = { token: null };
const feed = (token: string, fleet = 'public') => api.get(`/v1/fleets/${fleet}/feed`, { token });

describe('an agent enrols', () => {
  it('with a one-time token, and then has a credential for its fleet alone', async () => {
    const disk = await enrol(api, 'public');
    const { status, body } = await renew(api, disk);
    expect(status).toBe(200);
    expect(body).toMatchObject({ generation: 1, credential: expect.stringMatching(/^gh_credential_/) });
    expect((await feed(body.credential)).status).toBe(200);
    expect((await feed(body.credential, 'other')).status).toBe(403);
    expect((await api.get('/v1/fleets/public', { token: body.credential })).status).toBe(200);
    expect((await api.get('/v1/fleets', { token: body.credential })).status).toBe(403);
    const { items } = (await api.get('/v1/fleets/public/agents')).body;
    expect(items).toContainEqual(expect.objectContaining({ id: disk.id, name: 'edge-1', version: '2', generation: 1 }));
  });

  it('once per token; the repetition of a request by the same agent gets the same answer', async () => {
    const { token } = await tokenToEnrol(api, 'public');
    const keys = keyPair();
    const first = await api.post('/v1/agents', enrolRequest(token, keys), anonymous);
    const repeated = await api.post('/v1/agents', enrolRequest(token, keys), anonymous);
    expect(repeated.body).toEqual(first.body);
    const other = await api.post('/v1/agents', enrolRequest(token), anonymous);
    expect(other).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
  });

  it('not with a token that is unknown, revoked or expired, nor with the key of another: all get one answer', async () => {
    const revoked = await tokenToEnrol(api, 'public');
    expect((await api.remove(`/v1/fleets/other/enrolments/${revoked.id}`)).status).toBe(404);
    expect((await api.remove(`/v1/fleets/public/enrolments/${revoked.id}`)).status).toBe(204);
    const expired = await tokenToEnrol(api, 'public', { expiresIn: 1 });
    const usable = await tokenToEnrol(api, 'public');
    await expect.poll(() => Date.now(), { timeout: 10_000 }).toBeGreaterThan(Date.parse(expired.expiresAt));
    const requests = [
      enrolRequest('gh_enrolment_unknown'),
      enrolRequest(revoked.token),
      enrolRequest(expired.token),
      { ...enrolRequest(usable.token), publicKey: keyPair().publicKey },
      { ...enrolRequest(usable.token), name: 'edge-2' },
    ];
    const answers = await Promise.all(requests.map((request) => api.post('/v1/agents', request, anonymous)));
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.detail}`)).size).toBe(1);
    expect(answers[0]!.status).toBe(401);
    expect((await api.post('/v1/agents', enrolRequest(usable.token), anonymous)).status).toBe(200);
  });

  it('by one of many at a time', async () => {
    const { token } = await tokenToEnrol(api, 'public');
    const requests = Array.from({ length: 16 }, () => api.post('/v1/agents', enrolRequest(token), anonymous));
    expect((await Promise.all(requests)).filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it('with tokens that only operators make, list and revoke', async () => {
    await api.post('/v1/tenants', { name: 'acme' });
    const token = await tokenFor(api, '/v1/tenants/acme', { scopes: ['admin'] });
    const agent = await tokenFor(api, '/v1/fleets/public');
    for (const caller of [{ token }, { token: agent }]) {
      expect((await api.post('/v1/fleets/public/enrolments', {}, caller)).status).toBe(403);
      expect((await api.get('/v1/fleets/public/enrolments', caller)).status).toBe(403);
      expect((await api.get('/v1/fleets/public/agents', caller)).status).toBe(403);
      expect((await api.remove('/v1/fleets/public/agents/x', caller)).status).toBe(403);
    }
    expect((await api.post('/v1/fleets/unknown/enrolments', {})).status).toBe(404);
  });
});

describe('a credential', () => {
  it('is replaced by a renewal, and a renewal whose answer was lost can be repeated', async () => {
    const disk = await enrol(api, 'public');
    const first = (await renew(api, disk)).body.credential;
    const { generation } = disk;
    const nonce = 'nonce-whose-answer-is-lost';
    const at = Date.now();
    const lost = await renew(api, disk, { nonce, at });
    const repeated = await renew(api, { ...disk, generation }, { nonce, at: at + 1 });
    expect(repeated.body.generation).toBe(lost.body.generation);
    expect((await feed(repeated.body.credential)).status).toBe(200);
    for (const former of [first, lost.body.credential])
      await expect.poll(async () => (await feed(former)).status, { timeout: 10_000 }).toBe(401);
    expect((await renew(api, disk)).status).toBe(200);
  });

  it('ends at once with the revocation of its agent', async () => {
    const disk = await enrol(api, 'public');
    const { credential } = (await renew(api, disk)).body;
    const stream = await follow(api, '/v1/fleets/public/feed', credential);
    await stream.until(({ type }) => type === 'snapshot-end');
    expect((await api.remove(`/v1/fleets/other/agents/${disk.id}`)).status).toBe(404);
    expect((await api.remove(`/v1/fleets/public/agents/${disk.id}`)).status).toBe(204);
    await stream.ended();
    expect((await feed(credential)).status).toBe(401);
    const refused = await renew(api, disk);
    expect(refused).toMatchObject({ status: 403, body: { code: 'agent-stopped' } });
    expect(refused.body.detail).toContain('revoked');
  });

  it('stops with every other one when the disk of the agent was copied', async () => {
    const disk = await enrol(api, 'public');
    await renew(api, disk);
    const copy = { ...disk };
    const { credential } = (await renew(api, copy)).body;
    const stream = await follow(api, '/v1/fleets/public/feed', credential);
    await stream.until(({ type }) => type === 'snapshot-end');
    const refused = await renew(api, disk);
    expect(refused).toMatchObject({ status: 403, body: { code: 'agent-stopped' } });
    expect(refused.body.detail).toContain('copied');
    await stream.ended();
    expect((await feed(credential)).status).toBe(401);
    expect((await renew(api, copy)).status).toBe(403);
    const { items } = (await api.get('/v1/fleets/public/agents')).body;
    expect(items).toContainEqual(expect.objectContaining({ id: disk.id, stopReason: 'copied' }));
    expect((await enrol(api, 'public')).id).not.toBe(disk.id);
  });

  it('is not renewed without the key, by another agent, or by an old request', async () => {
    const [disk, other] = [await enrol(api, 'public'), await enrol(api, 'public')];
    const forged = { ...disk, privateKey: other.privateKey };
    const unknown = { ...disk, id: crypto.randomUUID() };
    const answers = [await renew(api, forged), await renew(api, unknown)];
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.detail}`)).size).toBe(1);
    expect(answers[0]!.status).toBe(401);
    const moved = await api.post(`/v1/agents/${other.id}/renewals`, renewRequest(disk), anonymous);
    expect(moved.status).toBe(401);
    const old = await renew(api, disk, { at: Date.now() - 3_600_000 });
    expect(old).toMatchObject({ status: 422, body: { violations: [{ pointer: '/issuedAt', code: 'not-recent' }] } });
    expect((await renew(api, disk)).status).toBe(200);
  });

  it('stays when somebody without the key sends recorded renewals again, and the agent is not stopped', async () => {
    const disk = await enrol(api, 'public');
    const recorded = [];
    let credential = '';
    for (let i = 0; i < 3; i++) {
      recorded.push(renewRequest(disk));
      const { status, body } = await api.post(`/v1/agents/${disk.id}/renewals`, recorded[i], anonymous);
      expect(status).toBe(200);
      ({ credential, generation: disk.generation } = body);
    }
    for (const request of recorded)
      expect(await api.post(`/v1/agents/${disk.id}/renewals`, request, anonymous)).toMatchObject({
        ...{ status: 422, body: { violations: [{ pointer: '/issuedAt', code: 'not-later' }] } },
      });
    expect((await feed(credential)).status).toBe(200);
    expect((await renew(api, disk)).status).toBe(200);
  });

  it('is renewed when the clock of the agent was corrected backwards, and repetitions work once it has caught up', async () => {
    const disk = await enrol(api, 'public');
    const [nonce, at] = ['the-nonce-of-the-last-one', Date.now()];
    expect((await renew(api, disk, { at: at + 60_000 })).status).toBe(200);
    const before = { ...disk };
    expect((await renew(api, disk, { nonce, at })).status).toBe(200);
    expect((await renew(api, { ...before }, { nonce, at: at + 60_000 })).status).toBe(422);
    expect((await renew(api, { ...before }, { nonce, at: at + 60_001 })).status).toBe(200);
  });

  it('and its tokens and keys appear in no log', async () => {
    const { token } = await tokenToEnrol(api, 'public');
    const logged = (await api.logged()).join('\n');
    expect(logged).not.toContain(token);
    expect(logged).not.toMatch(/gh_(enrolment|credential)_/);
  });
});
