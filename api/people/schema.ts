/**
 * The schemas of people, their sessions and the requests to sign up and to sign in. The contracts, the views and the
 * store's rows derive their types from these schemas.
 */
import { z } from 'zod';
import { MailAddress } from '../../model/values/mail-address.ts';
import { line } from '../../model/values/shown-text.ts';
import { PasskeyAssertion } from '../webauthn/schema.ts';

export const Email = MailAddress.meta({
  description: 'The e-mail address. Upper-case letters become lower-case.',
  example: 'ada@example.com',
});

/** The shortest and the longest password, in code points. https://pages.nist.gov/800-63-4/sp800-63b.html#passwordver */
const PASSWORD_LENGTH = { min: 8, max: 128 } as const;

/**
 * A password is compared in its normal form, because keyboards write the same letter in several ways. Normalization
 * takes a time quadratic in the number of combining marks, so longer texts are rejected before it.
 */
const Normalized = z
  .string()
  .max(8 * PASSWORD_LENGTH.max, { abort: true, error: `must have at most ${PASSWORD_LENGTH.max} characters` })
  // Unlike `overwrite`, this keeps hints on the shape of a value, which repeat it, out of errors about passwords.
  .transform((text) => text.normalize('NFKC'));
const lengthOf = (text: string): number => [...text].length;

/** A password that was chosen before. The answer to a wrong one does not say what a password must have. */
const Password = Normalized.refine(
  (text) => lengthOf(text) <= PASSWORD_LENGTH.max,
  `must have at most ${PASSWORD_LENGTH.max} characters`,
).meta({ description: 'The password.', example: 'correct horse battery staple' });

const NewPassword = Normalized.refine(
  (text) => lengthOf(text) >= PASSWORD_LENGTH.min && lengthOf(text) <= PASSWORD_LENGTH.max,
  `must have ${PASSWORD_LENGTH.min} to ${PASSWORD_LENGTH.max} characters`,
).meta({
  description: `${PASSWORD_LENGTH.min} to ${PASSWORD_LENGTH.max} characters of any kind. Passwords that attackers try first are rejected.`,
  example: 'correct horse battery staple',
});

const Code = z
  .string()
  .refine((text) => /^gh_code_[\w-]{43}$/.test(text), 'must be the code from the mail')
  .meta({ description: 'The code from the mail. It can be used once.' });

export const DisplayName = line(100).trim();

export const Credential = z.enum(['cookie', 'bearer']).meta({
  description:
    'How the client keeps the session. `cookie`: the response sets a cookie that scripts cannot read. `bearer`: the response contains a token for the header Authorization.',
});

export type Credential = z.infer<typeof Credential>;

export const Person = z
  .object({
    id: z.string(),
    email: z.string(),
    name: z.string(),
    role: z.string().optional().meta({ description: 'The role on the platform: `operator` or `support`.' }),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Person' });

export const SignInMethod = z.enum(['password', 'company', 'passkey', 'device']);
export type SignInMethod = z.infer<typeof SignInMethod>;

export const Session = z
  .object({
    id: z.string(),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
    remote: z.string().meta({ description: 'The address from which the person signed in.' }),
    userAgent: z.string(),
    name: z
      .string()
      .optional()
      .meta({ description: 'The name of the machine on which the command signed in (`gatehouse login`).' }),
    method: SignInMethod.optional().meta({
      description: 'How the person signed in. Absent in sessions that an earlier version began.',
    }),
    current: z.boolean().meta({ description: 'Whether this request uses the session.' }),
  })
  .meta({ id: 'Session', description: 'A session of a person, without its secret.' });

export const SessionList = z.object({ items: z.array(Session) }).meta({ id: 'SessionList' });

export const SignedIn = z
  .object({
    person: Person,
    session: Session,
    token: z.string().optional().meta({ description: 'The token of the session, with `credential: bearer`.' }),
  })
  .meta({ id: 'SignedIn' });

export const CodeSent = z
  .object({ sentTo: z.string() })
  .meta({ id: 'CodeSent', description: 'The answer is the same for an address that has no account.' });

export const SignUp = z
  .strictObject({ email: Email, password: NewPassword, name: DisplayName.optional() })
  .meta({ id: 'SignUp', example: { email: 'ada@example.com', password: 'correct horse battery staple', name: 'Ada' } });

export const Verification = z.strictObject({ code: Code, password: Password, credential: Credential.optional() }).meta({
  id: 'Verification',
  example: { code: `gh_code_${'x'.repeat(43)}`, password: 'correct horse battery staple' },
});

const CURRENT = { example: { password: 'correct horse battery staple' } };

/** Proofs that the person of a session sends a request, besides the password. */
const otherProofs = {
  passkey: PasskeyAssertion.optional().meta({
    description: 'A passkey proves who you are. `POST /v1/auth/proof/passkey` returns the options.',
  }),
  code: Code.optional().meta({
    description: 'A code from a mail proves who you are. `POST /v1/auth/proof/code` sends it.',
  }),
};
const proofs = { password: Password.optional(), ...otherProofs };
const isSingle = (...given: unknown[]): boolean => given.filter((each) => each !== undefined).length <= 1;
const SINGLE = 'must have one proof: a password, a passkey or a code';

/** Nothing but a proof. It is empty after a recent sign-in with a company's account. */
export const ProofOnly = z
  .strictObject(proofs)
  .refine(({ password, passkey, code }) => isSingle(password, passkey, code), SINGLE)
  .meta({ id: 'Proof', ...CURRENT });

export const EmailOnly = z.strictObject({ email: Email }).meta({
  id: 'ForgottenPassword',
  example: { email: 'ada@example.com' },
});
export const PasswordReset = z
  .strictObject({ code: Code, password: NewPassword })
  .meta({ id: 'PasswordReset', example: { code: `gh_code_${'x'.repeat(43)}`, ...CURRENT.example } });
export const PasswordChange = z
  .strictObject({ current: Password.optional(), ...otherProofs, password: NewPassword })
  .refine(({ current, passkey, code }) => isSingle(current, passkey, code), SINGLE)
  .meta({
    id: 'PasswordChange',
    example: { current: CURRENT.example.password, password: 'another horse battery staple' },
  });
export const EmailChange = z
  .strictObject({ email: Email, ...proofs })
  .refine(({ password, passkey, code }) => isSingle(password, passkey, code), SINGLE)
  .meta({ id: 'EmailChange', example: { email: 'ada@example.org', ...CURRENT.example } });
export const EmailConfirmation = z
  .strictObject({ code: Code })
  .meta({ id: 'EmailConfirmation', example: { code: `gh_code_${'x'.repeat(43)}` } });

export const SignIn = z
  .strictObject({ email: Email, password: Password, credential: Credential.optional() })
  .meta({ id: 'SignIn', example: { email: 'ada@example.com', password: 'correct horse battery staple' } });
