/** The schemas of device authorization (RFC 8628) in requests and responses. */
import { z } from 'zod';

/** A parameter of OAuth. One without a value counts as absent (RFC 6749 §3.1). */
const parameter = z.string().transform((text) => (text === '' ? undefined : text));
const required = z.string().min(1);

/** The only client. RFC 8628 requires the parameter; the API needs no registration of clients. */
export const CLIENT = 'gatehouse';
export const GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

/** Unknown parameters are ignored (RFC 6749 §3.1). */
export const DeviceRequest = z
  .object({
    client_id: required.meta({ description: `\`${CLIENT}\`.`, example: CLIENT }),
    scope: parameter.optional().meta({ description: 'Not supported: a session permits what its person may do.' }),
    device_name: parameter
      .optional()
      .refine(
        (text) => text === undefined || (text.length <= 100 && !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text)),
        'must have at most 100 characters, and no control characters',
      )
      .meta({ description: 'Name of the machine, which the person sees. Default: `unknown`.', example: 'laptop' }),
  })
  .meta({ id: 'DeviceRequest' });

export const DeviceAuthorization = z
  .object({
    device_code: z.string().meta({ description: 'The code with which the command asks for the session.' }),
    user_code: z.string().meta({ description: 'The code that the person enters.', example: 'WDJB-MJHT' }),
    verification_uri: z.string().meta({ description: 'The page on which the person enters the code.' }),
    verification_uri_complete: z.string().meta({ description: 'The same page, with the code.' }),
    expires_in: z.int().meta({ description: 'How long the codes are valid, in seconds.' }),
    interval: z.int().meta({ description: 'The shortest time between two requests for the session, in seconds.' }),
  })
  .meta({ id: 'DeviceAuthorization', description: 'The response of RFC 8628 §3.2.' });

export const DeviceTokenRequest = z
  .object({
    grant_type: required.meta({ description: `\`${GRANT}\`.`, example: GRANT }),
    device_code: required,
    client_id: required.meta({ description: `\`${CLIENT}\`.`, example: CLIENT }),
  })
  .meta({ id: 'DeviceTokenRequest' });

export const DeviceToken = z
  .object({
    access_token: z.string().meta({ description: 'The token of a session of the person.' }),
    token_type: z.literal('Bearer'),
    expires_in: z.int().meta({ description: 'How long the session lasts, in seconds.' }),
  })
  .meta({ id: 'DeviceToken', description: 'The response of RFC 6749 §5.1.' });

const userCode = z.string().min(1).max(64).meta({
  description: 'The code that the command shows. Case, spaces and hyphens do not matter.',
  example: 'WDJB-MJHT',
});

export const DeviceLookUp = z
  .strictObject({ userCode })
  .meta({ id: 'DeviceLookUp', example: { userCode: 'WDJB-MJHT' } });

/** What a person sees before the decision. */
export const PendingDevice = z
  .object({
    name: z.string().meta({ description: 'Name of the machine, as the command states it. It may be false.' }),
    remote: z.string().meta({ description: 'The address of the machine.' }),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
  })
  .meta({ id: 'PendingDevice', description: 'A request of a command to sign in, which nobody has decided.' });
export type PendingDevice = z.infer<typeof PendingDevice>;

export const DeviceDecision = z
  .strictObject({ userCode, decision: z.enum(['approve', 'deny']) })
  .meta({ id: 'DeviceDecision', example: { userCode: 'WDJB-MJHT', decision: 'approve' } });
export type DeviceDecision = z.infer<typeof DeviceDecision>;
