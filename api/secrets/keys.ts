/** What an envelope of a tenant's private key is bound to. */
export const keyContext = (tenant: string, id: string): string => `key/${tenant}/${id}`;
