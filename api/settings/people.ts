import { z } from 'zod';
import { isServiceUrl, whole } from './variable.ts';

const isPublicUrl = (text: string): boolean =>
  isServiceUrl(text, ['https', 'http']) && new URL(text).href === `${new URL(text).origin}/`;

/** The variables of people, who sign in. */
export const peopleVariables = {
  GATEHOUSE_PUBLIC_URL: z
    .string()
    .refine(isPublicUrl, 'must be a URL without a path, such as https://gatehouse.example.com')
    .transform((text) => new URL(text).origin)
    .optional()
    .meta({
      description:
        'URL of the pages for people: links in mails begin with it. Its pages may use sessions, and passkeys belong to its host.',
      fallback: '`http://` and the value of `GATEHOUSE_LISTEN`',
    }),
  GATEHOUSE_SESSION_DAYS: whole(30, 1)
    .transform((count) => count * 24 * 60 * 60 * 1000)
    .meta({ description: 'How long a person who signs in stays signed in.', unit: 'days' }),
  GATEHOUSE_BREACHED_PASSWORDS: z.string().min(1).optional().meta({
    description:
      'File of passwords that people may not choose: one per line, or its SHA-1 as in the lists of Have I Been Pwned. Not on Workers.',
  }),
};
