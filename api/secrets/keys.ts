/** Returns the context to which `Sealer` binds the envelope of a tenant's private key. */
export const keyContext = (tenant: string, id: string): string => `key/${tenant}/${id}`;
