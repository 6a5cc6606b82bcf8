/** The context to which the envelope of a tenant's private key is bound. */
export const keyContext = (tenant: string, id: string): string => `key/${tenant}/${id}`;
