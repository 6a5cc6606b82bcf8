import type { Passkey } from '../store/passkeys.ts';
import type { PasskeyRequestOptions } from '../webauthn/schema.ts';

/** Returns the description by which a browser finds a passkey. */
export const descriptorOf = ({
  credential,
  transports,
}: Passkey): PasskeyRequestOptions['allowCredentials'][number] => ({ id: credential, type: 'public-key', transports });
