/**
 * The contexts to which `Sealer` binds envelopes. An envelope that is moved to another row does not open.
 *
 * A context must be computed from the primary key of the row alone (`sealed-columns.ts`).
 */

/** Returns the context of a tenant's private key. */
export const keyContext = (tenant: string, id: string): string => `key/${tenant}/${id}`;

/** Returns the context of the reply that is kept under an idempotency key. */
export const replyContext = (owner: string, key: string): string => `idempotency/${owner}/${key}`;

/** Returns the context of the values of an e-mail message. */
export const mailContext = (id: string): string => `mail/${id}`;

/** Returns the context of the key of the account at a certificate authority. */
export const accountContext = (directory: string): string => `acme/${directory}`;
