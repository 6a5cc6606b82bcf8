import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { expect } from 'vitest';
import { enrolmentText, renewalText } from '../../../wire/enrolment.ts';
import type { Call, Harness } from '../harness.ts';

const signed = (text: string, key: KeyObject): string => sign(null, Buffer.from(text), key).toString('base64');

/** What an agent keeps on its disk. A copy of it is a copy of the disk. */
export interface Disk {
  id: string;
  privateKey: KeyObject;
  generation: number;
}

export function keyPair() {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64');
  return { publicKey: raw, privateKey };
}

/** A request that enrols, by the holder of the key pair. */
export function enrolRequest(token: string, keys = keyPair(), name = 'edge-1') {
  const { publicKey, privateKey } = keys;
  return {
    token,
    publicKey,
    name,
    version: '1',
    signature: signed(enrolmentText({ token, publicKey, name }), privateKey),
  };
}

export async function tokenToEnrol({ post }: Harness, fleet: string, body: object = {}, options?: Call) {
  const created = await post(`/v1/fleets/${fleet}/enrolments`, body, options);
  expect(created.status).toBe(201);
  return created.body as { id: string; token: string; expiresAt: string };
}

/** Enrols an agent in a fleet. */
export async function enrol(api: Harness, fleet: string): Promise<Disk> {
  const { token } = await tokenToEnrol(api, fleet);
  const keys = keyPair();
  const enrolled = await api.post('/v1/agents', enrolRequest(token, keys), { token: null });
  expect(enrolled.status).toBe(200);
  return { id: enrolled.body.id, privateKey: keys.privateKey, generation: enrolled.body.generation };
}

/** A request for the next credential. */
export function renewRequest(
  { id, privateKey, generation }: Disk,
  { nonce = randomBytes(16).toString('base64url'), at = Date.now() }: { nonce?: string; at?: number } = {},
) {
  const text = renewalText({ agent: id, generation, nonce, issuedAt: at });
  return { generation, nonce, issuedAt: new Date(at).toISOString(), version: '2', signature: signed(text, privateKey) };
}

/** Renews, and notes the generation on the disk as an agent does. */
export async function renew({ post }: Harness, disk: Disk, options: Parameters<typeof renewRequest>[1] = {}) {
  const answer = await post(`/v1/agents/${disk.id}/renewals`, renewRequest(disk, options), { token: null });
  if (answer.status === 200) disk.generation = answer.body.generation;
  return answer;
}
