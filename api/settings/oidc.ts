import { z } from 'zod';
import { isServiceUrl } from './variable.ts';

const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;

/** Whether a text is the URL of an issuer: HTTPS, without a query (OpenID Connect Discovery 1.0 §3). */
function isIssuer(text: string): boolean {
  if (!isServiceUrl(text, ['https', 'http']) || text.includes('?')) return false;
  const url = new URL(text);
  return url.protocol === 'https:' || LOOPBACK.test(url.hostname);
}

/** The variables of the sign-in with accounts of a company. */
export const oidcVariables = {
  GATEHOUSE_OIDC_ISSUER: z
    .string()
    .refine(isIssuer, 'must be the https:// URL of the issuer')
    .optional()
    .meta({ description: 'OpenID Connect provider with which people may sign in: the URL of its issuer.' }),
  GATEHOUSE_OIDC_CLIENT_ID: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'Id of this API at the OpenID Connect provider.', fallback: 'none; required with an issuer' }),
  GATEHOUSE_OIDC_CLIENT_SECRET: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'Secret of this API there.', fallback: 'none; required with an issuer' }),
  GATEHOUSE_OIDC_DOMAINS: z
    .string()
    .transform((text) =>
      text
        .split(',')
        .map((domain) => domain.trim().toLowerCase())
        .filter((domain) => domain !== ''),
    )
    .optional()
    .meta({
      description:
        'Domains of the e-mail addresses for which the provider may speak, separated by commas: `example.com`. Others cannot sign in with it.',
      fallback: 'none; required with an issuer',
    }),
};
