/** The schemas of passkeys. The contracts, the views and the store's rows derive their types from these schemas. */
import { z } from 'zod';
import { Credential, DisplayName } from '../people/schema.ts';
import { PasskeyAssertion, PasskeyRegistration } from '../webauthn/schema.ts';

const PasskeyName = DisplayName.refine((text) => text !== '', 'must not be empty').meta({
  description: 'By which you recognize the passkey.',
  example: 'Laptop',
});

export const Passkey = z
  .object({
    id: z.string(),
    name: z.string(),
    syncable: z.boolean().meta({ description: 'Whether the passkey may be on several devices (backup eligible).' }),
    synced: z.boolean().meta({ description: 'Whether it was on several devices at its last use (backed up).' }),
    createdAt: z.iso.datetime(),
    lastUsedAt: z.iso.datetime().optional(),
  })
  .meta({ id: 'Passkey', description: 'A passkey with which a person signs in.' });
export type Passkey = z.infer<typeof Passkey>;

export const PasskeyList = z.object({ items: z.array(Passkey) }).meta({ id: 'PasskeyList' });

const signed = { id: 'AAAA', rawId: 'AAAA', type: 'public-key' };
const clientDataJSON = 'e30';

export const PasskeyAdd = z.strictObject({ name: PasskeyName.optional(), passkey: PasskeyRegistration }).meta({
  id: 'PasskeyAdd',
  example: { name: 'Laptop', passkey: { ...signed, response: { clientDataJSON, attestationObject: 'oA' } } },
});

export const PasskeyPatch = z
  .strictObject({ name: PasskeyName })
  .meta({ id: 'PasskeyPatch', example: { name: 'Laptop' } });

export const PasskeySignIn = z.strictObject({ passkey: PasskeyAssertion, credential: Credential.optional() }).meta({
  id: 'PasskeySignIn',
  example: {
    passkey: { ...signed, response: { clientDataJSON, authenticatorData: 'AAAA', signature: 'AAAA' } },
    credential: 'bearer',
  },
});
