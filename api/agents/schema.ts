/**
 * The schemas of enrolled agents in requests and responses. The contracts, the views and the store's rows derive their
 * types from these schemas.
 */
import { z } from 'zod';
import { Name } from '../../model/values/name.ts';
import { line } from '../../model/values/shown-text.ts';
import { pageOf } from '../view.ts';

const base64 = (bytes: number, length: string) =>
  z.string().regex(new RegExp(`^[A-Za-z0-9+/]{${length}}={0,2}$`), `must be the base64 of ${bytes} bytes`);
const publicKey = base64(32, '43').describe('The Ed25519 public key of the agent: the base64 of 32 bytes.');
const signature = base64(64, '86').describe('An Ed25519 signature: the base64 of 64 bytes.');
const version = line(64).optional().describe("The version of the agent's program.");

const STOP_REASONS = ['revoked', 'copied'] as const;

export const Agent = z
  .object({
    id: z.string(),
    name: z.string().meta({ description: 'The name that the agent gave when it enrolled.' }),
    version: z.string().meta({ description: "The version of the agent's program at its last renewal." }),
    generation: z.int().meta({ description: 'The number of credentials that the agent got.' }),
    createdAt: z.iso.datetime(),
    renewedAt: z.iso.datetime().optional().meta({ description: 'The time at which it got its last credential.' }),
    expiresAt: z.iso.datetime().optional().meta({ description: 'The time at which that credential expires.' }),
    lapsesAt: z.iso
      .datetime()
      .meta({ description: 'An agent that does not renew its credential until this time must enrol again.' }),
    enrolledBy: z.string().optional().meta({
      description: 'Who created the one-time token with which the agent enrolled, such as `person:<id>`.',
    }),
    stoppedAt: z.iso.datetime().optional(),
    stopReason: z.enum(STOP_REASONS).optional().meta({
      description:
        '`revoked`: by a request. `copied`: two holders used its key, so the data folder was copied. The agent must enrol again.',
    }),
  })
  .meta({ id: 'Agent', description: 'An agent that has enrolled.' });
export type AgentView = z.infer<typeof Agent>;
export const AgentList = pageOf(Agent, 'AgentList');

export const AgentEnrol = z
  .strictObject({
    token: z.string().min(1).max(256).describe('The one-time token.'),
    publicKey,
    name: line(255).min(1).describe('The name of the agent, such as the name of its machine.'),
    version,
    signature: signature.describe(
      'The signature of `gatehouse enrolment 1`, the token, the public key and the name, separated by line feeds.',
    ),
  })
  .meta({
    id: 'AgentEnrol',
    example: {
      token: 'gh_enrolment_AAAA',
      publicKey: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=',
      name: 'edge-1',
      signature: `${'A'.repeat(86)}==`,
    },
  });
export const AgentEnrolled = z
  .object({
    id: z.string().meta({ description: 'The id of the agent.' }),
    fleet: Name,
    generation: z.int(),
  })
  .meta({ id: 'AgentEnrolled' });

export const AgentRenew = z
  .strictObject({
    generation: z.int().min(0).max(1_000_000_000).describe('The number of the credential that the agent has.'),
    nonce: z
      .string()
      .regex(/^[\w-]{16,64}$/, 'must have 16 to 64 letters, digits, - or _')
      .describe('A random text. A repeated request has the same one.'),
    issuedAt: z.iso
      .datetime()
      .describe(
        'The time of the signature. It must be within five minutes of the clock of the API. A repeated request has a later time than every request before it, and so another signature.',
      ),
    version,
    signature: signature.describe(
      'The signature of `gatehouse renewal 1`, the id, the generation, the nonce, and the time in milliseconds since 1970, separated by line feeds.',
    ),
  })
  .meta({
    id: 'AgentRenew',
    example: {
      generation: 1,
      nonce: 'AAAAAAAAAAAAAAAAAAAAAA',
      issuedAt: '2099-12-31T23:59:59Z',
      signature: `${'A'.repeat(86)}==`,
    },
  });
export const AgentRenewed = z
  .object({
    credential: z.string().meta({ description: 'The bearer token. The one before it is invalid from now on.' }),
    generation: z.int(),
    expiresAt: z.iso.datetime(),
    lapsesAt: z.iso.datetime(),
  })
  .meta({ id: 'AgentRenewed' });
