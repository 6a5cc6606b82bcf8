import { createPublicKey } from 'node:crypto';
import { type Enrolled, enrolmentText } from '../../wire/enrolment.ts';
import { forgetNewKey, type Identity, newKey, signed, textOf, writeIdentity } from './identity.ts';
import { post } from './post.ts';

/** The enrolment of an agent. */
export interface EnrolOptions {
  /** Base URL of the control API, without a slash at the end. */
  api: string;
  /** The data folder of the agent. */
  folder: string;
  /** The one-time token. */
  token: string;
  /** The name of the agent. */
  name: string;
  /** The version of the agent's program. */
  version: string;
}

/**
 * Enrols an agent, and writes its identity into its data folder. If the process ends before that, the same call with
 * the same token completes the enrolment.
 *
 * @throws Error with the reason in words when the API refuses, or cannot be reached
 */
export async function enrol({ api, folder, token, name, version }: EnrolOptions): Promise<Identity> {
  const key = newKey(folder);
  const publicKey = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64');
  const signature = signed(enrolmentText({ token, publicKey, name }), key);
  const { status, body } = await post(`${api}/v1/agents`, { token, publicKey, name, version, signature });
  if (status !== 200) {
    const { detail } = (body ?? {}) as { detail?: unknown };
    throw new Error(typeof detail === 'string' ? detail : `the API answered ${status}`);
  }
  const { id, fleet, generation } = body as Enrolled;
  const identity: Identity = { api, id, fleet, privateKey: textOf(key), generation };
  writeIdentity(folder, identity);
  forgetNewKey(folder);
  return identity;
}
