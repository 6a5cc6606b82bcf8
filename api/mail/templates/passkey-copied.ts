import { z } from 'zod';
import { DAY, Line, Link, template } from './template.ts';

/** Warns a person that the authenticator of a passkey seems to exist twice. */
export const passkeyCopied = template({
  values: z.strictObject({ name: Line, link: Link }),
  expiresIn: DAY,
  subject: () => 'A sign-in with a copy of your passkey was rejected',
  blocks: ({ name, link }) => [
    `A sign-in with the passkey “${name}” was rejected: its device has counted fewer uses than before.`,
    'Somebody may have copied the device. Remove the passkey, and add a new one:',
    { link, label: 'Open your account' },
  ],
});
